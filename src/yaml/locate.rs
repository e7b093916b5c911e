//! Finds the place of a value in a file. Findings contain a [`Route`], and its place is looked up only when a finding
//! is printed, so models need no positions.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use super::events::{Event, Span, parts as yaml_parts};
use super::read::{Part, parts};
use crate::route::{Route, Step};

/// A place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The bytes of the value (a collection's: its first line).
    pub bytes: Range<usize>,
}

/// Finds the value at `route` in document number `document` (counted as in [`super::read`]). If the route is longer
/// than the text allows, the last existing value is returned, so a missing field is shown at the mapping that lacks it.
/// `None` if the text has no such document.
#[must_use]
pub fn locate(text: &str, document: usize, route: &Route) -> Option<Position> {
    locate_all(text, &[(document, route)]).pop().flatten()
}

/// [`locate`] for many values, in one pass over the text.
#[must_use]
pub fn locate_all(text: &str, values: &[(usize, &Route)]) -> Vec<Option<Position>> {
    let mut positions = vec![None; values.len()];
    let mut wanted: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (i, (document, _)) in values.iter().enumerate() {
        wanted.entry(*document).or_default().push(i);
    }
    let wanted_documents: BTreeSet<usize> = wanted.keys().copied().collect();
    let starts = line_starts(text);
    let mut found = |document: usize, root: &Node, lines: usize, columns: usize, offset: usize| {
        for &i in wanted.get(&document).into_iter().flatten() {
            let (span, whole) = walk(root, values[i].1);
            positions[i] = Some(position(span, whole, text, &starts, lines, columns, offset));
        }
    };
    let Ok(parts) = parts(text) else { return positions };
    // The column is counted from the previous value, because a JSON stream may be a single line.
    let (mut counted, mut column) = (0, 0);
    for (number, part) in parts.into_iter().enumerate() {
        match part {
            Part::Json { text: json, line, .. } => {
                if !wanted_documents.contains(&number) {
                    continue;
                }
                let offset = json.as_ptr() as usize - text.as_ptr() as usize;
                let line_start = starts.get(line - 1).copied().unwrap_or(0).min(offset);
                if counted < line_start {
                    (counted, column) = (line_start, 0);
                }
                column += text[counted..offset].chars().filter(|c| *c != '\u{feff}').count();
                counted = offset;
                let _ = each_document(json, |_, root| found(number, root, line - 1, column, offset));
            }
            Part::Yaml { text: yaml, lines } => {
                let _ = each_document(yaml, |document, root| found(number + document, root, lines, 0, 0));
            }
        }
    }
    positions
}

/// The start of each line, in bytes.
fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

/// A value's place and contents.
struct Node {
    span: Span,
    items: Items,
}

enum Items {
    None,
    Null,
    List(Vec<Node>),
    Map(Entries),
}

/// The number of entries that are searched one after another.
const FEW: usize = 32;

/// The entries of a mapping.
#[derive(Default)]
struct Entries {
    list: Vec<(Key, Node)>,
    /// The positions of the keys in the list, by their lower case, for a large mapping that is searched.
    index: OnceCell<HashMap<String, Vec<usize>>>,
}

impl Entries {
    /// The last entry with a key. If no key matches exactly, case is ignored.
    fn find(&self, key: &str) -> Option<&(Key, Node)> {
        let best = |places: &mut dyn DoubleEndedIterator<Item = usize>| {
            let mut folded = None;
            while let Some(at) = places.next_back() {
                let text = &self.list[at].0.text;
                if text == key {
                    return Some(at);
                }
                folded = folded.or_else(|| text.eq_ignore_ascii_case(key).then_some(at));
            }
            folded
        };
        let at = if self.list.len() <= FEW {
            best(&mut (0..self.list.len()))
        } else {
            best(&mut self.index().get(&key.to_ascii_lowercase())?.iter().copied())
        };
        self.list.get(at?)
    }

    fn index(&self) -> &HashMap<String, Vec<usize>> {
        self.index.get_or_init(|| {
            let mut index: HashMap<String, Vec<usize>> = HashMap::new();
            for (at, (key, _)) in self.list.iter().enumerate() {
                index.entry(key.text.to_ascii_lowercase()).or_default().push(at);
            }
            index
        })
    }
}

/// A key of a mapping, and its place.
struct Key {
    text: String,
    span: Span,
}

/// `whole`: all of it is shown if it is on one line, instead of the rest of its first line.
fn position(
    span: Span,
    whole: bool,
    text: &str,
    starts: &[usize],
    lines: usize,
    columns: usize,
    offset: usize,
) -> Position {
    let (start, end) = (span.start, span.end);
    let byte = |line: usize, column: usize| {
        let line_start = starts.get(line - 1 + lines).copied().unwrap_or(text.len());
        let from = if line == 1 { offset } else { line_start };
        // A byte order mark has no column.
        let rest = &text[from..];
        let bom = rest.len() - rest.trim_start_matches('\u{feff}').len();
        let at = rest[bom..].char_indices().nth(column).map_or(rest.len(), |(at, _)| at + bom);
        from + at
    };
    let from = byte(start.line, start.column);
    let line_end = text[from..].find('\n').map_or(text.len(), |length| from + length);
    let one = whole && end.line == start.line;
    let to = if one { byte(end.line, end.column).min(line_end).max(from) } else { line_end };
    let columns = if start.line == 1 { columns } else { 0 };
    Position { line: start.line + lines, column: start.column + 1 + columns, bytes: from..to }
}

/// The target of a route, and whether it is a scalar or a key.
fn walk(root: &Node, route: &Route) -> (Span, bool) {
    let mut node = root;
    for step in &route.0 {
        let next = match (&node.items, step) {
            (Items::List(list), Step::Index(index)) => list.get(*index),
            (Items::Map(entries), Step::Key(key)) => entries.find(key).map(|(_, value)| value),
            (Items::Map(entries), Step::Name(key)) => match entries.find(key) {
                Some((key, _)) => return (key.span, true),
                None => None,
            },
            _ => None,
        };
        match next {
            Some(next) => node = next,
            None => break,
        }
    }
    (node.span, matches!(node.items, Items::None | Items::Null))
}

/// Visits the documents with a value one after another, up to the first that cannot be read (`None`).
fn each_document(text: &str, mut show: impl FnMut(usize, &Node)) -> Option<()> {
    let mut number = 0;
    let mut open: Vec<(Node, Option<Key>)> = Vec::new();
    let mut root: Option<Node> = None;
    let put = |node: Node, open: &mut Vec<(Node, Option<Key>)>, root: &mut Option<Node>| match open.last_mut() {
        None => *root = Some(node),
        Some((Node { items: Items::List(list), .. }, _)) => list.push(node),
        Some((Node { items: Items::Map(entries), .. }, key)) => {
            if let Some(key) = key.take() {
                entries.list.push((key, node));
            }
        }
        Some(_) => {}
    };
    for event in yaml_parts(text, 0).ok()?.iter().flat_map(super::events::Part::events) {
        let (event, span) = event.ok()?;
        match event {
            Event::DocumentEnd => {
                if let Some(node) = root.take().filter(|node| !matches!(node.items, Items::Null)) {
                    show(number, &node);
                    number += 1;
                }
            }
            Event::MappingStart { .. } => open.push((Node { span, items: Items::Map(Entries::default()) }, None)),
            Event::SequenceStart { .. } => open.push((Node { span, items: Items::List(Vec::new()) }, None)),
            Event::CollectionEnd => {
                let (node, _) = open.pop()?;
                put(node, &mut open, &mut root);
            }
            Event::Scalar { text, plain, .. } => match open.last_mut() {
                Some((Node { items: Items::Map(_), .. }, key @ None)) => *key = Some(Key { text, span }),
                _ => {
                    let null = plain && matches!(&*text, "" | "~" | "null");
                    let items = if null { Items::Null } else { Items::None };
                    put(Node { span, items }, &mut open, &mut root);
                }
            },
            Event::Alias(_) => match open.last_mut() {
                Some((Node { items: Items::Map(_), .. }, key @ None)) => *key = Some(Key { text: String::new(), span }),
                _ => put(Node { span, items: Items::None }, &mut open, &mut root),
            },
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str, document: usize, route: Route) -> (usize, usize, &str) {
        let found = locate(text, document, &route).expect("a place");
        (found.line, found.column, &text[found.bytes])
    }

    #[test]
    fn values_are_found_in_yaml() {
        let text = "# head\n---\na: 1\n---\nb:\n- name: x\n  Image: é y\n";
        assert_eq!(place(text, 0, Route::root().key("a")), (3, 4, "1"));
        assert_eq!(place(text, 1, Route::root().key("b").index(0).key("image")), (7, 10, "é y"));
    }

    #[test]
    fn keys_are_found() {
        let text = "a: 1\nb:\n- c d: {e: [1]}\n";
        assert_eq!(place(text, 0, Route::root().name("a")), (1, 1, "a"));
        assert_eq!(place(text, 0, Route::root().key("b").index(0).name("c d")), (3, 3, "c d"));
        assert_eq!(place(text, 0, Route::root().key("b").index(0).key("c d").name("e")), (3, 9, "e"));
        assert_eq!(place("{\"a\": 1}", 0, Route::root().name("a")), (1, 2, "\"a\""));
    }

    #[test]
    fn keys_of_large_mappings_are_found_as_those_of_small_ones() {
        for more in [0, FEW] {
            let filler: String = (0..more).map(|i| format!("k{i}: 0\n")).collect();
            let text = format!("{filler}A: 1\na: 2\nB: 3\nb: 4\nB: 5\n");
            let found = |key: &str| place(&text, 0, Route::root().key(key)).2;
            assert_eq!([found("A"), found("a"), found("B"), found("b")], ["1", "2", "5", "4"]);
            let text = format!("{filler}Aa: 1\naA: 2\n");
            assert_eq!(place(&text, 0, Route::root().key("aa")).2, "2");
        }
    }

    #[test]
    fn values_are_found_in_json_streams() {
        let text = "{\"a\": 1} {\"b\":\n [\"x\", {\"c\": true}]}";
        assert_eq!(place(text, 1, Route::root().key("b").index(1).key("c")), (2, 14, "true"));
        assert_eq!(place(text, 0, Route::root().key("a")), (1, 7, "1"));
    }

    #[test]
    fn a_missing_field_is_shown_where_it_is_missing() {
        assert_eq!(place("a:\n  b: 1\n", 0, Route::root().key("a").key("nope")).0, 2);
    }

    #[test]
    fn routes_read_well() {
        assert_eq!(Route::root().key("spec").key("a.b").index(2).key("c").to_string(), "spec[\"a.b\"][2].c");
    }
}
