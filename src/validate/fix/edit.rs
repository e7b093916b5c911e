//! Corrects a file's text.

use std::ops::Range;

use serde_json::Value;

use super::insert::{self, Insert};
use super::{Document, Fix, Replacement, Seen};
use crate::diagnostic::{Finding, Spot};
use crate::yaml::{self, Position, Route, Step, locate_all};

/// A text, corrected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// The new text.
    pub text: String,
    /// What was corrected, in the order of the text.
    pub corrections: Vec<Correction>,
}

/// One correction of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Which of the findings it is about.
    pub finding: usize,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What stood there; nothing where something was added.
    pub old: String,
    /// What stands there now, or what was added.
    pub new: String,
}

/// A correction, and where it is.
struct Edit {
    finding: usize,
    document: usize,
    /// The value, or the key.
    route: Route,
    old: String,
    new: String,
}

/// What is changed in a document, and where in the text.
struct Change<'e> {
    bytes: Range<usize>,
    correction: Correction,
    kind: Kind<'e>,
}

enum Kind<'e> {
    Edit(&'e Edit),
    Insert(&'e Insert),
}

/// Corrects what findings of a file are about. None where nothing is certain, or where the file would say something else
/// beside: an anchor is used elsewhere, a key stands twice.
#[must_use]
pub fn file(text: &str, findings: &[&Finding]) -> Option<Fixed> {
    let mut documents = yaml::read(text).ok()?;
    let seen: Vec<Document<'_>> = documents.iter().map(|document| Document::new(&document.value)).collect();
    let mut edits: Vec<Edit> = Vec::new();
    let mut inserts: Vec<Insert> = Vec::new();
    for (i, finding) in findings.iter().enumerate() {
        match correction(i, finding, &seen) {
            Some(Found::Edit(edit)) => edits.push(edit),
            Some(Found::Inserts(found)) => found.into_iter().for_each(|insert| merge(insert, &mut inserts)),
            None => {}
        }
    }
    let mut changes = changes(text, &edits);
    let inserted = insert::texts(&inserts, text, |document| documents.get(document).map(|document| &document.value));
    changes.extend(inserts.iter().zip(inserted).filter_map(|(insert, inserted)| {
        let inserted = inserted?;
        let new = format!("{}: {}", insert.key, insert.items.join(", "));
        let (line, column) = (inserted.line, inserted.column);
        let correction = Correction { finding: insert.finding, line, column, old: String::new(), new };
        Some((Change { bytes: inserted.at..inserted.at, correction, kind: Kind::Insert(insert) }, inserted.text))
    }));
    changes.sort_by_key(|(change, _)| change.bytes.start);
    // Several findings may be about one value.
    changes.dedup_by(|(later, _), (earlier, _)| later.bytes.start < earlier.bytes.end);
    let mut new = String::with_capacity(text.len());
    let mut end = 0;
    for (change, written) in &changes {
        new.push_str(&text[end..change.bytes.start]);
        new.push_str(written);
        end = change.bytes.end;
        match change.kind {
            Kind::Edit(edit) => {
                documents.get_mut(edit.document).into_iter().for_each(|document| apply(edit, &mut document.value));
            }
            Kind::Insert(insert) => {
                documents.get_mut(insert.document).into_iter().for_each(|document| insert.apply(&mut document.value));
            }
        }
    }
    new.push_str(&text[end..]);
    let values =
        |documents: Vec<yaml::Document>| documents.into_iter().map(|document| document.value).collect::<Vec<_>>();
    let says = values(yaml::read(&new).ok()?);
    let corrections: Vec<Correction> = changes.into_iter().map(|(change, _)| change.correction).collect();
    (!corrections.is_empty() && says == values(documents)).then_some(Fixed { text: new, corrections })
}

/// Where the edits are in the text, and what is written there.
fn changes<'e>(text: &str, edits: &'e [Edit]) -> Vec<(Change<'e>, String)> {
    let routes: Vec<(usize, &Route)> = edits.iter().map(|edit| (edit.document, &edit.route)).collect();
    let mut changes = Vec::new();
    for (edit, position) in edits.iter().zip(locate_all(text, &routes)) {
        let Some(Position { line, column, bytes }) = position else { continue };
        let old = text[bytes.clone()].trim_end();
        if let Some(new) = written(old, &edit.old, &edit.new) {
            let correction = Correction { finding: edit.finding, line, column, old: old.to_owned(), new: new.clone() };
            let bytes = bytes.start..bytes.start + old.len();
            changes.push((Change { bytes, correction, kind: Kind::Edit(edit) }, new));
        }
    }
    changes
}

/// Adds to the insertions. Several into one list are one.
fn merge(insert: Insert, inserts: &mut Vec<Insert>) {
    let same = |other: &&mut Insert| {
        (other.document, &other.mapping, other.key) == (insert.document, &insert.mapping, insert.key)
    };
    match inserts.iter_mut().find(same) {
        Some(other) => {
            let new = insert.items.into_iter().filter(|item| !other.items.contains(item)).collect::<Vec<_>>();
            other.items.extend(new);
        }
        None => inserts.push(insert),
    }
}

/// What corrects a finding.
enum Found {
    Edit(Edit),
    Inserts(Vec<Insert>),
}

fn correction(number: usize, finding: &Finding, documents: &[Document<'_>]) -> Option<Found> {
    let fix = Fix::of(finding.rule)?;
    let Spot::Value { document, route } = &finding.place.spot else { return None };
    let value = documents.get(*document)?;
    let route = match route.0.split_last() {
        Some((Step::Name(key), above)) => Route(above.to_vec()).key(key),
        _ => route.clone(),
    };
    let edit = |route, old, new| Found::Edit(Edit { finding: number, document: *document, route, old, new });
    match (fix.find)(&Seen { finding, document: value, route })? {
        Replacement::Value(route, new) => {
            let old = route.find(value.value)?.as_str()?.to_owned();
            Some(edit(route, old, new))
        }
        Replacement::Key(route, new) => {
            let (Step::Key(key), above) = route.0.split_last()? else { return None };
            Some(edit(Route(above.to_vec()).name(key), key.clone(), new))
        }
        Replacement::Additions(additions) => {
            let insert = |(mapping, key, items)| Insert { finding: number, document: *document, mapping, key, items };
            Some(Found::Inserts(additions.into_iter().map(insert).collect()))
        }
    }
}

/// The new text in the writing of the old one: plain, or in quotes. None where the old one is written in any other way.
fn written(shown: &str, old: &str, new: &str) -> Option<String> {
    if !quoted::is_simple(new) {
        return None;
    }
    match quoted::inner(shown).filter(|inner| *inner == old) {
        Some(_) if shown.starts_with('"') => Some(format!("\"{new}\"")),
        Some(_) => Some(format!("'{new}'")),
        None if shown != old => None,
        None if is_plain(new) => Some(new.to_owned()),
        None => Some(format!("\"{new}\"")),
    }
}

/// Text in quotes.
pub(super) mod quoted {
    /// What is between the quotes, if there are any.
    pub(crate) fn inner(shown: &str) -> Option<&str> {
        let between = |quote: &str| shown.strip_prefix(quote)?.strip_suffix(quote);
        between("\"").or_else(|| between("'"))
    }

    /// Whether a text is the same in quotes: without escapes.
    pub(crate) fn is_simple(text: &str) -> bool {
        !text.contains(['"', '\'', '\\']) && !text.chars().any(char::is_control)
    }
}

/// Whether a text may stand without quotes, in a block and in a flow collection, as a value and as a key.
pub(super) fn is_plain(text: &str) -> bool {
    let reads = |yaml: String, expected: Value| yaml::read_one(&yaml).is_ok_and(|value| value == expected);
    reads(format!("- {text}\n"), serde_json::json!([text]))
        && reads(format!("[{text}]\n"), serde_json::json!([text]))
        && reads(format!("{{{text}: 0}}\n"), serde_json::json!({ text: 0 }))
}

/// What a correction makes of a document's value.
fn apply(edit: &Edit, document: &mut Value) {
    match edit.route.0.split_last() {
        Some((Step::Name(key), above)) => {
            let mapping = Route(above.to_vec()).find_mut(document).and_then(Value::as_object_mut);
            if let Some(mapping) = mapping
                && let Some(value) = mapping.remove(key)
            {
                mapping.insert(edit.new.clone(), value);
            }
        }
        _ => edit.route.find_mut(document).into_iter().for_each(|value| *value = edit.new.as_str().into()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::diagnostic::Place;

    fn finding(rule: &'static str, route: Route) -> Finding {
        Finding::error(rule, Place::value("f", 0, route), "")
    }

    fn fixed(text: &str, findings: &[Finding]) -> Option<String> {
        file(text, &findings.iter().collect::<Vec<_>>()).map(|fixed| fixed.text)
    }

    #[test]
    fn the_writing_stays() {
        let findings = [finding("skip-range", Route::root().key("a"))];
        for (text, expected) in [
            ("a: <v1.0.0 # c\r\nb: 1\n", "a: <1.0.0 # c\r\nb: 1\n"),
            ("{\"b\": 1, \"a\" : \"<v1.0.0\"}", "{\"b\": 1, \"a\" : \"<1.0.0\"}"),
            ("\u{feff}A:   '<v1.0.0'\n", "\u{feff}A:   '<1.0.0'\n"),
            // What would begin a block scalar gets quotes.
            ("{a: v1.0.0 >=v1.0.0}\n", "{a: 1.0.0 >=1.0.0}\n"),
            ("a: =>1.0.0\n", "a: \">=1.0.0\"\n"),
        ] {
            assert_eq!(fixed(text, &findings).as_deref(), Some(expected), "{text:?}");
        }
    }

    #[test]
    fn what_is_not_certain_stays() {
        let findings = [finding("skip-range", Route::root().key("a"))];
        for text in [
            "a: <1.0.0\n",
            "a: \"<v1.0.\\x30\"\n",
            "a: &x <v1.0.0\nb: *x\n",
            "x: &x <v1.0.0\na: *x\n",
            "a: >-\n  <v1.0.0\n",
            "a: !!str <v1.0.0\n",
            "a: <v1.0.0\n  <v2.0.0\n",
            "b: <v1.0.0\n",
            "a: [",
        ] {
            assert_eq!(fixed(text, &findings), None, "{text:?}");
        }
        assert_eq!(fixed("a: <v1.0.0\n", &[finding("edge-downgrade", Route::root().key("a"))]), None);
    }

    #[test]
    fn several_are_corrected_at_once() {
        let text = "schema: olm.channel\nentries:\n- {name: a, skip: [b], skipRange: <v1.0.0}\n";
        let entry = Route::root().key("entries").index(0);
        let skip = || finding("field-name", entry.clone().key("skip"));
        let findings = [skip(), finding("skip-range", entry.clone().key("skipRange")), skip()];
        let expected = "schema: olm.channel\nentries:\n- {name: a, skips: [b], skipRange: <1.0.0}\n";
        assert_eq!(fixed(text, &findings).as_deref(), Some(expected));
    }

    proptest! {
        /// Whatever the layout: nothing but the ranges changes, and nothing is left to correct.
        #[test]
        fn only_what_is_found_changes(
            entries in prop::collection::vec(("[<>]?=?v?[0-9]\\.[0-9]\\.0( <v9\\.0\\.0)?", 0_usize..4, "( # [a-z<v ]{0,9})?"), 1..6),
        ) {
            let mut text = String::from("schema: olm.channel\nentries:\n");
            for (i, (range, style, comment)) in entries.iter().enumerate() {
                text += &match style {
                    0 => format!("- name: n{i}\n  skipRange: \"{range}\"{comment}\n"),
                    1 => format!("- {{skipRange: '{range}', name: n{i}}}{comment}\n"),
                    2 => format!("-   name: n{i}{comment}\n    skipRange:   \"{range}\"\n\n"),
                    _ => format!("- {{\"name\": \"n{i}\", \"skipRange\": \"{range}\"}}{comment}\n"),
                };
            }
            let route = |i: usize| Route::root().key("entries").index(i).key("skipRange");
            let findings: Vec<Finding> = (0..entries.len()).map(|i| finding("skip-range", route(i))).collect();
            let before = yaml::read_one(&text).unwrap();
            let Some(new) = fixed(&text, &findings) else {
                let certain = entries.iter().any(|(range, ..)| crate::version::meant::range(range).is_some());
                prop_assert!(!certain, "{}", text);
                return Ok(());
            };
            let mut expected = before.clone();
            for (i, (range, ..)) in entries.iter().enumerate() {
                if let Some(meant) = crate::version::meant::range(range) {
                    *route(i).find_mut(&mut expected).unwrap() = json!(meant);
                }
            }
            prop_assert_eq!(yaml::read_one(&new).unwrap(), expected);
            let without = |text: &str| text.replace(['v', ' '], "");
            prop_assert_eq!(without(&new), without(&text));
            prop_assert_eq!(fixed(&new, &findings), None);
        }
    }
}
