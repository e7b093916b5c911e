//! Adds items to a list in a file's text, in the writing of what is there: its quotes, indentation, line endings, and
//! whether it is written with braces or line by line.

use std::ops::Range;

use serde_json::Value;

use super::edit::{is_plain, quoted};
use crate::yaml::{Position, Route, Step, field, locate_all};

/// Items to add to a list of a mapping, which may not have the list yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Insert {
    /// The first of the findings that it is about.
    pub(super) finding: usize,
    /// Which document.
    pub(super) document: usize,
    /// The mapping, an item of a list.
    pub(super) mapping: Route,
    /// The list's key.
    pub(super) key: &'static str,
    /// What is added at its end.
    pub(super) items: Vec<String>,
}

/// Text to insert, and where.
#[derive(Debug)]
pub(super) struct Inserted {
    pub(super) at: usize,
    pub(super) text: String,
    /// The place that is told: from 1.
    pub(super) line: usize,
    pub(super) column: usize,
}

/// Where the values and keys are that an insertion looks at, in the order of [`Insert::routes`].
type Places = [Option<Position>; 7];

/// What to insert, for each insertion. `root` gives a document. None where this is not certain.
pub(super) fn texts<'d>(
    inserts: &[Insert],
    text: &str,
    root: impl Fn(usize) -> Option<&'d Value>,
) -> Vec<Option<Inserted>> {
    let routes: Vec<Option<[Route; 7]>> = inserts.iter().map(|insert| insert.routes(root(insert.document)?)).collect();
    let all = inserts.iter().zip(&routes);
    let all = all.flat_map(|(insert, routes)| routes.iter().flatten().map(|route| (insert.document, route)));
    let mut found = locate_all(text, &all.collect::<Vec<_>>()).into_iter();
    let mut next = || std::array::from_fn(|_| found.next().flatten());
    let places: Vec<Option<Places>> = routes.iter().map(|routes| routes.as_ref().map(|_| next())).collect();
    let each = inserts.iter().zip(&places);
    each.map(|(insert, places)| insert.text(text, root(insert.document)?, places.as_ref()?)).collect()
}

impl Insert {
    /// The ways to the last item of the list or to the list, to the mapping's name, what it replaces, and the list
    /// around it.
    fn routes(&self, root: &Value) -> Option<[Route; 7]> {
        let mapping = || self.mapping.clone();
        let list = mapping().key(self.key);
        let last = match field(self.mapping.find(root)?, self.key).and_then(Value::as_array) {
            Some(items) if !items.is_empty() => list.index(items.len() - 1),
            _ => list,
        };
        let (_, around) = self.mapping.0.split_last()?;
        let (Step::Key(key), above) = around.split_last()? else { return None };
        Some([
            last,
            mapping().name("name"),
            mapping().key("name"),
            mapping().name("replaces"),
            mapping().key("replaces"),
            Route(above.to_vec()).name(key),
            Route(around.to_vec()).index(0),
        ])
    }

    fn text(&self, text: &str, root: &Value, places: &Places) -> Option<Inserted> {
        let mapping = self.mapping.find(root)?;
        match field(mapping, self.key) {
            Some(Value::Array(list)) => match list.last() {
                Some(last) => self.extend(text, last, places[0].as_ref()?),
                None => self.fill(text, places[0].as_ref()?, places[2].as_ref()?),
            },
            Some(_) => None,
            None => self.begin(text, mapping, places),
        }
    }

    /// What the document says with the items.
    pub(super) fn apply(&self, root: &mut Value) {
        let Some(Value::Object(mapping)) = self.mapping.find_mut(root) else { return };
        let items = self.items.iter().map(|item| Value::from(item.as_str()));
        let key = mapping.keys().find(|key| key.eq_ignore_ascii_case(self.key)).cloned();
        let list =
            mapping.entry(key.unwrap_or_else(|| self.key.to_owned())).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.extend(items);
        }
    }

    /// Items after the last one of a list.
    fn extend(&self, text: &str, last: &Value, found: &Position) -> Option<Inserted> {
        let shown = Shown::of(text, found, last.as_str()?)?;
        let before = shown.before(text);
        let dash = before.trim_end_matches(' ');
        let (at, added) = if dash.ends_with('-') {
            let indentation = " ".repeat(dash.chars().count() - 1);
            let gap = &before[dash.len()..];
            let lines = self
                .items
                .iter()
                .map(|item| Some(format!("{}{indentation}-{gap}{}", shown.line_ending(text), shown.like(item)?)));
            (shown.line_end(text), lines.collect::<Option<String>>()?)
        } else {
            let separator = match before.trim().is_empty() {
                true => format!(",{}{before}", shown.line_ending(text)),
                false => ", ".to_owned(),
            };
            let items = self.items.iter().map(|item| Some(format!("{separator}{}", shown.like(item)?)));
            (shown.bytes.end, items.collect::<Option<String>>()?)
        };
        Some(Inserted { at, text: added, line: found.line, column: found.column })
    }

    /// Items in an empty list.
    fn fill(&self, text: &str, found: &Position, name: &Position) -> Option<Inserted> {
        let rest = text[found.bytes.start..].strip_prefix('[')?;
        let quote = Quote::of(&text[name.bytes.clone()]);
        let items: Option<Vec<String>> = self.items.iter().map(|item| quote.write(item)).collect();
        rest.trim_start().starts_with(']').then_some(())?;
        Some(Inserted { at: found.bytes.start + 1, text: items?.join(", "), line: found.line, column: found.column })
    }

    /// The list, after what the mapping replaces, or after its name.
    fn begin(&self, text: &str, mapping: &Value, places: &Places) -> Option<Inserted> {
        let [_, name_key, name, replaces_key, replaces, ..] = places;
        let after = |key: &str| field(mapping, key)?.as_str().filter(|value| !value.is_empty());
        let (value, key_at, value_at) = match after("replaces") {
            Some(value) => (value, replaces_key.as_ref()?, replaces.as_ref()?),
            None => (after("name")?, name_key.as_ref()?, name.as_ref()?),
        };
        let shown = Shown::of(text, value_at, value)?;
        let name = text[key_at.bytes.clone()].trim_end();
        let before = line_before(text, key_at.bytes.start);
        let items: Option<Vec<String>> = self.items.iter().map(|item| shown.like(item)).collect();
        let (line, column) = (key_at.line, key_at.column);
        if is_in_braces(&text[shown.bytes.end..]) {
            let colon = &text[key_at.bytes.start + name.len()..shown.bytes.start];
            let key = if name.starts_with('"') { format!("\"{}\"", self.key) } else { self.key.to_owned() };
            let separator = match before.trim().is_empty() {
                true => format!(",{}{before}", shown.line_ending(text)),
                false => ", ".to_owned(),
            };
            let added = format!("{separator}{key}{colon}[{}]", items?.join(", "));
            // A comment between the two would end here.
            let is_plain = colon.trim() == ":" && !colon.contains('\n');
            return is_plain.then_some(Inserted { at: shown.bytes.end, text: added, line, column });
        }
        let indentation = " ".repeat(key_at.column.checked_sub(1)?);
        let deeper = " ".repeat(list_indentation(text, places).unwrap_or(0));
        let ending = shown.line_ending(text);
        let lines: String = items?.iter().map(|item| format!("{ending}{indentation}{deeper}- {item}")).collect();
        let added = format!("{ending}{indentation}{}:{lines}", self.key);
        Some(Inserted { at: shown.line_end(text), text: added, line, column })
    }
}

/// How much deeper than its key the list around the mapping is written.
fn list_indentation(text: &str, places: &Places) -> Option<usize> {
    let [.., key, first] = places;
    let before = line_before(text, first.as_ref()?.bytes.start);
    let dash = before.trim_end_matches(' ').strip_suffix('-')?;
    dash.trim().is_empty().then_some(dash.chars().count().checked_sub(key.as_ref()?.column - 1)?)
}

/// A scalar as it is written.
struct Shown {
    bytes: Range<usize>,
    quote: Quote,
}

#[derive(Clone, Copy)]
enum Quote {
    None,
    Single,
    Double,
}

impl Quote {
    fn of(shown: &str) -> Self {
        match shown.chars().next() {
            Some('"') => Self::Double,
            Some('\'') => Self::Single,
            _ => Self::None,
        }
    }

    fn write(self, text: &str) -> Option<String> {
        if !quoted::is_simple(text) {
            return None;
        }
        Some(match self {
            Self::None if is_plain(text) => text.to_owned(),
            Self::None | Self::Double => format!("\"{text}\""),
            Self::Single => format!("'{text}'"),
        })
    }
}

impl Shown {
    /// The scalar at a place. None where it is not written as it is: over several lines, with escapes, or as an alias.
    fn of(text: &str, found: &Position, value: &str) -> Option<Self> {
        let shown = text[found.bytes.clone()].trim_end();
        let is_value = shown == value || quoted::inner(shown) == Some(value);
        let bytes = found.bytes.start..found.bytes.start + shown.len();
        is_value.then(|| Self { bytes, quote: Quote::of(shown) })
    }

    /// Other text in the same quotes.
    fn like(&self, other: &str) -> Option<String> {
        self.quote.write(other)
    }

    /// What is before it on its line.
    fn before<'t>(&self, text: &'t str) -> &'t str {
        line_before(text, self.bytes.start)
    }

    /// The end of its line, without the line's ending.
    fn line_end(&self, text: &str) -> usize {
        let rest = &text[self.bytes.end..];
        let line = rest.find('\n').map_or(rest, |end| &rest[..end]);
        self.bytes.end + line.strip_suffix('\r').unwrap_or(line).len()
    }

    /// How lines end in the text.
    fn line_ending(&self, text: &str) -> &'static str {
        let at = self.line_end(text);
        match text[at..].starts_with("\r\n") || text[at..].is_empty() && text[..at].contains("\r\n") {
            true => "\r\n",
            false => "\n",
        }
    }
}

fn line_before(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    text[start..at].trim_start_matches('\u{feff}')
}

/// Whether what follows a value is that of a mapping in braces.
fn is_in_braces(rest: &str) -> bool {
    let mut rest = rest;
    loop {
        let next = rest.trim_start();
        match next.strip_prefix('#').filter(|_| next.len() < rest.len()) {
            Some(comment) => rest = comment.find('\n').map_or("", |end| &comment[end..]),
            None => return next.starts_with([',', '}']),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;

    /// The text with `b` added to the `skips` of the first entry.
    fn with(text: &str) -> Option<String> {
        let documents = yaml::read(text).expect("YAML");
        let insert = Insert {
            finding: 0,
            document: 0,
            mapping: Route::root().key("entries").index(0),
            key: "skips",
            items: vec!["b".to_owned()],
        };
        let inserted = texts(std::slice::from_ref(&insert), text, |_| Some(&documents[0].value)).pop()??;
        let new = format!("{}{}{}", &text[..inserted.at], inserted.text, &text[inserted.at..]);
        let mut expected = documents[0].value.clone();
        insert.apply(&mut expected);
        assert_eq!(yaml::read_one(&new).expect("YAML"), expected, "{new}");
        Some(new)
    }

    #[test]
    fn the_writing_stays() {
        for (text, expected) in [
            ("entries:\n- name: a\n", "entries:\n- name: a\n  skips:\n  - b\n"),
            ("entries:\n  - name: a # c\n", "entries:\n  - name: a # c\n    skips:\n      - b\n"),
            ("entries:\r\n- name: a\r\n", "entries:\r\n- name: a\r\n  skips:\r\n  - b\r\n"),
            ("entries:\n- name: a", "entries:\n- name: a\n  skips:\n  - b"),
            ("entries:\n-   name: 'a'\n", "entries:\n-   name: 'a'\n    skips:\n    - 'b'\n"),
            ("entries:\n- replaces: c\n  name: a\n", "entries:\n- replaces: c\n  skips:\n  - b\n  name: a\n"),
            ("entries: [{name: a}]", "entries: [{name: a, skips: [b]}]"),
            ("entries: [{name: a}, {name: c}]", "entries: [{name: a, skips: [b]}, {name: c}]"),
            ("{\"entries\":[{\"name\":\"a\"}]}", "{\"entries\":[{\"name\":\"a\", \"skips\":[\"b\"]}]}"),
            (
                "{\"entries\": [\n  {\n    \"name\": \"a\"\n  }]}",
                "{\"entries\": [\n  {\n    \"name\": \"a\",\n    \"skips\": [\"b\"]\n  }]}",
            ),
            ("entries:\n- name: a\n  skips: [c]\n", "entries:\n- name: a\n  skips: [c, b]\n"),
            ("entries:\n- name: a\n  skips: [ ]\n", "entries:\n- name: a\n  skips: [b ]\n"),
            ("entries:\n- name: a\n  skips:\n  - c # d\n", "entries:\n- name: a\n  skips:\n  - c # d\n  - b\n"),
            (
                "{\"entries\": [{\"name\": \"a\", \"skips\": [\n  \"c\"\n]}]}",
                "{\"entries\": [{\"name\": \"a\", \"skips\": [\n  \"c\",\n  \"b\"\n]}]}",
            ),
        ] {
            assert_eq!(with(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_certain_stays() {
        for text in [
            "entries:\n- name: >-\n    a\n",
            "entries:\n- name: \"\\x61\"\n",
            "entries:\n- name: a\n  skips: null\n",
            "entries:\n- name: a\n  skips: c\n",
            "entries:\n- {name: a, skips: [1]}\n",
            "entries:\n- nmae: a\n",
        ] {
            assert_eq!(with(text), None, "{text}");
        }
    }
}
