//! The choice of the bundle for a Subscription: the rules of OLM's resolver, and its messages if there is none.

use olm_catalog::serve::api::Bundle;
use olm_catalog::version::{self, Range};
use serde_json::Value;

use super::served::Contents;
use super::store::{name, text};

/// Why a namespace cannot be resolved.
#[derive(Debug)]
pub(super) enum Refusal {
    /// No choice of bundles meets all constraints.
    NotSatisfiable(String),
    /// It could not be determined.
    Prevented(String),
}

impl Refusal {
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::NotSatisfiable(_) => "ConstraintsNotSatisfiable",
            Self::Prevented(_) => "ErrorPreventedResolution",
        }
    }

    pub(super) fn message(&self) -> &str {
        match self {
            Self::NotSatisfiable(message) | Self::Prevented(message) => message,
        }
    }

    pub(super) fn constraints(why: &str, subscription: &Value) -> Self {
        Self::NotSatisfiable(format!("constraints not satisfiable: {why}, subscription {} exists", name(subscription)))
    }
}

/// The next bundle for a Subscription, or none if the installed one is the newest possible.
pub(super) fn choose<'c>(
    subscription: &Value,
    current: Option<&Value>,
    catalog: Option<&'c Contents>,
) -> Result<Option<&'c Bundle>, Refusal> {
    let spec = &subscription["spec"];
    let (package, channel, starting) = (text(&spec["name"]), text(&spec["channel"]), text(&spec["startingCSV"]));
    let refuse = |why: String| Err(Refusal::constraints(&why, subscription));
    let by = format!("referenced by subscription {}", name(subscription));
    let bundles = catalog.map(|catalog| catalog.bundles.as_slice()).unwrap_or_default();
    let (Some(catalog), false) = (catalog, bundles.is_empty()) else {
        let (source, namespace) = (text(&spec["source"]), text(&spec["sourceNamespace"]));
        return refuse(format!("no operators found from catalog {source} in namespace {namespace} {by}"));
    };
    let mut found: Vec<&Bundle> = bundles.iter().filter(|bundle| bundle.package_name == package).collect();
    if found.is_empty() {
        return refuse(format!("no operators found in package {package} in the catalog {by}"));
    }
    found.retain(|bundle| channel.is_empty() || bundle.channel_name == channel);
    if found.is_empty() {
        return refuse(format!("no operators found in channel {channel} of package {package} in the catalog {by}"));
    }
    if current.is_none() && !starting.is_empty() && !found.iter().any(|bundle| bundle.csv_name == starting) {
        return refuse(format!(
            "no operators found with name {starting} in channel {channel} of package {package} in the catalog {by}"
        ));
    }
    let default = catalog.packages.get(package).map_or("", |package| package.default_channel_name.as_str());
    let mut channels: Vec<&str> = found.iter().map(|bundle| bundle.channel_name.as_str()).collect();
    channels.sort_by_key(|name| (*name != default, *name));
    channels.dedup();
    for channel in channels {
        let of_channel: Vec<&Bundle> = found.iter().copied().filter(|bundle| bundle.channel_name == channel).collect();
        for bundle in sorted(package, channel, &of_channel)? {
            let fits = match current {
                Some(csv) => is_upgrade(bundle, csv),
                None => starting.is_empty() || bundle.csv_name == starting,
            };
            if fits {
                return Ok(Some(bundle));
            }
        }
    }
    Ok(None)
}

/// Whether a bundle is an upgrade from an installed one.
fn is_upgrade(bundle: &Bundle, csv: &Value) -> bool {
    if bundle.replaces == name(csv) || bundle.skips.iter().any(|skipped| skipped == name(csv)) {
        return true;
    }
    let (range, version) = (bundle.skip_range.parse::<Range>(), version::parse(text(&csv["spec"]["version"])));
    bundle.csv_name != name(csv) && range.is_ok_and(|range| version.is_ok_and(|version| range.contains(&version)))
}

/// A channel from its head down along `replaces`.
fn sorted<'c>(package: &str, channel: &str, bundles: &[&'c Bundle]) -> Result<Vec<&'c Bundle>, Refusal> {
    let is_replaced = |bundle: &Bundle| {
        bundles.iter().any(|other| other.replaces == bundle.csv_name || other.skips.contains(&bundle.csv_name))
    };
    let heads: Vec<_> = bundles.iter().copied().filter(|bundle| !is_replaced(bundle)).collect();
    let [head] = heads[..] else {
        return Err(Refusal::Prevented(if heads.is_empty() {
            format!(
                "no channel heads (entries not replaced by another entry) found in channel {channel:?} of package {package:?}"
            )
        } else {
            let heads: Vec<_> = heads.iter().map(|head| head.csv_name.as_str()).collect();
            format!(
                "a unique replacement chain within a channel is required to determine the relative order between channel \
                 entries, but {} replacement chains were found in channel {channel:?} of package {package:?}: {}",
                heads.len(),
                heads.join(", ")
            )
        }));
    };
    let mut chain = vec![head];
    while let Some(next) = bundles.iter().copied().find(|bundle| {
        chain.last().is_some_and(|last| bundle.csv_name == last.replaces)
            && !chain.iter().any(|known| known.csv_name == bundle.csv_name)
    }) {
        chain.push(next);
    }
    Ok(chain)
}
