//! The effects of users' upgrades: one finding for each effect that several upgrades to a bundle share.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::Rule;
use super::context::{BundleView, Context, PackageView};
use super::names::list;
use crate::diagnostic::{Finding, Place};
use crate::graph::EdgeKind;
use crate::safety::{self, Edge, Known, Step};

/// An upgrade.
#[derive(Debug)]
pub(super) struct Upgrade<'c> {
    package: &'c str,
    edge: Edge<'c>,
    step: Step,
}

/// The upgrades to the head of a channel, with their packages, of every package in which OLM can follow upgrades. Only
/// the head can still be changed: other entries are older releases, which users have installed already.
pub(super) fn edges<'c>(packages: &BTreeMap<&'c str, PackageView<'c>>) -> Vec<(&'c str, Edge<'c>)> {
    let sound = packages.values().filter(|package| package.is_sound());
    sound.flat_map(|package| to_heads(package).into_iter().map(|edge| (package.name, edge))).collect()
}

/// The effects of these upgrades.
pub(super) fn all<'c>(edges: &[(&'c str, Edge<'c>)], known: &Known) -> Vec<Upgrade<'c>> {
    let upgrade = |&(package, ref edge): &(&'c str, Edge<'c>)| {
        let step = known.step(package, edge.from, edge.to);
        Upgrade { package, edge: edge.clone(), step }
    };
    edges.par_iter().map(upgrade).collect()
}

fn to_heads<'c>(package: &PackageView<'c>) -> Vec<Edge<'c>> {
    let heads: Vec<Vec<usize>> = package.channels.iter().map(|view| view.graph.heads()).collect();
    let mut edges = safety::usual(package);
    edges.iter_mut().for_each(|edge| edge.ways.retain(|way| heads[way.channel].contains(&way.node)));
    edges.retain(|edge| !edge.ways.is_empty());
    edges
}

/// Adds what a rule reports about the upgrades. `describe` returns the effects of a step, as phrases that follow
/// `upgrading "a" to "b"`.
pub(super) fn find(
    context: &Context<'_>,
    findings: &mut Vec<Finding>,
    rule: &Rule,
    describe: impl Fn(&Step) -> Vec<String>,
    help: impl Fn(&str) -> String,
) {
    let mut same: BTreeMap<(&str, &str, String), Vec<&Upgrade<'_>>> = BTreeMap::new();
    for upgrade in context.upgrades() {
        for effect in describe(&upgrade.step) {
            same.entry((upgrade.package, upgrade.edge.to, effect)).or_default().push(upgrade);
        }
    }
    for ((name, to, effect), upgrades) in same {
        let (Some(package), Some(first)) = (context.packages.get(name), upgrades.first()) else { continue };
        let from = list(upgrades.iter().map(|upgrade| upgrade.edge.from));
        let message = format!("upgrading {from} to {to:?} {effect}");
        let mut finding = rule.finding(place(package, &first.edge), message).help(help(name));
        for (name, label) in [(first.edge.from, "the older bundle"), (to, "the newer bundle")] {
            if let Some(view) = package.bundles.iter().find(|view| view.bundle.name == name) {
                finding = finding.related(BundleView::name_place(view), label);
            }
        }
        findings.push(finding);
    }
}

/// The field of the entry that allows an upgrade.
pub(super) fn place(package: &PackageView<'_>, edge: &Edge<'_>) -> Place {
    let Some(way) = edge.ways.first() else { return Place::default() };
    let view = &package.channels[way.channel];
    match way.kind {
        EdgeKind::SkipRange => view.node(way.node, "skipRange"),
        EdgeKind::Replaces | EdgeKind::Skips => view.find_edge(view.graph.nodes()[way.node].position, edge.from),
    }
}
