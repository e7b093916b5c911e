//! The events of YAML text, by libyaml's rules, which are those of go-yaml and so of every Kubernetes program.

use super::parse::{Found, Parser};
use super::scan::{self, Place};
use super::{Comment, Error};

/// A place in a text: the line from 1, the column in characters from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// Where a node starts and ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: Mark,
    pub(super) end: Mark,
}

/// What the parser finds, one after another.
#[derive(Debug)]
pub(super) enum Event {
    DocumentEnd,
    Alias(String),
    Scalar { text: String, plain: bool, anchor: Option<String>, tag: Option<String> },
    MappingStart { anchor: Option<String>, tag: Option<String> },
    SequenceStart { anchor: Option<String>, tag: Option<String> },
    CollectionEnd,
}

/// One part of a stream, as apimachinery's decoder cuts it at the lines that begin with `---`, before it reads YAML.
pub(super) struct Part<'t> {
    text: &'t str,
    /// How many lines are before it.
    lines: usize,
}

/// Cuts a stream into its parts at the lines that begin with `---`. Such a line may have a comment beside it and nothing else;
/// it belongs to the next part where nothing is before it.
///
/// # Errors
/// A line that has something else after `---`.
pub(super) fn parts(text: &str, before: usize) -> Result<Vec<Part<'_>>, Error> {
    let mut parts = Vec::new();
    let (mut start, mut first, mut at) = (0, 0, 0);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let end = at + line.len();
        if let Some(rest) = line.strip_prefix("---").map(str::trim) {
            if !rest.is_empty() && !rest.starts_with('#') {
                let message = "only a comment may follow `---`: begin a new line".into();
                return Err(Error { line: before + number + 1, column: 1, message });
            }
            if start < at {
                parts.push(Part { text: &text[start..at], lines: before + first });
                (start, first) = (end, number + 1);
            }
        }
        at = end;
    }
    parts.push(Part { text: &text[start..], lines: before + first });
    Ok(parts)
}

impl<'t> Part<'t> {
    /// The comments of its first document, up to where it cannot be read.
    pub(super) fn comments(&self) -> Vec<Comment<'t>> {
        let text = self.text.strip_prefix('\u{feff}').unwrap_or(self.text);
        let comment = |(place, bytes): (Place, std::ops::Range<usize>)| {
            let before = text[..bytes.start].rsplit(['\n', '\r']).next().unwrap_or_default();
            let Mark { line, column } = mark(place, self.lines);
            Comment { line, column: column + 1, alone: before.trim().is_empty(), text: &text[bytes] }
        };
        scan::comments(text).into_iter().map(comment).collect()
    }

    /// The events of its first document: as in Go, what follows the document's end (`...`) is not read.
    pub(super) fn events(&self) -> impl Iterator<Item = Result<(Event, Span), Error>> + use<'t> {
        let lines = self.lines;
        let text = self.text.strip_prefix('\u{feff}').unwrap_or(self.text);
        let mut parser = Parser::new(text);
        let mut done = false;
        std::iter::from_fn(move || {
            if done {
                return None;
            }
            match parser.next() {
                Ok(Some((found, start, end))) => {
                    done = found == Found::DocumentEnd;
                    Some(Ok((shown(found), Span { start: mark(start, lines), end: mark(end, lines) })))
                }
                Ok(None) => None,
                Err(error) => {
                    done = true;
                    Some(Err(Error { line: error.line + lines, ..error }))
                }
            }
        })
    }
}

fn shown(found: Found) -> Event {
    match found {
        Found::DocumentEnd => Event::DocumentEnd,
        Found::Alias(anchor) => Event::Alias(anchor),
        Found::Scalar { text, plain, anchor, tag } => Event::Scalar { text, plain, anchor, tag },
        Found::Sequence { anchor, tag } => Event::SequenceStart { anchor, tag },
        Found::Mapping { anchor, tag } => Event::MappingStart { anchor, tag },
        Found::CollectionEnd => Event::CollectionEnd,
    }
}

fn mark(place: Place, lines: usize) -> Mark {
    Mark { line: place.line + 1 + lines, column: place.column }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{read, read_one};

    /// What go-yaml reads although YAML 1.2 does not allow it.
    #[test]
    fn what_go_accepts() {
        for (text, expected) in [
            ("a:\n  b: 'first\n  second'\n  c: \"one\n  two\"\n", json!({"a": {"b": "first second", "c": "one two"}})),
            ("a: {\n\t\"b\": \"1\"\n\t}\n", json!({"a": {"b": "1"}})),
            ("a: 1\n...\nb: 2\n", json!({"a": 1})),
            ("a: 1\n---\n\u{feff}b: 2\n", json!([{"a": 1}, {"b": 2}])),
        ] {
            let values: Vec<_> = read(text).expect(text).into_iter().map(|document| document.value).collect();
            match values.as_slice() {
                [one] => assert_eq!(*one, expected, "{text:?}"),
                several => assert_eq!(json!(several), expected, "{text:?}"),
            }
        }
    }

    /// What go-yaml refuses, and so opm and OLM, although YAML 1.2 allows it.
    #[test]
    fn what_go_refuses() {
        for (text, line) in [("a: \"\\ud83d\\ude00\"\n", 1), ("a:\n\t\nb: 1\n", 2), ("a:\n-\tb: 1\n", 2)] {
            let refused = read_one(text);
            assert_eq!(refused.as_ref().map_err(|error| error.line), Err(line), "{text:?}: {refused:?}");
        }
    }

    #[test]
    fn aliases_are_limited_by_bytes() {
        let bomb = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), vec!["*a"; 1000].join(", "));
        assert!(read(&bomb).is_err());
    }
}
