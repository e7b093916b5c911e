//! Parses pages: only the elements and attributes that the site writes. Anything else is an error.

use std::collections::{BTreeMap, BTreeSet};

/// An element's start: its name and attributes.
pub(crate) struct Start {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
}

impl Start {
    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// The elements that a page can have. Any other would come from the catalog.
const KNOWN: [&str; 58] = [
    "a",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "button",
    "circle",
    "code",
    "dd",
    "del",
    "desc",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "footer",
    "form",
    "g",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "img",
    "input",
    "li",
    "link",
    "main",
    "meta",
    "nav",
    "noscript",
    "ol",
    "p",
    "path",
    "pre",
    "rect",
    "script",
    "section",
    "span",
    "strong",
    "summary",
    "svg",
    "table",
    "tbody",
    "td",
    "text",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
];
const VOID: [&str; 6] = ["br", "hr", "img", "input", "link", "meta"];

/// Every start of an element. Elements must be nested correctly.
pub(crate) fn starts(page: &str) -> Result<Vec<Start>, String> {
    let body = page.strip_prefix("<!DOCTYPE html>\n").ok_or("no doctype")?;
    let mut starts = Vec::new();
    let mut open: Vec<String> = Vec::new();
    for part in body.split('<').skip(1) {
        let (tag, text) = part.split_once('>').ok_or_else(|| format!("no end of <{part}"))?;
        if text.contains('>') {
            return Err(format!("a bare > in {text:?}"));
        }
        if let Some(name) = tag.strip_prefix('/') {
            let last = open.pop();
            if last.as_deref() != Some(name) {
                return Err(format!("</{name}> ends {last:?}"));
            }
            continue;
        }
        let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let start = start(tag)?;
        if !KNOWN.contains(&start.name.as_str()) {
            return Err(format!("<{}> is not of the site", start.name));
        }
        if !is_empty && !VOID.contains(&start.name.as_str()) {
            open.push(start.name.clone());
        }
        starts.push(start);
    }
    if open.is_empty() { Ok(starts) } else { Err(format!("not ended: {open:?}")) }
}

fn start(tag: &str) -> Result<Start, String> {
    let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
    let mut attributes = Vec::new();
    while !rest.trim().is_empty() {
        let (key, after) = rest.trim_start().split_once("=\"").ok_or_else(|| format!("a bare attribute in <{tag}>"))?;
        let (value, after) = after.split_once('"').ok_or_else(|| format!("no end of {key} in <{tag}>"))?;
        attributes.push((key.to_owned(), value.to_owned()));
        rest = after;
    }
    Ok(Start { name: name.to_owned(), attributes })
}

/// Checks all pages of a site: nothing runs or is loaded from elsewhere, and every link has a target.
pub(crate) fn check(files: &BTreeMap<String, String>) -> Result<(), String> {
    let pages: BTreeMap<&str, Vec<Start>> = files
        .iter()
        .filter(|(name, _)| name.ends_with(".html"))
        .map(|(name, text)| Ok((name.as_str(), starts(text).map_err(|error| format!("{name}: {error}"))?)))
        .collect::<Result<_, String>>()?;
    let ids: BTreeMap<&str, BTreeSet<&str>> = pages
        .iter()
        .map(|(name, starts)| {
            let all: Vec<&str> = starts.iter().filter_map(|start| start.get("id")).collect();
            let ids: BTreeSet<&str> = all.iter().copied().collect();
            if ids.len() == all.len() { Ok((*name, ids)) } else { Err(format!("{name} has an id twice")) }
        })
        .collect::<Result<_, String>>()?;
    let mut linked: BTreeSet<String> = BTreeSet::from(["index.html".to_owned()]);
    for (name, starts) in &pages {
        for start in starts {
            let told = |what: &str| format!("{name}: <{}>: {what}", start.name);
            runs_nothing(start).map_err(|what| told(&what))?;
            let targets = ["href", "src", "action"].iter().filter_map(|attribute| start.get(attribute));
            for target in targets.filter(|target| is_of_the_site(target)) {
                let (path, id) = target.split_once('#').unwrap_or((target, ""));
                let path = if path.is_empty() { (*name).to_owned() } else { join(name, path) };
                if !files.contains_key(&path) {
                    return Err(told(&format!("{target} leads to no file")));
                }
                if !id.is_empty() && !ids[path.as_str()].contains(id) {
                    return Err(told(&format!("{target} leads to no place in the page")));
                }
                linked.insert(path);
            }
        }
    }
    match files.keys().find(|name| !linked.contains(*name) && *name != olm_catalog::site::MARK) {
        Some(lost) => Err(format!("no link leads to {lost}")),
        None => Ok(()),
    }
}

fn is_of_the_site(target: &str) -> bool {
    !["http://", "https://", "mailto:", "data:"].iter().any(|scheme| target.starts_with(scheme))
}

fn runs_nothing(start: &Start) -> Result<(), String> {
    for (key, value) in &start.attributes {
        let is_loaded = matches!(key.as_str(), "src" | "action") || start.name == "link" && key == "href";
        let is_picture = start.name == "img" && key == "src" && value.starts_with("data:image/");
        if key.starts_with("on") || matches!(key.as_str(), "style" | "srcset" | "srcdoc" | "formaction") {
            return Err(format!("{key} is not of the site"));
        }
        if is_loaded && !is_picture && !is_of_the_site(value) {
            return Err(format!("{value} is loaded from elsewhere"));
        }
        if key == "href" && is_of_the_site(value) && value.split('#').next().unwrap_or_default().contains(':') {
            return Err(format!("{value} is not a link"));
        }
    }
    if start.name == "a" && start.get("href").is_some_and(|href| !is_of_the_site(href)) && start.get("rel").is_none() {
        return Err("a link to elsewhere tells where it was".into());
    }
    Ok(())
}

/// A link in a page, from the site's folder.
fn join(page: &str, link: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    parts.join("/")
}
