//! The page of a package: its description, its channels with their graphs, its versions.

use crate::draw::{self, Selection};
use crate::list::Channel;
use crate::site::Source;
use crate::site::html::{Attr, Element, Html, tag};
use crate::site::model::Operator;
use crate::site::names::{PagePath, id};
use crate::site::page::Page;
use crate::site::parts::{ROWS, Sections, badge, code, deprecation, link, notice, pager, scroll, section, table};
use crate::site::{markdown, pages};
use crate::words::count;

/// The maximum size of a graph in bytes. A larger one would be a hundred screens long.
const GRAPH: usize = 1 << 20;

/// The page, and further pages for packages with very many versions.
pub(in crate::site) fn pages(source: &Source<'_>, operator: &Operator<'_>) -> Vec<Page> {
    let numbers: Vec<usize> = (0..operator.versions.len()).collect();
    let parts: Vec<&[usize]> = if numbers.is_empty() { vec![&[]] } else { numbers.chunks(ROWS).collect() };
    let path = |number: usize| match number {
        0 => operator.path(),
        _ => operator.part(&format!("{}.html", number + 1)),
    };
    let paths: Vec<PagePath> = (0..parts.len()).map(path).collect();
    let page = |(number, part): (usize, &&[usize])| {
        let from = &paths[number];
        let mut main = Html::default();
        main.push(title(operator));
        let mut sections = Sections::default();
        if number == 0 {
            main.push(deprecations(operator));
            sections.add("about", "About", about(operator));
            let head = operator.head().and_then(|head| operator.find(&head.bundle.name));
            sections.add("apis", "APIs", head.and_then(|head| pages::version::apis(operator, head, from)));
            sections.add("channels", "Channels", channels(source, operator, from));
        }
        let versions = section("versions", "Versions").add(pager(&paths, number));
        let versions = versions.add(version_table(operator, part, from)).add(pager(&paths, number));
        sections.add("versions", "Versions", versions);
        main.push(sections.finish());
        let above = if number == 0 { Vec::new() } else { vec![(operator.title().to_owned(), operator.path())] };
        Page { path: from.clone(), title: operator.title().to_owned(), above, main, scripts: Vec::new() }
    };
    parts.iter().enumerate().map(page).collect()
}

fn title(operator: &Operator<'_>) -> Element {
    let name = tag::h1().text(operator.title());
    let name = match operator.listed.deprecation {
        Some(_) => name.text(" ").add(badge("badge deprecated", "deprecated")),
        None => name,
    };
    let text = tag::div().add(name).add(tag::p().class("quiet").add(code(operator.view.name)));
    let text = text.add((!operator.summary().is_empty()).then(|| tag::p().class("lead").text(operator.summary())));
    tag::div()
        .class("title icon-title")
        .add(pages::home::icon_box(operator.icon().as_ref(), operator.title()))
        .add(text)
}

fn deprecations(operator: &Operator<'_>) -> Html {
    let package = operator.listed.deprecation.as_deref().map(|message| deprecation("This package", message));
    let channels =
        operator.listed.channels.iter().filter_map(|channel| {
            Some(deprecation(&format!("Channel {}", channel.name), channel.deprecation.as_deref()?))
        });
    package.into_iter().chain(channels).collect()
}

/// The description, next to the facts about the version at the head.
fn about(operator: &Operator<'_>) -> Option<Element> {
    let head = operator.head()?;
    let text = match head.text("description") {
        "" => operator.view.blobs.first().map_or("", |blob| &blob.description),
        text => text,
    };
    let text = match text.trim() {
        "" => tag::p().class("quiet").text("The catalog has no description.").into(),
        text => markdown::render(text),
    };
    let facts = pages::version_facts::facts(operator, head, &operator.path());
    let aside = tag::aside().attr(Attr::AriaLabel, "Facts").add(facts);
    let about = section("about", "About").add(tag::div().class("text").add(text));
    Some(tag::div().class("columns").add(aside).add(about))
}

fn channels(source: &Source<'_>, operator: &Operator<'_>, from: &PagePath) -> Element {
    let section = section("channels", "Channels");
    if operator.listed.channels.is_empty() {
        return section.add(notice("This package has no channels, so it cannot be installed."));
    }
    let selection = Selection { package: Some(operator.view.name), channel: None };
    let pictures = draw::pictures(source.context, &selection).unwrap_or_default();
    let graph = |name: &str| pictures.iter().find(|picture| picture.channel == name).map(std::slice::from_ref);
    let mut channels: Vec<&Channel> = operator.listed.channels.iter().collect();
    channels.sort_by_key(|channel| !channel.default);
    channels.dedup_by(|a, b| a.name == b.name);
    section.each(channels.into_iter().map(|channel| {
        let graph = graph(&channel.name).map(Html::graph).filter(|graph| graph.len() <= GRAPH);
        let graph = match graph {
            Some(graph) => scroll(&format!("Upgrade graph of channel {}", channel.name), graph).class("graph"),
            None => notice("This graph is too large for a page. `catalog graph` draws it."),
        };
        tag::div()
            .class("channel")
            .attr(Attr::Id, &id("channel", &channel.name))
            .add(heading(operator, channel, from))
            .add(graph)
    }))
}

fn heading(operator: &Operator<'_>, channel: &Channel, from: &PagePath) -> Html {
    let mut title = tag::h3().text(&channel.name);
    if channel.default {
        title = title.text(" ").add(badge("badge", "default"));
    }
    if channel.deprecation.is_some() {
        title = title.text(" ").add(badge("badge deprecated", "deprecated"));
    }
    let mut counts = tag::p().class("quiet").text(&count(channel.entries.len(), "version", "versions"));
    for head in &channel.heads {
        counts = counts.text(", head ").add(version_link(operator, head, from));
    }
    [title, counts].into_iter().collect()
}

/// A link to a bundle by its version, if the catalog has it.
pub(super) fn version_link(operator: &Operator<'_>, name: &str, from: &PagePath) -> Html {
    match operator.find(name) {
        Some(number) => link(from, &operator.version_path(number), operator.versions[number].label()).into(),
        None => code(name).into(),
    }
}

fn version_table(operator: &Operator<'_>, numbers: &[usize], from: &PagePath) -> Html {
    if numbers.is_empty() {
        return notice("The catalog has no bundles of this package.").into();
    }
    let row = |&number: &usize| {
        let version = &operator.versions[number];
        let version_cell = tag::td().add(link(from, &operator.version_path(number), version.label()));
        let state = operator.deprecation_of(number).map(|_| badge("badge deprecated", "deprecated"));
        let channels = operator.channels_of(number).into_iter().map(|(name, is_head)| {
            let badge = badge(if is_head { "badge head" } else { "badge" }, name);
            let badge = if is_head { badge.text(" · head") } else { badge };
            Html::from_iter([Html::from(badge), Html::text(" ")])
        });
        tag::tr()
            .add(version_cell)
            .add(tag::td().add(code(&version.bundle.name)))
            .add(tag::td().each(channels).add(state))
            .add(tag::td().text(&version.annotation("createdAt").chars().take(10).collect::<String>()))
    };
    table("Versions", &["Version", "Bundle", "Channels", "Created"], numbers.iter().map(row)).into()
}
