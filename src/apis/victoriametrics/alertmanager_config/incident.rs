//! Notifications through services for people on call.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::SecretKeySelector;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::HttpConfig;
use crate::apis::victoriametrics::loose;

/// Telling by OpsGenie.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OpsGenie {
    /// Whether the end of alerts is told of too.
    pub send_resolved: Option<bool>,
    /// The key of a secret that holds the key of OpsGenie's API.
    pub api_key: Option<SecretKeySelector>,
    /// The address of OpsGenie's API, where it is not the usual one.
    #[serde(rename = "apiURL")]
    pub api_url: Option<String>,
    /// The alert in at most 130 characters.
    pub message: Option<String>,
    /// The alert at length.
    pub description: Option<String>,
    /// More to know, by name.
    pub details: Option<BTreeMap<String, String>>,
    /// A note.
    pub note: Option<String>,
    /// How much it matters, from P1, the most, to P5.
    pub priority: Option<String>,
    /// Those who are to see to it.
    pub responders: Option<Vec<Responder>>,
    /// A link to where the alert comes from.
    pub source: Option<String>,
    /// Tags, with commas between them.
    pub tags: Option<String>,
    /// How to connect to OpsGenie.
    #[schemars(extend("x-changes" = (loose::always())))]
    pub http_config: Option<HttpConfig>,
}

/// One who is to see to an alert, by id, name or username.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Responder {
    /// What it is: team, user, escalation or schedule.
    #[serde(rename = "type")]
    #[schemars(length(min = 1))]
    pub kind: String,
    /// The id.
    pub id: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The name of a user.
    pub username: Option<String>,
}

/// Telling by PagerDuty.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PagerDuty {
    /// Whether the end of alerts is told of too.
    pub send_resolved: Option<bool>,
    /// The key of a secret that holds the integration key, for the Events API v2.
    pub routing_key: Option<SecretKeySelector>,
    /// The key of a secret that holds the integration key, for a Prometheus integration.
    pub service_key: Option<SecretKeySelector>,
    /// The address to send to, where it is not the usual one.
    pub url: Option<String>,
    /// The name of the sender.
    pub client: Option<String>,
    /// A link to the sender.
    pub client_url: Option<String>,
    /// The alert.
    pub description: Option<String>,
    /// More to know, by name.
    pub details: Option<BTreeMap<String, String>>,
    /// How much it matters: critical, error, warning or info.
    pub severity: Option<String>,
    /// The kind of incident.
    pub class: Option<String>,
    /// The part that is broken.
    pub component: Option<String>,
    /// What the part belongs to.
    pub group: Option<String>,
    /// Pictures to show.
    #[schemars(extend("x-since" = "0.27.2"))]
    pub images: Option<Vec<PagerDutyImage>>,
    /// Links to show.
    #[schemars(extend("x-since" = "0.27.2"))]
    pub links: Option<Vec<PagerDutyLink>>,
    /// How to connect to PagerDuty.
    #[schemars(extend("x-changes" = (loose::always())))]
    pub http_config: Option<HttpConfig>,
}

/// A picture to show with an incident.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PagerDutyImage {
    /// The address of the picture.
    pub source: String,
    /// The text for where it cannot be shown.
    pub alt: Option<String>,
    /// The address that it leads to.
    pub href: Option<String>,
}

/// A link to show with an incident.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PagerDutyLink {
    /// The address.
    pub href: String,
    /// The text of the link.
    pub text: Option<String>,
}

/// Telling by Pushover.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pushover {
    /// Whether the end of alerts is told of too.
    pub send_resolved: Option<bool>,
    /// The key of a secret that holds the application's token.
    pub token: Option<SecretKeySelector>,
    /// The key of a secret that holds the key of the user to tell.
    pub user_key: Option<SecretKeySelector>,
    /// The title.
    pub title: Option<String>,
    /// The text.
    pub message: Option<String>,
    /// Whether the text is HTML.
    pub html: Option<bool>,
    /// An address to show beside the text.
    pub url: Option<String>,
    /// The text for the address.
    pub url_title: Option<String>,
    /// How much it matters, from -2 to 2, which has to be confirmed.
    pub priority: Option<String>,
    /// The time between two tries to have it confirmed, 30s at least.
    pub retry: Option<String>,
    /// The time after which it need not be confirmed any more.
    pub expire: Option<String>,
    /// The sound to make, by name.
    pub sound: Option<String>,
    /// How to connect to Pushover.
    #[schemars(extend("x-changes" = (loose::always())))]
    pub http_config: Option<HttpConfig>,
}

/// Telling by VictorOps.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VictorOps {
    /// Whether the end of alerts is told of too.
    pub send_resolved: Option<bool>,
    /// The key of a secret that holds the key of VictorOps' API.
    pub api_key: Option<SecretKeySelector>,
    /// The address of VictorOps' API, where it is not the usual one.
    pub api_url: Option<String>,
    /// The routing key, which tells the team.
    pub routing_key: Option<String>,
    /// How much it matters: CRITICAL, WARNING or INFO.
    pub message_type: Option<String>,
    /// The alert in short.
    pub entity_display_name: Option<String>,
    /// The alert at length.
    pub state_message: Option<String>,
    /// The name of what watches.
    pub monitoring_tool: Option<String>,
    /// More to know, by name.
    pub custom_fields: Option<BTreeMap<String, String>>,
    /// How to connect to VictorOps.
    pub http_config: Option<HttpConfig>,
}
