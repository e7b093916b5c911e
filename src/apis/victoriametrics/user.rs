//! VMUser.

use k8s_openapi::api::core::v1::SecretKeySelector;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::NoStatus;

/// The user, and where it may go.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "operator.victoriametrics.com", version = "v1beta1", kind = "VMUser", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(status = "NoStatus")]
#[kube(doc = "A user that a VMAuth lets in, by name and password or by a token.")]
#[serde(rename_all = "camelCase")]
pub struct VMUserSpec {
    /// A name for the user in the proxy's metrics.
    #[schemars(extend("x-since" = "0.27.2"))]
    pub name: Option<String>,
    /// The name to log in with. The object's name where it is left out.
    pub username: Option<String>,
    /// The password, for all to read. passwordRef is safer.
    pub password: Option<String>,
    /// The key of a secret that holds the password.
    pub password_ref: Option<SecretKeySelector>,
    /// Makes a password where none is given, and keeps it in a secret.
    pub generate_password: Option<bool>,
    /// The bearer token, for all to read. tokenRef is safer.
    pub bearer_token: Option<String>,
    /// The key of a secret that holds the bearer token.
    #[schemars(extend("x-since" = "0.27.2"))]
    pub token_ref: Option<SecretKeySelector>,
    /// Where the user's requests may go.
    pub target_refs: Vec<TargetRef>,
}

/// A place that requests may go to: crd or static.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TargetRef {
    /// A component that the operator runs.
    pub crd: Option<ComponentRef>,
    /// An address.
    #[serde(rename = "static")]
    pub address: Option<StaticRef>,
    /// The paths that are sent there, as regular expressions. All where it is left out.
    pub paths: Option<Vec<String>>,
    /// More headers of the requests, each as NAME: VALUE.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub headers: Option<Vec<String>>,
    /// What is put after the address, before the request's path, such as a tenant's path. Parameters are allowed.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub target_path_suffix: Option<String>,
}

/// A component that the operator runs.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComponentRef {
    /// What it is: VMAgent, VMAlert, VMAlertManager, VMSingle, or VMCluster/ with vminsert, vmselect or vmstorage.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
}

/// An address to send requests to.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StaticRef {
    /// The address, such as http://vmsingle-main:8429.
    pub url: String,
}
