//! The nodes of a text, with their bytes and whether they are written in block or in flow style.

use super::super::events::{Event, Mark, parts};

/// A value, and where it is written.
#[derive(Debug)]
pub(super) struct Node {
    /// The bytes of its content. A block collection ends with the last of its values.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) body: Body,
}

#[derive(Debug)]
pub(super) enum Body {
    /// A scalar with text.
    Scalar,
    /// No text at all, or a null.
    Null,
    /// An alias of another value.
    Alias,
    List {
        items: Vec<Node>,
        flow: bool,
    },
    Map {
        entries: Vec<Entry>,
        flow: bool,
    },
}

/// An entry of a mapping.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) key: Node,
    pub(super) value: Node,
}

impl Node {
    /// The entry of a key: of several the last one, as for readers.
    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.body {
            Body::Map { entries, .. } => entries.iter().rev().find(|entry| entry.name == key),
            _ => None,
        }
    }
}

/// The starts of the lines of a text, in bytes.
fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

/// A collection that is being read.
struct Open {
    start: usize,
    flow: bool,
    items: Items,
}

enum Items {
    List(Vec<Node>),
    Map(Vec<Entry>, Option<(String, Node)>),
}

/// The documents of a text that have a value. None where it cannot be read.
pub(super) fn documents(text: &str) -> Option<Vec<Node>> {
    let starts = line_starts(text);
    let byte = |mark: Mark| {
        let from = starts.get(mark.line - 1).copied().unwrap_or(text.len());
        let rest = &text[from..];
        let bom = rest.len() - rest.trim_start_matches('\u{feff}').len();
        from + rest[bom..].char_indices().nth(mark.column).map_or(rest.len(), |(at, _)| at + bom)
    };
    let mut found = Vec::new();
    for part in parts(text, 0).ok()? {
        let (mut open, mut root): (Vec<Open>, Option<Node>) = (Vec::new(), None);
        for event in part.events() {
            let (event, span) = event.ok()?;
            let (start, end) = (byte(span.start), byte(span.end));
            let node = match event {
                Event::DocumentEnd => continue,
                Event::MappingStart { .. } | Event::SequenceStart { .. } => {
                    let is_map = matches!(event, Event::MappingStart { .. });
                    let items = if is_map { Items::Map(Vec::new(), None) } else { Items::List(Vec::new()) };
                    let flow = text[start..].starts_with(['{', '[']) || flow_after_properties(&text[start..]);
                    open.push(Open { start, flow, items });
                    continue;
                }
                Event::Alias(_) => named(Body::Alias, None, start, end),
                Event::Scalar { text: said, plain, .. } => {
                    let null = plain && matches!(&*said, "" | "~" | "null" | "Null" | "NULL");
                    // The end of a block scalar is the start of what follows.
                    let end = start + text[start..end.max(start)].trim_end().len();
                    named(if null { Body::Null } else { Body::Scalar }, Some(said), start, end)
                }
                Event::CollectionEnd => {
                    let Open { start, flow, items } = open.pop()?;
                    let last = match &items {
                        Items::List(items) => items.last().map(|item| item.end),
                        Items::Map(entries, _) => entries.last().map(|entry| entry.value.end.max(entry.key.end)),
                    };
                    let end = if flow { end } else { last.unwrap_or(start) };
                    let body = match items {
                        Items::List(items) => Body::List { items, flow },
                        Items::Map(entries, _) => Body::Map { entries, flow },
                    };
                    named(body, None, start, end)
                }
            };
            put(node, &mut open, &mut root);
        }
        found.extend(root.filter(|node| !matches!(node.body, Body::Null)));
    }
    Some(found)
}

/// A node, and its text where it may be a key.
fn named(body: Body, text: Option<String>, start: usize, end: usize) -> (Option<String>, Node) {
    (text, Node { start, end, body })
}

fn put((text, node): (Option<String>, Node), open: &mut [Open], root: &mut Option<Node>) {
    match open.last_mut().map(|open| &mut open.items) {
        None => *root = Some(node),
        Some(Items::List(items)) => items.push(node),
        Some(Items::Map(entries, key)) => match key.take() {
            None => *key = Some((text.unwrap_or_default(), node)),
            Some((name, key)) => entries.push(Entry { name, key, value: node }),
        },
    }
}

/// Whether a collection with an anchor or a tag is in flow style.
fn flow_after_properties(text: &str) -> bool {
    let mut rest = text;
    while rest.starts_with(['&', '!']) {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        rest = rest[end..].trim_start_matches([' ', '\t']);
    }
    rest.starts_with(['{', '['])
}
