//! The packages of the catalog, as OLM's package server lists them once the catalog is served.

use std::collections::BTreeMap;
use std::time::Duration;

use super::api::{PackageChannel, PackageManifest};
use super::cluster::{Action, Cluster};
use super::error::Error;
use super::options::{Operator, Options, Watch};
use super::wait::{Look, Waiter};
use super::watches::Watches;

/// How long the package server may take to list a catalog that is served.
const KNOWN: Duration = Duration::from_secs(120);
/// How long something may be missing in its list.
const LACKING: Duration = Duration::from_secs(3);
/// The same after the catalog was changed: the server lists the older one for a while.
const CHANGED: Duration = Duration::from_secs(45);

/// The facts of a package that a Subscription needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The bundle to install first, if a version was requested.
    pub starting_csv: Option<String>,
}

/// Waits until the catalog's packages are listed, and looks up each requested operator. `catalog` is the result of
/// writing the CatalogSource.
///
/// # Errors
/// [`Error::InTheWay`]: the catalog lacks a package, a channel or a version, or an operator cannot watch the namespaces
/// that it should.
pub async fn choose(
    cluster: &Cluster,
    waiter: &Waiter<'_>,
    options: &Options,
    catalog: Action,
) -> Result<BTreeMap<String, Choice>, Error> {
    let patience = if catalog == Action::Changed { CHANGED } else { LACKING };
    let condition = format!("catalog {} lists its packages", options.catalog);
    let watches = Watches::new();
    let mut lacking: Option<tokio::time::Instant> = None;
    waiter
        .until(&condition, KNOWN, &watches, async || {
            let packages = read(cluster, options).await?;
            if packages.is_empty() {
                return Ok(Look::NotYet("it lists no packages".into()));
            }
            let chosen = all(&packages, options);
            let since = *lacking.get_or_insert_with(tokio::time::Instant::now);
            Ok(match chosen {
                Ok(chosen) => Look::Met(Ok(chosen)),
                Err((message, help)) if since.elapsed() > patience || cluster.is_dry_run() => {
                    Look::Met(Err(Error::InTheWay { message, help }))
                }
                Err((message, _)) => Look::NotYet(message),
            })
        })
        .await?
}

/// The packages of the catalog.
///
/// # Errors
/// If the API server does not answer, or a permission is missing.
pub async fn read(cluster: &Cluster, options: &Options) -> Result<Vec<PackageManifest>, Error> {
    of(cluster, &options.olm_namespace, &options.catalog).await
}

/// The packages of a CatalogSource.
///
/// # Errors
/// If the API server does not answer, or a permission is missing.
pub async fn of(cluster: &Cluster, namespace: &str, catalog: &str) -> Result<Vec<PackageManifest>, Error> {
    let mut packages: Vec<PackageManifest> = cluster.list(Some(namespace), &format!("catalog={catalog}")).await?;
    packages.retain(|package| {
        let status = package.status.as_ref();
        status.is_some_and(|status| status.catalog_source == catalog && status.catalog_source_namespace == namespace)
    });
    Ok(packages)
}

/// A message and what to do about it.
type Lacking = (String, String);

/// The packages of all requested operators.
///
/// # Errors
/// The first operator that the catalog does not have.
pub fn all(packages: &[PackageManifest], options: &Options) -> Result<BTreeMap<String, Choice>, Lacking> {
    let choices = options.operators.iter().map(|operator| {
        let choice = one(packages, operator, options)?;
        Ok((operator.package.clone(), choice))
    });
    choices.collect()
}

fn one(packages: &[PackageManifest], operator: &Operator, options: &Options) -> Result<Choice, Lacking> {
    let status = packages.iter().filter_map(|package| package.status.as_ref());
    let Some(package) = status.clone().find(|status| status.package_name == operator.package) else {
        let names = status.map(|status| status.package_name.as_str());
        return Err((
            format!("the catalog {} has no package {}", options.catalog, operator.package),
            format!("it has {}; choose with --operators", list(names)),
        ));
    };
    let name = operator.channel.as_deref().unwrap_or(&package.default_channel);
    let Some(channel) = package.channels.iter().find(|channel| channel.name == name) else {
        let names = package.channels.iter().map(|channel| channel.name.as_str());
        return Err((
            format!("package {} has no channel {name}", operator.package),
            format!("it has {}; choose one with --channel {}=CHANNEL", list(names), operator.package),
        ));
    };
    modes(operator, channel, options)?;
    let starting_csv = match &operator.version {
        None => None,
        Some(version) => match channel.entries.iter().find(|entry| same(&entry.version, version)) {
            Some(entry) => Some(entry.name.clone()),
            None => {
                let versions = channel.entries.iter().map(|entry| entry.version.as_str());
                return Err((
                    format!("channel {name} of package {} has no version {version}", operator.package),
                    format!("it has {}", list(versions)),
                ));
            }
        },
    };
    Ok(Choice { starting_csv })
}

/// Whether the operator can watch the namespaces that it should.
fn modes(operator: &Operator, channel: &PackageChannel, options: &Options) -> Result<(), Lacking> {
    let supported: Vec<&str> =
        channel.description.install_modes.iter().filter(|mode| mode.supported).map(|mode| mode.kind.as_str()).collect();
    let needed = match options.watch {
        Watch::All => "AllNamespaces",
        Watch::Own if options.isolate => "SingleNamespace",
        Watch::Own => "OwnNamespace",
    };
    // If the package server does not report install modes, OLM decides.
    if supported.is_empty() || supported.contains(&needed) {
        return Ok(());
    }
    let help = match (options.watch, supported.contains(&"AllNamespaces"), supported.contains(&"OwnNamespace")) {
        (Watch::Own, true, _) => "install it with --all-namespaces, in its own namespace".to_owned(),
        (_, _, true) => "install it without --all-namespaces and --isolate".to_owned(),
        _ => "leave it out with --operators".to_owned(),
    };
    Err((
        format!("{} cannot be installed with these options: it would need the install mode {needed}", operator.package),
        format!("it supports {}: {help}", list(supported.iter().copied())),
    ))
}

fn same(a: &str, b: &str) -> bool {
    a.trim_start_matches('v') == b.trim_start_matches('v')
}

fn list<'t>(items: impl Iterator<Item = &'t str>) -> String {
    let items: Vec<_> = items.collect();
    if items.is_empty() { "none".to_owned() } else { items.join(", ") }
}
