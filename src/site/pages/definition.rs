//! The pages of a definition: the fields of each version, in parts if there are many.

use std::cell::RefCell;
use std::collections::HashMap;

use serde_json::Value;

use crate::crd::{Crd, Version as Api};
use crate::site::fields::{self, DESCRIPTION, Fact, Fields, Row};
use crate::site::html::{Attr, Element, Href, Html, tag};
use crate::site::model::{Operator, texts};
use crate::site::names::PagePath;
use crate::site::page::Page;
use crate::site::parts::{badge, code, fact, link, listed, notice, pager, scroll, section, table, text_fact};
use crate::words::count;

/// The maximum number of listed outer fields.
const JUMPS: usize = 500;
/// The maximum number of names and columns.
const MOST: usize = 100;

/// The pages of a definition, by the index of the version that has its pages and of the definition in it.
pub(in crate::site) fn pages(operator: &Operator<'_>, number: usize, place: usize) -> Vec<Page> {
    let crd = &operator.versions[number].known.definitions[place];
    crd.versions.iter().flat_map(|api| api_pages(operator, number, place, api)).collect()
}

/// Finds the pages of fields of definitions.
pub(super) struct Finder<'o, 's> {
    operator: &'o Operator<'s>,
    /// By the index of the operator's version, of the definition, and of its version.
    places: RefCell<HashMap<(usize, usize, usize), Places>>,
}

/// The page of each field, by the field's `id`.
type Places = HashMap<String, usize>;

impl<'o, 's> Finder<'o, 's> {
    pub(super) fn new(operator: &'o Operator<'s>) -> Self {
        Self { operator, places: RefCell::default() }
    }

    /// The place of a field of the operator's version, or of its nearest parent that is shown.
    pub(super) fn link(&self, number: usize, field: &Field<'_>, from: &PagePath) -> Option<Href> {
        let (place, crd) = self.operator.versions[number].definition(field.crd)?;
        let which = crd.versions.iter().position(|version| version.name == field.api)?;
        let mut places = self.places.borrow_mut();
        let pages = || pages_of(&crd.versions[which].schema);
        let places = places.entry((number, place, which)).or_insert_with(pages);
        let mut id = field.id.as_str();
        loop {
            if let Some(part) = places.get(id) {
                let path = self.operator.definition_path(number, place, field.api, &file(*part));
                return Some(Href::page(from, &path).at(id));
            }
            id = &id[..id.rfind('.').filter(|end| *end > 0)?];
        }
    }
}

/// A field of a version of a definition.
pub(super) struct Field<'f> {
    pub(super) crd: &'f str,
    pub(super) api: &'f str,
    /// Its `id` in a page.
    pub(super) id: String,
}

fn pages_of(schema: &Value) -> Places {
    let rows = Fields::of(schema).rows;
    let starts = fields::pages(&rows);
    rows.into_iter().enumerate().map(|(place, row)| (row.id, fields::page_of(&starts, place))).collect()
}

fn file(part: usize) -> String {
    if part == 0 { "index.html".to_owned() } else { format!("{}.html", part + 1) }
}

fn kind(crd: &Crd) -> &str {
    crd.spec.get("names").and_then(|names| names["kind"].as_str()).unwrap_or(&crd.name)
}

fn api_pages(operator: &Operator<'_>, number: usize, place: usize, api: &Api) -> Vec<Page> {
    let version = &operator.versions[number];
    let crd = &version.known.definitions[place];
    let fields = Fields::of(&api.schema);
    let starts = fields::pages(&fields.rows);
    let ends = starts[1..].iter().copied().chain([fields.rows.len()]);
    let parts: Vec<&[Row<'_>]> = starts.iter().zip(ends).map(|(&start, end)| &fields.rows[start..end]).collect();
    let paths: Vec<PagePath> =
        (0..parts.len()).map(|part| operator.definition_path(number, place, &api.name, &file(part))).collect();
    let title = format!("{} {}", kind(crd), api.name);
    let page = |(part, rows): (usize, &&[Row<'_>])| {
        let from = &paths[part];
        let mut main = Html::default();
        let about = api.schema["description"].as_str().map(|text| tag::p().class("lead lines").text(text.trim()));
        let name = tag::p().class("quiet").add(code(&crd.name));
        main.push(tag::div().class("title").add(tag::h1().text(&title)).add(name).add(about.filter(|_| part == 0)));
        if part == 0 {
            main.push(facts(operator, number, place, api, from));
            main.push(columns(api));
        }
        let mut section = section("fields", "Fields").add(pager(&paths, part));
        if rows.is_empty() {
            section = section.add(notice("This version has no schema: it accepts any fields."));
        } else {
            let first = starts[part] + 1;
            let shown = match parts.len() {
                1 => count(fields.rows.len(), "field", "fields"),
                _ => {
                    format!("{first} to {} of {}", first + rows.len() - 1, count(fields.rows.len(), "field", "fields"))
                }
            };
            section =
                section.add(jumps(&fields.rows, &starts, &paths, part)).add(filter(&shown)).add(field_table(rows));
        }
        let cut = (fields.is_cut && part + 1 == parts.len()).then(|| notice("There are more fields, or deeper ones."));
        main.push(section.add(cut).add(pager(&paths, part)));
        let mut above = vec![
            (operator.title().to_owned(), operator.path()),
            (version.label().to_owned(), operator.version_path(number)),
        ];
        above.extend((part > 0).then(|| (title.clone(), paths[0].clone())));
        Page { path: from.clone(), title: format!("{title} · {}", operator.title()), above, main, scripts: Vec::new() }
    };
    parts.iter().enumerate().map(page).collect()
}

fn facts(operator: &Operator<'_>, number: usize, place: usize, api: &Api, from: &PagePath) -> Element {
    let crd = &operator.versions[number].known.definitions[place];
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let names = crd.spec.get("names").unwrap_or(&Value::Null);
    let apis = in_order(crd).take(MOST).map(|other| {
        let link = link(from, &operator.definition_path(number, place, &other.name, "index.html"), &other.name);
        let link = if other.name == api.name { link.attr(Attr::AriaCurrent, "page") } else { link };
        tag::div().add(link).text(" ").each(states(other))
    });
    let sharing = operator.sharing(number, place);
    let more = sharing.len().saturating_sub(MOST);
    let mut versions: Html = Html::default();
    for &other in sharing.iter().take(MOST) {
        if !versions.is_empty() {
            versions.push(Html::text(", "));
        }
        versions.push(link(from, &operator.version_path(other), operator.versions[other].label()));
    }
    if more > 0 {
        versions.push(Html::text(&format!(" and {more} more")));
    }
    let is_deprecated = api.rest.get("deprecated").is_some_and(|value| *value == true);
    let warning = if is_deprecated { text(api.rest.get("deprecationWarning")) } else { String::new() };
    tag::dl()
        .class("facts wide")
        .add(text_fact("Group", &text(crd.spec.get("group"))))
        .add(text_fact("Scope", &text(crd.spec.get("scope"))))
        .add(fact("Plural", Html::from(code(names["plural"].as_str().unwrap_or_default()))))
        .add(fact("Short names", listed(texts(&names["shortNames"]).take(MOST))))
        .add(fact("Categories", listed(texts(&names["categories"]).take(MOST))))
        .add(fact("Versions", apis.collect::<Html>()))
        .add(text_fact("Deprecation", &warning))
        .add(fact("Also in", versions))
}

/// The versions of a definition: first the stored one, then the served ones, starting with the last in the manifest.
pub(super) fn in_order(crd: &Crd) -> impl Iterator<Item = &Api> {
    let is = |api: &Api, field: &str| api.rest.get(field) == Some(&Value::Bool(true));
    let mut versions: Vec<&Api> = crd.versions.iter().rev().collect();
    versions.sort_by_key(|api| (!is(api, "storage"), !is(api, "served")));
    versions.into_iter()
}

/// The special features of a version of a definition.
pub(super) fn states(api: &Api) -> Vec<Html> {
    let is = |field: &str, value: bool| api.rest.get(field) == Some(&Value::Bool(value));
    let all = [
        is("storage", true).then(|| badge("badge head", "stored")),
        is("served", false).then(|| badge("badge", "not served")),
        is("deprecated", true).then(|| badge("badge deprecated", "deprecated")),
    ];
    all.into_iter().flatten().map(|badge| Html::from_iter([Html::from(badge), Html::text(" ")])).collect()
}

/// The columns of `kubectl get`.
fn columns(api: &Api) -> Option<Element> {
    let columns = api.rest.get("additionalPrinterColumns").and_then(Value::as_array)?;
    let text = |column: &Value, field: &str| column[field].as_str().unwrap_or_default().to_owned();
    let rows = columns.iter().take(MOST).map(|column| {
        tag::tr()
            .add(tag::td().text(&text(column, "name")))
            .add(tag::td().text(&text(column, "type")))
            .add(tag::td().add(code(&text(column, "jsonPath"))))
            .add(tag::td().text(&text(column, "description")))
    });
    let rows: Vec<Element> = rows.collect();
    let headings = ["Column", "Type", "Path", "Description"];
    (!rows.is_empty()).then(|| {
        let title = tag::summary().text("Columns of ").add(code("kubectl get"));
        tag::details().add(title).add(table("Columns of kubectl get", &headings, rows))
    })
}

/// Links to the outer fields, if a page is longer than a screen.
fn jumps(rows: &[Row<'_>], starts: &[usize], paths: &[PagePath], here: usize) -> Option<Element> {
    const SHORT: usize = 60;
    if rows.len() <= SHORT {
        return None;
    }
    let outer = rows.iter().enumerate().filter(|(_, row)| row.depth <= 1).take(JUMPS);
    let link = |(place, row): (usize, &Row<'_>)| {
        let href = Href::page(&paths[here], &paths[fields::page_of(starts, place)]).at(&row.id);
        let class = if row.depth == 0 { "outer" } else { "" };
        tag::li().class(class).add(tag::a().href(&href).text(&row.name))
    };
    let list = tag::ul().each(outer.map(link));
    let list = tag::nav().class("jumps").attr(Attr::AriaLabel, "Outer fields").add(list);
    Some(tag::details().add(tag::summary().text("Outer fields")).add(list))
}

/// The number of fields, and the place for the script's filter.
fn filter(shown: &str) -> Element {
    tag::div().class("filter").attr(Attr::Id, "filter").add(tag::p().class("quiet").text(shown))
}

fn field_table(rows: &[Row<'_>]) -> Element {
    let headings = ["Field", "Type", "Description"].iter().map(|name| tag::th().attr(Attr::Scope, "col").text(name));
    let head = tag::thead().add(tag::tr().each(headings));
    let body = rows.iter().fold(tag::tbody(), |body, row| body.text("\n").add(field(row)));
    scroll("Fields", tag::table().class("fields").add(head).add(body))
}

/// The indentation of a field. Deeper fields have the indentation of the last class.
const INDENTS: [&str; 13] = ["d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8", "d9", "d10", "d11", "d12"];

fn field(row: &Row<'_>) -> Element {
    let link = tag::a().href(&Href::here(&row.id)).add(code(&row.name));
    let mut name = tag::th().class(INDENTS[row.depth.min(INDENTS.len() - 1)]).attr(Attr::Scope, "row").add(link);
    if row.is_required {
        name = name.text(" ").add(badge("badge required", "required"));
    }
    let text = row.description.trim();
    let text = match text.char_indices().nth(DESCRIPTION) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    };
    let about = tag::td().add((!text.is_empty()).then(|| tag::p().class("lines").text(&text)));
    let about =
        about.add((!row.facts.is_empty()).then(|| tag::dl().class("holds").each(row.facts.iter().map(show_fact))));
    tag::tr().attr(Attr::Id, &row.id).add(name).add(tag::td().class("type").text(&row.kind)).add(about)
}

fn show_fact(fact: &Fact) -> Element {
    let values: Html = if fact.is_code {
        let mut html = Html::default();
        for value in &fact.values {
            if !html.is_empty() {
                html.push(Html::text(" "));
            }
            html.push(code(value));
        }
        html
    } else {
        Html::text(&fact.values.join(", "))
    };
    tag::div().add(tag::dt().text(fact.label)).add(tag::dd().add(values))
}
