//! Status conditions.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// A status condition of any of OLM's objects.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// The type of the condition.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// `True`, `False` or `Unknown`.
    #[serde(default)]
    pub status: String,
    /// The reason, in one word.
    pub reason: Option<String>,
    /// The message.
    pub message: Option<String>,
}
