//! Links between the pages, and the table of contents.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use libtest_mimic::Failed;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// The pages of the book, and the table of contents.
const BOOK: &str = "docs";
const SUMMARY: &str = "docs/SUMMARY.md";

/// Pages at the root that people read on a code host.
const ROOT: [&str; 4] = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"];

/// A page: the ids of its headings, and where its links lead.
#[derive(Default)]
struct Page {
    ids: BTreeSet<String>,
    links: Vec<String>,
}

/// Every link to a file of the project leads to a file that exists, and to a heading that it has. A page of the book
/// links only to the book, as its web site has nothing else.
pub(crate) fn have_targets() -> Result<(), Failed> {
    let mut pages: BTreeMap<PathBuf, Page> = BTreeMap::new();
    for path in self::pages()? {
        pages.insert(path.clone(), read(&path)?);
    }
    let mut bad = Vec::new();
    for (path, page) in &pages {
        for link in &page.links {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (file, id) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { joined(path, file) };
            let wrong = match pages.get(&target) {
                _ if !target.is_file() => Some("there is no such file"),
                _ if path.starts_with(BOOK) && !target.starts_with(BOOK) => Some("it leads out of the book"),
                Some(page) if !id.is_empty() && !page.ids.contains(id) => Some("the page has no such heading"),
                None if !id.is_empty() => Some("only pages have headings"),
                _ => None,
            };
            bad.extend(wrong.map(|wrong| format!("{}: {link}: {wrong}", path.display())));
        }
    }
    if bad.is_empty() { Ok(()) } else { Err(bad.join("\n").into()) }
}

/// Every page is in the table of contents once.
pub(crate) fn summary_is_complete() -> Result<(), Failed> {
    let summary = Path::new(SUMMARY);
    let mut listed: Vec<PathBuf> = read(summary)?.links.iter().map(|link| joined(summary, link)).collect();
    listed.sort();
    let mut pages = book()?;
    pages.retain(|page| page != summary);
    assert_eq!(listed, pages, "left: {SUMMARY}, right: the pages in {BOOK}");
    Ok(())
}

/// Every page for users and contributors.
pub(crate) fn pages() -> Result<Vec<PathBuf>, Failed> {
    Ok(book()?.into_iter().chain(ROOT.map(PathBuf::from)).collect())
}

/// The pages in the folder of the book, sorted.
fn book() -> Result<Vec<PathBuf>, Failed> {
    let (mut folders, mut pages) = (vec![PathBuf::from(BOOK)], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    Ok(pages)
}

fn read(path: &Path) -> Result<Page, Failed> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let (mut page, mut heading) = (Page::default(), None);
    for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                let id = slug(&heading.take().unwrap_or_default());
                let again = (1..).map(|number| format!("{id}-{number}"));
                let free = std::iter::once(id.clone()).chain(again).find(|id| !page.ids.contains(id));
                page.ids.extend(free);
            }
            Event::Text(text) | Event::Code(text) => heading.iter_mut().for_each(|heading| heading.push_str(&text)),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                page.links.push(dest_url.into_string());
            }
            _ => {}
        }
    }
    Ok(page)
}

/// The id of a heading, as mdBook and code hosts make it.
fn slug(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, '_' | '-') || c.is_whitespace());
    kept.map(|c| if c.is_whitespace() { '-' } else { c }).collect::<String>().to_lowercase()
}

/// A link's file, seen from the project's folder.
fn joined(page: &Path, link: &str) -> PathBuf {
    let mut path = page.parent().unwrap_or(Path::new("")).to_owned();
    for part in Path::new(link).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            part => path.push(part),
        }
    }
    path
}
