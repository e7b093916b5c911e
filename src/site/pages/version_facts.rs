//! The facts about a version next to its description: maintainers, links, requirements.

use serde_json::Value;

use crate::safety::Content;
use crate::site::html::{Element, Href, Html, tag};
use crate::site::model::{Operator, Version, items, texts};
use crate::site::names::{PagePath, id};
use crate::site::parts::{badge, code, fact, listed, text_fact};

/// The maximum number of links, maintainers and similar items.
const MOST: usize = 50;

/// All of them, as a list.
pub(super) fn facts(operator: &Operator<'_>, version: &Version<'_>, from: &PagePath) -> Element {
    let spec = &version.known.spec;
    let annotation = |name: &str| version.annotation(name).to_owned();
    let number = operator.find(&version.bundle.name);
    let channels = number.map(|number| channels(operator, number, from)).unwrap_or_default();
    tag::dl()
        .class("facts")
        .add(text_fact("Version", version.label()))
        .add(fact("Bundle", code(&version.bundle.name)))
        .add(fact("Channels", channels))
        .add(fact("Provider", provider(&spec["provider"])))
        .add(fact("Maintainers", maintainers(spec)))
        .add(fact("Links", links(spec)))
        .add(fact("Repository", address(&annotation("repository"))))
        .add(text_fact("Support", &annotation("support")))
        .add(text_fact("Capability level", &annotation("capabilities")))
        .add(text_fact("Categories", &annotation("categories")))
        .add(text_fact("Maturity", version.text("maturity")))
        .add(text_fact("Oldest Kubernetes", version.text("minKubeVersion")))
        .add(text_fact("Created", &annotation("createdAt")))
        .add(fact("Install modes", install_modes(version)))
        .add(fact("Keywords", Html::text(&texts(&spec["keywords"]).take(MOST).collect::<Vec<_>>().join(", "))))
        .add(fact("Operator’s image", optional_code(&annotation("containerImage"))))
        .add(fact("Bundle’s image", optional_code(&version.bundle.image)))
}

fn channels(operator: &Operator<'_>, number: usize, from: &PagePath) -> Html {
    let link = |(name, is_head): (&str, bool)| {
        let href = Href::page(from, &operator.path()).at(&id("channel", name));
        let head = is_head.then(|| Html::from_iter([Html::text(" "), badge("badge head", "head").into()]));
        tag::div().add(tag::a().href(&href).text(name)).add(head)
    };
    operator.channels_of(number).into_iter().map(link).collect()
}

fn optional_code(text: &str) -> Html {
    if text.is_empty() { Html::default() } else { code(text).into() }
}

/// An address as a link if it is valid, and as text otherwise.
fn address(text: &str) -> Html {
    match Href::external(text) {
        Some(href) => tag::a().href(&href).text(text).into(),
        None => Html::text(text),
    }
}

fn named(name: &str, address: &str) -> Html {
    let name = if name.trim().is_empty() { address } else { name };
    match Href::external(address) {
        Some(href) => tag::a().href(&href).text(name).into(),
        None => Html::text(name),
    }
}

fn provider(provider: &Value) -> Html {
    named(provider["name"].as_str().unwrap_or_default(), provider["url"].as_str().unwrap_or_default())
}

fn maintainers(spec: &Value) -> Html {
    let one = |maintainer: &Value| {
        let text = |field: &str| maintainer[field].as_str().unwrap_or_default().trim().to_owned();
        let (name, mail) = (text("name"), text("email"));
        let shown = if name.is_empty() { &mail } else { &name };
        let shown = match Href::mail(&mail) {
            Some(href) => tag::a().href(&href).text(shown).into(),
            None => Html::text(shown),
        };
        tag::div().add(shown)
    };
    items(&spec["maintainers"]).take(MOST).map(one).collect()
}

fn links(spec: &Value) -> Html {
    let one = |link: &Value| {
        let text = |field: &str| link[field].as_str().unwrap_or_default().trim().to_owned();
        tag::div().add(named(&text("name"), &text("url")))
    };
    items(&spec["links"]).take(MOST).map(one).collect()
}

fn install_modes(version: &Version<'_>) -> Html {
    if version.known.content == Content::Nothing {
        return Html::default();
    }
    let supported = items(&version.known.spec["installModes"]).filter(|mode| mode["supported"] == true);
    let names: Vec<&str> = supported.filter_map(|mode| mode["type"].as_str()).take(MOST).collect();
    if names.is_empty() { Html::text("none") } else { listed(names) }
}
