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
            let resource = if group.is_empty() { resource.clone() } else { format!("{resource}.{group}") };
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
                        let names = if named.is_empty() { String::new() } else { format!("/{}", named.join("|")) };
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
    // A right to all objects of a resource is one to those that are named, too.
    let resource = wanted.2.split_once('/').map_or(&*wanted.2, |(resource, _)| resource);
    (had.0 || !wanted.0)
        && fits(&had.1, &wanted.1)
        && (fits(&had.2, &wanted.2) || (had.2 == resource && !is_subresource(&wanted.2)))
        && fits(&had.3, &wanted.3)
}

/// `deployments/scale` is another resource; `secrets/a|b` are secrets of these names.
fn is_subresource(resource: &str) -> bool {
    ["/status", "/scale", "/finalizers", "/log", "/exec"].iter().any(|end| resource.ends_with(end))
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn words(value: &Value) -> Vec<String> {
    list(value).iter().filter_map(|word| word.as_str().map(str::to_owned)).collect()
}
