//! The names of OLM's own parts.

/// The CRDs that OLM needs to install operators. Later versions of OLM have more.
pub const DEFINITIONS: [&str; 5] = [
    "catalogsources.operators.coreos.com",
    "clusterserviceversions.operators.coreos.com",
    "installplans.operators.coreos.com",
    "operatorgroups.operators.coreos.com",
    "subscriptions.operators.coreos.com",
];
/// OLM's programs, by their Deployments.
pub const DEPLOYMENTS: [&str; 3] = ["olm-operator", "catalog-operator", "packageserver"];
