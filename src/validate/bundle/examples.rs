//! The examples of a ClusterServiceVersion, and the APIs that they must be of.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Context, Node};
use crate::bundle::Gvk;
use crate::bundle::csv::annotation::ALM_EXAMPLES;

/// The annotation that is read if there are no `alm-examples`.
pub(super) const OTHER: &str = "olm.examples";

/// The annotation that holds the examples.
pub(super) fn annotation<'c>(context: &'c Context<'_>) -> Option<Node<'c>> {
    context.csv_annotation(ALM_EXAMPLES).or_else(|| context.csv_annotation(OTHER))
}

/// The API of each example, once each. An empty text contains none.
pub(super) fn read(annotation: &Node<'_>) -> Result<BTreeSet<Gvk>, String> {
    let list = parse(annotation.text())?;
    match list.iter().all(Value::is_object) {
        true => Ok(list.iter().map(api).collect()),
        false => Err("an item is not an object".into()),
    }
}

/// The examples, if they can be read.
pub(super) fn values(annotation: &Node<'_>) -> Vec<Value> {
    parse(annotation.text()).unwrap_or_default()
}

fn parse(text: &str) -> Result<Vec<Value>, String> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    match serde_json::from_str(text).map_err(|error| error.to_string())? {
        Value::Array(list) => Ok(list),
        _ => Err("it is not a list".into()),
    }
}

/// The API of an example.
pub(super) fn api(example: &Value) -> Gvk {
    let part = |key: &str| example[key].as_str().unwrap_or_default();
    let (group, version) = part("apiVersion").split_once('/').unwrap_or(("", part("apiVersion")));
    Gvk { group: group.to_owned(), version: version.to_owned(), kind: part("kind").to_owned() }
}

/// The APIs that the ClusterServiceVersion owns, each with its place.
pub(super) fn owned<'c>(context: &'c Context<'_>) -> Vec<(Gvk, Node<'c>)> {
    let crds = context.spec("customresourcedefinitions.owned").into_iter().filter_map(|crd| {
        let (_, group) = crd.get("name").text().split_once('.')?;
        Some((described(group, &crd), crd))
    });
    let services = context.spec("apiservicedefinitions.owned").into_iter();
    let all = crds.chain(services.map(|service| (described(service.get("group").text(), &service), service)));
    let mut seen = BTreeSet::new();
    all.filter(|(api, _)| seen.insert(api.clone())).collect()
}

/// The API in an entry of the ClusterServiceVersion.
pub(super) fn described(group: &str, entry: &Node<'_>) -> Gvk {
    let text = |key: &str| entry.get(key).text().to_owned();
    Gvk { group: group.to_owned(), version: text("version"), kind: text("kind") }
}
