//! A request for a plan: a package, a channel and the installed version, found in a catalog.

use semver::Version;

use super::model::Installed;
use crate::list::{bundles, default_channel};
use crate::validate::names::{Suggester, list, name_version};
use crate::validate::{ChannelView, Context, PackageView};
use crate::version;

/// A request for a plan.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'r> {
    /// The package.
    pub package: &'r str,
    /// The channel that the Subscription follows. `None`: the package's default channel.
    pub channel: Option<&'r str>,
    /// The installed version, or the name of its ClusterServiceVersion. `None`: nothing is installed.
    pub from: Option<&'r str>,
    /// The version of the cluster's Kubernetes. `None`: any.
    pub kubernetes: Option<&'r Version>,
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The package does not exist.
    #[error("the catalog has no package {name:?}; {hint}")]
    Package {
        /// Its name.
        name: String,
        /// A suggestion, or the existing packages.
        hint: String,
    },
    /// The channel does not exist.
    #[error("package {package:?} has no channel {name:?}; {hint}")]
    Channel {
        /// The package.
        package: String,
        /// Its name.
        name: String,
        /// A suggestion, or the existing channels.
        hint: String,
    },
    /// The package has no default channel.
    #[error("package {package:?} has no default channel\nhelp: choose one with --channel; {hint}")]
    NoDefault {
        /// The package.
        package: String,
        /// The existing channels.
        hint: String,
    },
    /// The installed version is neither a version nor a known name.
    #[error("{text:?} is neither a version nor a ClusterServiceVersion of package {package:?}; {hint}")]
    From {
        /// The given text.
        text: String,
        /// The package.
        package: String,
        /// A suggestion, or the existing versions.
        hint: String,
    },
}

/// The requested parts of the catalog.
pub(super) struct Found<'v, 'c> {
    pub(super) package: &'v PackageView<'c>,
    pub(super) channel: &'v ChannelView<'c>,
    pub(super) from: Option<Start>,
}

/// The installed version.
#[derive(Clone, Debug)]
pub(super) struct Start {
    pub(super) csv: String,
    pub(super) version: Option<Version>,
    pub(super) in_catalog: bool,
}

impl Start {
    pub(super) fn installed(&self) -> Installed {
        let version = self.version.as_ref().map(ToString::to_string);
        Installed { csv: self.csv.clone(), version, in_catalog: self.in_catalog }
    }
}

impl Request<'_> {
    pub(super) fn find<'v, 'c>(&self, context: &'v Context<'c>) -> Result<Found<'v, 'c>, Error> {
        let package = context.packages.get(self.package).ok_or_else(|| Error::Package {
            name: self.package.to_owned(),
            hint: hint(self.package, context.packages.keys().copied().collect()),
        })?;
        let channel = self.channel(package)?;
        let from = self.from.map(|text| start(text, package, channel)).transpose()?;
        Ok(Found { package, channel, from })
    }

    fn channel<'v, 'c>(&self, package: &'v PackageView<'c>) -> Result<&'v ChannelView<'c>, Error> {
        let mut names: Vec<&str> = package.channel_names().collect();
        names.sort_unstable();
        let name = self.channel.unwrap_or_else(|| default_channel(package));
        if name.is_empty() {
            return Err(Error::NoDefault { package: package.name.to_owned(), hint: hint("", names) });
        }
        package.channels.iter().find(|view| view.channel.name == name).ok_or_else(|| Error::Channel {
            package: package.name.to_owned(),
            name: name.to_owned(),
            hint: hint(name, names),
        })
    }
}

/// `did you mean "a"?`, or the existing names.
fn hint(wrong: &str, names: Vec<&str>) -> String {
    match Suggester::default().suggest(wrong, names.iter().copied()) {
        Some(meant) => format!("did you mean {meant:?}?"),
        None if names.is_empty() => "it has none".to_owned(),
        None => format!("it has {}", list(names)),
    }
}

/// The installed version, by its name or version. A withdrawn version does not have to be in the catalog: a `skipRange`
/// can still contain it.
fn start(text: &str, package: &PackageView<'_>, channel: &ChannelView<'_>) -> Result<Start, Error> {
    let bundles = bundles(package);
    if let Some(view) = bundles.get(text) {
        let version = view.version().map(|version| version.version);
        return Ok(Start { csv: text.to_owned(), version, in_catalog: true });
    }
    if let Ok(version) = version::parse(text.strip_prefix('v').unwrap_or(text)) {
        return Ok(of_version(version, package, channel));
    }
    let named = |view: &ChannelView<'_>| {
        let names = |entry: &crate::catalog::Entry| {
            entry.name == text || entry.replaces == text || entry.skips.iter().any(|name| name == text)
        };
        view.channel.entries.iter().any(names)
    };
    let start = || Start { csv: text.to_owned(), version: name_version(text), in_catalog: false };
    if package.channels.iter().any(named) {
        return Ok(start());
    }
    let names = || package.bundle_names().collect::<Vec<_>>();
    match (Suggester::default().suggest(text, names()), name_version(text)) {
        (None, Some(_)) => Ok(start()),
        _ => Err(Error::From { text: text.to_owned(), package: package.name.to_owned(), hint: hint(text, names()) }),
    }
}

/// A version. If several bundles have it, one in the channel takes precedence.
fn of_version(version: Version, package: &PackageView<'_>, channel: &ChannelView<'_>) -> Start {
    let same = |view: &&crate::validate::BundleView<'_>| {
        view.version().is_some_and(|other| other.version.cmp_precedence(&version).is_eq())
    };
    let mut bundles: Vec<&str> = package.bundles.iter().filter(same).map(|view| view.bundle.name.as_str()).collect();
    bundles.sort_by_key(|name| channel.graph.find(name).is_none());
    if let Some(name) = bundles.first() {
        return Start { csv: (*name).to_owned(), version: Some(version), in_catalog: true };
    }
    // The catalog no longer has its bundle, but an entry can still name it.
    let entries = channel.channel.entries.iter();
    let mut names = entries.flat_map(|entry| [&entry.name, &entry.replaces].into_iter().chain(&entry.skips));
    let csv = names.find(|name| name_version(name).as_ref() == Some(&version)).cloned();
    let csv = csv.unwrap_or_else(|| format!("{}.v{version}", package.name));
    Start { csv, version: Some(version), in_catalog: false }
}
