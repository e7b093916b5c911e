//! The home page: every package.

use crate::site::html::{Attr, Element, Html, Picture, tag};
use crate::site::model::Operator;
use crate::site::names::PagePath;
use crate::site::page::{Page, home};
use crate::site::parts::{badge, link, pager};
use crate::words::count;

/// The maximum number of packages on a page.
const PACKAGES: usize = 400;
/// The maximum size of icons on a page in bytes. Further packages show initials: an icon can have 256 KiB.
const ICONS: usize = 1 << 20;
/// The maximum length of a summary.
const SUMMARY: usize = 300;

/// The entry of a package on the home page.
pub(in crate::site) struct Card {
    title: String,
    name: String,
    summary: String,
    provider: String,
    icon: Option<Picture>,
    head: String,
    versions: usize,
    is_deprecated: bool,
    path: PagePath,
}

impl Card {
    pub(in crate::site) fn new(operator: &Operator<'_>) -> Self {
        let head = operator.head();
        let provider = head.and_then(|head| head.known.spec["provider"]["name"].as_str()).unwrap_or_default();
        let short = |text: &str| match text.char_indices().nth(SUMMARY) {
            None => text.to_owned(),
            Some((end, _)) => format!("{}…", &text[..end]),
        };
        Self {
            title: short(operator.title()),
            name: operator.view.name.to_owned(),
            summary: short(operator.summary()),
            provider: short(provider),
            icon: operator.icon(),
            head: head.map(|head| head.label().to_owned()).unwrap_or_default(),
            versions: operator.versions.len(),
            is_deprecated: operator.listed.deprecation.is_some(),
            path: operator.path(),
        }
    }
}

/// The pages that list these packages.
pub(in crate::site) fn pages(title: &str, cards: &[Card]) -> Vec<Page> {
    let parts: Vec<&[Card]> = if cards.is_empty() { vec![&[]] } else { cards.chunks(PACKAGES).collect() };
    let path = |number: usize| match number {
        0 => home(),
        _ => PagePath::new(["page", &format!("{}.html", number + 1)]),
    };
    let paths: Vec<PagePath> = (0..parts.len()).map(path).collect();
    let page = |(number, part): (usize, &&[Card])| {
        let mut main = Html::default();
        let versions: usize = cards.iter().map(|card| card.versions).sum();
        let counts =
            format!("{}, {}", count(cards.len(), "package", "packages"), count(versions, "version", "versions"));
        main.push(tag::div().class("title").add(tag::h1().text(title)).add(tag::p().class("quiet").text(&counts)));
        main.push(pager(&paths, number));
        let mut left = ICONS;
        let list =
            tag::ul().class("cards").each(part.iter().map(|card| tag::li().add(show(card, &paths[number], &mut left))));
        main.push(list);
        main.push(pager(&paths, number));
        Page { path: paths[number].clone(), title: String::new(), above: Vec::new(), main, scripts: Vec::new() }
    };
    parts.iter().enumerate().map(page).collect()
}

fn show(card: &Card, from: &PagePath, left: &mut usize) -> Element {
    let name = tag::h2().add(link(from, &card.path, &card.title));
    let name = if card.is_deprecated { name.text(" ").add(badge("badge deprecated", "deprecated")) } else { name };
    let about = [card.name.as_str(), card.provider.as_str()].into_iter().filter(|text| !text.is_empty());
    let last = format!("{} · {}", card.head, count(card.versions, "version", "versions"));
    let text = tag::div()
        .add(name)
        .add(tag::p().class("quiet").text(&about.collect::<Vec<_>>().join(" · ")))
        .add((!card.summary.is_empty()).then(|| tag::p().text(&card.summary)))
        .add(tag::p().class("quiet").text(last.trim_start_matches(" · ")));
    let icon = card.icon.as_ref().filter(|icon| icon.as_str().len() <= *left);
    *left -= icon.map_or(0, |icon| icon.as_str().len());
    tag::article().add(icon_box(icon, &card.title)).add(text)
}

/// An icon, or the first letter of the name if there is none.
pub(super) fn icon_box(icon: Option<&Picture>, name: &str) -> Element {
    let frame = tag::div().class("icon");
    match icon {
        Some(icon) => frame.add(tag::img().picture(icon).attr(Attr::Alt, "")),
        None => frame.add(tag::span().text(&name.chars().take(1).collect::<String>().to_uppercase())),
    }
}
