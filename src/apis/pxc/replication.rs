//! Asynchronous replication between clusters, such as of two data centres.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// A channel of replication: this cluster is the source, or follows one.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplicationChannel {
    /// The channel's name, the same in all clusters that take part.
    pub name: Option<String>,
    /// Whether this cluster is the source. One that is not follows one of sourcesList.
    pub is_source: Option<bool>,
    /// The sources to follow.
    pub sources_list: Option<Vec<ReplicationSource>>,
    /// How the source is reached.
    pub configuration: Option<ReplicationSettings>,
}

/// A node to replicate from.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplicationSource {
    /// The node's host name or address.
    pub host: Option<String>,
    /// The node's port; 3306 where it is left out.
    pub port: Option<isize>,
    /// How much this node is preferred to the others: the greatest weight comes first. 100 where it is left out.
    pub weight: Option<isize>,
}

/// How the source of a channel is reached.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplicationSettings {
    /// How often to try a source that does not answer before changing to the next.
    pub source_retry_count: Option<isize>,
    /// How many seconds to wait between two tries.
    pub source_connect_retry: Option<isize>,
    /// Whether the connection is encrypted.
    #[schemars(extend("x-since" = "1.12.0"))]
    pub ssl: Option<bool>,
    /// Whether to go without checking that the source's certificate is for its host name.
    #[schemars(extend("x-since" = "1.12.0"))]
    pub ssl_skip_verify: Option<bool>,
    /// The file in the pod with the authority that signed the source's certificate.
    #[schemars(extend("x-since" = "1.12.0"))]
    pub ca: Option<String>,
}
