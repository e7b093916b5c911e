//! CatalogSource: where OLM finds a catalog.

use std::collections::BTreeMap;

use kube::CustomResource;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// The desired state of a CatalogSource: where a catalog is served from.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[kube(
    group = "operators.coreos.com",
    version = "v1alpha1",
    kind = "CatalogSource",
    namespaced,
    derive = "PartialEq",
    schema = "disabled",
    status = "CatalogSourceStatus"
)]
#[serde(rename_all = "camelCase")]
pub struct CatalogSourceSpec {
    /// `grpc`: a pod that serves the registry API.
    pub source_type: String,
    /// The catalog's image.
    pub image: Option<String>,
    /// The display name.
    pub display_name: Option<String>,
    /// The publisher.
    pub publisher: Option<String>,
    /// The Secrets in its namespace for pulling its image and those of its bundles.
    pub secrets: Option<Vec<String>>,
    /// How the pod runs.
    pub grpc_pod_config: Option<GrpcPodConfig>,
    /// How a newer image under the same tag is found.
    pub update_strategy: Option<UpdateStrategy>,
}

/// How a catalog's pod runs.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GrpcPodConfig {
    /// `restricted` fits the Pod Security standard of that name.
    pub security_context_config: Option<String>,
    /// The labels that its node must have.
    pub node_selector: Option<BTreeMap<String, String>>,
    /// The node taints that it tolerates.
    pub tolerations: Option<Vec<Toleration>>,
    /// Its PriorityClass.
    pub priority_class_name: Option<String>,
    /// Its memory request, a Kubernetes quantity.
    pub memory_target: Option<String>,
}

/// A node taint that a pod tolerates.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Toleration {
    /// The taint's key; any if not set.
    pub key: Option<String>,
    /// `Exists` for any value, `Equal` for the given one.
    pub operator: Option<String>,
    /// The taint's value.
    pub value: Option<String>,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`; all of them if not set.
    pub effect: Option<String>,
    /// How many seconds a taint of `NoExecute` is tolerated; for ever if not set.
    pub toleration_seconds: Option<i64>,
}

/// How a newer catalog image is found.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateStrategy {
    /// By asking the registry.
    pub registry_poll: Option<RegistryPoll>,
}

/// How often the registry is asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RegistryPoll {
    /// A duration in Go's syntax, such as `30m`.
    pub interval: String,
}

/// The status of a CatalogSource.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CatalogSourceStatus {
    /// The state of OLM's connection to the catalog.
    pub connection_state: Option<ConnectionState>,
    /// Why the catalog is not served, in words.
    pub message: Option<String>,
    /// The reason, in one word.
    pub reason: Option<String>,
}

/// The state of OLM's connection to a catalog.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionState {
    /// The address of its Service.
    pub address: Option<String>,
    /// gRPC's connectivity state: `READY`, `CONNECTING`, `TRANSIENT_FAILURE`…
    pub last_observed_state: Option<String>,
}
