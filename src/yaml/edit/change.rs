//! Where a text changes, and into what.

use std::ops::Range;

use super::item::{Item, Style};
use super::tree::{Body, Entry, Node};
use super::{Edit, Place, find};
use crate::yaml::{Route, Step};

/// New text in place of some bytes.
type Splice = (Range<usize>, String);

/// Why a change is not made.
type Why = &'static str;

const MISSING: Why = "the place does not exist";
const ODD: Why = "this layout is not supported";

/// The text of a file.
#[derive(Clone, Copy)]
pub(super) struct Source<'t> {
    pub(super) text: &'t str,
    pub(super) style: Style,
}

/// How lines end.
pub(super) fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// The text with all changes.
pub(super) fn spliced(text: &str, mut splices: Vec<Splice>) -> String {
    splices.sort_by_key(|(bytes, _)| bytes.start);
    let (mut new, mut end) = (String::with_capacity(text.len() + 64), 0);
    for (bytes, with) in splices {
        new.push_str(text.get(end..bytes.start).unwrap_or_default());
        new.push_str(&with);
        end = bytes.end.max(end);
    }
    new.push_str(&text[end..]);
    new
}

impl Source<'_> {
    /// What to change for an edit.
    pub(super) fn splices(self, root: &Node, edit: &Edit) -> Result<Vec<Splice>, Why> {
        match edit {
            Edit::Set(at, value) => self.set(find(root, at).ok_or(MISSING)?.0, value),
            Edit::Put { map, key, value, place } => {
                let map = find(root, map).ok_or(MISSING)?.0;
                match &map.body {
                    Body::Map { entries, flow: true } => self.put_flow(map, entries, key, value, place),
                    Body::Map { entries, flow: false } => self.put_block(entries, key, value, place),
                    _ => Err(ODD),
                }
            }
            Edit::Insert { list, index, value } => {
                let (node, above) = find(root, list).ok_or(MISSING)?;
                match &node.body {
                    Body::List { items, flow: true } if !items.is_empty() => {
                        self.insert_flow(node, items, *index, value)
                    }
                    Body::List { items, flow: false } => self.insert_block(node, items, *index, value),
                    Body::List { flow: true, .. } | Body::Null => self.first_item(node, above, list, value),
                    _ => Err(ODD),
                }
            }
            Edit::Remove(at) => self.remove(root, at),
            Edit::Wrap { map, key, value } => {
                let (node, above) = find(root, map).ok_or(MISSING)?;
                self.wrap(node, above, key, &Item::Scalar(value.clone()))
            }
        }
    }

    /// The column of a byte, in bytes.
    fn column(self, at: usize) -> usize {
        at - self.line_start(at)
    }

    fn line_start(self, at: usize) -> usize {
        let start = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        start + if self.text[start..].starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
    }

    /// The start of the line after a byte.
    fn next_line(self, at: usize) -> usize {
        self.text[at..].find('\n').map_or(self.text.len(), |newline| at + newline + 1)
    }

    /// The line that starts at a byte, and whether it is only a comment.
    fn comment_at(self, start: usize) -> Option<usize> {
        let line = self.text[start..].lines().next()?;
        line.trim_start().starts_with('#').then(|| line.len() - line.trim_start().len())
    }

    /// Whether only white space is before a byte on its line.
    fn begins_line(self, at: usize) -> bool {
        self.text[self.line_start(at)..at].trim().is_empty()
    }

    /// The start of the line after a value in a block, and after the comments that are indented further than a column.
    fn below(self, end: usize, column: usize) -> usize {
        let mut at = self.next_line(end);
        while self.comment_at(at).is_some_and(|indent| indent > column) {
            at = self.next_line(at);
        }
        at
    }

    /// New lines at the start of a line.
    fn new_lines(self, at: usize, column: usize, lines: Vec<String>) -> Splice {
        let newline = newline(self.text);
        let indent = " ".repeat(column);
        let lines = lines.into_iter().map(|line| format!("{indent}{line}")).collect::<Vec<_>>().join(newline);
        let ended = at == 0 || self.text[..at].ends_with('\n');
        (at..at, if ended { lines + newline } else { format!("{newline}{lines}") })
    }

    fn set(self, node: &Node, value: &serde_json::Value) -> Result<Vec<Splice>, Why> {
        let old = &self.text[node.start..node.end];
        let new = match (&node.body, value.as_str()) {
            (Body::Null, _) if old.is_empty() => {
                let gap = if self.text[..node.start].ends_with([' ', '[', ',']) { "" } else { " " };
                format!("{gap}{}", self.style.scalar(value))
            }
            (Body::Null, _) => self.style.scalar(value),
            (Body::Scalar, _) if old.starts_with(['|', '>', '&', '!', '*']) => return Err(ODD),
            (Body::Scalar, Some(text)) if old.starts_with('"') => serde_json::Value::from(text).to_string(),
            (Body::Scalar, Some(text)) if old.starts_with('\'') && !text.contains(char::is_control) => {
                format!("'{}'", text.replace('\'', "''"))
            }
            (Body::Scalar, _) => self.style.scalar(value),
            _ => return Err(ODD),
        };
        Ok(vec![(node.start..node.end, new)])
    }

    fn put_block(self, entries: &[Entry], key: &str, value: &Item, place: &Place) -> Result<Vec<Splice>, Why> {
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Err(ODD) };
        let column = self.column(first.key.start);
        let after = match place {
            Place::First => {
                let Item::Scalar(_) = value else { return Err(ODD) };
                let entry =
                    format!("{}{}{}", self.style.flow_entry(key, value), newline(self.text), " ".repeat(column));
                return Ok(vec![(first.key.start..first.key.start, entry)]);
            }
            Place::After(key) => entries.iter().rfind(|entry| entry.name == *key).ok_or(MISSING)?,
            Place::Last => last,
        };
        let at = self.below(after.value.end.max(after.key.end), column);
        Ok(vec![self.new_lines(at, column, self.style.entry(key, value))])
    }

    fn put_flow(
        self,
        map: &Node,
        entries: &[Entry],
        key: &str,
        value: &Item,
        place: &Place,
    ) -> Result<Vec<Splice>, Why> {
        let entry = self.style.flow_entry(key, value);
        let Some(first) = entries.first() else {
            let inner = map.end - 1;
            return Ok(vec![(inner..inner, entry)]);
        };
        let after = match place {
            Place::First => {
                let at = first.key.start;
                let gap = if self.begins_line(at) { self.break_at(at) } else { " ".to_owned() };
                return Ok(vec![(at..at, format!("{entry},{gap}"))]);
            }
            Place::After(key) => entries.iter().rposition(|entry| entry.name == *key).ok_or(MISSING)?,
            Place::Last => entries.len() - 1,
        };
        let end = entries[after].value.end.max(entries[after].key.end);
        let next = entries.get(after + 1).map_or(map.end - 1, |entry| entry.key.start);
        Ok(self.after_in_flow(end, next, entries[after].key.start, entry))
    }

    /// A line break, with the indentation of the line of a byte.
    fn break_at(self, at: usize) -> String {
        format!("{}{}", newline(self.text), &self.text[self.line_start(at)..at])
    }

    /// New text after a part of a flow collection that begins at `start` and ends at `end`; the next one, or the end of the
    /// collection, is at `next`.
    fn after_in_flow(self, end: usize, next: usize, start: usize, new: String) -> Vec<Splice> {
        let between = &self.text[end..next];
        let code = between.split('#').next().unwrap_or_default();
        let comma = code.find(',');
        if !self.begins_line(start) {
            // On the same line: a comma that is there stays before it.
            return match comma {
                Some(at) => vec![(end + at + 1..end + at + 1, format!(" {new},"))],
                None => vec![(end..end, format!(", {new}"))],
            };
        }
        // Each on its own line: comments at the end of the line stay there.
        let line_end = self.text[end..next].find('\n').map_or(next, |newline| end + newline);
        let line_end = end + self.text[end..line_end].trim_end_matches(['\r', ' ']).len();
        let line = self.break_at(start) + &new;
        match comma {
            Some(_) => vec![(line_end..line_end, line + ",")],
            None => vec![(end..end, ",".to_owned()), (line_end..line_end, line)],
        }
    }

    fn insert_flow(self, list: &Node, items: &[Node], index: usize, value: &Item) -> Result<Vec<Splice>, Why> {
        let new = self.style.flow(value);
        let Some(before) = index.checked_sub(1) else {
            let at = items.first().ok_or(MISSING)?.start;
            let gap = if self.begins_line(at) { self.break_at(at) } else { " ".to_owned() };
            return Ok(vec![(at..at, format!("{new},{gap}"))]);
        };
        let item = items.get(before).ok_or(MISSING)?;
        let next = items.get(index).map_or(list.end - 1, |next| next.start);
        Ok(self.after_in_flow(item.end, next, item.start, new))
    }

    fn insert_block(self, list: &Node, items: &[Node], index: usize, value: &Item) -> Result<Vec<Splice>, Why> {
        if !self.text[list.start..].starts_with('-') {
            return Err(ODD);
        }
        let dash = self.column(list.start);
        let first = items.first().ok_or(MISSING)?;
        let gap = match self.text.get(list.start..first.start) {
            Some(gap) if !gap.contains(['\n', '#']) && !gap.is_empty() => gap.len(),
            _ => 2,
        };
        let style = Style { dash: gap, ..self.style };
        // Mappings are written as those beside them.
        let in_flow = items.iter().all(|item| matches!(item.body, Body::Map { flow: true, .. }));
        let lines = match value {
            Item::Map(_) if in_flow => vec![format!("-{}{}", " ".repeat(gap - 1), style.flow(value))],
            _ => style.lines(&Item::List(vec![value.clone()])),
        };
        let at = match index.checked_sub(1) {
            Some(before) => self.below(items.get(before).ok_or(MISSING)?.end, dash),
            None if self.begins_line(list.start) => self.above(list.start, dash),
            None => return Err(ODD),
        };
        Ok(vec![self.new_lines(at, dash, lines)])
    }

    /// The start of a value's line, or of the comments directly above it.
    fn above(self, at: usize, column: usize) -> usize {
        let mut start = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        while let Some(above) = start.checked_sub(1) {
            let line = self.text[..above].rfind('\n').map_or(0, |newline| newline + 1);
            if self.comment_at(line) != Some(column) {
                break;
            }
            start = line;
        }
        start
    }

    /// The first item of an empty list, or of nothing.
    fn first_item(self, node: &Node, above: Option<&Node>, at: &Route, value: &Item) -> Result<Vec<Splice>, Why> {
        let flow = format!("[{}]", self.style.flow(value));
        let entry = match (at.0.last(), above) {
            (Some(Step::Key(key)), Some(above)) if matches!(above.body, Body::Map { flow: false, .. }) => {
                above.entry(key)
            }
            _ => return Ok(vec![(node.start..node.end, flow)]),
        };
        let entry = entry.ok_or(MISSING)?;
        let column = self.column(entry.key.start) + self.style.list;
        let lines = self.style.lines(&Item::List(vec![value.clone()]));
        let old = &self.text[node.start..node.end];
        // The blank before what goes, too.
        let blank = self.text[..node.start].len() - self.text[..node.start].trim_end_matches(' ').len();
        let from = if old.is_empty() { node.start } else { node.start - blank };
        let at = self.next_line(node.end.max(entry.key.end));
        Ok(vec![(from..node.end, String::new()), self.new_lines(at, column, lines)])
    }

    fn remove(self, root: &Node, at: &Route) -> Result<Vec<Splice>, Why> {
        let (last, above) = at.0.split_last().ok_or(ODD)?;
        let (parent, grand) = find(root, &Route(above.to_vec())).ok_or(MISSING)?;
        let parts: Vec<Range<usize>> = match &parent.body {
            Body::List { items, .. } => items.iter().map(|item| item.start..item.end).collect(),
            Body::Map { entries, .. } => {
                entries.iter().map(|entry| entry.key.start..entry.value.end.max(entry.key.end)).collect()
            }
            _ => return Err(MISSING),
        };
        let index = match (last, &parent.body) {
            (Step::Index(index), Body::List { .. }) => *index,
            (Step::Key(key) | Step::Name(key), Body::Map { entries, .. }) => {
                entries.iter().position(|entry| entry.name == *key).ok_or(MISSING)?
            }
            _ => return Err(MISSING),
        };
        let part = parts.get(index).ok_or(MISSING)?.clone();
        match &parent.body {
            Body::List { flow: true, .. } | Body::Map { flow: true, .. } => {
                Ok(vec![match (index, parts.get(index + 1)) {
                    (_, Some(next)) => (part.start..next.start, String::new()),
                    (0, None) => (part, String::new()),
                    (_, None) => (parts[index - 1].end..part.end, String::new()),
                }])
            }
            Body::Map { .. } => {
                let column = self.column(part.start);
                match parts.get(index + 1) {
                    _ if self.begins_line(part.start) && parts.len() > 1 => {
                        Ok(vec![(self.whole_lines(part.start)..self.below(part.end, column), String::new())])
                    }
                    Some(next) => Ok(vec![(part.start..next.start, String::new())]),
                    None => Err(ODD),
                }
            }
            _ => {
                let dash = self.column(parent.start);
                if !self.text[parent.start..].starts_with('-') {
                    return Err(ODD);
                }
                // The dash is on the line of the item, or above it.
                let from = match index.checked_sub(1) {
                    None if !self.begins_line(parent.start) => return Err(ODD),
                    None => self.whole_lines(parent.start),
                    Some(_) => self.dash_line(part.start, dash).ok_or(ODD)?,
                };
                let lines = (from..self.below(part.end, dash), String::new());
                if parts.len() > 1 {
                    return Ok(vec![lines]);
                }
                // The list is empty now.
                let key = match (above.last(), grand) {
                    (Some(Step::Key(key)), Some(grand)) => grand.entry(key).ok_or(MISSING)?.key.end,
                    _ => return Err(ODD),
                };
                let colon = key + self.text[key..].find(':').ok_or(ODD)? + 1;
                Ok(vec![(colon..colon, " []".to_owned()), lines])
            }
        }
    }

    fn whole_lines(self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// The start of the line with the dash of an item.
    fn dash_line(self, item: usize, column: usize) -> Option<usize> {
        let mut line = self.whole_lines(item);
        loop {
            let rest = &self.text[line..];
            if rest.get(column..).is_some_and(|rest| rest.starts_with('-')) && rest[..column].trim().is_empty() {
                return Some(line);
            }
            line = self.whole_lines(line.checked_sub(1)?);
        }
    }

    fn wrap(self, node: &Node, above: Option<&Node>, key: &str, value: &Item) -> Result<Vec<Splice>, Why> {
        let Body::Map { entries, flow } = &node.body else { return Err(ODD) };
        let first = entries.first().ok_or(ODD)?.key.start;
        if *flow {
            if !self.text[node.start..].starts_with('{') {
                return Err(ODD);
            }
            let entry = format!("{}, ", self.style.flow_entry(key, value));
            let open = (node.start..node.start, "[".to_owned());
            return Ok(vec![open, (first..first, entry), (node.end..node.end, "]".to_owned())]);
        }
        let parent = above.and_then(|above| match &above.body {
            Body::Map { entries, .. } => entries.first().map(|entry| self.column(entry.key.start)),
            _ => None,
        });
        let column = self.column(first);
        let dash = column.checked_sub(2).filter(|dash| parent.is_some_and(|parent| *dash >= parent)).ok_or(ODD)?;
        if !self.begins_line(first) || !self.text[node.start..].starts_with(&self.text[first..node.end]) {
            return Err(ODD);
        }
        let line = format!("- {}", self.style.flow_entry(key, value));
        Ok(vec![self.new_lines(self.above(first, column), dash, vec![line])])
    }
}
