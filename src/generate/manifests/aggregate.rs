//! The rules of aggregated ClusterRoles, as the controller of Kubernetes combines them.
//!
//! Source: `pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go` of Kubernetes: the rules of all
//! other ClusterRoles that match one of the selectors, in the order of their names, each rule once.

use k8s_openapi::api::rbac::v1::PolicyRule;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use serde_json::Value;

use super::Entry;
use super::rights::GROUP;
use crate::operator::Misfit;

/// Roles may select aggregated roles. No real chain is nearly this long.
const DEPTH: usize = 8;

/// Whether an object is an aggregated ClusterRole.
pub(super) fn is(entry: &Entry) -> bool {
    entry.is(GROUP, "ClusterRole") && entry.value("aggregationRule").is_some_and(|rule| !rule.is_null())
}

/// The rules of an aggregated ClusterRole.
///
/// # Errors
/// Selectors or rules that cannot be read.
pub(super) fn rules(role: &Entry, entries: &[Entry]) -> Result<Vec<PolicyRule>, Misfit> {
    collected(role, entries, DEPTH)
}

fn collected(role: &Entry, entries: &[Entry], depth: usize) -> Result<Vec<PolicyRule>, Misfit> {
    let selectors =
        role.value("aggregationRule/clusterRoleSelectors").cloned().unwrap_or_else(|| Vec::<Value>::new().into());
    let selectors: Vec<LabelSelector> = serde_json::from_value(selectors).map_err(|error| role.wrong(error))?;
    let selected = |entry: &&Entry| {
        entry.is(GROUP, "ClusterRole")
            && entry.object.name() != role.object.name()
            && selectors.iter().any(|selector| matches(selector, entry))
    };
    let mut found: Vec<&Entry> = entries.iter().filter(selected).collect();
    found.sort_by_key(|entry| entry.object.name());
    let mut rules: Vec<PolicyRule> = Vec::new();
    for entry in found {
        let own = if is(entry) && depth > 0 { collected(entry, entries, depth - 1)? } else { own(entry)? };
        for rule in own {
            if !rules.contains(&rule) {
                rules.push(rule);
            }
        }
    }
    Ok(rules)
}

/// The role's own rules.
pub(super) fn own(entry: &Entry) -> Result<Vec<PolicyRule>, Misfit> {
    let rules = entry.value("rules").filter(|rules| !rules.is_null()).cloned();
    rules.map_or_else(|| Ok(Vec::new()), |rules| serde_json::from_value(rules).map_err(|error| entry.wrong(error)))
}

/// An empty selector matches everything, as in the API server.
fn matches(selector: &LabelSelector, entry: &Entry) -> bool {
    let labels = entry.value("metadata/labels").and_then(Value::as_object);
    let label = |key: &str| labels.and_then(|labels| labels.get(key)).and_then(Value::as_str);
    let equal = selector.match_labels.iter().flatten().all(|(key, value)| label(key) == Some(value));
    equal
        && selector.match_expressions.iter().flatten().all(|wanted| {
            let within =
                label(&wanted.key).is_some_and(|value| wanted.values.iter().flatten().any(|known| known == value));
            match wanted.operator.as_str() {
                "In" => within,
                "NotIn" => !within,
                "Exists" => label(&wanted.key).is_some(),
                "DoesNotExist" => label(&wanted.key).is_none(),
                _ => false,
            }
        })
}
