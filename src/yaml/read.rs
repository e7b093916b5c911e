//! Reads text into values.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::events::{Event, Span, parts as yaml_parts};
use super::scalar;

/// The most values that the aliases of one file may add. A catalog of 20 MB has about a million values; an alias bomb
/// reaches this immediately.
const MAX_ALIASED_VALUES: usize = 1_000_000;

/// The most bytes of text that the aliases of one file may add: more than the whole files of any catalog.
const MAX_ALIASED_BYTES: usize = 64 << 20;

/// The nesting limit, as in Go's decoders of YAML and JSON.
pub(super) const MAX_DEPTH: usize = 10_000;

/// serde_json's default limit.
const USUAL_DEPTH: usize = 128;

/// The limit for the sum of the depths of all unusually deep collections: printed output indents each of them that far.
const MAX_DEPTHS: usize = 100_000_000;

/// One document of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Its place in the stream, counted from 0, counting only documents with a value.
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
        Self { line: span.start.line, column: span.start.column + 1, message: message.into() }
    }
}

/// Reads every document of a YAML or JSON stream. Documents without a value (only comments) are left out.
///
/// # Errors
/// Text that is neither, nests deeper than 10,000 levels, or grows beyond a million values through aliases. Values of
/// that depth need the stack of [`stack::run`](crate::stack::run).
pub fn read(text: &str) -> Result<Vec<Document>, Error> {
    let mut documents = Vec::new();
    for part in parts(text)? {
        match part {
            Part::Json { value, line, .. } => documents.push(Document { index: documents.len(), line, value }),
            Part::Yaml { text, lines } => read_yaml(text, lines, &mut documents)?,
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
            message: format!("expected one document; this is the second of {}", documents.len()),
        }),
    }
}

/// A run of text in one of the two languages.
pub(super) enum Part<'t> {
    Json {
        value: Value,
        text: &'t str,
        line: usize,
    },
    /// Text, after this number of lines.
    Yaml {
        text: &'t str,
        lines: usize,
    },
}

/// Distinguishes JSON streams (values one after another, which YAML does not allow) from YAML by the first character,
/// as apimachinery does.
pub(super) fn parts(text: &str) -> Result<Vec<Part<'_>>, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !text.trim_start().starts_with('{') {
        return Ok(vec![Part::Yaml { text, lines: 0 }]);
    }
    let mut parts = Vec::new();
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    // The start of the stream, and whether unusually deep values are accepted.
    let (mut base, mut is_deep) = (0, false);
    let (mut start, mut line) = (0, 1);
    loop {
        let skipped = text[start..].len() - text[start..].trim_start().len();
        line += newlines(&text[start..start + skipped]);
        start += skipped;
        match stream.next() {
            None => return Ok(parts),
            Some(Ok(value)) => {
                let end = base + stream.byte_offset();
                parts.push(Part::Json { value, text: &text[start..end], line });
                line += newlines(&text[start..end]);
                start = end;
            }
            Some(Err(error)) if !is_deep && is_too_deep(&error) && depth_of_json(&text[start..]) <= MAX_DEPTH => {
                let mut rest = serde_json::Deserializer::from_str(&text[start..]);
                rest.disable_recursion_limit();
                (base, is_deep, stream) = (start, true, rest.into_iter());
            }
            // Text that begins as JSON may be YAML, such as a flow mapping, as long as only one value was read.
            Some(Err(error)) => {
                let rest = &text[start..];
                // White space after a value is skipped, up to the end of its line.
                let blank = rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len());
                let blank = rest[..blank].find('\n').map_or(blank, |newline| newline + 1);
                let yaml = Part::Yaml { text: &rest[blank..], lines: line - 1 + newlines(&rest[..blank]) };
                let is_yaml = match &yaml {
                    Part::Yaml { text, lines } => read_yaml(text, *lines, &mut Vec::new()).is_ok(),
                    Part::Json { .. } => false,
                };
                if parts.len() > 1 || !is_yaml {
                    let (line, column) = (newlines(&text[..base]) + error.line(), error.column().max(1));
                    return Err(Error { line, column, message: without_place(&error) });
                }
                parts.push(yaml);
                return Ok(parts);
            }
        }
    }
}

fn is_too_deep(error: &serde_json::Error) -> bool {
    error.to_string().starts_with("recursion limit exceeded")
}

/// The maximum depth of values in JSON text. For other text it is at least that. Sums that are too large count as too
/// deep.
fn depth_of_json(text: &str) -> usize {
    let (mut depth, mut deepest, mut depths, mut in_string, mut escaped) = (0_usize, 0, 0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
                depths += if depth > USUAL_DEPTH { depth } else { 0 };
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    if depths > MAX_DEPTHS { usize::MAX } else { deepest }
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

fn read_yaml(text: &str, before: usize, documents: &mut Vec<Document>) -> Result<(), Error> {
    let (mut aliased, mut aliased_bytes, mut depths) = (0, 0, 0);
    // Kubernetes' decoder ends every line with a line feed, including the last one.
    let ended = (!text.ends_with('\n')).then(|| format!("{text}\n"));
    let text = ended.as_deref().unwrap_or(text);
    for part in yaml_parts(text, before)? {
        let mut builder = Builder { aliased, aliased_bytes, depths, ..Builder::default() };
        let mut started = None;
        for event in part.events() {
            let (event, span) = event?;
            match event {
                Event::DocumentEnd => {}
                Event::CollectionEnd => builder.close(span)?,
                event => {
                    started.get_or_insert(span.start.line);
                    builder.node(event, span)?;
                }
            }
        }
        if let (Some(line), Some(value)) = (started, builder.root.take().filter(|value| !value.is_null())) {
            documents.push(Document { index: documents.len(), line, value });
        }
        (aliased, aliased_bytes, depths) = (builder.aliased, builder.aliased_bytes, builder.depths);
    }
    Ok(())
}

/// Builds one document's value from its events, without recursion.
#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Value>,
    anchors: HashMap<String, Value>,
    aliased: usize,
    aliased_bytes: usize,
    depths: usize,
}

/// A collection that is being read.
struct Open {
    anchor: Option<String>,
    /// It has the tag `!!null`, and counts as that.
    is_null: bool,
    items: Items,
}

enum Items {
    List(Vec<Value>),
    Map { map: Map<String, Value>, key: Option<Key> },
}

/// The key whose value comes next.
enum Key {
    Name(String),
    /// A plain `<<`, which merges another mapping in.
    Merge,
}

impl Builder {
    fn node(&mut self, event: Event, span: Span) -> Result<(), Error> {
        match event {
            Event::MappingStart { anchor, tag } => {
                self.open(anchor, tag.as_deref() == Some(scalar::NULL), Items::Map { map: Map::new(), key: None }, span)
            }
            Event::SequenceStart { anchor, tag } => {
                self.open(anchor, tag.as_deref() == Some(scalar::NULL), Items::List(Vec::new()), span)
            }
            Event::Alias(name) => {
                let Some(value) = self.anchors.get(&name) else {
                    return Err(Error::at(span, format!("no value before this alias has the anchor `&{name}`")));
                };
                self.grow(size(value), span)?;
                let value = self.anchors.get(&name).cloned().unwrap_or_default();
                self.put(value, span)
            }
            Event::Scalar { text, plain, anchor, tag } => self.scalar(text, plain, anchor, tag.as_deref(), span),
            Event::CollectionEnd | Event::DocumentEnd => Ok(()),
        }
    }

    /// Counts the values that an alias or an anchor copies.
    fn grow(&mut self, (values, bytes): (usize, usize), span: Span) -> Result<(), Error> {
        self.aliased += values;
        self.aliased_bytes += bytes;
        if self.aliased > MAX_ALIASED_VALUES || self.aliased_bytes > MAX_ALIASED_BYTES {
            return Err(Error::at(span, "the aliases in this file expand to too many values"));
        }
        Ok(())
    }

    /// Keeps a value for the aliases that name it.
    fn keep(&mut self, anchor: Option<String>, value: &Value, span: Span) -> Result<(), Error> {
        if let Some(anchor) = anchor {
            self.grow(size(value), span)?;
            self.anchors.insert(anchor, value.clone());
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        text: String,
        plain: bool,
        anchor: Option<String>,
        tag: Option<&str>,
        span: Span,
    ) -> Result<(), Error> {
        let value = scalar::tagged(&text, plain, tag).map_err(|message| Error::at(span, message))?;
        // Keys become strings. A merge key must be plain or have the tag.
        if let Some(Open { items: Items::Map { key: key @ None, .. }, .. }) = self.open.last_mut() {
            let is_merge = text == "<<" && ((plain && tag.is_none()) || tag == Some(scalar::MERGE));
            *key = Some(match value {
                _ if is_merge => Key::Merge,
                Value::Null => return Err(Error::at(span, "a mapping key must not be null")),
                Value::String(name) => Key::Name(name),
                other => Key::Name(other.to_string()),
            });
            return self.keep(anchor, &Value::String(text), span);
        }
        self.keep(anchor, &value, span)?;
        self.put(value, span)
    }

    fn open(&mut self, anchor: Option<String>, is_null: bool, items: Items, span: Span) -> Result<(), Error> {
        if let Some(Open { items: Items::Map { key: None, .. }, .. }) = self.open.last() {
            return Err(Error::at(span, "a mapping key must be a scalar"));
        }
        let depth = self.open.len();
        if depth >= MAX_DEPTH {
            return Err(Error::at(span, format!("values nest deeper than {MAX_DEPTH} levels")));
        }
        self.depths += if depth > USUAL_DEPTH { depth } else { 0 };
        if self.depths > MAX_DEPTHS {
            return Err(Error::at(span, "too many values nest deeper than usual"));
        }
        self.open.push(Open { anchor, is_null, items });
        Ok(())
    }

    fn close(&mut self, span: Span) -> Result<(), Error> {
        let Some(Open { anchor, is_null, items }) = self.open.pop() else { return Ok(()) };
        let value = match items {
            _ if is_null => Value::Null,
            Items::List(list) => Value::Array(list),
            Items::Map { map, .. } => Value::Object(map),
        };
        self.keep(anchor, &value, span)?;
        self.put(value, span)
    }

    fn put(&mut self, value: Value, span: Span) -> Result<(), Error> {
        match self.open.last_mut().map(|open| &mut open.items) {
            None => self.root = Some(value),
            Some(Items::List(list)) => list.push(value),
            Some(Items::Map { map, key }) => match key.take() {
                None => match value {
                    Value::String(name) => *key = Some(Key::Name(name)),
                    _ => return Err(Error::at(span, "a mapping key must be a scalar")),
                },
                Some(Key::Merge) => {
                    let list = matches!(&value, Value::Array(list) if list.iter().all(Value::is_object));
                    if !list && !value.is_object() {
                        return Err(Error::at(span, "`<<` merges a mapping or a list of mappings"));
                    }
                    // Merged entries override earlier ones, and in a list the first one takes precedence.
                    map.extend(mappings(value).into_iter().rev().flatten());
                }
                Some(Key::Name(name)) => {
                    map.insert(name, value);
                }
            },
        }
        Ok(())
    }
}

/// The entries of a merge key's value. The first one takes precedence.
fn mappings(value: Value) -> Vec<Map<String, Value>> {
    match value {
        Value::Object(map) => vec![map],
        Value::Array(list) => list.into_iter().flat_map(mappings).collect(),
        _ => Vec::new(),
    }
}

/// The number of values in a value, and of bytes of text.
fn size(value: &Value) -> (usize, usize) {
    let add = |a: (usize, usize), b: (usize, usize)| (a.0 + b.0, a.1 + b.1);
    match value {
        Value::String(text) => (1, text.len()),
        Value::Array(list) => list.iter().map(size).fold((1, 0), add),
        Value::Object(map) => map.iter().map(|(key, value)| add((0, key.len()), size(value))).fold((1, 0), add),
        _ => (1, 0),
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
        assert!(crate::stack::run(|| read(&("{\"a\":".repeat(5000))).is_err()));
    }

    #[test]
    fn values_nest_as_deep_as_in_go() {
        let nested = |open: &str, levels: usize, close: &str| open.repeat(levels) + "1" + &close.repeat(levels);
        crate::stack::run(|| {
            for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("{a: ", "}")] {
                for levels in [1, 127, 128, 129, 10_000] {
                    assert_eq!(read(&nested(open, levels, close)).map(|read| read.len()), Ok(1), "{open} {levels}");
                }
                assert!(read(&nested(open, 10_001, close)).is_err(), "{open}");
            }
            let several = format!("{}\n\n{{\"b\":\n 2}}", nested("{\"a\":", 5000, "}"));
            assert_eq!(read(&several).map(|read| read.iter().map(|one| one.line).collect()), Ok(vec![1, 3]));
            let many = "a: 1\n---\n".to_owned() + &(nested("{a: ", 9000, "}") + "\n---\n").repeat(3);
            assert!(read(&many).expect_err("too many").message.contains("too many values"));
        });
    }
}
