//! The permissions that an operator gains in an upgrade.
//!
//! A permission is gained if no rule of the old bundle covers it for any service account: users trust the operator, and
//! its accounts can be renamed. Rules cover each other as in RBAC (`Covers` in
//! `k8s.io/component-helpers/auth/rbac/validation`): `*`, `*/subresource`, a rule without names, a URL that ends in
//! `*`.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use super::rules::Rule;

/// How many single permissions of changed rules are compared. Real bundles have a few thousand.
const RIGHTS: usize = 50_000;
/// How often a rule or permission is compared with a rule of the old bundle. Real bundles have some hundred rules.
const COMPARED: usize = 20_000_000;

/// The scope of a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// On the whole cluster.
    Cluster,
    /// In the namespaces that the operator watches.
    Namespace,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cluster => "cluster",
            Self::Namespace => "namespace",
        })
    }
}

/// Permissions that an operator gains, on one resource or URL. As text: `cluster: get, list secrets`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Gained {
    /// Its scope.
    pub scope: Scope,
    /// The API group; empty for the core API and URLs, `*` for all.
    pub group: String,
    /// The resource with its subresource, such as `pods/log`, or a URL, which starts with `/` or is `*`.
    pub resource: String,
    /// The objects' names. Empty: all.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub names: BTreeSet<String>,
    /// The verbs.
    pub verbs: BTreeSet<String>,
    /// The service accounts that gain them.
    pub accounts: BTreeSet<String>,
}

impl Gained {
    /// Whether it allows everything on all resources.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.names.is_empty() && self.group == "*" && self.resource == "*" && self.verbs.contains("*")
    }
}

impl fmt::Display for Gained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |set: &BTreeSet<String>, with| set.iter().map(String::as_str).collect::<Vec<_>>().join(with);
        write!(f, "{}: {} {}", self.scope, list(&self.verbs, ", "), self.resource)?;
        if !self.group.is_empty() {
            write!(f, ".{}", self.group)?;
        }
        if !self.names.is_empty() {
            write!(f, " named {}", list(&self.names, "|"))?;
        }
        Ok(())
    }
}

/// A single permission: a rule whose lists have one item each.
#[derive(Clone, Copy)]
struct Right<'r> {
    scope: Scope,
    target: Target<'r>,
    verb: &'r str,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Target<'r> {
    Resource { group: &'r str, resource: &'r str, name: Option<&'r str> },
    Url(&'r str),
}

/// The permissions that only the new rules grant, sorted. `None` if there are too many to compare.
pub(super) fn gained(old: &[Rule], new: &[Rule]) -> Option<Vec<Gained>> {
    // Most rules do not change.
    let known: HashSet<&Rule> = old.iter().collect();
    let mut changed: Vec<&Rule> = new.iter().filter(|rule| !known.contains(rule)).collect();
    if changed.len().saturating_mul(old.len()) > COMPARED {
        return None;
    }
    changed.retain(|rule| !old.iter().any(|had| covers_rule(had, rule)));
    let size = changed.iter().try_fold(0_usize, |sum, rule| sum.checked_add(size(rule)?))?;
    if size > RIGHTS || size.saturating_mul(old.len()) > COMPARED {
        return None;
    }
    // By scope, resource and account: the names and the verbs.
    type Key<'r> = (Scope, Target<'r>, &'r str);
    let mut verbs: BTreeMap<Key<'_>, BTreeSet<String>> = BTreeMap::new();
    for rule in changed {
        for right in rights(rule).filter(|right| !old.iter().any(|had| covers(had, right))) {
            let key = (right.scope, right.target, rule.account.as_str());
            verbs.entry(key).or_default().insert(right.verb.to_owned());
        }
    }
    // For one resource, the names that share their verbs; for these, the accounts that share them.
    type Shared<'r> = (Scope, &'r str, &'r str, bool, &'r str, BTreeSet<String>);
    let mut names: BTreeMap<Shared<'_>, BTreeSet<String>> = BTreeMap::new();
    for ((scope, target, account), verbs) in verbs {
        let (group, resource, name) = match target {
            Target::Resource { group, resource, name } => (group, resource, name),
            Target::Url(url) => ("", url, None),
        };
        let found = names.entry((scope, group, resource, name.is_some(), account, verbs)).or_default();
        found.extend(name.map(str::to_owned));
    }
    let mut accounts: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for ((scope, group, resource, _, account, verbs), names) in names {
        accounts.entry((scope, group, resource, names, verbs)).or_default().insert(account.to_owned());
    }
    let gained = accounts.into_iter().map(|((scope, group, resource, names, verbs), accounts)| {
        let (group, resource) = (group.to_owned(), resource.to_owned());
        Gained { scope, group, resource, names, verbs, accounts }
    });
    Some(gained.collect())
}

/// The number of single permissions in a rule.
fn size(rule: &Rule) -> Option<usize> {
    let resources = rule.groups.len().checked_mul(rule.resources.len())?.checked_mul(rule.names.len().max(1))?;
    resources.checked_add(rule.urls.len())?.checked_mul(rule.verbs.len())
}

fn rights(rule: &Rule) -> impl Iterator<Item = Right<'_>> {
    let names = || {
        let all = rule.names.is_empty().then_some(None);
        all.into_iter().chain(rule.names.iter().map(|name| Some(name.as_str())))
    };
    let resources = rule.groups.iter().flat_map(move |group| {
        let of_resource = move |resource| names().map(move |name| Target::Resource { group, resource, name });
        rule.resources.iter().flat_map(move |resource| of_resource(resource.as_str()))
    });
    let urls = rule.urls.iter().map(|url| Target::Url(url));
    let verbs = move |target| rule.verbs.iter().map(move |verb| Right { scope: rule.scope, target, verb });
    resources.chain(urls).flat_map(verbs)
}

/// Whether one rule grants everything that another grants. It can return false if only several rules together do.
fn covers_rule(had: &Rule, wanted: &Rule) -> bool {
    let all = |had: &BTreeSet<String>, wanted: &BTreeSet<String>| had.contains("*") || wanted.is_subset(had);
    (had.scope == Scope::Cluster || wanted.scope == Scope::Namespace)
        && all(&had.groups, &wanted.groups)
        && wanted.resources.iter().all(|resource| has_resource(&had.resources, resource))
        && (had.names.is_empty() || !wanted.names.is_empty() && wanted.names.is_subset(&had.names))
        && wanted.urls.iter().all(|url| has_url(&had.urls, url))
        && all(&had.verbs, &wanted.verbs)
}

fn covers(had: &Rule, wanted: &Right<'_>) -> bool {
    let has = |set: &BTreeSet<String>, word: &str| set.contains("*") || set.contains(word);
    let target = || match wanted.target {
        Target::Resource { group, resource, name } => {
            let named = had.names.is_empty() || name.is_some_and(|name| had.names.contains(name));
            has(&had.groups, group) && has_resource(&had.resources, resource) && named
        }
        Target::Url(url) => has_url(&had.urls, url),
    };
    (had.scope == Scope::Cluster || wanted.scope == Scope::Namespace) && has(&had.verbs, wanted.verb) && target()
}

/// `*` is every resource, and `*/scale` is that subresource of each. `pods` does not include `pods/status`.
fn has_resource(set: &BTreeSet<String>, wanted: &str) -> bool {
    let of_any = || wanted.split_once('/').is_some_and(|(_, part)| set.contains(&format!("*/{part}")));
    set.contains("*") || set.contains(wanted) || of_any()
}

/// A URL can end in `*`.
fn has_url(set: &BTreeSet<String>, wanted: &str) -> bool {
    set.contains(wanted) || set.iter().any(|url| url.strip_suffix('*').is_some_and(|start| wanted.starts_with(start)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::rules;
    use super::*;

    fn of(key: &str, rules: &Value) -> Vec<Rule> {
        rules::of(&json!({key: [{"serviceAccountName": "a", "rules": rules}]}))
    }

    fn rule(group: &str, resource: &str, verbs: &[&str]) -> Value {
        json!({"apiGroups": [group], "resources": [resource], "verbs": verbs})
    }

    fn texts(old: &[Rule], new: &[Rule]) -> Vec<String> {
        gained(old, new).expect("few rights").iter().map(Gained::to_string).collect()
    }

    #[test]
    fn only_what_is_new_is_gained() {
        let old = of("permissions", &json!([rule("", "pods", &["get"]), rule("apps", "*", &["*"])]));
        let new =
            of("permissions", &json!([rule("", "pods", &["get", "list"]), rule("apps", "deployments", &["get"])]));
        assert_eq!(texts(&old, &new), ["namespace: list pods"]);
        assert_eq!(texts(&new, &new), [""; 0]);
        assert_eq!(texts(&[], &old), ["namespace: get pods", "namespace: * *.apps"]);
    }

    #[test]
    fn the_whole_cluster_is_more_than_a_namespace() {
        let rules = json!([rule("", "secrets", &["get"])]);
        let (namespace, cluster) = (of("permissions", &rules), of("clusterPermissions", &rules));
        assert_eq!(texts(&namespace, &cluster), ["cluster: get secrets"]);
        assert_eq!(texts(&cluster, &namespace), [""; 0]);
    }

    #[test]
    fn some_names_are_less_than_all() {
        let mut named = rule("", "configmaps", &["get"]);
        named["resourceNames"] = json!(["a", "b"]);
        let (named, all) =
            (of("permissions", &json!([named])), of("permissions", &json!([rule("", "configmaps", &["get"])])));
        assert_eq!(texts(&all, &named), [""; 0]);
        assert_eq!(texts(&named, &all), ["namespace: get configmaps"]);
        assert_eq!(texts(&[], &named), ["namespace: get configmaps named a|b"]);
    }

    #[test]
    fn subresources_and_urls_are_covered_as_by_kubernetes() {
        let is_covered = |had: Value, wanted: Value| {
            texts(&of("clusterPermissions", &json!([had])), &of("clusterPermissions", &json!([wanted]))).is_empty()
        };
        let url = |url: &str| json!({"nonResourceURLs": [url], "verbs": ["get"]});
        assert!(!is_covered(rule("", "pods", &["get"]), rule("", "pods/status", &["get"])));
        assert!(is_covered(rule("", "*/scale", &["get"]), rule("", "pods/scale", &["get"])));
        assert!(!is_covered(rule("", "*/scale", &["get"]), rule("", "pods", &["get"])));
        assert!(is_covered(rule("*", "*", &["*"]), rule("a", "pods/status", &["get"])));
        assert!(is_covered(url("/metrics/*"), url("/metrics/a")));
        assert!(!is_covered(url("/metrics"), url("/metrics/a")));
        assert!(!is_covered(rule("*", "*", &["*"]), url("/metrics")));
    }

    #[test]
    fn rules_may_cover_one_together_and_accounts_are_joined() {
        let old = of("permissions", &json!([rule("", "pods", &["get"]), rule("", "pods", &["list"])]));
        let new = of("permissions", &json!([rule("", "pods", &["get", "list"])]));
        assert_eq!(texts(&old, &new), [""; 0]);
        let rule = json!([rule("", "pods", &["get"])]);
        let two = rules::of(&json!({"permissions": [
            {"serviceAccountName": "a", "rules": rule}, {"serviceAccountName": "b", "rules": rule}]}));
        let found = gained(&[], &two).expect("few rights");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].accounts, BTreeSet::from(["a".to_owned(), "b".to_owned()]));
    }

    #[test]
    fn too_many_are_not_compared() {
        let many: Vec<String> = (0..1000).map(|i| format!("r{i}")).collect();
        let all = json!([{"apiGroups": many, "resources": many, "resourceNames": many, "verbs": many}]);
        assert_eq!(gained(&[], &of("permissions", &all)), None);
    }
}
