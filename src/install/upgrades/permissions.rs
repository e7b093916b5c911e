//! What an operator may do after an upgrade and could not before.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// One right: whether on the whole cluster, the group, the resource or URL, the verb.
type Right = (bool, String, String, String);

/// The rights that the new version has and the old one lacks, by resource: `cluster: get, list secrets`.
pub(super) fn gained(old: &Value, new: &Value) -> BTreeSet<String> {
    let (old, new) = (rights(old), rights(new));
    let mut gained: BTreeMap<(bool, String), BTreeSet<&str>> = BTreeMap::new();
    for right @ (cluster, group, resource, verb) in &new {
        if !old.iter().any(|had| covers(had, right)) {
            let (resource, names) = resource.split_once(' ').unwrap_or((resource, ""));
            let group = if group.is_empty() { String::new() } else { format!(".{group}") };
            let names = if names.is_empty() { String::new() } else { format!(" {names}") };
            let resource = format!("{resource}{group}{names}");
            gained.entry((*cluster, resource)).or_default().insert(verb);
        }
    }
    let told = gained.into_iter().map(|((cluster, resource), verbs)| {
        let place = if cluster { "cluster" } else { "namespace" };
        format!("{place}: {} {resource}", verbs.into_iter().collect::<Vec<_>>().join(", "))
    });
    told.collect()
}

fn rights(csv: &Value) -> BTreeSet<Right> {
    let install = &csv["spec"]["install"]["spec"];
    let mut rights = BTreeSet::new();
    for (cluster, key) in [(true, "clusterPermissions"), (false, "permissions")] {
        for rule in list(&install[key]).iter().flat_map(|permission| list(&permission["rules"])) {
            let (groups, resources) = (words(&rule["apiGroups"]), words(&rule["resources"]));
            let named = words(&rule["resourceNames"]);
            let urls = words(&rule["nonResourceURLs"]);
            for verb in words(&rule["verbs"]) {
                for resource in &resources {
                    for group in &groups {
                        let names =
                            if named.is_empty() { String::new() } else { format!(" named {}", named.join("|")) };
                        rights.insert((cluster, group.clone(), format!("{resource}{names}"), verb.clone()));
                    }
                }
                rights.extend(urls.iter().map(|url| (cluster, String::new(), url.clone(), verb.clone())));
            }
        }
    }
    rights
}

fn covers(had: &Right, wanted: &Right) -> bool {
    let fits = |had: &str, wanted: &str| had == "*" || had == wanted;
    // A right to all objects of a resource is one to those that are named, too; `pods/status` is another resource.
    let resource = wanted.2.split_once(' ').map_or(&*wanted.2, |(resource, _)| resource);
    (had.0 || !wanted.0)
        && fits(&had.1, &wanted.1)
        && (fits(&had.2, &wanted.2) || had.2 == resource)
        && fits(&had.3, &wanted.3)
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn words(value: &Value) -> Vec<String> {
    list(value).iter().filter_map(|word| word.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn csv(key: &str, rules: &Value) -> Value {
        json!({"spec": {"install": {"spec": {key: [{"serviceAccountName": "a", "rules": rules}]}}}})
    }

    fn rule(group: &str, resource: &str, verbs: &[&str]) -> Value {
        json!({"apiGroups": [group], "resources": [resource], "verbs": verbs})
    }

    #[test]
    fn only_what_is_new_is_gained() {
        let old = csv("permissions", &json!([rule("", "pods", &["get"]), rule("apps", "*", &["*"])]));
        let new =
            csv("permissions", &json!([rule("", "pods", &["get", "list"]), rule("apps", "deployments", &["get"])]));
        assert_eq!(gained(&old, &new), BTreeSet::from(["namespace: list pods".to_owned()]));
        assert_eq!(gained(&new, &new), BTreeSet::new());
    }

    #[test]
    fn the_whole_cluster_is_more_than_a_namespace() {
        let rules = json!([rule("", "secrets", &["get"])]);
        let (namespace, cluster) = (csv("permissions", &rules), csv("clusterPermissions", &rules));
        assert_eq!(gained(&namespace, &cluster), BTreeSet::from(["cluster: get secrets".to_owned()]));
        assert_eq!(gained(&cluster, &namespace), BTreeSet::new());
    }

    #[test]
    fn some_names_are_less_than_all() {
        let mut named = rule("", "configmaps", &["get"]);
        named["resourceNames"] = json!(["a", "b"]);
        let (named, all) =
            (csv("permissions", &json!([named])), csv("permissions", &json!([rule("", "configmaps", &["get"])])));
        assert_eq!(gained(&all, &named), BTreeSet::new());
        assert_eq!(gained(&named, &all), BTreeSet::from(["namespace: get configmaps".to_owned()]));
        let status = csv("permissions", &json!([rule("", "pods/status", &["get"])]));
        let pods = csv("permissions", &json!([rule("", "pods", &["get"])]));
        assert_eq!(gained(&pods, &status), BTreeSet::from(["namespace: get pods/status".to_owned()]));
    }
}
