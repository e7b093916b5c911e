//! VMCluster.

mod components;

pub use components::{ComponentSettings, VMInsert, VMSelect, VMStorage};

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::pod::PodAccess;

/// The database that is wanted.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "operator.victoriametrics.com", version = "v1beta1", kind = "VMCluster", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(status = "VMClusterStatus")]
#[kube(doc = "A time series database in many pods: some take samples, some keep them, some answer queries.")]
#[kube(printcolumn(name = "Insert Count", type_ = "string", json_path = ".spec.vminsert.replicaCount"))]
#[kube(printcolumn(name = "Storage Count", type_ = "string", json_path = ".spec.vmstorage.replicaCount"))]
#[kube(printcolumn(name = "Select Count", type_ = "string", json_path = ".spec.vmselect.replicaCount"))]
#[kube(printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"))]
#[kube(printcolumn(name = "Status", type_ = "string", json_path = ".status.clusterStatus"))]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-required" = true))]
pub struct VMClusterSpec {
    /// How long samples are kept: a number of months, or a number with h, d, w or y.
    #[schemars(extend("x-changes" = [{"until": "0.24.0", "schema": {"pattern": "[1-9]+"}}]))]
    pub retention_period: String,
    /// The number of storage pods that keep a copy of each sample.
    pub replication_factor: Option<i32>,
    /// The tag of the images, where a component has none of its own.
    pub cluster_version: Option<String>,
    /// The pods that keep samples.
    pub vmstorage: Option<VMStorage>,
    /// The pods that take samples and divide them among the storage pods.
    pub vminsert: Option<VMInsert>,
    /// The pods that answer queries from the storage pods.
    pub vmselect: Option<VMSelect>,
    /// Who the pods act as.
    #[serde(flatten)]
    pub access: PodAccess,
}

/// How the cluster is.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VMClusterStatus {
    /// The state: operational, expanding or failed.
    pub cluster_status: String,
    /// Why the cluster is in this state.
    pub reason: Option<String>,
    /// Not in use any more.
    pub update_fail_count: isize,
    /// Not in use any more.
    pub last_sync: Option<String>,
}
