//! The [`Difference`] of two catalogs.

use std::collections::{BTreeMap, BTreeSet};

use super::content;
use super::model::{
    BundleChange, Changed, ChannelChange, DeprecationChange, Difference, EdgeChange, EdgeField, PackageChange, Status,
    WithdrawalChange,
};
use super::sides::Sides;
use super::ways;
use super::withdrawn::Withdrawal;
use crate::catalog::{Channel, DeprecationEntry, Package};
use crate::graph::Graph;

/// Everything that changed.
pub(super) fn difference(sides: &Sides<'_>) -> Difference {
    let packages = sides.names().into_iter().filter_map(|name| package(name, sides));
    Difference { packages: packages.collect() }
}

fn package(name: &str, sides: &Sides<'_>) -> Option<PackageChange> {
    let (old, new) = (sides.before(name), sides.after(name));
    let status = status(old.exists(), new.exists())?;
    let mut change = PackageChange {
        name: name.to_owned(),
        status,
        default_channel: changed(old.default_channel(), new.default_channel()),
        fields: fields(old.package, new.package),
        channels: joined(&old.channels, &new.channels, |a, b| channel(a.copied(), b.copied())),
        bundles: joined(&old.bundles, &new.bundles, |a, b| {
            let status = self::status(a.is_some(), b.is_some())?;
            let name = a.or(b)?.name.clone();
            let content = a.zip(b).map(|(a, b)| content::changes(a, b)).unwrap_or_default();
            (status != Status::Changed || !content.is_empty()).then_some(BundleChange { name, status, content })
        }),
        deprecations: deprecations(&old.deprecations, &new.deprecations),
        withdrawn: withdrawn(&old.withdrawn, &new.withdrawn),
        users: Vec::new(),
    };
    let same = change.default_channel.is_none()
        && change.fields.is_empty()
        && change.channels.is_empty()
        && change.bundles.is_empty()
        && change.deprecations.is_empty()
        && change.withdrawn.is_empty();
    if status == Status::Changed && same {
        return None;
    }
    change.users = ways::ways(old, new);
    Some(change)
}

fn status(old: bool, new: bool) -> Option<Status> {
    match (old, new) {
        (true, true) => Some(Status::Changed),
        (true, false) => Some(Status::Removed),
        (false, true) => Some(Status::Added),
        (false, false) => None,
    }
}

fn changed(from: &str, to: &str) -> Option<Changed> {
    (from != to).then(|| Changed { from: from.to_owned(), to: to.to_owned() })
}

/// Both sides of every name, sorted by name.
fn joined<T, R>(
    old: &BTreeMap<&str, T>,
    new: &BTreeMap<&str, T>,
    change: impl Fn(Option<&T>, Option<&T>) -> Option<R>,
) -> Vec<R> {
    let names: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    names.into_iter().filter_map(|name| change(old.get(name), new.get(name))).collect()
}

fn fields(old: Option<&Package>, new: Option<&Package>) -> Vec<&'static str> {
    let Some((old, new)) = old.zip(new) else { return Vec::new() };
    let fields = [
        ("description", old.description != new.description),
        ("icon", old.icon != new.icon),
        ("properties", old.properties != new.properties),
    ];
    fields.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name).collect()
}

fn channel(old: Option<&Channel>, new: Option<&Channel>) -> Option<ChannelChange> {
    let status = status(old.is_some(), new.is_some())?;
    let (from, to) = (names(old), names(new));
    let mut edges = declared(old, false);
    let came = declared(new, true);
    // If both declare it, its order does not matter.
    let key = |edge: &EdgeChange| (edge.entry.clone(), edge.field, edge.value.clone());
    let both: BTreeSet<_> = {
        let new: BTreeSet<_> = came.iter().map(key).collect();
        edges.iter().map(key).filter(|edge| new.contains(edge)).collect()
    };
    edges.extend(came);
    edges.retain(|edge| !both.contains(&key(edge)));
    let order = |edge: &EdgeChange| (edge.entry.clone(), edge.field, edge.added, edge.value.clone());
    edges.sort_by_cached_key(order);
    edges.dedup();
    let properties = old.zip(new).is_some_and(|(old, new)| old.properties != new.properties);
    let change = ChannelChange {
        name: old.or(new)?.name.clone(),
        status,
        head: changed(&old.and_then(head).unwrap_or_default(), &new.and_then(head).unwrap_or_default()),
        entries_added: to.difference(&from).map(|&name| name.to_owned()).collect(),
        entries_removed: from.difference(&to).map(|&name| name.to_owned()).collect(),
        edges,
        properties,
    };
    let same = change.head.is_none()
        && change.entries_added.is_empty()
        && change.entries_removed.is_empty()
        && change.edges.is_empty()
        && !properties;
    (status != Status::Changed || !same).then_some(change)
}

fn names(channel: Option<&Channel>) -> BTreeSet<&str> {
    channel.into_iter().flat_map(|channel| &channel.entries).map(|entry| entry.name.as_str()).collect()
}

/// The head of a channel, if it has exactly one.
pub(super) fn head(channel: &Channel) -> Option<String> {
    let graph = Graph::new(channel, |_| None);
    match graph.heads()[..] {
        [head] => Some(graph.name(head).to_owned()),
        _ => None,
    }
}

/// The edges of a channel, as its entries declare them.
fn declared(channel: Option<&Channel>, added: bool) -> Vec<EdgeChange> {
    let mut edges = Vec::new();
    for entry in channel.into_iter().flat_map(|channel| &channel.entries) {
        let fields = [(EdgeField::Replaces, &entry.replaces), (EdgeField::SkipRange, &entry.skip_range)];
        let skips = entry.skips.iter().map(|name| (EdgeField::Skips, name));
        for (field, value) in fields.into_iter().chain(skips).filter(|(_, value)| !value.is_empty()) {
            edges.push(EdgeChange { entry: entry.name.clone(), field, value: value.clone(), added });
        }
    }
    edges
}

fn deprecations(old: &[&DeprecationEntry], new: &[&DeprecationEntry]) -> Vec<DeprecationChange> {
    let set = |entries: &[&DeprecationEntry]| -> BTreeSet<(String, String, String)> {
        let parts = |entry: &&DeprecationEntry| {
            (entry.reference.schema.clone(), entry.reference.name.clone(), entry.message.clone())
        };
        entries.iter().map(parts).collect()
    };
    let (old, new) = (set(old), set(new));
    let change = |added| {
        move |(schema, name, message): &(String, String, String)| DeprecationChange {
            schema: schema.clone(),
            name: name.clone(),
            added,
            message: message.clone(),
        }
    };
    let mut all: Vec<_> = old.difference(&new).map(change(false)).collect();
    all.extend(new.difference(&old).map(change(true)));
    all.sort();
    all
}

fn withdrawn(old: &[Withdrawal], new: &[Withdrawal]) -> Vec<WithdrawalChange> {
    let set = |list: &[Withdrawal], added| -> BTreeSet<WithdrawalChange> {
        let change = |item: &Withdrawal| WithdrawalChange {
            bundle: item.bundle.clone(),
            channel: item.channel.clone(),
            added,
            reason: item.reason.clone(),
            upgrade_to: item.upgrade_to.clone(),
        };
        list.iter().map(change).collect()
    };
    let turned = |change: &WithdrawalChange| WithdrawalChange { added: !change.added, ..change.clone() };
    let (old, new) = (set(old, false), set(new, true));
    let removed = old.iter().filter(|change| !new.contains(&turned(change)));
    let came = new.iter().filter(|change| !old.contains(&turned(change)));
    let mut all: Vec<_> = removed.chain(came).cloned().collect();
    all.sort();
    all
}
