//! Text to values.

use std::borrow::Cow;
use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};
use serde_json::{Map, Value};

use super::scalar;

/// How many values the aliases of one file may add. A catalog of 20 MB has about a million values; an
/// alias bomb reaches this in an instant.
const MAX_ALIASED_VALUES: usize = 1_000_000;

/// How deep values may nest: far over what any manifest has, far under what a stack takes.
pub(super) const MAX_DEPTH: usize = 128;

/// One document of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Its place in the stream, counted from 0 and over documents that have a value.
    pub index: usize,
    /// The line that its value starts on, from 1.
    pub line: usize,
    /// What it says.
    pub value: Value,
}

/// Why text could not be read, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct Error {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong, without the place.
    pub message: String,
}

impl Error {
    pub(super) fn at(span: Span, message: impl Into<String>) -> Self {
        Self { line: span.start.line(), column: span.start.col() + 1, message: message.into() }
    }
}

impl From<ScanError> for Error {
    fn from(error: ScanError) -> Self {
        let (line, column) = (error.marker().line(), error.marker().col() + 1);
        Self { line, column, message: error.info() }
    }
}

/// Reads every document of a YAML or JSON stream. Documents without a value (comments alone) are left out.
///
/// # Errors
/// Text that is neither, nests deeper than 128 levels, or grows by its aliases beyond a million values.
pub fn read(text: &str) -> Result<Vec<Document>, Error> {
    let mut documents = Vec::new();
    for part in parts(text)? {
        match part {
            Part::Json { value, line, .. } => documents.push(Document { index: documents.len(), line, value }),
            Part::Yaml(text) => read_yaml(text, &mut documents)?,
        }
    }
    Ok(documents)
}

/// Reads text that must hold exactly one document.
///
/// # Errors
/// Those of [`read`], and text with none or with several.
pub fn read_one(text: &str) -> Result<Value, Error> {
    let mut documents = read(text)?;
    match documents.len() {
        1 => Ok(documents.remove(0).value),
        0 => Err(Error { line: 1, column: 1, message: "the file is empty".into() }),
        _ => Err(Error {
            line: documents[1].line,
            column: 1,
            message: format!("one document was expected, this is the second of {}", documents.len()),
        }),
    }
}

/// A run of text in one of the two languages.
pub(super) enum Part<'t> {
    Json { value: Value, text: &'t str, line: usize },
    Yaml(&'t str),
}

/// Tells JSON streams (values one after another, which YAML does not have) from YAML, as apimachinery does:
/// by the first character.
pub(super) fn parts(text: &str) -> Result<Vec<Part<'_>>, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !text.trim_start().starts_with('{') {
        return Ok(vec![Part::Yaml(text)]);
    }
    let mut parts = Vec::new();
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let (mut start, mut line) = (0, 1);
    loop {
        let skipped = text[start..].len() - text[start..].trim_start().len();
        line += newlines(&text[start..start + skipped]);
        start += skipped;
        match stream.next() {
            None => return Ok(parts),
            Some(Ok(value)) => {
                let end = stream.byte_offset();
                parts.push(Part::Json { value, text: &text[start..end], line });
                line += newlines(&text[start..end]);
                start = end;
            }
            // A flow mapping may be YAML that is no JSON.
            Some(Err(error)) => {
                let (mut yaml, whole) = (Vec::new(), Part::Yaml(text));
                return match read_yaml(text, &mut yaml) {
                    Ok(()) => Ok(vec![whole]),
                    Err(_) => {
                        Err(Error { line: error.line(), column: error.column().max(1), message: without_place(&error) })
                    }
                };
            }
        }
    }
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

fn read_yaml(text: &str, documents: &mut Vec<Document>) -> Result<(), Error> {
    let mut builder = Builder::default();
    let mut started = None;
    for event in Parser::new_from_str(text) {
        let (event, span) = event?;
        match &event {
            Event::DocumentStart(..) => {
                builder = Builder { aliased: builder.aliased, ..Builder::default() };
                started = None;
            }
            Event::DocumentEnd => {
                if let Some(value) = builder.root.take().filter(|value| !value.is_null()) {
                    let line = started.unwrap_or(span.start.line());
                    documents.push(Document { index: documents.len(), line, value });
                }
            }
            _ if event.is_node() => {
                started.get_or_insert(span.start.line());
                builder.node(event, span)?;
            }
            Event::MappingEnd | Event::SequenceEnd => builder.close(span)?,
            _ => {}
        }
    }
    Ok(())
}

/// Builds one document's value from its events, without recursion.
#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Value>,
    anchors: HashMap<usize, Value>,
    aliased: usize,
}

/// A collection that is being read.
struct Open {
    anchor: usize,
    items: Items,
}

enum Items {
    List(Vec<Value>),
    Map { map: Map<String, Value>, key: Option<Key>, merged: Vec<Value> },
}

/// The key whose value comes next.
enum Key {
    Name(String),
    /// A plain `<<`, which merges another mapping in.
    Merge,
}

impl Builder {
    fn node(&mut self, event: Event<'_>, span: Span) -> Result<(), Error> {
        match event {
            Event::MappingStart(_, anchor, tag) => {
                self.tag(tag.as_deref(), &["map"], span)?;
                self.open(anchor, Items::Map { map: Map::new(), key: None, merged: Vec::new() }, span)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.tag(tag.as_deref(), &["seq"], span)?;
                self.open(anchor, Items::List(Vec::new()), span)
            }
            Event::Alias(id) => {
                let value = self.anchors.get(&id).cloned();
                let value = value.ok_or_else(|| Error::at(span, "an alias inside the value that it names"))?;
                self.aliased += count(&value);
                if self.aliased > MAX_ALIASED_VALUES {
                    return Err(Error::at(span, "the aliases of this file stand for too many values"));
                }
                self.put(value, span)
            }
            Event::Scalar(text, style, anchor, tag) => self.scalar(text, style, anchor, tag.as_deref(), span),
            _ => Ok(()),
        }
    }

    fn scalar(
        &mut self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), Error> {
        let plain = style == ScalarStyle::Plain;
        // Keys become strings; a merge key is one only where it is plain.
        if let Some(Open { items: Items::Map { key: key @ None, .. }, .. }) = self.open.last_mut() {
            let name = match plain.then(|| scalar::resolve(&text)).transpose() {
                Err(message) => return Err(Error::at(span, message)),
                Ok(Some(Value::Null)) => return Err(Error::at(span, "a mapping key must not be null")),
                Ok(Some(Value::String(_))) if text == "<<" => Key::Merge,
                Ok(Some(Value::String(_)) | None) => Key::Name(text.clone().into_owned()),
                Ok(Some(value)) => Key::Name(value.to_string()),
            };
            *key = Some(name);
            if anchor != 0 {
                self.anchors.insert(anchor, Value::String(text.into_owned()));
            }
            return Ok(());
        }
        let value = match tag.and_then(Tag::core_suffix) {
            _ if tag.is_some_and(Tag::is_custom) => Value::String(text.into_owned()),
            Some("str" | "timestamp" | "binary") => Value::String(text.into_owned()),
            Some(name @ ("int" | "float" | "bool" | "null")) => {
                let value = scalar::resolve(&text).map_err(|message| Error::at(span, message))?;
                let fits = match name {
                    "int" => value.is_i64() || value.is_u64(),
                    "float" => value.is_number(),
                    "bool" => value.is_boolean(),
                    _ => value.is_null(),
                };
                if !fits {
                    return Err(Error::at(span, format!("`{text}` is not of the type !!{name}")));
                }
                value
            }
            _ if plain => scalar::resolve(&text).map_err(|message| Error::at(span, message))?,
            _ => Value::String(text.into_owned()),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, value.clone());
        }
        self.put(value, span)
    }

    fn tag(&self, tag: Option<&Tag>, allowed: &[&str], span: Span) -> Result<(), Error> {
        match tag.and_then(Tag::core_suffix) {
            Some(name) if !allowed.contains(&name) => {
                Err(Error::at(span, format!("a {} cannot have the tag !!{name}", allowed[0])))
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, anchor: usize, items: Items, span: Span) -> Result<(), Error> {
        if let Some(Open { items: Items::Map { key: None, .. }, .. }) = self.open.last() {
            return Err(Error::at(span, "a mapping key must be a scalar"));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(Error::at(span, format!("values nest deeper than {MAX_DEPTH} levels")));
        }
        self.open.push(Open { anchor, items });
        Ok(())
    }

    fn close(&mut self, span: Span) -> Result<(), Error> {
        let Some(Open { anchor, items }) = self.open.pop() else { return Ok(()) };
        let value = match items {
            Items::List(list) => Value::Array(list),
            Items::Map { mut map, merged, .. } => {
                for (key, value) in merged.into_iter().flat_map(mappings).flatten() {
                    map.entry(key).or_insert(value);
                }
                Value::Object(map)
            }
        };
        if anchor != 0 {
            self.anchors.insert(anchor, value.clone());
        }
        self.put(value, span)
    }

    fn put(&mut self, value: Value, span: Span) -> Result<(), Error> {
        match self.open.last_mut().map(|open| &mut open.items) {
            None => self.root = Some(value),
            Some(Items::List(list)) => list.push(value),
            Some(Items::Map { map, key, merged }) => match key.take() {
                None => match value {
                    Value::String(name) => *key = Some(Key::Name(name)),
                    _ => return Err(Error::at(span, "a mapping key must be a scalar")),
                },
                Some(Key::Merge) => {
                    let list = matches!(&value, Value::Array(list) if list.iter().all(Value::is_object));
                    if !list && !value.is_object() {
                        return Err(Error::at(span, "`<<` merges a mapping or a list of mappings"));
                    }
                    merged.push(value);
                }
                Some(Key::Name(name)) => {
                    map.insert(name, value);
                }
            },
        }
        Ok(())
    }
}

/// What a merge key's value holds, first wins.
fn mappings(value: Value) -> Vec<Map<String, Value>> {
    match value {
        Value::Object(map) => vec![map],
        Value::Array(list) => list.into_iter().flat_map(mappings).collect(),
        _ => Vec::new(),
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(list) => list.iter().map(count).sum(),
        Value::Object(map) => map.values().map(count).sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn one(text: &str) -> Value {
        read_one(text).expect("the text is YAML")
    }

    #[test]
    fn yaml_1_1_scalars() {
        let text =
            "[yes, Off, y, 010, 0x1F, 0o17, 1_000, 0b11, 1e3, .5, 1:20, 2001-01-01, ~, '', \"on\", <, 1.0, -0b1]";
        let expected = json!([
            true,
            false,
            true,
            8,
            31,
            15,
            1000,
            3,
            1000.0,
            0.5,
            "1:20",
            "2001-01-01",
            null,
            "",
            "on",
            "<",
            1.0,
            -1
        ]);
        assert_eq!(one(text), expected);
    }

    #[test]
    fn last_duplicate_key_wins_and_keys_become_strings() {
        assert_eq!(one("a: 1\na: 2\n3: x\nyes: z\n"), json!({"a": 2, "3": "x", "true": "z"}));
    }

    #[test]
    fn anchors_and_merge_keys() {
        assert_eq!(one("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\ne: *x\n")["d"], json!({"b": 1, "c": 3}));
    }

    #[test]
    fn json_streams_keep_their_lines() {
        let documents = read("{\"a\": 1}\n\n{\"b\":\n 2}").expect("JSON");
        assert_eq!(documents.iter().map(|d| (d.index, d.line)).collect::<Vec<_>>(), [(0, 1), (1, 3)]);
    }

    #[test]
    fn empty_documents_are_left_out() {
        let documents = read("# head\n---\na: 1\n---\n---\nb: 2\n").expect("YAML");
        assert_eq!(documents.iter().map(|d| (d.index, d.line)).collect::<Vec<_>>(), [(0, 3), (1, 6)]);
    }

    #[test]
    fn errors_have_a_place() {
        for (text, line) in [("a: [b\n c: d", 2), ("{\"a\": 1\n\"b\": 2}", 2), ("a: *nope", 1), ("? [a]\n: b", 1)] {
            assert_eq!(read(text).expect_err(text).line, line, "{text}: {:?}", read(text));
        }
    }

    #[test]
    fn hostile_input_is_bounded() {
        let bomb = (1..9).fold("a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, n| {
            let alias = format!("*a{}", n - 1);
            text + &format!("a{n}: &a{n} [{}]\n", [alias.as_str(); 9].join(", "))
        });
        assert!(read(&bomb).expect_err("an alias bomb").message.contains("too many"));
        assert!(read(&"[".repeat(5000)).is_err());
        assert!(read(&("{\"a\":".repeat(5000))).is_err());
    }
}
