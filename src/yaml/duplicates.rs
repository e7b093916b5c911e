//! Duplicate keys in a mapping. Normal reading uses the last one, as in Go; strict formats reject them.

use std::collections::HashSet;

use super::events::{Event, parts};
use super::{Route, Step};

/// The duplicate keys of mappings, ignoring case: each with its document, counted as in [`super::read`], up to the
/// first document that cannot be read.
#[must_use]
pub fn duplicate_keys(text: &str) -> Vec<(usize, Route)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut duplicates = Vec::new();
    let mut document = 0;
    let Ok(parts) = parts(text, 0) else { return duplicates };
    for part in parts {
        let mut empty = true;
        let mut open: Vec<Open> = Vec::new();
        for event in part.events() {
            let Ok((event, _)) = event else { return duplicates };
            match event {
                Event::MappingStart { .. } => {
                    empty = false;
                    next(&mut open, None);
                    open.push(Open::Map { seen: HashSet::new(), last: String::new(), at_key: true });
                }
                Event::SequenceStart { .. } => {
                    empty = false;
                    next(&mut open, None);
                    open.push(Open::List(0));
                }
                Event::CollectionEnd => drop(open.pop()),
                Event::Scalar { text, .. } => {
                    empty &= open.is_empty() && matches!(text.as_str(), "" | "~" | "null");
                    if next(&mut open, Some(&text)) {
                        duplicates.push((document, route(&open)));
                    }
                }
                Event::Alias(_) => {
                    next(&mut open, None);
                }
                Event::DocumentEnd => document += usize::from(!empty),
            }
        }
    }
    duplicates
}

/// A collection that is being read.
enum Open {
    /// The number of its items so far.
    List(usize),
    Map {
        /// The keys in lower case.
        seen: HashSet<String>,
        last: String,
        at_key: bool,
    },
}

/// Takes the next node of the innermost collection. Returns whether it is a duplicate key.
fn next(open: &mut [Open], scalar: Option<&str>) -> bool {
    match open.last_mut() {
        None => false,
        Some(Open::List(count)) => {
            *count += 1;
            false
        }
        Some(Open::Map { seen, last, at_key }) => {
            let mut twice = false;
            if *at_key {
                scalar.unwrap_or_default().clone_into(last);
                twice = !seen.insert(last.to_ascii_lowercase()) && last != "<<";
            }
            *at_key = !*at_key;
            twice
        }
    }
}

fn route(open: &[Open]) -> Route {
    let step = |open: &Open| match open {
        Open::List(count) => Step::Index(count.saturating_sub(1)),
        Open::Map { last, .. } => Step::Key(last.clone()),
    };
    Route(open.iter().map(step).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_stand_twice_are_found() {
        let text = "# none\n---\na: 1\nb: [{c: 1, d: {e: 1}, C: 2}]\n---\nf: {g: 1}\nh: {g: 2}\nf: 3\n";
        let found: Vec<_> = duplicate_keys(text).iter().map(|(n, route)| format!("{n} {route}")).collect();
        assert_eq!(found, ["0 b[0].C", "1 f"]);
        assert_eq!(duplicate_keys("{\"a\": {\"b\": 1, \"b\": 2}}").len(), 1);
    }
}
