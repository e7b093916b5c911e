//! The search page and its index.

use crate::site::html::{Attr, Html, tag};
use crate::site::model::Operator;
use crate::site::names::PagePath;
use crate::site::page::{Page, asset, search};
use crate::terminal::{escape, json_text};

/// The maximum length of a text in the index.
const TEXT: usize = 300;

/// An entry of the index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub(in crate::site) struct Entry(
    /// Its kind: `package`, `api` or `version`.
    &'static str,
    /// Its name.
    String,
    /// Further text that is shown and found.
    String,
    /// Its page.
    String,
);

/// The page. The script adds the results.
pub(in crate::site) fn page() -> Page {
    let mut main = Html::default();
    main.push(tag::div().class("title").add(tag::h1().text("Search")));
    let note = "The search needs JavaScript. The list of packages and all other pages do not.";
    main.push(tag::noscript().add(tag::p().class("notice").text(note)));
    main.push(tag::p().class("quiet").attr(Attr::Id, "count").attr(Attr::Role, "status"));
    main.push(tag::ol().class("found").attr(Attr::Id, "found"));
    let scripts = vec![asset("index.js"), asset("search.js")];
    Page { path: search(), title: "Search".to_owned(), above: Vec::new(), main, scripts }
}

/// The entries of a package: itself, its newest APIs, its versions.
pub(in crate::site) fn entries(operator: &Operator<'_>) -> Vec<Entry> {
    let entry = |kind, name: &str, more: &str, path: &PagePath| {
        let short = |text: &str| escape(&text.chars().take(TEXT).collect::<String>());
        Entry(kind, short(name), short(more), path.as_str().to_owned())
    };
    let (title, name) = (operator.title(), operator.view.name);
    let mut entries = vec![entry("package", title, &format!("{name} {}", operator.summary()), &operator.path())];
    if let Some(head) = operator.head() {
        let number = operator.find(&head.bundle.name).unwrap_or_default();
        for (place, crd) in head.known.definitions.iter().enumerate() {
            let kind = crd.spec.get("names").and_then(|names| names["kind"].as_str()).unwrap_or(&crd.name);
            for api in &crd.versions {
                let path = operator.definition_path(number, place, &api.name, "index.html");
                let more = format!("{} {title}", crd.name);
                entries.push(entry("api", &format!("{kind} {}", api.name), &more, &path));
            }
        }
    }
    for (number, version) in operator.versions.iter().enumerate() {
        let more = &version.bundle.name;
        entries.push(entry("version", &format!("{title} {}", version.label()), more, &operator.version_path(number)));
    }
    entries
}

/// The script with the whole index.
///
/// # Errors
/// None are known: the entries are texts.
pub(in crate::site) fn index(entries: &[Entry]) -> serde_json::Result<String> {
    let mut lines = Vec::with_capacity(entries.len());
    for entry in entries {
        lines.push(serde_json::to_string(entry)?);
    }
    Ok(format!("const catalogIndex = [\n{}\n];\n", json_text(&lines.join(",\n"))))
}
