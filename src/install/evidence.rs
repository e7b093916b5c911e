//! All objects of an installation, as plain data: read from a cluster, or from a dump of its objects.
//!
//! This is the state at one time; [`super::explain::troubles`] finds the problems in it.

mod dump;
mod gather;

use std::collections::BTreeSet;

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Event, Namespace, Pod, ResourceQuota, Service};
use kube::api::ObjectMeta;
use schemars::JsonSchema;
use serde::Serialize;

use super::api::{
    CatalogSource, ClusterServiceVersion, Condition, InstallPlan, OperatorGroup, PackageManifest, Subscription,
};

/// The reason of a ClusterServiceVersion that failed because operators of another OperatorGroup provide its APIs in the
/// same namespaces.
pub(super) const OVERLAP: &str = "InterOperatorGroupOwnerConflict";

/// Where to look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Scope {
    /// The CatalogSource's name.
    pub catalog: String,
    /// The namespace of OLM and of the CatalogSource.
    pub olm_namespace: String,
    /// The namespaces of the operators.
    pub namespaces: Vec<String>,
}

/// The relevant parts of a CustomResourceDefinition.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Definition {
    /// Its name, such as `subscriptions.operators.coreos.com`.
    pub name: String,
    /// Whether it is being deleted.
    pub deleting: bool,
    /// `Established`, `NamesAccepted`…
    pub conditions: Vec<Condition>,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The kind of the objects.
    pub kind: String,
    /// Their namespace; `None` for cluster-scoped objects.
    pub namespace: Option<String>,
    /// The API server's message.
    pub message: String,
    /// Whether a permission is missing, as opposed to no answer.
    pub forbidden: bool,
}

/// The objects of an installation.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// The namespaces that were checked.
    pub scope: Scope,
    /// The namespace in which OLM itself runs. On OpenShift it differs from the namespace of the catalogs.
    pub olm: String,
    /// The namespaces of the scope.
    pub namespaces: Vec<Namespace>,
    /// Those of OLM's [`DEFINITIONS`](super::api::olm::DEFINITIONS) that exist.
    pub definitions: Vec<Definition>,
    /// The CatalogSources in OLM's namespace and in those of the operators.
    pub catalogs: Vec<CatalogSource>,
    /// The packages of the catalog, from the package server.
    pub packages: Vec<PackageManifest>,
    /// The OperatorGroups: the namespaces that the operators watch.
    pub groups: Vec<OperatorGroup>,
    /// The Subscriptions: the operators to install.
    pub subscriptions: Vec<Subscription>,
    /// The InstallPlans, without the manifests of their steps.
    pub plans: Vec<InstallPlan>,
    /// The operators.
    pub csvs: Vec<ClusterServiceVersion>,
    /// The Services of OLM's namespace.
    pub services: Vec<Service>,
    /// Deployments of all namespaces of the scope.
    pub deployments: Vec<Deployment>,
    /// ReplicaSets of all namespaces of the scope.
    pub replica_sets: Vec<ReplicaSet>,
    /// The Jobs of OLM's namespace, which unpack bundles.
    pub jobs: Vec<Job>,
    /// Pods of all namespaces of the scope.
    pub pods: Vec<Pod>,
    /// Warning events in all namespaces of the scope, the latest first.
    pub events: Vec<Event>,
    /// The ResourceQuotas in the namespaces of the scope.
    pub quotas: Vec<ResourceQuota>,
    /// The path.
    pub unread: Vec<Unread>,
    /// Kinds that a dump has no objects of, and that were probably not dumped.
    unknown: BTreeSet<&'static str>,
}

impl Default for Scope {
    /// The defaults of `install-catalog install`.
    fn default() -> Self {
        Self { catalog: super::options::CATALOG.into(), olm_namespace: "olm".into(), namespaces: vec!["dbaas".into()] }
    }
}

impl Scope {
    /// Every namespace of the scope, once, OLM's first.
    #[must_use]
    pub fn all(&self) -> Vec<&str> {
        let mut all = vec![self.olm_namespace.as_str()];
        for namespace in &self.namespaces {
            if !all.contains(&namespace.as_str()) {
                all.push(namespace);
            }
        }
        all
    }
}

impl Evidence {
    /// Whether an object that is missing here does not exist: the objects of its kind in its namespace were looked for,
    /// and could be read.
    #[must_use]
    pub fn knows(&self, kind: &str, namespace: Option<&str>) -> bool {
        let unread = |unread: &Unread| unread.kind == kind && unread.namespace.as_deref() == namespace;
        !self.unknown.contains(kind) && !self.unread.iter().any(unread)
    }

    /// Whether there is any object of OLM's.
    #[must_use]
    pub fn has_olm(&self) -> bool {
        !(self.catalogs.is_empty()
            && self.groups.is_empty()
            && self.subscriptions.is_empty()
            && self.plans.is_empty()
            && self.csvs.is_empty())
    }

    /// The catalog of a name in a namespace.
    #[must_use]
    pub fn catalog(&self, namespace: &str, name: &str) -> Option<&CatalogSource> {
        self.catalogs.iter().find(|catalog| is(&catalog.metadata, namespace, name))
    }

    /// The reasons and messages of an object's warning events, the latest first.
    pub(super) fn warnings<'a>(
        &'a self,
        kind: &'a str,
        meta: &'a ObjectMeta,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let about = move |event: &&Event| {
            let object = &event.involved_object;
            object.kind.as_deref() == Some(kind)
                && object.name == meta.name
                && object.namespace == meta.namespace
                // An earlier object with the same name is a different object.
                && (object.uid.is_none() || meta.uid.is_none() || object.uid == meta.uid)
        };
        let words = |event: &'a Event| Some((event.reason.as_deref()?, event.message.as_deref()?.trim()));
        self.events.iter().filter(about).filter_map(words)
    }

    /// Sorts everything, so that the same objects give the same answer in any order.
    fn sort(&mut self) {
        fn by_name<T>(objects: &mut [T], meta: impl Fn(&T) -> &ObjectMeta) {
            objects.sort_by(|a, b| {
                let key = |object| {
                    let meta: &ObjectMeta = meta(object);
                    (meta.namespace.clone(), meta.name.clone())
                };
                key(a).cmp(&key(b))
            });
        }
        by_name(&mut self.namespaces, |object| &object.metadata);
        by_name(&mut self.catalogs, |object| &object.metadata);
        by_name(&mut self.packages, |object| &object.metadata);
        by_name(&mut self.groups, |object| &object.metadata);
        by_name(&mut self.subscriptions, |object| &object.metadata);
        by_name(&mut self.plans, |object| &object.metadata);
        by_name(&mut self.csvs, |object| &object.metadata);
        by_name(&mut self.services, |object| &object.metadata);
        by_name(&mut self.deployments, |object| &object.metadata);
        by_name(&mut self.replica_sets, |object| &object.metadata);
        by_name(&mut self.jobs, |object| &object.metadata);
        by_name(&mut self.pods, |object| &object.metadata);
        by_name(&mut self.quotas, |object| &object.metadata);
        self.definitions.sort_by(|a, b| a.name.cmp(&b.name));
        by_name(&mut self.events, |object| &object.metadata);
        // Stable: events of the same time stay in the order of their names.
        self.events.sort_by_key(|event| {
            let micro = event.event_time.as_ref().map(|time| time.0);
            let series = event.series.as_ref().and_then(|series| Some(series.last_observed_time.as_ref()?.0));
            let last = event.last_timestamp.as_ref().map(|time| time.0);
            std::cmp::Reverse(series.or(last).or(micro))
        });
    }
}

/// Whether this is the object of that name.
pub(super) fn is(meta: &ObjectMeta, namespace: &str, name: &str) -> bool {
    meta.namespace.as_deref() == Some(namespace) && meta.name.as_deref() == Some(name)
}
