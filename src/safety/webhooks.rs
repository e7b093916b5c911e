//! The webhooks of a ClusterServiceVersion that are added, removed and changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::facts::items;
use crate::crd::Kind;

/// The kind of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WebhookKind {
    /// It rejects writes.
    Validating,
    /// It changes written objects.
    Mutating,
    /// It converts resources between versions.
    Conversion,
    /// A type that OLM does not know.
    Other,
}

impl fmt::Display for WebhookKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Validating => "validating",
            Self::Mutating => "mutating",
            Self::Conversion => "conversion",
            Self::Other => "unknown",
        })
    }
}

/// A webhook that was added, removed or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookChange {
    /// Its `generateName`.
    pub name: String,
    /// Its kind.
    pub kind: WebhookKind,
    /// What happened to it.
    pub change: Kind,
    /// The requests for which its newer side is called: `create, update databases.example.com`, or the definitions that
    /// it converts.
    pub targets: Vec<String>,
    /// Whether writes fail while it does not answer (`failurePolicy: Fail`, which is the default).
    pub fails_closed: bool,
    /// The fields that changed, if it stays.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}

/// One of a bundle's `webhookdefinitions`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Webhook {
    name: String,
    kind: WebhookKind,
    targets: Vec<String>,
    fails_closed: bool,
    fields: BTreeMap<String, Value>,
}

/// The fields that say where it listens. OLM sets them.
const SERVED: [&str; 6] =
    ["containerPort", "targetPort", "deploymentName", "webhookPath", "generateName", "admissionReviewVersions"];

impl Webhook {
    pub(super) fn new(definition: &Value) -> Self {
        let kind = match definition["type"].as_str() {
            Some("ValidatingAdmissionWebhook") => WebhookKind::Validating,
            Some("MutatingAdmissionWebhook") => WebhookKind::Mutating,
            Some("ConversionWebhook") => WebhookKind::Conversion,
            _ => WebhookKind::Other,
        };
        let fields = definition.as_object().into_iter().flatten();
        let fields = fields.filter(|(key, value)| !SERVED.contains(&key.as_str()) && !value.is_null());
        let targets: BTreeSet<String> = items(&definition["rules"])
            .flat_map(targets)
            .chain(items(&definition["conversionCRDs"]).filter_map(|name| name.as_str().map(str::to_owned)))
            .collect();
        Self {
            name: definition["generateName"].as_str().unwrap_or_default().to_owned(),
            kind,
            targets: targets.into_iter().collect(),
            fails_closed: definition["failurePolicy"] != "Ignore",
            fields: fields.map(|(key, value)| (key.clone(), value.clone())).collect(),
        }
    }

    fn changed(&self, change: Kind, fields: Vec<String>) -> WebhookChange {
        let (name, targets) = (self.name.clone(), self.targets.clone());
        WebhookChange { name, kind: self.kind, change, targets, fails_closed: self.fails_closed, fields }
    }
}

/// The requests of one rule, by resource.
fn targets(rule: &Value) -> Vec<String> {
    let words = |key: &str| items(&rule[key]).filter_map(Value::as_str).collect::<Vec<_>>();
    let operations: Vec<String> = words("operations").iter().map(|word| word.to_lowercase()).collect();
    let (groups, resources) = (words("apiGroups"), words("resources"));
    let group = match groups[..] {
        [] | [""] => String::new(),
        [one] => format!(".{one}"),
        _ => format!(".({})", groups.join("|")),
    };
    resources.iter().map(|resource| format!("{} {resource}{group}", operations.join(", "))).collect()
}

/// The differences, sorted by kind and name. Webhooks with the same name are distinguished by kind, and then by order.
pub(super) fn changes(old: &[Webhook], new: &[Webhook]) -> Vec<WebhookChange> {
    fn sort(hooks: &[Webhook]) -> BTreeMap<(WebhookKind, &str, usize), &Webhook> {
        let mut seen: BTreeMap<(WebhookKind, &str), usize> = BTreeMap::new();
        let mut sorted = BTreeMap::new();
        for hook in hooks {
            let count = seen.entry((hook.kind, &hook.name)).or_default();
            *count += 1;
            sorted.insert((hook.kind, hook.name.as_str(), *count), hook);
        }
        sorted
    }
    let (old, new) = (sort(old), sort(new));
    let keys: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let change = |key| match (old.get(key), new.get(key)) {
        (Some(old), Some(new)) => {
            let keys: BTreeSet<&String> = old.fields.keys().chain(new.fields.keys()).collect();
            let differ = keys.into_iter().filter(|key| old.fields.get(*key) != new.fields.get(*key));
            let fields: Vec<String> = differ.cloned().collect();
            (!fields.is_empty()).then(|| new.changed(Kind::Changed, fields))
        }
        (Some(old), None) => Some(old.changed(Kind::Removed, Vec::new())),
        (None, Some(new)) => Some(new.changed(Kind::Added, Vec::new())),
        (None, None) => None,
    };
    keys.into_iter().filter_map(change).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn webhooks_come_go_and_change() {
        let hook = |name: &str, policy: &str, port: u16| {
            Webhook::new(&json!({
                "type": "ValidatingAdmissionWebhook", "generateName": name, "failurePolicy": policy, "containerPort": port,
                "rules": [{"apiGroups": ["a.io"], "operations": ["CREATE"], "resources": ["as", "bs"]}],
            }))
        };
        let old = [hook("a", "Fail", 1), hook("b", "Fail", 1), hook("c", "Fail", 1)];
        let new = [hook("a", "Fail", 2), hook("b", "Ignore", 1), hook("d", "Fail", 1)];
        let found = changes(&old, &new);
        let all: Vec<_> = found.iter().map(|it| (it.name.as_str(), it.change, it.fields.len())).collect();
        assert_eq!(all, [("b", Kind::Changed, 1), ("c", Kind::Removed, 0), ("d", Kind::Added, 0)]);
        assert_eq!(found[2].targets, ["create as.a.io", "create bs.a.io"]);
        assert!(found[2].fails_closed && !found[0].fails_closed);
    }
}
