//! Every upgrade of a catalog with its effects, as `catalog upgrades` prints it.

mod text;

use std::collections::HashSet;

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::Serialize;

use super::definitions::DefinitionStep;
use super::edges::{Edge, edges};
use super::known::Known;
use super::step::Step;
use crate::crd::Class;
use crate::draw;
use crate::graph::EdgeKind;
use crate::limits::Exceeded;
use crate::validate::Context;

pub use text::{body, class, text, unsafe_changes};

/// Why the upgrades are not shown.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The package or channel does not exist.
    #[error(transparent)]
    Selection(#[from] draw::Error),
    /// There are too many.
    #[error("package {package} has too many upgrades: {limit}")]
    Large {
        /// The package.
        package: String,
        /// The limit.
        limit: Exceeded,
    },
}

/// An upgrade from one bundle to another, and its effects on users. `catalog upgrades -o json` prints a list of them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Upgrade {
    /// The package.
    pub package: String,
    /// The worst class of its effects. Absent if something is unknown and nothing known is breaking.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<Class>,
    /// The channels that allow it.
    pub channels: Vec<Allowed>,
    /// Its effects.
    #[serde(flatten)]
    pub step: Step,
}

/// A channel that allows an upgrade.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Allowed {
    /// The channel's name.
    pub name: String,
    /// The field of the newer entry that allows it: `replaces`, `skips` or `skipRange`.
    pub field: &'static str,
    /// Whether OLM chooses this upgrade for users of the channel. Otherwise another entry is nearer to the head.
    pub taken: bool,
}

impl Upgrade {
    /// The same with only its breaking parts. `None` if there are none.
    #[must_use]
    pub fn breaking(mut self) -> Option<Self> {
        if self.class != Some(Class::Breaking) {
            return None;
        }
        let Step { from, to, definitions, install_modes_lost, .. } = self.step;
        let definitions = definitions.into_iter().filter(|definition| definition.class == Class::Breaking);
        let definitions = definitions.map(DefinitionStep::breaking).collect();
        self.step = Step { from, to, definitions, install_modes_lost, ..Step::default() };
        Some(self)
    }

    /// Whether users make this upgrade: an entry names the older bundle, or OLM prefers it for users of a channel.
    /// Otherwise only a range allows it, and OLM upgrades users to a newer version.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        self.channels.iter().any(|way| way.taken || way.field != field(EdgeKind::SkipRange))
    }
}

fn field(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Replaces => "replaces",
        EdgeKind::Skips => "skips",
        EdgeKind::SkipRange => "skipRange",
    }
}

/// The upgrades that the selected channels allow: breaking ones first, then partly unknown, risky and safe ones; in
/// each class by package, and in the order of [`edges`].
///
/// # Errors
/// A package or channel that does not exist, or too many upgrades.
pub fn upgrades(context: &Context<'_>, known: &Known, selection: &draw::Selection<'_>) -> Result<Vec<Upgrade>, Error> {
    let mut upgrades = Vec::new();
    for (package, channels) in selection.of(context)? {
        let meant: HashSet<&str> = channels.iter().map(|view| view.channel.name.as_str()).collect();
        let large = |limit| Error::Large { package: package.name.to_owned(), limit };
        let mut edges = edges(package).map_err(large)?;
        edges.iter_mut().for_each(|edge| edge.ways.retain(|way| meant.contains(way.name)));
        edges.retain(|edge| !edge.ways.is_empty());
        upgrades.par_extend(edges.par_iter().map(|edge| upgrade(package.name, edge, known)));
    }
    upgrades.sort_by_key(|upgrade| match upgrade.class {
        Some(Class::Breaking) => 0,
        None => 1,
        Some(Class::Risky) => 2,
        Some(Class::Safe) => 3,
    });
    Ok(upgrades)
}

fn upgrade(package: &str, edge: &Edge<'_>, known: &Known) -> Upgrade {
    let step = known.step(package, edge.from, edge.to);
    let ways = edge.ways.iter();
    let channels = ways.map(|way| Allowed { name: way.name.to_owned(), field: field(way.kind), taken: way.taken });
    Upgrade { package: package.to_owned(), class: step.class(), channels: channels.collect(), step }
}
