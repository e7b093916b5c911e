//! Laws of the comparison, on random catalogs.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use olm_catalog::catalog::{Bundle, Catalog, Channel, Entry, Package, Property, property};
use olm_catalog::graph::{Graph, Installed, Resolver};
use olm_catalog::published::{EdgeField, Outcome, Status, compare, rule};
use olm_catalog::version::{self, Range};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use semver::Version;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("laws::equal_catalogs_have_no_difference", equal),
        Trial::test("laws::the_difference_makes_the_new_catalog_of_the_old", complete),
        Trial::test("laws::ways_are_real_edges", ways),
        Trial::test("laws::successors_are_the_resolvers", successors),
        Trial::test("laws::large_channels_are_compared_in_linear_time", large),
    ]
}

fn hold(law: impl Fn(Catalog, Catalog) -> Result<(), TestCaseError>) -> Result<(), Failed> {
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(400) });
    runner.run(&(catalog(), catalog()), |(old, new)| law(old, new)).map_err(|error| error.to_string().into())
}

/// A message names up to five versions.
const VERSIONS: u64 = 5;

fn name(version: u64) -> String {
    format!("p.v1.{version}.0")
}

fn bundle(version: u64) -> Bundle {
    let value = serde_json::json!({"packageName": "p", "version": format!("1.{version}.0")});
    Bundle {
        name: name(version),
        package: "p".into(),
        image: format!("example.com/p:{version}"),
        properties: vec![Property::new(property::PACKAGE, value)],
        ..Bundle::default()
    }
}

fn entry() -> impl Strategy<Value = Entry> {
    use proptest::option::of;
    let range = (0..VERSIONS, 0..VERSIONS).prop_map(|(from, to)| format!(">=1.{from}.0 <1.{to}.0 !1.2.0 || 1.{to}.0"));
    (0..VERSIONS, of(0..VERSIONS), proptest::collection::vec(0..VERSIONS, 0..3), of(range)).prop_map(
        |(own, replaces, skips, range)| Entry {
            name: name(own),
            replaces: replaces.map(name).unwrap_or_default(),
            skips: skips.into_iter().map(name).collect(),
            skip_range: range.unwrap_or_default(),
        },
    )
}

/// Channels of entries that replace the one before, and of any entries.
fn channel(name: &'static str) -> impl Strategy<Value = Channel> {
    let chain = (0..VERSIONS, 1..=VERSIONS, proptest::collection::vec(entry(), VERSIONS as usize)).prop_map(
        |(from, number, edges)| {
            let versions: Vec<u64> = (from..(from + number).min(VERSIONS)).collect();
            let made = versions.iter().zip(edges).map(|(version, edge)| Entry {
                name: self::name(*version),
                replaces: if *version > from { self::name(*version - 1) } else { String::new() },
                skips: edge.skips.into_iter().filter(|skipped| *skipped < self::name(*version)).collect(),
                skip_range: edge.skip_range,
            });
            made.collect::<Vec<_>>()
        },
    );
    let any = proptest::collection::vec(entry(), 1..5);
    prop_oneof![3 => chain, 1 => any].prop_map(move |entries| Channel {
        name: name.into(),
        package: "p".into(),
        entries,
        ..Channel::default()
    })
}

fn catalog() -> impl Strategy<Value = Catalog> {
    (channel("stable"), proptest::option::of(channel("fast"))).prop_map(|(stable, fast)| {
        let channels: Vec<Channel> = std::iter::once(stable).chain(fast).collect();
        let standing: BTreeSet<&str> =
            channels.iter().flat_map(|channel| &channel.entries).map(|entry| &*entry.name).collect();
        let bundles = (0..VERSIONS).filter(|version| standing.contains(&*name(*version))).map(bundle).collect();
        let package = Package { name: "p".into(), default_channel: "stable".into(), ..Package::default() };
        Catalog { packages: vec![package], channels, bundles, ..Catalog::default() }
    })
}

fn equal() -> Result<(), Failed> {
    hold(|old, _| {
        let mut turned = old.clone();
        turned.bundles.reverse();
        turned.channels.reverse();
        let comparison = compare(&old, &turned, Path::new("new"));
        prop_assert!(comparison.difference.packages.is_empty() && comparison.findings.is_empty(), "{comparison:?}");
        Ok(())
    })
}

/// The difference is complete: applied to the old catalog, it gives the new one.
fn complete() -> Result<(), Failed> {
    type Facts = BTreeSet<(String, String, String, String)>;
    fn facts(catalog: &Catalog) -> Facts {
        let mut all = Facts::new();
        let mut add = |a: &str, b: &str, c: &str, d: &str| all.insert((a.into(), b.into(), c.into(), d.into()));
        for channel in &catalog.channels {
            for entry in &channel.entries {
                add(&channel.name, "entry", &entry.name, "");
                let fields = [("replaces", &entry.replaces), ("skipRange", &entry.skip_range)];
                for (field, value) in fields.into_iter().chain(entry.skips.iter().map(|name| ("skips", name))) {
                    if !value.is_empty() {
                        add(&channel.name, field, &entry.name, value);
                    }
                }
            }
        }
        catalog.bundles.iter().for_each(|bundle| {
            add("", "bundle", &bundle.name, "");
        });
        all
    }
    hold(|old, new| {
        let comparison = compare(&old, &new, Path::new("new"));
        let mut made = facts(&old);
        let mut turn = |added: bool, fact: (&str, &str, &str, &str)| {
            let fact = (fact.0.into(), fact.1.into(), fact.2.into(), fact.3.into());
            if added { made.insert(fact) } else { made.remove(&fact) }
        };
        for package in &comparison.difference.packages {
            for channel in &package.channels {
                for name in &channel.entries_added {
                    prop_assert!(turn(true, (&channel.name, "entry", name, "")));
                }
                for name in &channel.entries_removed {
                    prop_assert!(turn(false, (&channel.name, "entry", name, "")));
                }
                for edge in &channel.edges {
                    let field = edge.field;
                    prop_assert!(matches!(field, EdgeField::Replaces | EdgeField::Skips | EdgeField::SkipRange));
                    prop_assert!(turn(edge.added, (&channel.name, field.as_str(), &edge.entry, &edge.value)));
                }
            }
            for bundle in &package.bundles {
                prop_assert!(turn(bundle.status == Status::Added, ("", "bundle", &bundle.name, "")));
            }
        }
        prop_assert_eq!(made, facts(&new));
        // Every removed bundle is an error, because nothing is withdrawn.
        let gone = old.bundles.iter().filter(|bundle| !new.bundles.contains(bundle)).count();
        let told = comparison.findings.iter().filter(|finding| finding.rule == rule::BUNDLE_GONE.id).count();
        prop_assert_eq!(told, gone);
        Ok(())
    })
}

/// Each step of a path is an upgrade that an entry of the new channel declares, and a path to the head ends there.
fn ways() -> Result<(), Failed> {
    hold(|old, new| {
        let comparison = compare(&old, &new, Path::new("new"));
        for way in comparison.difference.packages.iter().flat_map(|package| &package.users) {
            prop_assert_eq!(way.way.first(), Some(&way.bundle));
            let Some(channel) = new.channels.iter().find(|channel| channel.name == way.channel) else {
                prop_assert_eq!(way.outcome, Outcome::NoChannel);
                continue;
            };
            for step in way.way.windows(2) {
                let upgrades = |entry: &Entry| {
                    let inside = |range: Range| range.contains(&version_of(&step[0]));
                    entry.name == step[1]
                        && (entry.replaces == step[0]
                            || entry.skips.contains(&step[0])
                            || entry.skip_range.parse().is_ok_and(inside))
                };
                prop_assert!(channel.entries.iter().any(upgrades), "{way:?} in {channel:?}");
            }
            let graph = Graph::new(channel, |_| None);
            let heads: Vec<&str> = graph.heads().into_iter().map(|head| graph.name(head)).collect();
            match way.outcome {
                Outcome::Head => prop_assert_eq!(vec![way.way.last().unwrap().as_str()], heads),
                Outcome::Stuck => prop_assert_ne!(vec![way.way.last().unwrap().as_str()], heads),
                Outcome::Unordered | Outcome::Circle | Outcome::NoChannel => {}
            }
            let lost = way.reached_before && !matches!(way.outcome, Outcome::Head | Outcome::NoChannel);
            // The version at which they stop is named after their channel.
            let users = |message: &str| message.split(" in channel ").next().unwrap_or_default().to_owned();
            let told = comparison.findings.iter().any(|finding| {
                finding.rule == rule::WAY_LOST.id
                    && users(&finding.message).contains(&format!("{:?}", way.bundle))
                    && finding.message.contains(&format!("channel {:?}", way.channel))
            });
            prop_assert_eq!(told, lost, "{:?}", way);
        }
        Ok(())
    })
}

fn version_of(name: &str) -> Version {
    version::parse(name.strip_prefix("p.v").unwrap()).unwrap()
}

/// The first entry in the resolver's order that replaces or skips the installed version, or has a range that contains
/// it.
fn successors() -> Result<(), Failed> {
    hold(|catalog, _| {
        for channel in &catalog.channels {
            let graph = Graph::new(channel, |_| None);
            let Ok(resolver) = Resolver::new(&graph) else { continue };
            let mut order = Vec::new();
            let mut next = Some(resolver.head());
            while let Some(node) = next {
                let node = &graph.nodes()[node];
                let skipped = graph.nodes().iter().any(|other| other.entry.skips.contains(&node.entry.name));
                if !skipped {
                    order.push(node.entry);
                }
                next = node.replaces;
            }
            let names: Vec<String> = (0..VERSIONS).map(name).collect();
            let versions: Vec<Version> = names.iter().map(|name| version_of(name)).collect();
            let installed: Vec<Installed<'_>> =
                names.iter().zip(&versions).map(|(name, version)| Installed { name, version: Some(version) }).collect();
            for (installed, found) in installed.iter().zip(resolver.successors(&installed)) {
                let takes = |entry: &&&Entry| {
                    let inside = |range: Range| range.contains(installed.version.unwrap());
                    let named =
                        entry.replaces == installed.name || entry.skips.iter().any(|name| name == installed.name);
                    entry.name != installed.name && (named || entry.skip_range.parse().is_ok_and(inside))
                };
                let expected = order.iter().find(takes).map(|entry| entry.name.as_str());
                prop_assert_eq!(found.map(|node| graph.name(node)), expected, "{:?} in {:?}", installed, channel);
            }
        }
        Ok(())
    })
}

/// A chain of many versions, each with a range over all older ones.
fn large() -> Result<(), Failed> {
    const NUMBER: u64 = 20_000;
    let entry = |version: u64| Entry {
        name: name(version),
        replaces: if version > 0 { name(version - 1) } else { String::new() },
        skips: Vec::new(),
        skip_range: format!(">=1.0.0 <1.{version}.0 !1.7.0"),
    };
    let catalog = |number: u64| Catalog {
        packages: vec![Package { name: "p".into(), default_channel: "stable".into(), ..Package::default() }],
        channels: vec![Channel {
            name: "stable".into(),
            package: "p".into(),
            entries: (0..number).map(entry).collect(),
            ..Channel::default()
        }],
        bundles: (0..number).map(bundle).collect(),
        ..Catalog::default()
    };
    let (old, new) = (catalog(NUMBER), catalog(NUMBER + 1));
    let before = crate::common::time::of_thread();
    let comparison = compare(&old, &new, Path::new("new"));
    assert!(comparison.findings.is_empty(), "{:?}", comparison.findings.first());
    let back = compare(&new, &old, Path::new("old"));
    assert!(back.hurts());
    // About two seconds without optimization; each entry with each would take hours.
    let took = crate::common::time::of_thread() - before;
    assert!(took < Duration::from_secs(60), "{took:?}");
    Ok(())
}
