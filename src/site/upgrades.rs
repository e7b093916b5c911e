//! The upgrades of a package that pages show: those that OLM chooses, and those that entries name.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::graph::EdgeKind;
use crate::safety::{self, Edge, Known, Step};
use crate::validate::PackageView;

/// The upgrades of a package.
#[derive(Default)]
pub(super) struct Upgrades<'s> {
    shown: Vec<Upgrade<'s>>,
    to: HashMap<&'s str, Vec<usize>>,
    from: HashMap<&'s str, Vec<usize>>,
}

/// An upgrade.
pub(super) struct Upgrade<'s> {
    /// The versions, and the reasons.
    pub(super) edge: Edge<'s>,
    /// Its effects on users.
    pub(super) step: Step,
    /// Its index among the upgrades to the same bundle.
    pub(super) place: usize,
}

impl<'s> Upgrades<'s> {
    pub(super) fn of(package: &PackageView<'s>, known: &Known) -> Self {
        let shown = safety::usual(package);
        let mut upgrades = Self::default();
        let mut places = Vec::new();
        for (number, edge) in shown.iter().enumerate() {
            let to = upgrades.to.entry(edge.to).or_default();
            places.push(to.len());
            to.push(number);
            upgrades.from.entry(edge.from).or_default().push(number);
        }
        let with = |(edge, place): (Edge<'s>, usize)| {
            let step = known.step(package.name, edge.from, edge.to);
            Upgrade { edge, step, place }
        };
        upgrades.shown = shown.into_par_iter().zip(places).map(with).collect();
        upgrades
    }

    /// The upgrades to a bundle.
    pub(super) fn to(&self, name: &str) -> impl Iterator<Item = &Upgrade<'s>> {
        self.to.get(name).into_iter().flatten().map(|&number| &self.shown[number])
    }

    /// The upgrades from a bundle.
    pub(super) fn from(&self, name: &str) -> impl Iterator<Item = &Upgrade<'s>> {
        self.from.get(name).into_iter().flatten().map(|&number| &self.shown[number])
    }
}

impl Upgrade<'_> {
    /// The channels and fields that allow it, in words: `replaces in channel stable`.
    pub(super) fn channels(&self) -> String {
        let kind = |kind| match kind {
            EdgeKind::Replaces => "replaces",
            EdgeKind::Skips => "skips",
            EdgeKind::SkipRange => "skipRange",
        };
        let channels: Vec<String> =
            self.edge.ways.iter().map(|way| format!("{} in channel {}", kind(way.kind), way.name)).collect();
        channels.join(", ")
    }
}
