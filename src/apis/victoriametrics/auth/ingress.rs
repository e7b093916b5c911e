//! The ingress in front of a VMAuth.
//!
//! Its rules are those of `networking.k8s.io/v1` since 0.24.0, and those of `v1beta1` before that, which Kubernetes
//! 1.22 removed: that is why they are defined here.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// An ingress that leads to the proxy.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ingress {
    /// The name of the ingress.
    pub name: Option<String>,
    /// Its labels.
    pub labels: Option<BTreeMap<String, String>>,
    /// Its annotations, which the ingress controller reads.
    pub annotations: Option<BTreeMap<String, String>>,
    /// The class that tells which ingress controller serves it.
    #[serde(rename = "class_name")]
    pub class_name: Option<String>,
    /// The host name that leads to the proxy, where tlsHosts has none.
    #[schemars(extend("x-since" = "0.27.2"))]
    pub host: Option<String>,
    /// The host names that lead to the proxy over TLS. It needs tlsSecretName.
    pub tls_hosts: Option<Vec<String>>,
    /// The secret of the same namespace with the certificate and key of tlsHosts.
    pub tls_secret_name: Option<String>,
    /// More rules of the ingress. Nothing checks them.
    pub extra_rules: Option<Vec<IngressRule>>,
    /// More certificates of the ingress. Nothing checks them.
    pub extra_tls: Option<Vec<IngressTls>>,
}

/// Where requests for a host go.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IngressRule {
    /// The host. Any where it is left out.
    pub host: Option<String>,
    /// Where requests go, by path.
    pub http: Option<HttpPaths>,
}

/// Where requests go, by path.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HttpPaths {
    /// The paths.
    #[schemars(extend("x-changes" = [{"since": "0.24.0", "schema": {"x-kubernetes-list-type": "atomic"}}]))]
    pub paths: Vec<IngressPath>,
}

/// Where requests for a path go.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IngressPath {
    /// The path, from its slash on.
    pub path: Option<String>,
    /// How the path is compared: Exact, Prefix or ImplementationSpecific.
    #[schemars(extend("x-required" = {"since": "0.24.0"}))]
    pub path_type: Option<String>,
    /// Where the requests go.
    pub backend: IngressBackend,
}

/// Where requests go: to a service or another object of the same namespace.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IngressBackend {
    /// A service.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub service: Option<IngressService>,
    /// The name of a service.
    #[schemars(extend("x-until" = "0.24.0"))]
    pub service_name: Option<String>,
    /// The name or number of the service's port.
    #[schemars(extend("x-until" = "0.24.0"))]
    pub service_port: Option<IntOrString>,
    /// Another object, such as a bucket.
    pub resource: Option<ResourceReference>,
}

/// A service that requests go to.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IngressService {
    /// Its name.
    pub name: String,
    /// Its port.
    pub port: Option<ServicePort>,
}

/// A service's port, by its name or its number.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServicePort {
    /// The name.
    pub name: Option<String>,
    /// The number.
    pub number: Option<i32>,
}

/// An object of the same namespace.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceReference {
    /// Its API group. The core group where it is left out.
    pub api_group: Option<String>,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// A certificate of an ingress.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IngressTls {
    /// The hosts that it is for.
    #[schemars(extend("x-changes" = [{"since": "0.24.0", "schema": {"x-kubernetes-list-type": "atomic"}}]))]
    pub hosts: Option<Vec<String>>,
    /// The secret with the certificate and its key.
    pub secret_name: Option<String>,
}
