//! OperatorGroups: which namespaces the operators of a namespace watch.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::{Value, json};

use super::Player;
use super::csv::is_copy;
use super::store::{Kind, Object, is_going, list, name, namespace, now, text, texts};

impl Player {
    pub(super) async fn operator_groups(&mut self) -> Result<()> {
        for group in self.groups.all().filter(|group| !is_going(group)) {
            let namespaces = json!(targets(group));
            if group["status"]["namespaces"] != namespaces {
                let status = json!({"lastUpdated": now(), "namespaces": namespaces});
                self.server.set_status(&Kind::operator_group(), group, &status).await?;
            }
        }
        Ok(())
    }

    /// The group of a namespace, or the number of groups if it is not one.
    pub(super) fn group_of(&self, namespace: &str) -> Result<&Object, usize> {
        let groups: Vec<_> = self.groups.within(namespace).collect();
        if let [group] = groups[..] { Ok(group) } else { Err(groups.len()) }
    }
}

impl Player {
    /// Whether an operator of another namespace, whose group shares a namespace with this one's, already provides the
    /// same APIs.
    pub(super) fn conflicts(&self, csv: &Value, group: &Value) -> bool {
        let theirs = |other: &Value| -> bool {
            let there = ["", "Failed"].contains(&text(&other["status"]["phase"]));
            namespace(other) != namespace(csv)
                && !is_copy(other)
                && !there
                && !provided(other).is_disjoint(&provided(csv))
        };
        let mut others = self.csvs.all().filter(|other| theirs(other));
        others.any(|other| self.group_of(namespace(other)).is_ok_and(|other| intersect(other, group)))
    }
}

fn provided(csv: &Value) -> BTreeSet<&str> {
    list(&csv["spec"]["customresourcedefinitions"]["owned"]).iter().map(|one| text(&one["name"])).collect()
}

/// Whether two groups share a namespace, including their own.
fn intersect(one: &Value, other: &Value) -> bool {
    let all = |group: &Value| targets(group) == [""];
    let of = |group| targets(group).into_iter().chain([namespace(group)]).map(str::to_owned).collect::<BTreeSet<_>>();
    all(one) || all(other) || !of(one).is_disjoint(&of(other))
}

/// The namespaces of a group; one empty name stands for all.
pub(super) fn targets(group: &Value) -> Vec<&str> {
    let mut targets = texts(&group["spec"]["targetNamespaces"]);
    targets.sort_unstable();
    targets.dedup();
    if targets.is_empty() { vec![""] } else { targets }
}

/// OLM's annotations on every ClusterServiceVersion of a group, and on its pods.
pub(super) fn annotations(group: &Value) -> Value {
    json!({
        "olm.operatorGroup": name(group),
        "olm.operatorNamespace": namespace(group),
        "olm.targetNamespaces": targets(group).join(","),
    })
}

/// Why an operator cannot watch a group's namespaces, in OLM's words.
pub(super) fn unsupported(csv: &Value, group: &Value) -> Option<String> {
    let supports = |mode: &str| {
        let modes = list(&csv["spec"]["installModes"]);
        modes.iter().any(|one| text(&one["type"]) == mode && one["supported"] == true)
    };
    let own = namespace(csv);
    let targets = targets(group);
    let (mode, what) = match targets[..] {
        [""] => ("AllNamespaces", "all namespaces".to_owned()),
        [one] if one == own => ("OwnNamespace", "own namespace".to_owned()),
        [_] => ("SingleNamespace", "one namespace".to_owned()),
        _ if !supports("MultiNamespace") => ("MultiNamespace", format!("{} namespaces", targets.len())),
        _ if targets.contains(&own) => ("OwnNamespace", "own namespace".to_owned()),
        _ => return None,
    };
    (!supports(mode)).then(|| format!("{mode} InstallModeType not supported, cannot configure to watch {what}"))
}
