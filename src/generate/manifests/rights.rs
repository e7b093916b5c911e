//! Roles that are bound to service accounts as permissions of a ClusterServiceVersion.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::rbac::v1::PolicyRule;
use serde_json::Value;

use super::Entry;
use crate::bundle::csv::Permissions;
use crate::operator::Misfit;

const GROUP: &str = "rbac.authorization.k8s.io";

/// The rights of service accounts, sorted by their names.
pub(super) struct Rights {
    /// In the namespaces that the operator watches.
    pub(super) namespaced: Vec<Permissions>,
    /// In the whole cluster.
    pub(super) cluster: Vec<Permissions>,
}

/// Kind, namespace and name.
type Role = (&'static str, String, String);

/// Takes the service accounts, and all roles and bindings that are theirs alone, out of the objects. A binding that
/// is for others too stays, with its role.
///
/// # Errors
/// Roles that cannot be read.
pub(super) fn take(entries: &mut Vec<Entry>, accounts: &BTreeSet<String>) -> Result<Rights, Misfit> {
    let roles = roles(entries)?;
    let (mut namespaced, mut cluster) = (BTreeMap::new(), BTreeMap::new());
    let (mut folded, mut needed, mut gone) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (i, entry) in entries.iter().enumerate() {
        let rights = match binding(entry) {
            Some("RoleBinding") => &mut namespaced,
            Some(_) => &mut cluster,
            None => continue,
        };
        let role = bound(entry);
        let subjects = entry.value("subjects").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let is_ours = |subject: &Value| {
            subject["kind"] == "ServiceAccount"
                && subject["name"].as_str().is_some_and(|account| accounts.contains(account))
        };
        if let Some((rules, role)) = role.as_ref().and_then(|role| Some((roles.get(role)?, role))) {
            let ours: BTreeSet<&str> = subjects
                .iter()
                .filter(|subject| is_ours(subject))
                .filter_map(|subject| subject["name"].as_str())
                .collect();
            for account in &ours {
                let of_account: &mut Vec<PolicyRule> = rights.entry((*account).to_owned()).or_default();
                of_account.extend(rules.iter().cloned());
            }
            if !ours.is_empty() {
                folded.insert(role.clone());
            }
            if !subjects.is_empty() && subjects.iter().all(is_ours) {
                gone.insert(i);
                continue;
            }
        }
        needed.extend(role);
    }
    for (i, entry) in entries.iter().enumerate() {
        let done = role(entry).is_some_and(|role| folded.contains(&role) && !needed.contains(&role));
        if done || (entry.is("", "ServiceAccount") && accounts.contains(entry.object.name())) {
            gone.insert(i);
        }
    }
    let mut place = 0..;
    entries.retain(|_| place.next().is_some_and(|i| !gone.contains(&i)));
    Ok(Rights { namespaced: permissions(namespaced), cluster: permissions(cluster) })
}

fn permissions(rights: BTreeMap<String, Vec<PolicyRule>>) -> Vec<Permissions> {
    let with_rules = rights.into_iter().filter(|(_, rules)| !rules.is_empty());
    with_rules.map(|(service_account_name, rules)| Permissions { service_account_name, rules }).collect()
}

/// The roles whose rules are known; those of an aggregated one are the cluster's to find.
fn roles(entries: &[Entry]) -> Result<BTreeMap<Role, Vec<PolicyRule>>, Misfit> {
    let mut roles = BTreeMap::new();
    for entry in entries {
        let Some(role) = role(entry).filter(|_| entry.value("aggregationRule").is_none()) else { continue };
        let rules = entry
            .value("rules")
            .filter(|rules| !rules.is_null())
            .cloned()
            .unwrap_or_else(|| Vec::<Value>::new().into());
        roles.insert(role, serde_json::from_value(rules).map_err(|error| entry.wrong(error))?);
    }
    Ok(roles)
}

fn role(entry: &Entry) -> Option<Role> {
    let name = entry.object.name().to_owned();
    if entry.is(GROUP, "Role") {
        Some(("Role", entry.text("metadata/namespace").to_owned(), name))
    } else {
        entry.is(GROUP, "ClusterRole").then_some(("ClusterRole", String::new(), name))
    }
}

fn binding(entry: &Entry) -> Option<&str> {
    let kind = entry.object.kind();
    (entry.is(GROUP, "RoleBinding") || entry.is(GROUP, "ClusterRoleBinding")).then_some(kind)
}

/// The role that a binding is about.
fn bound(entry: &Entry) -> Option<Role> {
    let name = entry.text("roleRef/name").to_owned();
    match entry.text("roleRef/kind") {
        "Role" => Some(("Role", entry.text("metadata/namespace").to_owned(), name)),
        "ClusterRole" => Some(("ClusterRole", String::new(), name)),
        _ => None,
    }
}
