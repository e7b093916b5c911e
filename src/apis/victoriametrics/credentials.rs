//! Authentication: basic authentication, tokens, OAuth 2, TLS.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ConfigMapKeySelector, SecretKeySelector};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// A name and a password for basic authentication.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BasicAuth {
    /// The key of a secret in the object's namespace that holds the name.
    pub username: Option<SecretKeySelector>,
    /// The key of a secret in the object's namespace that holds the password.
    pub password: Option<SecretKeySelector>,
    /// A mounted file that holds the password, in place of a secret.
    #[schemars(extend("x-since" = "0.24.0"))]
    pub password_file: Option<String>,
}

/// A header Authorization of any scheme.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Authorization {
    /// The scheme. Bearer where it is left out.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The key of a secret that holds what follows the scheme.
    pub credentials: Option<SecretKeySelector>,
    /// A mounted file that holds what follows the scheme.
    pub credentials_file: Option<String>,
}

/// A token from an OAuth 2 server, by client credentials.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OAuth2 {
    /// The client's id.
    pub client_id: SecretOrConfigMap,
    /// The key of a secret that holds the client's secret.
    pub client_secret: Option<SecretKeySelector>,
    /// A mounted file that holds the client's secret.
    pub client_secret_file: Option<String>,
    /// The address that gives tokens.
    #[schemars(length(min = 1))]
    pub token_url: String,
    /// The scopes to ask for.
    pub scopes: Option<Vec<String>>,
    /// More parameters of the request for a token.
    pub endpoint_params: Option<BTreeMap<String, String>>,
}

/// How a connection is encrypted, and by whom.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TlsConfig {
    /// The authorities that may have signed the server's certificate.
    pub ca: Option<SecretOrConfigMap>,
    /// A mounted file with the authorities.
    pub ca_file: Option<String>,
    /// The client's certificate.
    pub cert: Option<SecretOrConfigMap>,
    /// A mounted file with the client's certificate.
    pub cert_file: Option<String>,
    /// The key of a secret that holds the client's private key.
    pub key_secret: Option<SecretKeySelector>,
    /// A mounted file with the client's private key.
    pub key_file: Option<String>,
    /// The name that the server's certificate must have, where it is not that of the address.
    pub server_name: Option<String>,
    /// Takes any certificate of the server.
    pub insecure_skip_verify: Option<bool>,
}

/// A value in a secret or in a ConfigMap, one of them.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretOrConfigMap {
    /// The key of a secret.
    pub secret: Option<SecretKeySelector>,
    /// The key of a ConfigMap.
    pub config_map: Option<ConfigMapKeySelector>,
}
