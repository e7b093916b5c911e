//! The permissions of a version in a cluster, its webhooks, and its images.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::safety::Content;
use crate::site::html::{Element, Html, tag};
use crate::site::model::{Version, items, texts};
use crate::site::parts::{ROWS, badge, code, limited, listed, section, table};

/// The maximum number of names in a cell.
const NAMES: usize = 200;

/// The rules of its service accounts.
pub(super) fn permissions(version: &Version<'_>) -> Option<Element> {
    let install = &version.known.spec["install"]["spec"];
    let section = section("permissions", "Permissions");
    if version.known.content != Content::Manifests {
        return Some(
            section.add(tag::p().class("quiet").text("The catalog does not contain the permissions of this version.")),
        );
    }
    let mut parts = Html::default();
    for (field, title, what) in [
        ("clusterPermissions", "In the whole cluster", "Permissions in the whole cluster"),
        ("permissions", "In its namespaces", "Permissions in its namespaces"),
    ] {
        let rows = items(&install[field]).flat_map(|permission| {
            let account = permission["serviceAccountName"].as_str().unwrap_or_default();
            items(&permission["rules"]).map(move |rule| row(account, rule))
        });
        let (rows, more) = limited(rows.collect(), ROWS);
        if !rows.is_empty() {
            parts.push(tag::h3().text(title));
            parts.push(table(what, &["Service account", "API groups", "Resources", "Verbs"], rows));
            parts.push(more);
        }
    }
    Some(match parts.is_empty() {
        true => section.add(tag::p().class("quiet").text("It needs no permissions.")),
        false => section.add(parts),
    })
}

fn row(account: &str, rule: &Value) -> Element {
    let words = |field: &str| texts(&rule[field]).take(NAMES);
    let groups = words("apiGroups").map(|group| if group.is_empty() { "core" } else { group });
    let mut resources = listed(words("resources").chain(words("nonResourceURLs")));
    if words("resourceNames").next().is_some() {
        resources.push(tag::div().class("quiet").text("named ").add(listed(words("resourceNames"))));
    }
    let everything = words("verbs").any(|verb| verb == "*");
    let verbs = tag::td().add(listed(words("verbs")));
    let verbs = if everything { verbs.text(" ").add(badge("badge risky", "everything")) } else { verbs };
    tag::tr()
        .add(tag::td().add(code(account)))
        .add(tag::td().add(listed(groups)))
        .add(tag::td().add(resources))
        .add(verbs)
}

/// The webhooks that the API server calls.
pub(super) fn webhooks(version: &Version<'_>) -> Option<Element> {
    let row = |hook: &Value| {
        let text = |field: &str| hook[field].as_str().unwrap_or_default().to_owned();
        let rules = items(&hook["rules"]).take(NAMES).map(|rule| {
            let operations = texts(&rule["operations"]).map(str::to_lowercase).collect::<Vec<_>>().join(", ");
            tag::div().text(&operations).text(" ").add(listed(texts(&rule["resources"]).take(NAMES)))
        });
        let fails = match hook["failurePolicy"].as_str() {
            Some("Ignore") => "are accepted",
            _ => "are rejected",
        };
        tag::tr()
            .add(tag::td().add(code(&text("generateName"))))
            .add(tag::td().text(&text("type")))
            .add(tag::td().each(rules).add(listed(texts(&hook["conversionCRDs"]).take(NAMES))))
            .add(tag::td().text(fails))
    };
    let rows: Vec<Element> = items(&version.known.spec["webhookdefinitions"]).map(row).collect();
    let (rows, more) = limited(rows, ROWS);
    let headings = ["Webhook", "Type", "Intercepts", "Writes while it does not answer"];
    (!rows.is_empty()).then(|| section("webhooks", "Webhooks").add(table("Webhooks", &headings, rows)).add(more))
}

/// Every image that the catalog lists for it.
pub(super) fn images(version: &Version<'_>) -> Option<Element> {
    let of_catalog = version.bundle.related_images.iter().map(|image| (image.name.as_str(), image.image.as_str()));
    let text = |value: &'_ Value, field: &str| value[field].as_str().unwrap_or_default().to_owned();
    let of_csv = items(&version.known.spec["relatedImages"]).map(|image| (text(image, "name"), text(image, "image")));
    let images: BTreeSet<(String, String)> = of_catalog
        .map(|(name, image)| (image.to_owned(), name.to_owned()))
        .chain(of_csv.map(|(name, image)| (image, name)))
        .collect();
    // The same image can also be listed without a name.
    let named: BTreeSet<&str> =
        images.iter().filter(|(_, name)| !name.is_empty()).map(|(image, _)| image.as_str()).collect();
    let rows = images
        .iter()
        .filter(|(image, name)| !image.is_empty() && (!name.is_empty() || !named.contains(image.as_str())));
    let row = |(image, name): &(String, String)| tag::tr().add(tag::td().text(name)).add(tag::td().add(code(image)));
    let (rows, more) = limited(rows.map(row).collect(), ROWS);
    (!rows.is_empty()).then(|| section("images", "Images").add(table("Images", &["Name", "Image"], rows)).add(more))
}
