//! Links blobs that name each other into tables that refer to each other by number.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use super::{Channel, Entry, Error, Index, Loose, Package, Problem};
use crate::catalog::{self, Catalog, DeprecationEntry, Deprecations, schema};
use crate::graph::Graph;

/// Builds the index of several files. Their bundles are given in packed form; those in the catalogs are ignored.
pub(super) fn link(catalogs: &[&Catalog], mut bundles: Vec<Loose>) -> Result<Index, Error> {
    let mut index = Index::default();
    packages(&mut index, catalogs.iter().flat_map(|catalog| &catalog.packages).collect())?;
    bundles.sort_by(|a, b| (&a.package, &a.name).cmp(&(&b.package, &b.name)));
    check_bundles(&index, &bundles)?;
    channels(&mut index, catalogs.iter().flat_map(|catalog| &catalog.channels).collect(), &bundles)?;
    default_channels(&mut index, catalogs.iter().flat_map(|catalog| &catalog.packages))?;
    let names: Vec<_> = bundles.iter().map(|bundle| (bundle.package.clone(), bundle.name.clone())).collect();
    for (number, bundle) in bundles.into_iter().enumerate() {
        for api in bundle.provided_apis {
            let providers = index.providers.entry(api).or_default();
            if providers.last() != Some(&number) {
                providers.push(number);
            }
        }
        index.bundles.push(bundle.packed);
    }
    let numbers = names.iter().enumerate().map(|(number, (package, name))| ((&**package, &**name), number)).collect();
    deprecations(&mut index, catalogs.iter().flat_map(|catalog| &catalog.deprecations), &numbers)?;
    Ok(index)
}

type BundleNumbers<'n> = HashMap<(&'n str, &'n str), usize>;

fn refuse(file: &Path, problem: Problem) -> Error {
    Error::Problem { file: file.to_owned(), problem }
}

impl Index {
    fn number(&self, package: &str) -> Option<usize> {
        self.packages.binary_search_by(|known| (*known.name).cmp(package)).ok()
    }

    /// The number of the package that a blob belongs to.
    fn owner(&self, package: &str, what: &'static str, name: &str, file: &Path) -> Result<usize, Error> {
        let unknown = || Problem::UnknownPackage { what, name: name.to_owned(), package: package.to_owned() };
        self.number(package).ok_or_else(|| refuse(file, unknown()))
    }
}

fn packages(index: &mut Index, mut packages: Vec<&catalog::Package>) -> Result<(), Error> {
    packages.sort_by_key(|package| &package.name);
    for package in packages {
        let problem = match &package.name {
            name if name.is_empty() => Some(Problem::PackageName),
            name if index.packages.last().is_some_and(|last| last.name == *name) => {
                Some(Problem::DuplicatePackage(name.clone()))
            }
            _ => None,
        };
        if let Some(problem) = problem {
            return Err(refuse(package.origin.file(), problem));
        }
        index.packages.push(Package {
            name: package.name.clone(),
            description: package.description.clone(),
            icon: package.icon.clone(),
            deprecation: None,
            default_channel: 0,
            channels: Vec::new(),
        });
    }
    Ok(())
}

fn check_bundles(index: &Index, bundles: &[Loose]) -> Result<(), Error> {
    let mut last = None;
    for bundle in bundles {
        index.owner(&bundle.package, "bundle", &bundle.name, &bundle.file)?;
        let this = Some((&bundle.package, &bundle.name));
        if last == this {
            let (package, name) = (bundle.package.clone(), bundle.name.clone());
            return Err(refuse(&bundle.file, Problem::DuplicateBundle { package, bundle: name }));
        }
        last = this;
    }
    Ok(())
}

fn channels(index: &mut Index, mut channels: Vec<&catalog::Channel>, bundles: &[Loose]) -> Result<(), Error> {
    channels.sort_by_key(|channel| (&channel.name, &channel.package));
    let numbers: BundleNumbers<'_> =
        bundles.iter().enumerate().map(|(number, bundle)| ((&*bundle.package, &*bundle.name), number)).collect();
    let mut used = vec![false; bundles.len()];
    for channel in channels {
        let owner = index.owner(&channel.package, "channel", &channel.name, channel.origin.file())?;
        let refuse = |problem| Err(refuse(channel.origin.file(), problem));
        if channel.name.is_empty() {
            return refuse(Problem::ChannelName(channel.package.clone()));
        }
        let number = index.channels.len();
        if index.channels.last().is_some_and(|last| last.name == channel.name && last.package == owner) {
            let (package, channel) = (channel.package.clone(), channel.name.clone());
            return refuse(Problem::DuplicateChannel { package, channel });
        }
        let start = index.entries.len();
        let head = match entries(index, channel, &numbers) {
            Ok(head) => head,
            Err(problem) => return refuse(problem),
        };
        for entry in &index.entries[start..] {
            used[entry.bundle] = true;
        }
        index.channels.push(Channel {
            name: channel.name.clone(),
            package: owner,
            deprecation: None,
            head,
            entries: start..index.entries.len(),
        });
        index.packages[owner].channels.push(number);
    }
    match bundles.iter().zip(used).find(|(_, used)| !used) {
        None => Ok(()),
        Some((bundle, _)) => {
            let (package, name) = (bundle.package.clone(), bundle.name.clone());
            Err(refuse(&bundle.file, Problem::StrayBundle { package, bundle: name }))
        }
    }
}

/// Adds the entries of the next channel. Returns the number of its head.
fn entries(index: &mut Index, channel: &catalog::Channel, numbers: &BundleNumbers<'_>) -> Result<usize, Problem> {
    let names = || (channel.package.clone(), channel.name.clone());
    let mut sorted: Vec<_> = channel.entries.iter().collect();
    sorted.sort_by_key(|entry| &entry.name);
    if let Some(twice) = sorted.windows(2).find(|pair| pair[0].name == pair[1].name) {
        let (package, channel) = names();
        return Err(Problem::DuplicateEntry { package, channel, entry: twice[0].name.clone() });
    }
    let graph = Graph::new(channel, |_| None);
    let heads: BTreeSet<&str> = graph.heads().into_iter().map(|node| graph.name(node)).collect();
    let head = heads.first().filter(|_| heads.len() == 1);
    let Some(head) = head.and_then(|head| sorted.iter().position(|entry| entry.name == *head)) else {
        let (package, channel) = names();
        return Err(Problem::Heads { package, channel, heads: heads.into_iter().map(str::to_owned).collect() });
    };
    let start = index.entries.len();
    for entry in sorted {
        let Some(bundle) = numbers.get(&(&*channel.package, &*entry.name)) else {
            let (package, channel) = names();
            return Err(Problem::NoBundle { package, channel, entry: entry.name.clone() });
        };
        index.entries.push(Entry {
            name: entry.name.clone(),
            channel: index.channels.len(),
            bundle: *bundle,
            replaces: entry.replaces.clone(),
            skips: entry.skips.clone(),
            skip_range: entry.skip_range.clone(),
        });
    }
    Ok(start + head)
}

fn default_channels<'c>(index: &mut Index, packages: impl Iterator<Item = &'c catalog::Package>) -> Result<(), Error> {
    let by_name: BTreeMap<&str, &catalog::Package> = packages.map(|package| (&*package.name, package)).collect();
    for (known, package) in index.packages.iter_mut().zip(by_name.into_values()) {
        let refuse = |problem| refuse(package.origin.file(), problem);
        if known.channels.is_empty() {
            return Err(refuse(Problem::NoChannel(package.name.clone())));
        }
        let channel = package.default_channel.clone();
        if channel.is_empty() {
            return Err(refuse(Problem::NoDefaultChannel(package.name.clone())));
        }
        let found = known.channels.iter().find(|number| index.channels[**number].name == channel);
        let unknown = || Problem::UnknownDefaultChannel { package: package.name.clone(), channel };
        known.default_channel = *found.ok_or_else(|| refuse(unknown()))?;
    }
    Ok(())
}

fn deprecations<'c>(
    index: &mut Index,
    deprecations: impl Iterator<Item = &'c Deprecations>,
    bundles: &BundleNumbers<'_>,
) -> Result<(), Error> {
    let mut packages = BTreeSet::new();
    for blob in deprecations {
        let refuse = |problem| Err(refuse(blob.origin.file(), problem));
        let owner = index.owner(&blob.package, "olm.deprecations", "", blob.origin.file())?;
        if !packages.insert(owner) {
            return refuse(Problem::DuplicateDeprecations(blob.package.clone()));
        }
        let mut references = BTreeSet::new();
        for entry in &blob.entries {
            let DeprecationEntry { reference, message } = entry;
            let names = || (blob.package.clone(), reference.schema.clone(), reference.name.clone());
            if !references.insert(reference) {
                let (package, schema, name) = names();
                return refuse(Problem::DuplicateReference { package, schema, name });
            }
            let Some(deprecation) = deprecated(index, owner, entry, bundles) else {
                let (package, schema, name) = names();
                return refuse(Problem::UnknownReference { package, schema, name });
            };
            *deprecation = Some(message.clone());
        }
    }
    Ok(())
}

/// The place of the deprecation of a part of a package.
fn deprecated<'i>(
    index: &'i mut Index,
    owner: usize,
    entry: &DeprecationEntry,
    bundles: &BundleNumbers<'_>,
) -> Option<&'i mut Option<String>> {
    let package = &mut index.packages[owner];
    let name = &*entry.reference.name;
    match &*entry.reference.schema {
        schema::PACKAGE => name.is_empty().then_some(&mut package.deprecation),
        schema::CHANNEL => {
            let number = *package.channels.iter().find(|number| index.channels[**number].name == name)?;
            Some(&mut index.channels[number].deprecation)
        }
        schema::BUNDLE => Some(&mut index.bundles[*bundles.get(&(&*package.name, name))?].deprecation),
        _ => None,
    }
}
