//! Roles that are bound to service accounts as permissions of a ClusterServiceVersion.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::rbac::v1::PolicyRule;
use serde_json::Value;

use super::notes::{self, Notes};
use super::{Entry, aggregate, deployments, differs};
use crate::bundle::csv::Permissions;
use crate::generate::Misfits;
use crate::operator::{Defined, Definition, Misfit};
use crate::yaml::Route;

pub(super) const GROUP: &str = "rbac.authorization.k8s.io";

/// The permissions of service accounts, sorted by their names.
struct Rights {
    /// In the namespaces that the operator watches.
    namespaced: Vec<Permissions>,
    /// In the whole cluster.
    cluster: Vec<Permissions>,
}

/// Turns the roles of the operator's service accounts into permissions. If the definition itself has an account's
/// permissions, these take precedence, and differences are reported.
pub(super) fn fold(
    defined: &mut Defined,
    entries: &mut Vec<Entry>,
    home: Option<&str>,
    notes: &mut Notes,
    warnings: &mut Misfits,
) -> Result<(), Misfit> {
    let definition = &mut defined.definition;
    let of_deployments = definition.deployments.iter().map(deployments::service_account);
    let named = |list: &[Permissions]| list.iter().map(|own| own.service_account_name.clone()).collect::<Vec<_>>();
    let (own, own_cluster) = (named(&definition.permissions), named(&definition.cluster_permissions));
    let accounts = of_deployments.chain(own).chain(own_cluster).collect();
    let Rights { namespaced, cluster } = take(entries, &accounts, home, notes)?;
    merge(definition, |definition| &mut definition.permissions, "permissions", namespaced, warnings);
    merge(definition, |definition| &mut definition.cluster_permissions, "clusterPermissions", cluster, warnings);
    Ok(())
}

/// Adds permissions, unless the definition itself has those of an account: then differences are reported.
pub(super) fn merge(
    definition: &mut Definition,
    list: fn(&mut Definition) -> &mut Vec<Permissions>,
    key: &str,
    new: Vec<Permissions>,
    warnings: &mut Misfits,
) {
    let list = list(definition);
    let own: Vec<Permissions> = list.clone();
    for found in new {
        let ours: Vec<(usize, &Permissions)> =
            own.iter().enumerate().filter(|(_, own)| own.service_account_name == found.service_account_name).collect();
        let Some((first, _)) = ours.first() else {
            list.push(found);
            continue;
        };
        let rules: Vec<PolicyRule> = ours.iter().flat_map(|(_, own)| own.rules.iter().cloned()).collect();
        let what = format!("{key} of {}", found.service_account_name);
        let route = Route::root().key(key).index(*first);
        notes::differs(route, &what, "the manifests", &differs::rights(&rules, &found.rules), warnings);
    }
}

/// Kind, namespace and name.
type Role = (&'static str, String, String);

/// Removes the service accounts, and all roles and bindings that only they use, from the objects. A binding that others
/// use too stays, with its role.
///
/// # Errors
/// Roles that cannot be read.
fn take(
    entries: &mut Vec<Entry>,
    accounts: &BTreeSet<String>,
    home: Option<&str>,
    notes: &mut Notes,
) -> Result<Rights, Misfit> {
    let roles = roles(entries)?;
    let (mut namespaced, mut cluster) = (BTreeMap::new(), BTreeMap::new());
    let others: BTreeSet<(&str, &str)> = entries
        .iter()
        .filter(|entry| entry.is("", "ServiceAccount") && home.is_some_and(|home| entry.namespace() != home))
        .map(|entry| (entry.object.name(), entry.namespace()))
        .collect();
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
                // An account with the same name in another namespace is a different one.
                && subject["namespace"].as_str().is_none_or(|there| {
                    home == Some(there)
                        || !others.contains(&(subject["name"].as_str().unwrap_or_default(), there))
                })
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
                let elsewhere = home.filter(|home| !entry.namespace().is_empty() && entry.namespace() != *home);
                if elsewhere.is_some() && entry.object.kind() == "RoleBinding" {
                    let message = format!(
                        "its permissions in the namespace {} become permissions in the namespaces that the operator \
                         watches",
                        entry.namespace()
                    );
                    notes.fields(entry, vec![Route::root().key("metadata").key("namespace")], message);
                }
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
    for entry in gone.iter().map(|i| &entries[*i]) {
        told(entry, notes);
    }
    let mut place = 0..;
    entries.retain(|_| place.next().is_some_and(|i| !gone.contains(&i)));
    Ok(Rights { namespaced: permissions(namespaced), cluster: permissions(cluster) })
}

fn permissions(rights: BTreeMap<String, Vec<PolicyRule>>) -> Vec<Permissions> {
    let with_rules = rights.into_iter().filter(|(_, rules)| !rules.is_empty());
    with_rules.map(|(service_account_name, rules)| Permissions { service_account_name, rules }).collect()
}

/// The parts of an account, a role or a binding that permissions cannot contain.
fn told(entry: &Entry, notes: &mut Notes) {
    let mut kept = serde_json::json!({"metadata": {}});
    for key in ["apiVersion", "kind", "rules", "roleRef", "subjects", "aggregationRule"] {
        kept[key] = entry.value(key).cloned().unwrap_or_default();
    }
    kept["metadata"]["name"] = entry.object.name().into();
    let why = if entry.is("", "ServiceAccount") {
        "OLM creates this account by its name, without"
    } else {
        "becomes permissions, without"
    };
    notes.lost(entry, &kept, why);
    if aggregate::is(entry) {
        notes.object(
            entry,
            "its rules are those of the ClusterRoles in the manifests; further rules in the cluster are not added",
        );
    }
}

/// The roles with their rules.
fn roles(entries: &[Entry]) -> Result<BTreeMap<Role, Vec<PolicyRule>>, Misfit> {
    let mut roles = BTreeMap::new();
    for entry in entries {
        let Some(role) = role(entry) else { continue };
        let rules = if aggregate::is(entry) { aggregate::rules(entry, entries)? } else { aggregate::own(entry)? };
        roles.insert(role, rules);
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

/// The role of a binding.
fn bound(entry: &Entry) -> Option<Role> {
    let name = entry.text("roleRef/name").to_owned();
    match entry.text("roleRef/kind") {
        "Role" => Some(("Role", entry.text("metadata/namespace").to_owned(), name)),
        "ClusterRole" => Some(("ClusterRole", String::new(), name)),
        _ => None,
    }
}
