//! The permissions of a bundle's service accounts, as RBAC interprets them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::facts::items;
use super::rights::Scope;

/// A rule of `permissions` or `clusterPermissions` of a ClusterServiceVersion.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// Its scope.
    pub scope: Scope,
    /// Its service account.
    pub account: String,
    /// The API groups; empty for the core API, `*` for all.
    pub groups: BTreeSet<String>,
    /// The resources, with their subresources: `pods`, `pods/log`, `*/scale`, `*`.
    pub resources: BTreeSet<String>,
    /// The objects' names. Empty: all.
    pub names: BTreeSet<String>,
    /// The URLs that are not resources: `/metrics`, `/healthz/*`.
    pub urls: BTreeSet<String>,
    /// The verbs; `*` for all.
    pub verbs: BTreeSet<String>,
}

/// The rules of an install strategy, `spec.install.spec`.
pub(super) fn of(install: &Value) -> Vec<Rule> {
    let mut rules = Vec::new();
    for (scope, key) in [(Scope::Cluster, "clusterPermissions"), (Scope::Namespace, "permissions")] {
        for permission in items(&install[key]) {
            let account = permission["serviceAccountName"].as_str().unwrap_or_default();
            rules.extend(items(&permission["rules"]).map(|rule| Rule::new(scope, account, rule)));
        }
    }
    rules
}

impl Rule {
    fn new(scope: Scope, account: &str, rule: &Value) -> Self {
        let words = |key: &str| items(&rule[key]).filter_map(Value::as_str).map(str::to_owned).collect();
        Self {
            scope,
            account: account.to_owned(),
            groups: words("apiGroups"),
            resources: words("resources"),
            names: words("resourceNames"),
            urls: words("nonResourceURLs"),
            verbs: words("verbs"),
        }
    }
}
