//! The receivers of alerts.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::SecretKeySelector;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::{OpsGenie, PagerDuty, Pushover, Slack, Telegram, VictorOps, WeChat};
use crate::apis::victoriametrics::credentials::{BasicAuth, TlsConfig};
use crate::apis::victoriametrics::loose;

/// One who is told of alerts, in as many ways as are given. Texts may be alertmanager's templates.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Receiver {
    /// The name that routes use.
    #[schemars(length(min = 1))]
    pub name: String,
    /// By e-mail.
    pub email_configs: Option<Vec<Email>>,
    /// By OpsGenie.
    pub opsgenie_configs: Option<Vec<OpsGenie>>,
    /// By PagerDuty.
    pub pagerduty_configs: Option<Vec<PagerDuty>>,
    /// By Pushover.
    pub pushover_configs: Option<Vec<Pushover>>,
    /// By Slack.
    pub slack_configs: Option<Vec<Slack>>,
    /// By Telegram.
    pub telegram_configs: Option<Vec<Telegram>>,
    /// By VictorOps.
    pub victorops_configs: Option<Vec<VictorOps>>,
    /// By a request to any address.
    pub webhook_configs: Option<Vec<Webhook>>,
    /// By WeChat.
    pub wechat_configs: Option<Vec<WeChat>>,
}

/// Telling by e-mail.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Email {
    /// Whether the end of alerts is told of too.
    pub send_resolved: Option<bool>,
    /// The address to write to.
    pub to: Option<String>,
    /// The address to write from.
    pub from: Option<String>,
    /// The mail server, as HOST:PORT.
    pub smarthost: Option<String>,
    /// The name to give the mail server as one's own.
    pub hello: Option<String>,
    /// The name to log in with at the mail server.
    pub auth_username: Option<String>,
    /// The key of a secret that holds the password for it.
    pub auth_password: Option<SecretKeySelector>,
    /// The key of a secret that holds the secret for CRAM-MD5.
    pub auth_secret: Option<SecretKeySelector>,
    /// The identity to act as, for PLAIN.
    pub auth_identity: Option<String>,
    /// More headers, or others than the usual ones, such as Subject.
    pub headers: Option<BTreeMap<String, String>>,
    /// The text as HTML.
    pub html: Option<String>,
    /// The text without markup.
    pub text: Option<String>,
    /// Whether the connection to the mail server must be encrypted.
    pub require_tls: Option<bool>,
    /// How the connection to the mail server is encrypted.
    pub tls_config: Option<TlsConfig>,
}

/// Telling by a request to any address.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Webhook {
    /// Whether the end of alerts is told of too.
    pub send_resolved: Option<bool>,
    /// The address.
    pub url: Option<String>,
    /// The key of a secret that holds the address, in place of url.
    pub url_secret: Option<SecretKeySelector>,
    /// The greatest number of alerts in one request. All where it is 0.
    #[schemars(range(min = 0))]
    pub max_alerts: Option<i32>,
    /// How to connect.
    #[schemars(extend("x-changes" = (loose::always())))]
    pub http_config: Option<HttpConfig>,
}

/// How to connect to a service.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HttpConfig {
    /// A name and a password.
    pub basic_auth: Option<BasicAuth>,
    /// The key of a secret that holds a bearer token.
    pub bearer_token_secret: Option<SecretKeySelector>,
    /// A mounted file that holds a bearer token.
    pub bearer_token_file: Option<String>,
    /// How the connection is encrypted.
    pub tls_config: Option<TlsConfig>,
    /// A proxy to connect through.
    #[serde(rename = "proxyURL")]
    pub proxy_url: Option<String>,
}
