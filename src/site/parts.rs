//! Elements that several pages use.

use super::html::{Attr, Element, Href, Html, tag};
use super::names::PagePath;
use crate::safety::Class;
use crate::terminal::escape;

/// The maximum number of rows in a table of a page; longer tables get their own pages.
pub(super) const ROWS: usize = 1000;

/// A word in a frame.
pub(super) fn badge(class: &'static str, word: &str) -> Element {
    tag::span().class(class).text(word)
}

/// The class of a step's effects.
pub(super) fn class_badge(class: Option<Class>) -> Element {
    match class {
        Some(Class::Breaking) => badge("badge breaking", "breaking"),
        Some(Class::Risky) => badge("badge risky", "risky"),
        Some(Class::Safe) => badge("badge safe", "safe"),
        None => badge("badge unknown", "unknown"),
    }
}

/// A section with a heading that links can target.
pub(super) fn section(id: &str, heading: &str) -> Element {
    let link = tag::a().class("anchor").href(&Href::here(id)).attr(Attr::AriaLabel, "Link to this section").text("#");
    let heading = tag::h2().text(heading).text(" ").add(link);
    tag::section().attr(Attr::Id, id).add(heading).text("\n")
}

/// The sections of a page, below links to each of them.
#[derive(Default)]
pub(super) struct Sections {
    links: Vec<Element>,
    parts: Html,
}

impl Sections {
    /// Adds the section from [`section`] with this id, if it is not empty.
    pub(super) fn add(&mut self, id: &str, heading: &str, part: impl Into<Html>) {
        let part = part.into();
        if !part.is_empty() {
            self.links.push(tag::li().add(tag::a().href(&Href::here(id)).text(heading)));
            self.parts.push(Html::text("\n"));
            self.parts.push(part);
        }
    }

    pub(super) fn finish(self) -> Html {
        let links = (self.links.len() > 1).then(|| {
            let list = tag::ol().each(self.links);
            tag::nav().class("sections").attr(Attr::AriaLabel, "On this page").add(list)
        });
        [Html::from(links), self.parts].into_iter().collect()
    }
}

/// A table that can be scrolled sideways, also with the keyboard.
pub(super) fn table(label: &str, headings: &[&str], rows: impl IntoIterator<Item = Element>) -> Element {
    let head = tag::tr().each(headings.iter().map(|heading| tag::th().attr(Attr::Scope, "col").text(heading)));
    let body = rows.into_iter().fold(tag::tbody(), |body, row| body.text("\n").add(row));
    scroll(label, tag::table().add(tag::thead().add(head)).add(body))
}

/// Content that can be wider than the page.
pub(super) fn scroll(label: &str, part: impl Into<Html>) -> Element {
    let region = tag::div().class("scroll").attr(Attr::Role, "region").attr(Attr::AriaLabel, label);
    region.attr(Attr::TabIndex, "0").add(part)
}

/// A name of an API, a file or an image, or a value: one line, with invisible characters escaped.
pub(super) fn code(text: &str) -> Element {
    tag::code().text(&escape(text))
}

/// Texts separated by commas.
pub(super) fn listed<'t>(texts: impl IntoIterator<Item = &'t str>) -> Html {
    let mut html = Html::default();
    for text in texts {
        if !html.is_empty() {
            html.push(Html::text(", "));
        }
        html.push(code(text));
    }
    html
}

/// A fact in a list of facts, if it is not empty.
pub(super) fn fact(label: &str, value: impl Into<Html>) -> Html {
    let value = value.into();
    if value.is_empty() {
        return value;
    }
    tag::div().add(tag::dt().text(label)).add(tag::dd().add(value)).into()
}

/// A fact that is foreign text.
pub(super) fn text_fact(label: &str, text: &str) -> Html {
    fact(label, Html::text(text.trim()))
}

/// The message for users of something that is deprecated.
pub(super) fn deprecation(what: &str, message: &str) -> Element {
    let title = tag::strong().text(what).text(" is deprecated.");
    tag::div().class("notice deprecated").add(tag::p().add(title)).add(tag::p().class("lines").text(message.trim()))
}

/// An important note about a page.
pub(super) fn notice(text: &str) -> Element {
    tag::div().class("notice").add(tag::p().text(text))
}

/// The first items, and the number of others.
pub(super) fn limited<T>(items: Vec<T>, most: usize) -> (Vec<T>, Option<Element>) {
    let more = items.len().saturating_sub(most);
    let note = (more > 0).then(|| tag::p().class("quiet").text(&format!("and {more} more")));
    (items.into_iter().take(most).collect(), note)
}

/// A link from one page to another.
pub(super) fn link(from: &PagePath, to: &PagePath, text: &str) -> Element {
    tag::a().href(&Href::page(from, to)).text(text)
}

/// The parts of a long page: links to all of them, on each.
pub(super) fn pager(paths: &[PagePath], here: usize) -> Option<Element> {
    if paths.len() < 2 {
        return None;
    }
    let link = |(number, path): (usize, &PagePath)| {
        let link = tag::a().href(&Href::page(&paths[here], path));
        let link = if number == here { link.attr(Attr::AriaCurrent, "page") } else { link };
        tag::li().add(link.text(&(number + 1).to_string()))
    };
    let list = tag::ol().each(paths.iter().enumerate().map(link));
    Some(tag::nav().class("pager").attr(Attr::AriaLabel, "Parts of this page").text("Part ").add(list))
}
