//! Why OLM cannot resolve the Subscriptions of a namespace.
//!
//! OLM writes one text into all Subscriptions of the namespace. Source of its parts: the resolver of
//! operator-lifecycle-manager (`resolver.go`, `variable_types.go`, `cache.go`), which have not changed since 0.17.

use super::Trouble;
use super::found::{Topic, list, title};
use crate::install::api::{PackageManifest, Subscription};
use crate::install::evidence::Evidence;

/// The solver's prefix before its constraints.
const UNSATISFIABLE: &str = "constraints not satisfiable: ";

const AGAIN: &str = "run `install-catalog install` again with";

/// The problem in OLM's message, for the Subscription that it names.
pub(super) fn explain(evidence: &Evidence, subscription: &Subscription, said: &str) -> (Topic, Trouble) {
    let said = said.strip_prefix(UNSATISFIABLE).unwrap_or(said);
    let namespace = subscription.metadata.namespace.as_deref().unwrap_or_default();
    let named = after(said, "referenced by subscription ").map(|name| format!("Subscription {namespace}/{name}"));
    let object = named.unwrap_or_else(|| title("Subscription", &subscription.metadata));
    let told = |topic, message, help| (topic, Trouble { object: object.clone(), message, help });
    if let Some(rest) = text_after(said, "no operators found with name ") {
        let (csv, rest) = rest.split_once(" in channel ").unwrap_or((rest, ""));
        let (channel, rest) = rest.split_once(" of package ").unwrap_or((rest, ""));
        let package = first(rest);
        let known = package_of(evidence, package).map(|manifest| bundles(manifest, channel)).unwrap_or_default();
        return told(
            Topic::StartUnknown,
            format!("channel {channel} of package {package} has no {csv}"),
            match known.as_slice() {
                [] => format!("{AGAIN} a version that the channel has (--version {package}=…), or without --version"),
                known => {
                    format!("it has {}: {AGAIN} one of them (--version {package}=…), or without --version", list(known))
                }
            },
        );
    }
    if let Some(rest) = text_after(said, "no operators found in channel ") {
        let (channel, rest) = rest.split_once(" of package ").unwrap_or((rest, ""));
        let package = first(rest);
        let known = package_of(evidence, package).map(channels).unwrap_or_default();
        return told(
            Topic::ChannelUnknown,
            format!("package {package} has no channel {channel} in the catalog"),
            match known.as_slice() {
                [] => format!("{AGAIN} a channel that it has (--channel {package}=…), or without --channel"),
                known => {
                    format!("it has {}: {AGAIN} --channel {package}={}, or without --channel", list(known), known[0])
                }
            },
        );
    }
    if let Some(package) = text_after(said, "no operators found in package ").map(first) {
        let known: Vec<&str> = packages(evidence);
        return told(
            Topic::PackageUnknown,
            format!("the catalog has no package {package}"),
            match known.as_slice() {
                [] => "choose an operator that the catalog has, or a catalog that has this one".to_owned(),
                known => format!("the catalog has {}: choose one of them, or a catalog that has this one", list(known)),
            },
        );
    }
    if let Some(rest) = text_after(said, "no operators found from catalog ") {
        let (name, rest) = rest.split_once(" in namespace ").unwrap_or((rest, ""));
        return told(
            Topic::PackageUnknown,
            format!("OLM found no operators in CatalogSource {}/{name}", first(rest)),
            "name an existing CatalogSource: `kubectl get catalogsources -A`".into(),
        );
    }
    if let Some(catalog) = catalog_in(evidence, said) {
        return told(
            Topic::CatalogsUnhealthy,
            format!("OLM cannot query CatalogSource {catalog}, and resolves nothing until it can: {}", end(said)),
            format!(
                "fix that catalog, or delete it if nobody needs it: `kubectl delete catalogsource -n {}`",
                catalog.replace('/', " ")
            ),
        );
    }
    if let Some(csv) = before(said, " exists and is not referenced by a subscription") {
        return told(
            Topic::Conflict,
            format!("{csv} already exists in namespace {namespace}, but belongs to no Subscription"),
            format!(
                "it is left over from an earlier installation; delete it (its custom resources stay): `kubectl delete \
                 clusterserviceversion -n {namespace} {csv}`"
            ),
        );
    }
    if let Some(package) = text_after(said, "there can be only one operator from package ").map(first) {
        return told(
            Topic::Conflict,
            format!("two Subscriptions in namespace {namespace} subscribe to package {package}"),
            format!("keep one of them: `kubectl get subscriptions -n {namespace}`"),
        );
    }
    if let Some(rest) = text_after(said, "there can be only one provider of ") {
        let api = rest.split(", ").next().unwrap_or(rest);
        return told(
            Topic::Conflict,
            format!("two operators in namespace {namespace} would provide {api}"),
            format!("keep one of them: `kubectl get subscriptions -n {namespace}`"),
        );
    }
    if let Some(rest) = text_after(said, "requires an operator ") {
        let bundle = before(said, " requires an operator ").unwrap_or("it");
        let needed = rest.split(", ").next().unwrap_or(rest);
        return told(
            Topic::Conflict,
            format!("{bundle} requires an operator {needed}, which no catalog has"),
            "add a catalog that has it, or choose a version of the operator that does not need it".into(),
        );
    }
    let help = format!(
        "check the Subscriptions and ClusterServiceVersions that it names: `kubectl get \
         subscriptions,clusterserviceversions -n {namespace}`"
    );
    told(Topic::Resolution, format!("OLM cannot resolve the Subscriptions: {said}"), help)
}

/// The text after these words, to the end.
fn text_after<'a>(said: &'a str, words: &str) -> Option<&'a str> {
    said.split_once(words).map(|(_, rest)| rest)
}

/// The word after these words.
fn after<'a>(said: &'a str, words: &str) -> Option<&'a str> {
    text_after(said, words).map(first)
}

/// The word before these words.
fn before<'a>(said: &'a str, words: &str) -> Option<&'a str> {
    said.split_once(words).and_then(|(rest, _)| rest.rsplit([' ', ',']).next()).filter(|word| !word.is_empty())
}

fn first(text: &str) -> &str {
    text.split([' ', ',']).next().unwrap_or(text)
}

/// The catalog that OLM could not query: `source name/namespace` in its own order, or `catalogsource namespace/name`.
fn catalog_in(evidence: &Evidence, said: &str) -> Option<String> {
    if let Some(name) = after(said, "using catalogsource ") {
        return Some(name.trim_end_matches(':').to_owned());
    }
    let (name, namespace) = after(said, "resolver cache from source ")?.trim_end_matches(':').split_once('/')?;
    // Some versions had the other order.
    match evidence.catalog(name, namespace) {
        Some(_) => Some(format!("{name}/{namespace}")),
        None => Some(format!("{namespace}/{name}")),
    }
}

/// The last link of a chain of errors.
fn end(said: &str) -> &str {
    match said.rsplit_once("desc = ") {
        Some((_, end)) => end.trim_matches('"'),
        None => said.rsplit_once(": ").map_or(said, |(_, end)| end),
    }
}

fn package_of<'a>(evidence: &'a Evidence, name: &str) -> Option<&'a PackageManifest> {
    ours(evidence).find(|manifest| manifest.status.as_ref().is_some_and(|status| status.package_name == name))
}

fn ours(evidence: &Evidence) -> impl Iterator<Item = &PackageManifest> {
    let of_catalog = |manifest: &&PackageManifest| {
        manifest.status.as_ref().is_some_and(|status| status.catalog_source == evidence.scope.catalog)
    };
    evidence.packages.iter().filter(of_catalog)
}

fn packages(evidence: &Evidence) -> Vec<&str> {
    ours(evidence).flat_map(|manifest| manifest.status.iter()).map(|status| status.package_name.as_str()).collect()
}

fn channels(manifest: &PackageManifest) -> Vec<&str> {
    manifest.status.iter().flat_map(|status| &status.channels).map(|channel| channel.name.as_str()).collect()
}

fn bundles<'a>(manifest: &'a PackageManifest, channel: &str) -> Vec<&'a str> {
    let channels = manifest.status.iter().flat_map(|status| &status.channels);
    let channels = channels.filter(|one| one.name == channel);
    channels.flat_map(|channel| &channel.entries).map(|entry| entry.name.as_str()).collect()
}
