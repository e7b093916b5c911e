//! The channels of this repository: users of every released version have an upgrade.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use olm_catalog::catalog::{Catalog, Channel, Entry};
use olm_catalog::channel::Template;
use olm_catalog::version::{self, Range};
use olm_catalog::yaml;
use semver::Version;

#[path = "common/demo.rs"]
mod demo;

/// The package of a template, with bundles made up from their paths, `…/<package>/<version>`: only the graph matters.
fn package(path: &Path) -> Catalog {
    let template = Template::read(path).unwrap_or_else(|error| panic!("{}: {error:?}", path.display()));
    let source = |reference: &str| {
        let mut names = reference.rsplit('/');
        let (Some(version), Some(package)) = (names.next(), names.next()) else { return Err("no version".into()) };
        Ok(demo::bundle(package, version).render(reference)?)
    };
    template.render(&source).unwrap_or_else(|findings| panic!("{findings:#?}"))
}

fn templates() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("channels");
    let entries = fs::read_dir(folder).expect("the channels");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    assert!(!paths.is_empty());
    paths
}

fn version_of(name: &str) -> Version {
    let (_, version) = name.split_once(".v").unwrap_or_else(|| panic!("{name} has no version"));
    version::parse(version).expect("a version")
}

/// Whether an entry upgrades an installed bundle.
fn upgrades(entry: &Entry, installed: &str) -> bool {
    let range: Option<Range> =
        Some(&entry.skip_range).filter(|range| !range.is_empty()).map(|r| r.parse().expect("a range"));
    entry.name != installed
        && (entry.replaces == installed
            || entry.skips.iter().any(|skipped| skipped == installed)
            || range.is_some_and(|range| range.contains(&version_of(installed))))
}

fn reaches(channel: &Channel, from: &str, to: &str) -> bool {
    let (mut seen, mut todo) = (BTreeSet::new(), vec![from]);
    while let Some(name) = todo.pop() {
        if name == to {
            return true;
        }
        if seen.insert(name) {
            todo.extend(channel.entries.iter().filter(|e| upgrades(e, name)).map(|entry| entry.name.as_str()));
        }
    }
    false
}

/// The entry without an upgrade in the channel.
fn head(channel: &Channel) -> &str {
    let heads: Vec<_> = channel
        .entries
        .iter()
        .filter(|entry| !channel.entries.iter().any(|other| upgrades(other, &entry.name)))
        .collect();
    assert_eq!(heads.len(), 1, "{} has one head", channel.name);
    &heads[0].name
}

#[test]
fn every_version_reaches_the_head_of_its_channel() {
    for path in templates() {
        for channel in &package(&path).channels {
            let head = head(channel);
            for entry in &channel.entries {
                assert!(
                    reaches(channel, &entry.name, head),
                    "{} in {} of {}",
                    entry.name,
                    channel.name,
                    path.display()
                );
            }
        }
    }
}

#[test]
fn no_channel_is_left_behind_the_default_one() {
    for path in templates() {
        let catalog = package(&path);
        let default = |channel: &&Channel| channel.name == catalog.packages[0].default_channel;
        let default = catalog.channels.iter().find(default).expect("the default channel");
        for channel in &catalog.channels {
            let newer = version_of(head(channel)) > version_of(head(default));
            assert!(newer || reaches(default, head(channel), head(default)), "{} of {}", channel.name, path.display());
        }
    }
}

#[test]
fn pruned_versions_of_the_dbaas_operator_reach_the_head() {
    let catalog = package(&Path::new(env!("CARGO_MANIFEST_DIR")).join("channels/dbaas-operator.yaml"));
    assert_eq!(catalog.packages[0].default_channel, "stable-v0");
    for channel in &catalog.channels {
        let pruned = (1..40).map(|patch| format!("0.0.{patch}")).chain((0..17).map(|patch| format!("0.1.{patch}")));
        for version in pruned {
            let installed = format!("dbaas-operator.v{version}");
            assert!(reaches(channel, &installed, head(channel)), "{installed} in {}", channel.name);
        }
        assert_eq!(head(channel), "dbaas-operator.v0.1.17");
    }
}

#[test]
fn pruned_versions_of_the_victoriametrics_operator_reach_the_head_step_by_step() {
    let catalog = package(&Path::new(env!("CARGO_MANIFEST_DIR")).join("channels/victoriametrics-operator.yaml"));
    let [channel] = catalog.channels.as_slice() else { panic!("{} channels", catalog.channels.len()) };
    let next = |installed: &str| -> Vec<&str> {
        channel.entries.iter().filter(|entry| upgrades(entry, installed)).map(|entry| entry.name.as_str()).collect()
    };
    for (installed, version) in [
        ("0.15.2", "0.24.0"),
        ("0.16.0", "0.24.0"),
        ("0.23.3", "0.24.0"),
        ("0.24.0", "0.27.2"),
        ("0.26.2", "0.27.2"),
        ("0.27.2", "0.29.1"),
        ("0.28.5", "0.29.1"),
    ] {
        let name = |version: &str| format!("victoriametrics-operator.v{version}");
        assert_eq!(next(&name(installed)), [name(version)], "from {installed}");
    }
    assert_eq!(head(channel), "victoriametrics-operator.v0.29.1");
}

/// Upgrades pass through each release, because the API versions in which clusters are stored come and go with them.
#[test]
fn pruned_versions_of_the_pxc_operator_reach_the_head_step_by_step() {
    let catalog = package(&Path::new(env!("CARGO_MANIFEST_DIR")).join("channels/percona-xtradb-cluster-operator.yaml"));
    assert_eq!(catalog.packages[0].default_channel, "stable-v1");
    for channel in &catalog.channels {
        for minor in 0..13 {
            let installed = format!("percona-xtradb-cluster-operator.v1.{minor}.0");
            let next = format!("percona-xtradb-cluster-operator.v1.{}.0", (minor + 1).max(10));
            let upgrades: Vec<_> = channel.entries.iter().filter(|entry| upgrades(entry, &installed)).collect();
            assert_eq!(upgrades.len(), 1, "{installed} in {}", channel.name);
            assert_eq!(upgrades[0].name, next, "{installed} in {}", channel.name);
        }
        assert_eq!(head(channel), "percona-xtradb-cluster-operator.v1.13.0");
    }
}

/// No release is skipped except 1.13.0, which 1.13.1 repairs: from there on clusters are stored as v1.
#[test]
fn pruned_versions_of_the_psmdb_operator_reach_the_head_step_by_step() {
    let catalog = package(&Path::new(env!("CARGO_MANIFEST_DIR")).join("channels/percona-server-mongodb-operator.yaml"));
    assert_eq!(catalog.packages[0].default_channel, "stable-v1");
    let name = |version: &str| format!("percona-server-mongodb-operator.v{version}");
    let next = |channel: &str, installed: &str| -> Vec<String> {
        let channel = catalog.channels.iter().find(|own| own.name == channel).expect("the channel");
        assert_eq!(head(channel), name("1.14.0"));
        let upgrades = channel.entries.iter().filter(|entry| upgrades(entry, installed));
        upgrades.map(|entry| entry.name.clone()).collect()
    };
    for minor in 0..11 {
        assert_eq!(next("stable-v1", &name(&format!("1.{minor}.0"))), [name("1.11.0")], "from 1.{minor}.0");
        // Users of fast-v1 take these steps in stable-v1.
        assert_eq!(next("fast-v1", &name(&format!("1.{minor}.0"))), [""; 0], "from 1.{minor}.0");
    }
    assert_eq!(next("stable-v1", &name("1.11.0")), [name("1.12.0")]);
    // OLM chooses the newest of them, which is the channel's upgrade.
    assert_eq!(next("stable-v1", &name("1.12.0")), [name("1.13.0"), name("1.13.1")]);
    assert_eq!(next("fast-v1", &name("1.11.0")), [""; 0]);
    assert_eq!(next("fast-v1", &name("1.12.0")), [name("1.13.1")]);
    for channel in ["stable-v1", "fast-v1"] {
        assert_eq!(next(channel, &name("1.13.0")), [name("1.13.1")]);
        assert_eq!(next(channel, &name("1.13.1")), [name("1.14.0")]);
    }
    // The name under which 1.13.0 was released has no version, so only `skips` can lead on from it.
    let stable = catalog.channels.iter().find(|channel| channel.name == "stable-v1").expect("the channel");
    let skipping = stable.entries.iter().filter(|entry| entry.skips.contains(&name("1")));
    assert_eq!(skipping.map(|entry| entry.name.as_str()).collect::<Vec<_>>(), [name("1.13.1")]);
}

/// Our channels offer everything that the released channels offered, or an upgrade from it.
#[test]
fn no_released_version_is_lost() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/channels/released.yaml");
    let released = yaml::read_one(&fs::read_to_string(file).expect("the released channels")).expect("YAML");
    for path in templates() {
        let ours = package(&path);
        let package = &ours.packages[0].name;
        for (name, versions) in released[package].as_object().unwrap_or_else(|| panic!("{package} is not in the file"))
        {
            let own = ours.channels.iter().find(|own| own.name == *name);
            let own = own.unwrap_or_else(|| panic!("{package} has no channel {name}"));
            for version in versions.as_array().expect("versions") {
                let installed = format!("{package}.v{}", version.as_str().expect("a version"));
                let there = own.entries.iter().any(|entry| entry.name == installed);
                assert!(there || own.entries.iter().any(|entry| upgrades(entry, &installed)), "{installed} in {name}");
            }
        }
    }
}
