//! The common parts of the custom resources of Percona's operators: the settings of a pod, its volume, and updates of
//! the database. These fields are the same in all of their releases; other fields are in the modules of the operators.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Affinity, Container, EmptyDirVolumeSource, HostPathVolumeSource, PersistentVolumeClaim, PersistentVolumeClaimSpec,
    ResourceRequirements, Toleration, Volume,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

/// The settings that the pods of every part of a cluster have.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pod {
    /// Rules for where the pods run: a simple one, or Kubernetes' own.
    pub affinity: Option<PodAffinity>,
    /// Labels of the nodes that the pods may run on.
    pub node_selector: Option<BTreeMap<String, String>>,
    /// Taints of nodes that the pods may run on all the same.
    pub tolerations: Option<Vec<Toleration>>,
    /// The priority class of the pods.
    pub priority_class_name: Option<String>,
    /// The runtime class of the pods.
    pub runtime_class_name: Option<String>,
    /// The service account of the pods; the namespace's default one where it is left out.
    pub service_account_name: Option<String>,
    /// Annotations of the pods.
    pub annotations: Option<BTreeMap<String, String>>,
    /// Labels of the pods, beside those of the operator.
    pub labels: Option<BTreeMap<String, String>>,
    /// What each main container may use.
    pub resources: Option<ResourceRequirements>,
    /// How many pods may be missing at once when nodes are drained.
    pub pod_disruption_budget: Option<PodDisruptionBudget>,
    /// More containers for each pod.
    pub sidecars: Option<Vec<Container>>,
    /// Volumes for the sidecars to mount.
    pub sidecar_volumes: Option<Vec<Volume>>,
    /// Claims of persistent volumes, one for each pod, for the sidecars to mount.
    #[serde(rename = "sidecarPVCs")]
    pub sidecar_pvcs: Option<Vec<PersistentVolumeClaim>>,
}

/// Rules for where pods run.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PodAffinity {
    /// The label of nodes by whose value pods are kept apart: kubernetes.io/hostname for one pod a node,
    /// topology.kubernetes.io/zone for one a zone, none for no rule.
    pub anti_affinity_topology_key: Option<String>,
    /// Rules as Kubernetes has them, in place of the simple one.
    pub advanced: Option<Affinity>,
}

/// How many pods may be missing at once when nodes are drained. Only one of the two may be set.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PodDisruptionBudget {
    /// How many pods must stay, as a number or a percentage.
    pub min_available: Option<IntOrString>,
    /// How many pods may be missing, as a number or a percentage.
    pub max_unavailable: Option<IntOrString>,
}

/// A volume: one of three kinds.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VolumeSource {
    /// A folder that lives as long as its pod.
    pub empty_dir: Option<EmptyDirVolumeSource>,
    /// A folder of the node.
    pub host_path: Option<HostPathVolumeSource>,
    /// A claim of a persistent volume.
    pub persistent_volume_claim: Option<PersistentVolumeClaimSpec>,
}

/// How the database is kept up to date. A version service says which images go together.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpgradeOptions {
    /// The address of the version service.
    pub version_service_endpoint: Option<String>,
    /// Which version to change to: recommended, latest, or a version of the database; disabled or never to change
    /// none.
    pub apply: Option<String>,
    /// When to look for a new version, in cron's notation.
    pub schedule: Option<String>,
}

/// A change for releases before `until`: they require the protocol of a sidecar's port. It has a default, so nobody has
/// to set it.
pub(super) fn ports_with_protocol(until: &str) -> Value {
    let ports = json!({"items": {"required": ["containerPort", "protocol"]}});
    let sidecars = json!({"items": {"properties": {"ports": ports}}});
    json!([{"until": until, "schema": {"properties": {"sidecars": sidecars}}}])
}
