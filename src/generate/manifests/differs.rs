//! The differences between two values, and the losses in one of them, for messages.

use std::collections::BTreeSet;

use k8s_openapi::api::rbac::v1::PolicyRule;
use serde_json::Value;

use crate::yaml::Route;

/// The most differences that a message names. The others are counted.
const SHOWN: usize = 12;

/// Whether a value is empty, so that Go's types leave it out when they are written.
fn empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.values().all(empty),
        _ => false,
    }
}

/// The places in `input` that `kept` does not have. If nothing below a place was kept, only that place is named. A
/// changed value counts too.
pub(super) fn lost(input: &Value, kept: &Value) -> Vec<Route> {
    let mut places = Vec::new();
    collect(input, Some(kept), &Route::root(), &mut places);
    places
}

fn collect(input: &Value, kept: Option<&Value>, at: &Route, places: &mut Vec<Route>) {
    match (input, kept) {
        _ if empty(input) => {}
        (Value::Object(map), Some(Value::Object(kept))) => {
            for (key, value) in map {
                collect(value, kept.get(key), &at.clone().key(key), places);
            }
        }
        (Value::Array(list), Some(Value::Array(kept))) => {
            for (i, value) in list.iter().enumerate() {
                collect(value, kept.get(i), &at.clone().index(i), places);
            }
        }
        (input, Some(kept)) if input == kept => {}
        _ => places.push(at.clone()),
    }
}

/// The differences between a value in the definition and in the manifests, such as `spec.replicas: 1 here, 2 in the
/// manifests`. List items with a name are compared by name.
pub(super) fn between(here: &Value, there: &Value) -> Vec<String> {
    let mut told = Vec::new();
    compare(Some(here), Some(there), String::new(), &mut told);
    told
}

fn compare(here: Option<&Value>, there: Option<&Value>, at: String, told: &mut Vec<String>) {
    let join = |key: &str| if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") };
    match (here.filter(|value| !empty(value)), there.filter(|value| !empty(value))) {
        (None, None) => {}
        (Some(Value::Object(here)), Some(Value::Object(there))) => {
            let keys: BTreeSet<&String> = here.keys().chain(there.keys()).collect();
            keys.into_iter().for_each(|key| compare(here.get(key), there.get(key), join(key), told));
        }
        (Some(Value::Array(here)), Some(Value::Array(there))) if named(here) && named(there) => {
            let find = |list: &'_ [Value], name: &str| list.iter().find(|item| item["name"] == *name).cloned();
            let names: BTreeSet<&str> = here.iter().chain(there).filter_map(|item| item["name"].as_str()).collect();
            for name in names {
                compare(find(here, name).as_ref(), find(there, name).as_ref(), format!("{at}[{name}]"), told);
            }
        }
        (here, there) if here == there => {}
        (here, there) => told.push(format!("{at}: {} here, {} in the manifests", short(here), short(there))),
    }
}

fn named(list: &[Value]) -> bool {
    let names: BTreeSet<&str> = list.iter().filter_map(|item| item.get("name")?.as_str()).collect();
    names.len() == list.len()
}

fn short(value: Option<&Value>) -> String {
    const LONG: usize = 120;
    let text = value.map_or_else(|| "nothing".to_owned(), ToString::to_string);
    match text.char_indices().nth(LONG) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The permissions that only one of two lists of rules grants: those of the manifests first.
pub(super) fn rights(here: &[PolicyRule], there: &[PolicyRule]) -> Vec<String> {
    let (ours, theirs) = (grants(here), grants(there));
    let told = |list: Vec<&Grant>, what: &str| {
        let mut verbs_of: std::collections::BTreeMap<&str, Vec<&str>> = std::collections::BTreeMap::new();
        for (what, verb) in list {
            verbs_of.entry(what).or_default().push(verb);
        }
        let line = |(on, verbs): (&str, Vec<&str>)| format!("{} {on}: {what}", verbs.join(", "));
        verbs_of.into_iter().map(line).collect::<Vec<_>>()
    };
    let mut all = told(theirs.difference(&ours).collect(), "only in the manifests");
    all.extend(told(ours.difference(&theirs).collect(), "only here"));
    all
}

/// The resource of a permission, and its verb.
type Grant = (String, String);

fn grants(rules: &[PolicyRule]) -> BTreeSet<Grant> {
    let mut grants = BTreeSet::new();
    for rule in rules {
        let mut about: Vec<String> = rule.non_resource_urls.iter().flatten().cloned().collect();
        for group in rule.api_groups.iter().flatten() {
            for resource in rule.resources.iter().flatten() {
                let full = if group.is_empty() { resource.clone() } else { format!("{resource}.{group}") };
                match rule.resource_names.as_deref() {
                    None | Some([]) => about.push(full),
                    Some(names) => about.extend(names.iter().map(|name| format!("{full}/{name}"))),
                }
            }
        }
        for on in about {
            grants.extend(rule.verbs.iter().map(|verb| (on.clone(), verb.clone())));
        }
    }
    grants
}

/// Differences as the end of a message.
pub(super) fn listed(differences: &[String]) -> String {
    let mut text = differences.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join("; ");
    if differences.len() > SHOWN {
        text.push_str(&format!("; and {} more", differences.len() - SHOWN));
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_lost_is_told_as_high_up_as_it_goes() {
        let input = json!({"a": {"b": 1, "c": {"d": 2}}, "list": [{"x": 1, "y": 2}], "none": {}, "null": null});
        let kept = json!({"a": {"b": 1}, "list": [{"x": 1, "y": 3}]});
        let places: Vec<String> = lost(&input, &kept).iter().map(ToString::to_string).collect();
        assert_eq!(places, ["a.c", "list[0].y"]);
        assert_eq!(lost(&input, &input), []);
    }

    #[test]
    fn rights_are_compared_one_by_one() {
        let rules = |value| serde_json::from_value::<Vec<PolicyRule>>(value).unwrap();
        let here = rules(json!([{"apiGroups": [""], "resources": ["events", "pods"], "verbs": ["create"]}]));
        let there = rules(json!([{"apiGroups": [""], "resources": ["pods"], "verbs": ["create"]},
                                 {"apiGroups": ["", "events.k8s.io"], "resources": ["events"],
                                  "verbs": ["create", "get"]}]));
        assert_eq!(
            rights(&here, &there),
            ["get events: only in the manifests", "create, get events.events.k8s.io: only in the manifests"]
        );
        assert_eq!(rights(&here, &here), [""; 0]);
    }

    #[test]
    fn named_items_are_compared_by_name() {
        let here = json!({"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]});
        let there = json!({"env": [{"name": "B", "value": "3"}, {"name": "A", "value": "1"}]});
        assert_eq!(between(&here, &there), ["env[B].value: \"2\" here, \"3\" in the manifests"]);
    }
}
