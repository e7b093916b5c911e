//! Changes files that people write by hand: the text stays as it is, with its comments, order, indentation and line ends,
//! and only the lines of the change are different.
//!
//! Each change is checked: the new text must have all comments of the old one, and say the old value with exactly this
//! change. Otherwise nothing is changed, and [`Refused`] shows what to write by hand. A text that is used twice by an
//! anchor is such a case.

mod change;
mod expected;
mod item;
mod tree;

pub use item::Item;

use serde_json::Value;

use super::{Route, Step, comments, read};
use item::Style;
use tree::{Body, Node};

/// A change of one document of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Another scalar in place of a scalar, or of nothing.
    Set(Route, Value),
    /// A new entry of a mapping.
    Put {
        /// The mapping.
        map: Route,
        /// The key.
        key: String,
        /// The value.
        value: Item,
        /// Where the entry is added.
        place: Place,
    },
    /// A new item of a list, or of nothing.
    Insert {
        /// The list.
        list: Route,
        /// The place of the item in the new list.
        index: usize,
        /// The item.
        value: Item,
    },
    /// Removes an entry of a mapping or an item of a list.
    Remove(Route),
    /// A mapping becomes a list whose only item it is, with an entry more at its start.
    Wrap {
        /// The mapping.
        map: Route,
        /// The key of the new entry.
        key: String,
        /// Its value.
        value: Value,
    },
}

/// The place of a new entry in a mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before all others. The value must be a scalar.
    First,
    /// After the entry of a key.
    After(String),
    /// After all others.
    Last,
}

/// Why a text is not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it cannot be edited at {at}: {why}{}", hand(.by_hand))]
pub struct Refused {
    /// The place.
    pub at: Route,
    /// Why not.
    pub why: &'static str,
    /// What to write there, as YAML. Empty where something is to be removed.
    pub by_hand: String,
}

fn hand(yaml: &str) -> String {
    if yaml.is_empty() {
        return String::new();
    }
    let lines = yaml.lines().map(|line| format!("\n  {line}"));
    format!("; please write there by hand:{}", lines.collect::<String>())
}

/// Makes a change in a document, counted as in [`read`].
///
/// # Errors
/// A place that does not exist, and one that is written in a way in which the change cannot be made.
pub fn edit(text: &str, document: usize, edit: &Edit) -> Result<String, Refused> {
    let refused = |why| edit.refused(why);
    let unread = || refused("the file is not valid YAML");
    let mut expected: Vec<Value> = read(text).map_err(|_| unread())?.into_iter().map(|it| it.value).collect();
    let value = expected.get_mut(document).ok_or_else(|| refused("the document does not exist"))?;
    expected::apply(edit, value).ok_or_else(|| refused("there is nothing to change"))?;
    let documents = tree::documents(text).ok_or_else(unread)?;
    let root = documents.get(document).ok_or_else(unread)?;
    let source = change::Source { text, style: style(text, root) };
    let splices = source.splices(root, edit).map_err(refused)?;
    let new = change::spliced(text, splices);
    let says: Vec<Value> = read(&new).map_err(|_| refused(UNCERTAIN))?.into_iter().map(|it| it.value).collect();
    let kept = matches!(edit, Edit::Remove(_)) || said(&new) == said(text);
    if says == expected && kept { Ok(new) } else { Err(refused(UNCERTAIN)) }
}

/// Adds a document at the end: in a file of JSON as JSON.
///
/// # Errors
/// A text that cannot be read.
pub fn add_document(text: &str, value: &Item) -> Result<String, Refused> {
    let json = text.trim_start_matches('\u{feff}').trim_start().starts_with('{');
    let style = Style { step: 2, list: 0, dash: 2, json };
    let lines = if json { vec![style.flow(value)] } else { style.lines(value) };
    let refused = |why| Refused { at: Route::root(), why, by_hand: format!("---\n{}", lines.join("\n")) };
    let before = read(text).map_err(|_| refused("the file is not valid YAML"))?;
    let newline = change::newline(text);
    let mut new = text.to_owned();
    if !new.is_empty() && !new.ends_with('\n') {
        new.push_str(newline);
    }
    let separator = (!json).then_some("---");
    for line in separator.into_iter().chain(lines.iter().map(String::as_str)) {
        new.push_str(line);
        new.push_str(newline);
    }
    let mut expected: Vec<Value> = before.into_iter().map(|it| it.value).collect();
    expected.push(value.value());
    let says: Vec<Value> = read(&new).map_err(|_| refused(UNCERTAIN))?.into_iter().map(|it| it.value).collect();
    if says == expected { Ok(new) } else { Err(refused(UNCERTAIN)) }
}

/// A document's value as a new file has it.
#[must_use]
pub fn document(value: &Item) -> String {
    let style = Style { step: 2, list: 0, dash: 2, json: false };
    style.lines(value).into_iter().map(|line| line + "\n").collect()
}

const UNCERTAIN: &str = "the text is written in a way in which this change could change something else";

fn said(text: &str) -> Vec<&str> {
    comments(text).into_iter().map(|comment| comment.text.trim_end()).collect()
}

impl Edit {
    fn refused(&self, why: &'static str) -> Refused {
        let (at, by_hand) = match self {
            Self::Set(at, value) => (at, Item::of(value)),
            Self::Put { map, key, value, .. } => (map, Item::map([(key.clone(), value.clone())])),
            Self::Insert { list, value, .. } => (list, Item::List(vec![value.clone()])),
            Self::Wrap { map, key, value } => {
                (map, Item::List(vec![Item::map([(key.clone(), Item::of(value)), ("…".to_owned(), "…".into())])]))
            }
            Self::Remove(at) => return Refused { at: at.clone(), why, by_hand: String::new() },
        };
        Refused { at: at.clone(), why, by_hand: document(&by_hand).trim_end().to_owned() }
    }
}

/// The style of a document: that of its first nested values.
fn style(text: &str, root: &Node) -> Style {
    let column = |at: usize| text[..at].rsplit('\n').next().unwrap_or_default().trim_start_matches('\u{feff}').len();
    let mut style =
        Style { step: 2, list: 0, dash: 2, json: text.trim_start_matches('\u{feff}').trim_start().starts_with('{') };
    let (mut step, mut list) = (None, None);
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match &node.body {
            Body::Map { entries, flow: false } => {
                for entry in entries.iter().rev() {
                    open.push(&entry.value);
                }
                let below = |wanted: fn(&Body) -> bool| {
                    let entry = entries.iter().find(|entry| {
                        wanted(&entry.value.body) && text[entry.value.start..].starts_with(|c| !matches!(c, '&' | '!'))
                    })?;
                    column(entry.value.start).checked_sub(column(entry.key.start))
                };
                step = step.or_else(|| below(|body| matches!(body, Body::Map { flow: false, .. })));
                list = list.or_else(|| below(|body| matches!(body, Body::List { flow: false, .. })));
            }
            Body::List { items, flow: false } => open.extend(items.iter().rev()),
            _ => {}
        }
    }
    style.step = step.filter(|step| (1..=8).contains(step)).unwrap_or(2);
    style.list = list.filter(|list| *list <= 8).unwrap_or(0);
    style
}

/// The node at a route, with the one that it is in.
fn find<'n>(root: &'n Node, route: &Route) -> Option<(&'n Node, Option<&'n Node>)> {
    let (mut node, mut above) = (root, None);
    for step in &route.0 {
        let next = match (step, &node.body) {
            (Step::Key(key) | Step::Name(key), _) => &node.entry(key)?.value,
            (Step::Index(index), Body::List { items, .. }) => items.get(*index)?,
            _ => return None,
        };
        (above, node) = (Some(node), next);
    }
    Some((node, above))
}

#[cfg(test)]
mod tests;
