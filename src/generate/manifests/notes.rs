//! Warnings about objects of manifests, each with its file and line.

use serde_json::Value;

use super::{Entry, differs};
use crate::generate::{Misfits, misfit};
use crate::operator::{Misfit, rule};
use crate::yaml::{Route, Step, locate_all};

/// Warnings whose lines are looked up together at the end, because each look-up reads a file.
#[derive(Debug, Default)]
pub(super) struct Notes(Vec<Note>);

#[derive(Debug)]
struct Note {
    entry: Entry,
    fields: Vec<Route>,
    message: String,
}

impl Notes {
    /// A warning about an object as a whole.
    pub(super) fn object(&mut self, entry: &Entry, message: impl Into<String>) {
        self.0.push(Note { entry: entry.clone(), fields: Vec::new(), message: message.into() });
    }

    /// A warning about fields of an object. None without fields.
    pub(super) fn fields(&mut self, entry: &Entry, fields: Vec<Route>, message: impl Into<String>) {
        if !fields.is_empty() {
            self.0.push(Note { entry: entry.clone(), fields, message: message.into() });
        }
    }

    /// A warning about the fields that an object's new form lacks, apart from those that every object loses.
    pub(super) fn lost(&mut self, entry: &Entry, kept: &Value, why: &str) {
        let mut object = entry.object.0.clone();
        super::clean(&mut object);
        self.fields(entry, differs::lost(&Value::Object(object), kept), why);
    }

    /// The warnings, as `Kind name (file:line): message: field (line 3), field (line 4)`.
    pub(super) fn finish(self, warnings: &mut Misfits) {
        let mut notes = self.0;
        notes.sort_by(|a, b| (&a.entry.source.file, a.entry.document).cmp(&(&b.entry.source.file, b.entry.document)));
        for of_file in notes.chunk_by(|a, b| a.entry.source.file == b.entry.source.file) {
            let Some(first) = of_file.first() else { continue };
            let routes: Vec<(usize, Route)> = of_file
                .iter()
                .flat_map(|note| {
                    let within = |field: &Route| (note.entry.document, note.entry.at.clone().join(field));
                    std::iter::once(within(&Route::root())).chain(note.fields.iter().map(within)).collect::<Vec<_>>()
                })
                .collect();
            let asked: Vec<(usize, &Route)> = routes.iter().map(|(document, route)| (*document, route)).collect();
            let mut lines = locate_all(&first.entry.source.text, &asked).into_iter().map(|at| at.map(|at| at.line));
            for note in of_file {
                let object = &note.entry;
                let line = lines.next().flatten().unwrap_or(object.line);
                let named = object.object.name();
                let name = if named.is_empty() { object.text("metadata/generateName") } else { named };
                let mut message =
                    format!("{} {name} ({}:{line}): {}", object.object.kind(), object.source.file, note.message);
                for (i, field) in note.fields.iter().enumerate() {
                    message.push_str(if i == 0 { ": " } else { ", " });
                    match lines.next().flatten() {
                        Some(line) => message.push_str(&format!("{field} (line {line})")),
                        None => message.push_str(&field.to_string()),
                    }
                }
                warnings.push((rule::MANIFESTS, misfit(object.route.clone(), message)));
            }
        }
    }
}

/// A warning that the definition and the manifests differ, at the definition's place.
pub(super) fn differs(at: Route, what: &str, entry: &str, differences: &[String], warnings: &mut Misfits) {
    if differences.is_empty() {
        return;
    }
    let message = format!("{what} here overrides the one in {entry}, which differs: {}", differs::listed(differences));
    let help = "copy what is new, or end this entry with `until` at the release where the manifests begin".to_owned();
    warnings.push((rule::DIFFERS, Misfit { help: Some(help), ..misfit(at, message) }));
}

/// The places where an object names a namespace: fields with that name, and texts that contain one of the known
/// namespaces.
pub(super) fn namespaces(value: &Value, known: &[String]) -> Vec<Route> {
    let mut places = Vec::new();
    walk(value, known, &mut Route::root(), &mut places);
    places
}

fn walk(value: &Value, known: &[String], at: &mut Route, places: &mut Vec<Route>) {
    match value {
        Value::String(text) => {
            // Labels and names often equal the namespace's name without referring to it.
            let (field, text_of_program) = match at.0.last() {
                Some(Step::Key(key)) => (key == "namespace", key == "value"),
                _ => (false, true),
            };
            let known = known.iter().any(|name| (text_of_program || text != name) && holds(text, name));
            if (field && !text.is_empty()) || known {
                places.push(at.clone());
            }
        }
        Value::Array(list) => {
            for (i, item) in list.iter().enumerate() {
                at.0.push(Step::Index(i));
                walk(item, known, at, places);
                at.0.pop();
            }
        }
        Value::Object(map) => {
            for (key, item) in map.iter().filter(|(key, _)| *key != "labels" && *key != "matchLabels") {
                at.0.push(Step::Key(key.clone()));
                walk(item, known, at, places);
                at.0.pop();
            }
        }
        _ => {}
    }
}

/// Whether a short text contains a namespace as `--namespace=NAME`, `service.NAME.svc` or as the whole text.
fn holds(text: &str, name: &str) -> bool {
    const LONG: usize = 400;
    if text == name {
        return true;
    }
    text.len() <= LONG
        && text.match_indices(name).any(|(i, found)| {
            let before = text[..i].chars().next_back();
            let after = &text[i + found.len()..];
            (before == Some('=') && after.is_empty())
                || (before == Some('.') && (after.starts_with(".svc") || after.is_empty()))
        })
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn namespaces_are_found_in_arguments_and_addresses() {
        let found = ["demo", "--namespace=demo", "hook.demo.svc", "hook.demo.svc:443", "demo-2", "a.demo.example.com"]
            .map(|text| holds(text, "demo"));
        assert_eq!(found, [true, true, true, true, false, false]);
    }
}
