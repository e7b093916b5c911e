//! Laws for every olm.semver template.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use olm_catalog::catalog::{Bundle, Catalog, Channel, Property, property};
use olm_catalog::channel::Template;
use olm_catalog::version;
use proptest::prelude::*;
use semver::Version;
use serde_json::json;

/// Versions that differ in more than build metadata.
fn versions() -> impl Strategy<Value = Vec<String>> {
    let version = (0..3u64, 0..4u64, 0..5u64, proptest::option::weighted(0.2, "(alpha|beta|rc)\\.[0-3]"));
    let text = version.prop_map(|(major, minor, patch, pre)| match pre {
        None => format!("{major}.{minor}.{patch}"),
        Some(pre) => format!("{major}.{minor}.{patch}-{pre}"),
    });
    proptest::collection::btree_set(text, 1..16).prop_map(|set| set.into_iter().collect()).prop_shuffle()
}

fn template(lists: &BTreeMap<&str, Vec<String>>, major: bool, minor: bool) -> String {
    let mut text = format!("schema: olm.semver\ngenerateMajorChannels: {major}\ngenerateMinorChannels: {minor}\n");
    for (name, versions) in lists {
        text += &format!("{name}:\n  bundles:\n");
        text.extend(versions.iter().map(|version| format!("  - image: example.com/demo:{version}\n")));
    }
    text
}

fn render(text: &str) -> Catalog {
    let source = |reference: &str| {
        let version = reference.rsplit(':').next().unwrap_or_default();
        let package = Property::new(property::PACKAGE, json!({"packageName": "demo", "version": version}));
        Ok(Bundle {
            name: format!("demo.v{version}"),
            package: "demo".into(),
            image: reference.into(),
            properties: vec![package],
            ..Bundle::default()
        })
    };
    let template = Template::parse(text, Path::new("template.yaml")).expect("a template");
    template.render(&source).expect("a package")
}

/// The direct upgrades from an installed bundle: the entries that replace or skip it.
fn next<'c>(channel: &'c Channel, name: &str) -> impl Iterator<Item = &'c str> {
    let upgrades =
        channel.entries.iter().filter(move |entry| entry.replaces == name || entry.skips.iter().any(|s| s == name));
    upgrades.map(|entry| entry.name.as_str()).collect::<Vec<_>>().into_iter()
}

fn reached<'c>(channel: &'c Channel, name: &'c str) -> BTreeSet<&'c str> {
    let (mut reached, mut todo) = (BTreeSet::new(), vec![name]);
    while let Some(name) = todo.pop() {
        if reached.insert(name) {
            todo.extend(next(channel, name));
        }
    }
    reached
}

fn version_of(name: &str) -> Version {
    version::parse(name.strip_prefix("demo.v").expect("the package's prefix")).expect("a version")
}

proptest! {
    #[test]
    fn channels_lead_to_their_highest_version(
        candidate in versions(), fast in versions(), stable in versions(), kinds in 0..3,
    ) {
        let lists = BTreeMap::from([("candidate", candidate), ("fast", fast), ("stable", stable)]);
        let catalog = render(&template(&lists, kinds != 0, kinds != 1));
        for channel in &catalog.channels {
            let heads: Vec<_> = channel.entries.iter().filter(|entry| next(channel, &entry.name).next().is_none()).collect();
            prop_assert_eq!(heads.len(), 1, "{:?}", channel);
            let highest = channel.entries.iter().map(|entry| version_of(&entry.name)).max_by(|a, b| a.cmp_precedence(b));
            prop_assert_eq!(Some(version_of(&heads[0].name)), highest);
            for entry in &channel.entries {
                prop_assert!(reached(channel, &entry.name).contains(heads[0].name.as_str()), "{} in {:?}", entry.name, channel);
                let version = version_of(&entry.name);
                for lower in entry.skips.iter().chain(Some(&entry.replaces).filter(|name| !name.is_empty())) {
                    let lower = version_of(lower);
                    prop_assert!(lower.cmp_precedence(&version).is_lt() && lower.major == version.major);
                }
            }
        }
        prop_assert_eq!(catalog.packages.len(), 1);
        let default = &catalog.packages[0].default_channel;
        prop_assert!(default.starts_with("stable-") && catalog.channels.iter().any(|channel| channel.name == *default));
    }

    #[test]
    fn every_bundle_is_in_a_channel_of_its_version(versions in versions(), kinds in 0..3) {
        let (major, minor) = (kinds != 0, kinds != 1);
        let catalog = render(&template(&BTreeMap::from([("fast", versions.clone())]), major, minor));
        let mut wanted = BTreeSet::new();
        for version in &versions {
            let Version { major: x, minor: y, .. } = version::parse(version).expect("a version");
            wanted.extend(major.then(|| (format!("fast-v{x}"), version.clone())));
            wanted.extend(minor.then(|| (format!("fast-v{x}.{y}"), version.clone())));
        }
        let made = catalog.channels.iter().flat_map(|channel| channel.entries.iter().map(move |entry| (channel, entry)));
        let made: Vec<_> = made.map(|(channel, entry)| (channel.name.clone(), version_of(&entry.name).to_string())).collect();
        prop_assert_eq!(made.len(), wanted.len());
        prop_assert_eq!(made.into_iter().collect::<BTreeSet<_>>(), wanted);
    }

    #[test]
    fn the_order_of_bundles_does_not_matter(versions in versions(), seed in any::<usize>()) {
        let mut turned = versions.clone();
        turned.rotate_left(seed % versions.len());
        let list = |versions| render(&template(&BTreeMap::from([("stable", versions)]), true, true)).to_yaml().expect("YAML");
        prop_assert_eq!(list(versions), list(turned));
    }
}
