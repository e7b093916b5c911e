//! The page of a version: its ClusterServiceVersion, its APIs, requirements, images and permissions, and its upgrades.

use std::collections::HashMap;

use serde_json::Value;

use super::{definition, package, version_facts, version_rights};
use crate::catalog::property;
use crate::safety::Content;
use crate::site::html::{Attr, Element, Href, Html, tag};
use crate::site::markdown;
use crate::site::model::{Operator, items};
use crate::site::names::{PagePath, id};
use crate::site::page::Page;
use crate::site::parts::{
    ROWS, Sections, badge, class_badge, code, deprecation, limited, link, notice, section, table,
};
use crate::site::upgrades::Upgrade;

/// The page of a version, by its index.
pub(in crate::site) fn page(operator: &Operator<'_>, number: usize) -> Page {
    let version = &operator.versions[number];
    let path = operator.version_path(number);
    let mut main = Html::default();
    let mut name = tag::h1().text(operator.title()).text(" ").text(version.label());
    if operator.channels_of(number).iter().any(|(_, is_head)| *is_head) {
        name = name.text(" ").add(badge("badge head", "head"));
    }
    let summary = (!version.summary().is_empty()).then(|| tag::p().class("lead").text(version.summary()));
    main.push(tag::div().class("title").add(name).add(summary));
    main.push(operator.deprecation_of(number).map(|message| deprecation("This version", message)));
    main.push(unknown(version.known.content));
    let mut sections = Sections::default();
    sections.add("about", "About", about(operator, number));
    sections.add("apis", "APIs", apis(operator, number, &path));
    sections.add("dependencies", "Dependencies", needs(operator, number));
    sections.add("upgrades", "Upgrades", upgrades(operator, number, &path));
    sections.add("permissions", "Permissions", version_rights::permissions(version));
    sections.add("webhooks", "Webhooks", version_rights::webhooks(version));
    sections.add("images", "Images", version_rights::images(version));
    main.push(sections.finish());
    let above = vec![(operator.title().to_owned(), operator.path())];
    Page { path, title: format!("{} {}", operator.title(), version.label()), above, main, scripts: Vec::new() }
}

/// The description, next to the facts.
fn about(operator: &Operator<'_>, number: usize) -> Element {
    let version = &operator.versions[number];
    let text = match version.text("description") {
        "" => tag::p().class("quiet").text("The catalog has no description.").into(),
        text => markdown::render(text),
    };
    let facts = version_facts::facts(operator, version, &operator.version_path(number));
    let aside = tag::aside().attr(Attr::AriaLabel, "Facts").add(facts);
    let about = section("about", "About").add(tag::div().class("text").add(text));
    tag::div().class("columns").add(aside).add(about)
}

/// The information that the catalog does not contain.
fn unknown(content: Content) -> Option<Element> {
    match content {
        Content::Manifests => None,
        Content::Metadata => Some(notice(
            "The catalog only has the metadata of this version. Its permissions, webhooks and the fields of its APIs are in \
             the bundle’s image.",
        )),
        Content::Nothing => Some(notice(
            "The catalog has no metadata of this version. Everything except its name, properties and images is in the \
             bundle’s image.",
        )),
    }
}

pub(super) fn apis(operator: &Operator<'_>, number: usize, from: &PagePath) -> Option<Element> {
    let version = &operator.versions[number];
    let described: Vec<&Value> = items(&version.known.spec["customresourcedefinitions"]["owned"]).collect();
    let text = |value: &Value, field: &str| value[field].as_str().unwrap_or_default().trim().to_owned();
    let by_name: HashMap<&str, &Value> =
        described.iter().filter_map(|value| Some((value["name"].as_str()?, *value))).collect();
    let mut rows = Vec::new();
    for (place, crd) in version.known.definitions.iter().enumerate() {
        let kind = crd.spec.get("names").and_then(|names| names["kind"].as_str()).unwrap_or(&crd.name);
        let description = by_name.get(crd.name.as_str()).map(|value| text(value, "description")).unwrap_or_default();
        let apis = definition::in_order(crd).map(|api| {
            let to = operator.definition_path(number, place, &api.name, "index.html");
            tag::div().add(link(from, &to, &api.name)).text(" ").each(definition::states(api))
        });
        let name = tag::td().add(tag::strong().text(kind)).add(tag::br()).add(code(&crd.name));
        rows.push(tag::tr().add(name).add(tag::td().each(apis)).add(tag::td().class("lines").text(&description)));
    }
    let has = |name: &str| version.definition(name).is_some();
    for value in described.iter().filter(|value| !has(value["name"].as_str().unwrap_or_default())) {
        let name =
            tag::td().add(tag::strong().text(&text(value, "kind"))).add(tag::br()).add(code(&text(value, "name")));
        let description = tag::td().class("lines").text(&text(value, "description"));
        rows.push(tag::tr().add(name).add(tag::td().text(&text(value, "version"))).add(description));
    }
    if rows.is_empty() {
        return None;
    }
    let (rows, more) = limited(rows, ROWS);
    let what = match version.known.content {
        Content::Manifests => "Select a version to see its fields.",
        _ => "The catalog does not have their fields.",
    };
    let section = section("apis", "APIs").add(tag::p().class("quiet").text(what));
    Some(section.add(table("APIs", &["Resource", "Versions", "Description"], rows)).add(more))
}

/// The requirements in the cluster.
fn needs(operator: &Operator<'_>, number: usize) -> Option<Element> {
    let text = |value: &Value, field: &str| value[field].as_str().unwrap_or_default().to_owned();
    let row = |what: &str, name: String, how: String| {
        tag::tr().add(tag::td().text(what)).add(tag::td().add(code(&name))).add(tag::td().add(code(&how)))
    };
    let properties = operator.versions[number].bundle.properties.iter();
    let rows = properties.filter_map(|property| match property.kind.as_str() {
        property::PACKAGE_REQUIRED => {
            Some(row("Package", text(&property.value, "packageName"), text(&property.value, "versionRange")))
        }
        property::GVK_REQUIRED => {
            let group = format!("{}/{}", text(&property.value, "group"), text(&property.value, "version"));
            Some(row("API", text(&property.value, "kind"), group))
        }
        property::CONSTRAINT => {
            Some(row("Constraint", property.value.to_string().chars().take(2000).collect(), String::new()))
        }
        _ => None,
    });
    let (rows, more) = limited(rows.collect(), ROWS);
    let section = || section("dependencies", "Dependencies");
    (!rows.is_empty()).then(|| section().add(table("Dependencies", &["Needs", "Name", "Version"], rows)).add(more))
}

fn upgrades(operator: &Operator<'_>, number: usize, from: &PagePath) -> Element {
    let name = operator.versions[number].bundle.name.as_str();
    let section = section("upgrades", "Upgrades");
    let row = |upgrade: &Upgrade<'_>, other: &str| {
        let taken = if upgrade.edge.is_taken() { "" } else { "OLM chooses another upgrade" };
        let details = operator.find(upgrade.edge.to).map(|to| {
            let part = super::upgrade::part_of(upgrade);
            let href = Href::page(from, &operator.upgrades_path(to, &part)).at(&id("from", upgrade.edge.from));
            tag::a().href(&href).text("what changes")
        });
        tag::tr()
            .add(tag::td().add(package::version_link(operator, other, from)))
            .add(tag::td().add(class_badge(upgrade.step.class())))
            .add(
                tag::td()
                    .text(&upgrade.channels())
                    .add((!taken.is_empty()).then(|| tag::div().class("quiet").text(taken))),
            )
            .add(tag::td().add(details))
    };
    let headings = ["Version", "For its users", "By", "Details"];
    let shown = |rows: Vec<Element>, title: &str, none: &str| -> Html {
        let (rows, more) = limited(rows, ROWS);
        let body: Html = match rows.is_empty() {
            true => tag::p().class("quiet").text(none).into(),
            false => table(title, &headings, rows).into(),
        };
        [tag::h3().text(title).into(), body, more.into()].into_iter().collect()
    };
    let to = operator.upgrades.to(name).map(|upgrade| row(upgrade, upgrade.edge.from)).collect();
    let away = operator.upgrades.from(name).map(|upgrade| row(upgrade, upgrade.edge.to)).collect();
    section
        .add(shown(to, "To this version", "The catalog has no upgrade to this version."))
        .each(ranges(operator, name))
        .add(shown(away, "From this version", "The catalog has no upgrade from this version."))
}

/// The versions from which an entry with this name upgrades, by index, in each channel.
fn ranges(operator: &Operator<'_>, name: &str) -> Vec<Element> {
    let range = |view: &crate::validate::ChannelView<'_>| {
        let range = &view.graph.nodes()[view.graph.find(name)?].entry.skip_range;
        let note = tag::p().class("quiet").text("In channel ").text(&view.channel.name).text(", its skipRange is ");
        (!range.is_empty()).then(|| note.add(code(range)).text("."))
    };
    operator.view.channels.iter().filter_map(range).take(ROWS).collect()
}
