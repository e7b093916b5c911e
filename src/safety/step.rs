//! One step of an upgrade: from one bundle to another.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::definitions::{self, DefinitionStep, Memo};
use super::facts::{Content, Facts};
use super::rights::{self, Gained};
use super::webhooks::{self, WebhookChange};
use crate::crd::{Class, Kind};

/// What a step does to users. What stays as it is, is left out.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// The bundle that is upgraded.
    pub from: String,
    /// The bundle that it is upgraded to.
    pub to: String,
    /// What is not known, and why. Empty where everything is.
    pub unknown: Vec<Unknown>,
    /// The CustomResourceDefinitions that come, go or change, by name.
    pub definitions: Vec<DefinitionStep>,
    /// What the operator may do afterwards and could not before.
    pub permissions: Vec<Gained>,
    /// The webhooks that come, go or change.
    pub webhooks: Vec<WebhookChange>,
    /// The install modes that the new bundle does not support any more. OLM does not run an operator in an OperatorGroup
    /// whose mode it does not support.
    pub install_modes_lost: BTreeSet<String>,
    /// The images that come and go.
    pub images: Images,
    /// The Deployments that are deleted, which includes those that got another name.
    pub deployments_removed: BTreeSet<String>,
}

/// Images that come and go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Images {
    /// Those that only the new bundle has.
    pub added: BTreeSet<String>,
    /// Those that only the old bundle has.
    pub removed: BTreeSet<String>,
}

/// Something that is not known of a step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Unknown {
    /// The bundle that does not say it.
    pub bundle: String,
    /// What is missing, and why: `definitions, permissions and webhooks: the catalog has only its metadata`.
    pub what: String,
}

/// Compares two bundles.
#[must_use]
pub fn step(old: &Facts, new: &Facts) -> Step {
    compare(old, new, &Memo::default())
}

/// Compares two bundles of many.
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
                let what = "permissions: it has too many to compare".to_owned();
                unknown.insert(Unknown { bundle: new.name.clone(), what });
            }
        }
    }
    step.unknown = unknown.into_iter().collect();
    step
}

/// What a bundle does not say.
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
    /// The worst of what it does to users. `None` where something is not known and nothing that is known is breaking: then
    /// nobody can call it safe.
    ///
    /// Breaking are breaking changes of definitions, and install modes that are lost. Risky are risky changes of definitions,
    /// permissions that are gained, and webhooks that come or change.
    #[must_use]
    pub fn class(&self) -> Option<Class> {
        let definitions = self.definitions.iter().map(|definition| definition.class).max().unwrap_or(Class::Safe);
        let modes = if self.install_modes_lost.is_empty() { Class::Safe } else { Class::Breaking };
        let webhooks = self.webhooks.iter().any(|webhook| webhook.change != Kind::Removed);
        let others = if webhooks || !self.permissions.is_empty() { Class::Risky } else { Class::Safe };
        let class = definitions.max(modes).max(others);
        (self.unknown.is_empty() || class == Class::Breaking).then_some(class)
    }

    /// Whether nothing changes that users notice, as far as is known.
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
