//! The frame of every page: head, header with the search, breadcrumbs, footer.

use super::html::{Attr, Element, Href, Html, tag};
use super::names::PagePath;

/// Only the site's own style sheet and scripts and embedded pictures are loaded. Nothing else runs.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; form-action 'self'; base-uri 'none'";

/// The parts that all pages share.
pub(super) struct Frame<'f> {
    /// The site's title.
    pub(super) title: &'f str,
}

/// A page.
pub(super) struct Page {
    /// Its path.
    pub(super) path: PagePath,
    /// Its title.
    pub(super) title: String,
    /// The pages above it, without the home page.
    pub(super) above: Vec<(String, PagePath)>,
    /// Its content.
    pub(super) main: Html,
    /// The scripts that it needs in addition to the common one.
    pub(super) scripts: Vec<PagePath>,
}

/// The home page.
pub(super) fn home() -> PagePath {
    PagePath::new(["index.html"])
}

/// The search page.
pub(super) fn search() -> PagePath {
    PagePath::new(["search.html"])
}

/// A file that pages need.
pub(super) fn asset(name: &str) -> PagePath {
    PagePath::new(["assets", name])
}

impl Page {
    /// The page as HTML.
    pub(super) fn document(self, frame: &Frame<'_>) -> String {
        let title = match self.title.as_str() {
            "" => frame.title.to_owned(),
            own => format!("{own} · {}", frame.title),
        };
        let at = |path: &PagePath| Href::page(&self.path, path);
        let scripts = std::iter::once(asset("site.js")).chain(self.scripts.iter().cloned());
        let head = tag::head()
            .add(tag::meta().attr(Attr::Charset, "utf-8"))
            .add(tag::meta().attr(Attr::HttpEquiv, "Content-Security-Policy").attr(Attr::Content, POLICY))
            .add(tag::named_meta("viewport", "width=device-width, initial-scale=1"))
            .add(tag::named_meta("referrer", "no-referrer"))
            .add(tag::named_meta("color-scheme", "light dark"))
            .add(tag::title().text(&title))
            .add(tag::style(&at(&asset("style.css"))))
            .each(scripts.map(|script| tag::script(&at(&script))));
        let body = tag::body()
            .add(tag::a().class("skip").href(&Href::here("content")).text("Skip to the content"))
            .text("\n")
            .add(self.header(frame))
            .text("\n")
            .add(tag::main().attr(Attr::Id, "content").add(self.crumbs()).text("\n").add(self.main))
            .text("\n")
            .add(footer());
        Html::document(head, body).into_string()
    }

    fn header(&self, frame: &Frame<'_>) -> Element {
        let at = |path: &PagePath| Href::page(&self.path, path);
        let field = tag::input()
            .attr(Attr::Type, "search")
            .attr(Attr::Name, "q")
            .attr(Attr::Id, "search")
            .attr(Attr::AriaLabel, "Search packages, versions, APIs and fields")
            .attr(Attr::Placeholder, "Search");
        let form = tag::form()
            .attr(Attr::Role, "search")
            .action(&at(&search()))
            .add(field)
            .add(tag::button().attr(Attr::Type, "submit").text("Search"));
        tag::header().add(tag::a().class("home").href(&at(&home())).text(frame.title)).add(form)
    }

    fn crumbs(&self) -> Option<Element> {
        if self.above.is_empty() && self.path == home() {
            return None;
        }
        let link =
            |(name, path): &(String, PagePath)| tag::li().add(tag::a().href(&Href::page(&self.path, path)).text(name));
        let all = std::iter::once(&("Packages".to_owned(), home())).chain(&self.above).map(link).collect::<Vec<_>>();
        Some(tag::nav().class("crumbs").attr(Attr::AriaLabel, "Breadcrumbs").add(tag::ol().each(all)))
    }
}

fn footer() -> Element {
    tag::footer()
        .add(tag::p().text("Made by ").add(tag::code().text("catalog site")).text(" from the catalog’s files."))
}
