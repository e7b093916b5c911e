//! One step of an upgrade: from one bundle to another.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::definitions::{self, DefinitionStep, Memo};
use super::facts::{Content, Facts};
use super::rights::{self, Gained};
use super::webhooks::{self, WebhookChange};
use crate::crd::{Class, Kind};

/// The effects of a step on users. Unchanged parts are omitted.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// The bundle from which users are upgraded.
    pub from: String,
    /// The bundle to which users are upgraded.
    pub to: String,
    /// The unknown parts, and the reasons. Empty if everything is known.
    pub unknown: Vec<Unknown>,
    /// The CustomResourceDefinitions that are added, removed or changed, by name.
    pub definitions: Vec<DefinitionStep>,
    /// The permissions that the operator gains.
    pub permissions: Vec<Gained>,
    /// The webhooks that are added, removed or changed.
    pub webhooks: Vec<WebhookChange>,
    /// The install modes that the new bundle no longer supports. OLM does not run an operator in an OperatorGroup whose
    /// mode it does not support.
    pub install_modes_lost: BTreeSet<String>,
    /// The images that are added and removed.
    pub images: Images,
    /// The Deployments that are deleted, including renamed ones.
    pub deployments_removed: BTreeSet<String>,
}

/// Images that are added and removed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Images {
    /// The images that only the new bundle has.
    pub added: BTreeSet<String>,
    /// The images that only the old bundle has.
    pub removed: BTreeSet<String>,
}

/// An unknown part of a step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Unknown {
    /// The bundle that lacks the information.
    pub bundle: String,
    /// The missing part, and the reason: `definitions, permissions and webhooks: the catalog has only its metadata`.
    pub what: String,
}

/// Compares two bundles.
#[must_use]
pub fn step(old: &Facts, new: &Facts) -> Step {
    compare(old, new, &Memo::default())
}

/// Compares two of many bundles.
pub(super) fn compare(old: &Facts, new: &Facts, memo: &Memo) -> Step {
    let mut unknown: BTreeSet<Unknown> = [old, new].into_iter().flat_map(missing).collect();
    let content = old.content.min(new.content);
    let mut step = Step { from: old.name.clone(), to: new.name.clone(), images: images(old, new), ..Step::default() };
    if content >= Content::Metadata {
        step.install_modes_lost = old.install_modes.difference(&new.install_modes).cloned().collect();
    }
    if content == Content::Manifests {
        step.definitions = definitions::changes(old, new, memo);
        step.webhooks = webhooks::changes(&old.webhooks, &new.webhooks);
        step.deployments_removed = old.deployments.difference(&new.deployments).cloned().collect();
        match rights::gained(&old.rules, &new.rules) {
            Some(gained) => step.permissions = gained,
            None => {
                let what = "permissions: there are too many to compare".to_owned();
                unknown.insert(Unknown { bundle: new.name.clone(), what });
            }
        }
    }
    step.unknown = unknown.into_iter().collect();
    step
}

/// The facts that are unknown about a bundle.
fn missing(facts: &Facts) -> Vec<Unknown> {
    let unknown = |what: String| Unknown { bundle: facts.name.clone(), what };
    let unread = facts.unreadable.iter().map(|why| unknown(format!("a manifest: {why}")));
    let absent = match facts.content {
        Content::Manifests => None,
        Content::Metadata => Some("definitions, permissions and webhooks: the catalog has only its metadata"),
        Content::Nothing => Some("everything but its images: the catalog has none of its manifests"),
    };
    unread.chain(absent.map(|what| unknown(what.to_owned()))).collect()
}

fn images(old: &Facts, new: &Facts) -> Images {
    let minus = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect();
    Images { added: minus(&new.images, &old.images), removed: minus(&old.images, &new.images) }
}

impl Step {
    /// The worst class of its effects on users. `None` if something is unknown and nothing known is breaking: then it
    /// cannot be called safe.
    ///
    /// Breaking: breaking changes of definitions, and lost install modes. Risky: risky changes of definitions, gained
    /// permissions, and added or changed webhooks.
    #[must_use]
    pub fn class(&self) -> Option<Class> {
        let definitions = self.definitions.iter().map(|definition| definition.class).max().unwrap_or(Class::Safe);
        let modes = if self.install_modes_lost.is_empty() { Class::Safe } else { Class::Breaking };
        let webhooks = self.webhooks.iter().any(|webhook| webhook.change != Kind::Removed);
        let others = if webhooks || !self.permissions.is_empty() { Class::Risky } else { Class::Safe };
        let class = definitions.max(modes).max(others);
        (self.unknown.is_empty() || class == Class::Breaking).then_some(class)
    }

    /// Whether users notice no change, as far as is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.definitions.is_empty()
            && self.permissions.is_empty()
            && self.webhooks.is_empty()
            && self.install_modes_lost.is_empty()
            && self.images == Images::default()
            && self.deployments_removed.is_empty()
    }
}
