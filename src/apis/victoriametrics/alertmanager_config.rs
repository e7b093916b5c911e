//! VMAlertmanagerConfig.

mod chat;
mod incident;
mod receiver;

pub use chat::{Slack, SlackAction, SlackConfirm, SlackField, Telegram, WeChat};
pub use incident::{OpsGenie, PagerDuty, PagerDutyImage, PagerDutyLink, Pushover, Responder, VictorOps};
pub use receiver::{Email, HttpConfig, Receiver, Webhook};

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

/// What an alertmanager is to do.
#[skip_serializing_none]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(group = "operator.victoriametrics.com", version = "v1beta1", kind = "VMAlertmanagerConfig", namespaced)]
#[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
#[kube(status = "VMAlertmanagerConfigStatus")]
#[kube(doc = "A part of the configuration of alertmanagers: who is told of the alerts of its namespace, and when.")]
pub struct VMAlertmanagerConfigSpec {
    /// Which alerts go to which receiver.
    pub route: Option<Route>,
    /// Those who are told. Without route nobody is.
    pub receivers: Option<Vec<Receiver>>,
    /// Alerts that silence others.
    pub inhibit_rules: Option<Vec<InhibitRule>>,
    /// Times that routes can name to be silent in.
    pub mute_time_intervals: Option<Vec<MuteTimeInterval>>,
}

/// Whether the configuration is in use.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VMAlertmanagerConfigStatus {
    /// What is wrong with it.
    pub reason: Option<String>,
}

/// Which alerts go to which receiver.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Route {
    /// The name of the receiver.
    pub receiver: String,
    /// What the labels of an alert must be, such as severity="critical". The namespace is added to it.
    pub matchers: Option<Vec<String>>,
    /// The labels by which alerts are gathered into one notification.
    pub group_by: Option<Vec<String>>,
    /// The time to gather alerts of a new group, such as 30s.
    #[schemars(regex(pattern = r"[0-9]+(ms|s|m|h)"))]
    pub group_wait: Option<String>,
    /// The time before a group's new alerts are told of.
    #[schemars(regex(pattern = r"[0-9]+(ms|s|m|h)"))]
    pub group_interval: Option<String>,
    /// The time before the same alerts are told of again.
    #[schemars(regex(pattern = r"[0-9]+(ms|s|m|h)"))]
    pub repeat_interval: Option<String>,
    /// Whether the routes beside this one see its alerts too. It is always so for the first.
    #[serde(rename = "continue")]
    pub goes_on: Option<bool>,
    /// The times, by name, in which nobody is told.
    pub mute_time_intervals: Option<Vec<String>>,
    /// Routes for some of these alerts, of the same form. An alert goes to the first that it matches.
    #[schemars(extend("x-changes" = (untyped_items())))]
    pub routes: Option<Vec<Value>>,
}

/// Any value, as in all releases.
fn untyped_items() -> Value {
    json!([{"since": "0.24.0", "schema": {"items": {"x-kubernetes-preserve-unknown-fields": true}}}])
}

/// An alert that silences others.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InhibitRule {
    /// What the labels of the alert must be that silences.
    pub source_matchers: Option<Vec<String>>,
    /// What the labels of the alerts must be that are silenced.
    pub target_matchers: Option<Vec<String>>,
    /// The labels that must be the same in both.
    pub equal: Option<Vec<String>>,
}

/// Times that routes can name to be silent in.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MuteTimeInterval {
    /// The name.
    pub name: Option<String>,
    /// The times.
    pub time_intervals: Vec<TimeInterval>,
}

/// Times that all of its parts name. A part that is left out names all times.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TimeInterval {
    /// Times of the day, in UTC.
    pub times: Option<Vec<TimeRange>>,
    /// Days or ranges of days, such as monday:friday.
    pub weekdays: Option<Vec<String>>,
    /// Days or ranges of days, such as 1:5. Negative ones count from the end of the month.
    pub days_of_month: Option<Vec<String>>,
    /// Months or ranges of months, by name or number, such as may:august.
    pub months: Option<Vec<String>>,
    /// Years or ranges of years, such as 2024:2026.
    pub years: Option<Vec<String>>,
}

/// Times of a day.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TimeRange {
    /// The first, such as 08:00.
    pub start_time: String,
    /// The end, such as 17:30.
    pub end_time: String,
}
