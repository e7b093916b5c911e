//! DatabaseEngine.

use std::collections::BTreeMap;

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// An engine to offer.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "dbaas.percona.com", version = "v1", kind = "DatabaseEngine", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(doc = "A database engine that clusters can be made of.", status = "DatabaseEngineStatus")]
#[kube(shortname = "dbengine")]
#[kube(printcolumn(name = "Type", type_ = "string", json_path = ".spec.type"))]
#[kube(printcolumn(name = "Status", type_ = "string", json_path = ".status.status"))]
#[kube(printcolumn(name = "Version", type_ = "string", json_path = ".status.version"))]
#[serde(rename_all = "camelCase")]
pub struct DatabaseEngineSpec {
    /// The engine: pxc or psmdb.
    #[serde(rename = "type")]
    pub kind: String,
    /// The versions of the engine that clusters may use; all of them where it is left out.
    #[schemars(extend("x-since" = "0.1.17"))]
    pub allowed_versions: Option<Vec<String>>,
}

/// Whether the engine's operator is there, and what it offers.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseEngineStatus {
    /// The state of the engine, such as installed or not installed.
    pub status: Option<String>,
    /// The version of the engine's operator.
    #[schemars(extend("x-until" = "0.1.17"))]
    pub version: Option<String>,
    /// The version of the engine's operator.
    #[schemars(extend("x-since" = "0.1.17"))]
    pub operator_version: Option<String>,
    /// The versions that clusters can be made of.
    #[schemars(extend("x-since" = "0.1.17"))]
    pub available_versions: Option<EngineVersions>,
}

/// The versions of an engine's components.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EngineVersions {
    /// The database, by version.
    pub engine: Option<BTreeMap<String, Component>>,
    /// The backup tool, by version.
    pub backup: Option<BTreeMap<String, Component>>,
    /// The proxies, by kind and version.
    pub proxy: Option<BTreeMap<String, BTreeMap<String, Component>>>,
    /// Further tools, by kind and version.
    pub tools: Option<BTreeMap<String, BTreeMap<String, Component>>>,
}

/// One version of a component.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Component {
    /// Whether it closes a serious fault of those before it.
    pub critical: Option<bool>,
    /// The digest of its image.
    pub image_hash: Option<String>,
    /// Its image.
    pub image_path: Option<String>,
    /// How far it may be trusted: recommended, available or disabled.
    pub status: Option<String>,
}
