//! The programs that run next to the database in its pods.

use k8s_openapi::api::core::v1::{ResourceRequirements, SecurityContext};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// A container that the operator puts beside the database.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Agent {
    /// Whether it runs.
    pub enabled: Option<bool>,
    /// Its image.
    pub image: Option<String>,
    /// When to pull the image: Always, IfNotPresent or Never.
    pub image_pull_policy: Option<String>,
    /// What it may use.
    pub resources: Option<ResourceRequirements>,
    /// Its rights.
    pub container_security_context: Option<SecurityContext>,
    /// The runtime class of the pod.
    pub runtime_class_name: Option<String>,
}

/// The container that gathers the logs of the database nodes, with Fluent Bit.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LogCollector {
    /// The container.
    #[serde(flatten)]
    pub agent: Agent,
    /// More of Fluent Bit's own configuration.
    pub configuration: Option<String>,
    /// A script to run before the container's own program.
    pub hook_script: Option<String>,
}

/// The container that reports to a server of Percona Monitoring and Management (PMM).
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pmm {
    /// The container.
    #[serde(flatten)]
    pub agent: Agent,
    /// The address of the PMM server.
    pub server_host: Option<String>,
    /// The user to report to the server as. The secret with the users' passwords has its password.
    pub server_user: Option<String>,
    /// More arguments for adding a database node: those of pmm-admin add mysql.
    pub pxc_params: Option<String>,
    /// More arguments for adding a ProxySQL: those of pmm-admin add proxysql.
    pub proxysql_params: Option<String>,
}
