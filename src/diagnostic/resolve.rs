//! Resolves places to lines and columns. Each file is read once, and only the shown parts are kept.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::{Finding, Place, Spot};
use crate::files;
use crate::limits::FILE_BYTES;
use crate::yaml::{Position, Route, locate_all};

/// The longest line that is shown completely, in characters.
const MAX_LINE: usize = 140;

/// How many bytes before and after a value are considered for the excerpt.
const NEAR: usize = 4 * (MAX_LINE + 1);

/// How many characters of a longer line are shown before and after the value.
const MARGIN: usize = 40;

/// How many characters of the value are shown in a longer line.
const MAX_VALUE: usize = 80;

/// The source of files' texts: the disk, except for given texts.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    texts: BTreeMap<PathBuf, String>,
}

impl Sources {
    /// The disk.
    #[must_use]
    pub fn disk() -> Self {
        Self::default()
    }

    /// These sources, with the text of one file that is not on the disk, or not yet.
    #[must_use]
    pub fn with(mut self, path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        self.texts.insert(path.into(), text.into());
        self
    }

    /// Passes on the text of a file, or the empty text if it cannot be read: the finding is still worth printing.
    pub(crate) fn show<T>(&self, path: &Path, show: impl FnOnce(&str) -> T) -> T {
        match self.texts.get(path) {
            Some(text) => show(text),
            None => show(&files::read_text(path, &FILE_BYTES).unwrap_or_default()),
        }
    }
}

/// A resolved place. The order is file, line and column.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Resolved {
    pub(super) file: PathBuf,
    /// From 1; `None` for the file as a whole.
    pub(super) start: Option<(usize, usize)>,
    /// The column after the last character, on the same line.
    pub(super) end_column: Option<usize>,
    pub(super) excerpt: Option<Excerpt>,
}

/// The part of a line that is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Excerpt {
    pub(super) text: String,
    /// The bytes of the value in `text`.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether the line's start is missing.
    pub(super) cut: bool,
}

impl Resolved {
    fn file(place: &Place) -> Self {
        Self { file: place.file.clone(), ..Self::default() }
    }

    fn value(place: &Place, text: &str, found: &Position) -> Self {
        let width = text.get(found.bytes.clone()).map_or(0, |value| value.trim_end().chars().count());
        Self {
            file: place.file.clone(),
            start: Some((found.line, found.column)),
            end_column: Some(found.column + width),
            excerpt: excerpt(text, &found.bytes),
        }
    }

    fn position(place: &Place, text: &str, starts: &[usize], line: usize, column: usize) -> Self {
        let from = starts.get(line.saturating_sub(1)).copied().unwrap_or(text.len());
        let in_line = text[from..].lines().next().unwrap_or_default();
        let at = in_line.char_indices().nth(column.saturating_sub(1)).map_or(in_line.len(), |(at, _)| at);
        let excerpt = excerpt(text, &(from + at..from + at)).filter(|_| !in_line.is_empty());
        Self { file: place.file.clone(), start: Some((line, column)), end_column: None, excerpt }
    }
}

/// A finding and all its places.
pub(super) struct ResolvedFinding<'f> {
    pub(super) finding: &'f Finding,
    pub(super) place: Resolved,
    pub(super) related: Vec<(Resolved, &'f str)>,
}

/// Resolves every place, and sorts by file, line, column, rule and message.
pub(super) fn resolve<'f>(findings: &'f [Finding], sources: &Sources) -> Vec<ResolvedFinding<'f>> {
    let places: BTreeSet<&Place> = findings
        .iter()
        .flat_map(|finding| std::iter::once(&finding.place).chain(finding.related.iter().map(|other| &other.place)))
        .collect();
    let places: Vec<&Place> = places.into_iter().collect();
    let mut resolved: BTreeMap<&Place, Resolved> = BTreeMap::new();
    for of_file in places.chunk_by(|a, b| a.file == b.file) {
        if of_file.iter().all(|place| place.spot == Spot::File) {
            resolved.extend(of_file.iter().map(|place| (*place, Resolved::file(place))));
        } else {
            sources.show(&of_file[0].file, |text| resolve_file(text, of_file, &mut resolved));
        }
    }
    let look_up = |place: &Place| resolved.get(place).cloned().unwrap_or_default();
    let mut all: Vec<_> = findings
        .iter()
        .map(|finding| ResolvedFinding {
            finding,
            place: look_up(&finding.place),
            related: finding.related.iter().map(|other| (look_up(&other.place), other.label.as_str())).collect(),
        })
        .collect();
    all.sort_by(|a, b| {
        let key = |f: &ResolvedFinding<'f>| (f.finding.rule, &f.finding.message);
        a.place.cmp(&b.place).then_with(|| key(a).cmp(&key(b)))
    });
    all
}

fn resolve_file<'f>(text: &str, places: &[&'f Place], resolved: &mut BTreeMap<&'f Place, Resolved>) {
    let values: Vec<(usize, &Route)> = places
        .iter()
        .filter_map(|place| match &place.spot {
            Spot::Value { document, route } => Some((*document, route)),
            _ => None,
        })
        .collect();
    let mut found = locate_all(text, &values).into_iter();
    let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    for place in places {
        let position = match &place.spot {
            Spot::File => Resolved::file(place),
            Spot::Position { line, column } => Resolved::position(place, text, &starts, *line, *column),
            Spot::Value { .. } => match found.next().flatten() {
                Some(position) => Resolved::value(place, text, &position),
                None => Resolved::file(place),
            },
        };
        resolved.insert(place, position);
    }
}

/// The line around `bytes`, cut if it is long (base64, JSON on one line).
fn excerpt(text: &str, bytes: &Range<usize>) -> Option<Excerpt> {
    text.get(..bytes.start)?;
    // No more is read than can be shown, because a file can be one line with many findings.
    let near = boundary(text, bytes.start.saturating_sub(NEAR));
    let from = text[near..bytes.start].rfind('\n').map_or(near, |newline| near + newline + 1);
    let far = boundary(text, bytes.end.min(bytes.start + NEAR) + NEAR);
    let line = text[from..far].split('\n').next().unwrap_or_default().trim_end_matches('\r');
    let start = (bytes.start - from).min(line.len());
    let whole = &line[start..(bytes.end.max(bytes.start) - from).min(line.len())];
    if line.char_indices().nth(MAX_LINE).is_none() {
        return Some(Excerpt { text: line.to_owned(), start, end: start + whole.trim_end().len(), cut: false });
    }
    let value = cut_after(whole.trim_end(), MAX_VALUE);
    let (before, after) = (&line[..start], &line[start + whole.len()..]);
    let cut = before.char_indices().rev().nth(MARGIN - 1).map(|(at, _)| at).filter(|at| *at > 0);
    let before = cut.map_or(before.to_owned(), |at| format!("…{}", &before[at..]));
    let after = match cut_after(after, MARGIN) {
        _ if value.len() < whole.trim_end().len() => "…".to_owned(),
        short if short.len() < after.len() => format!("{short}…"),
        all => all.to_owned(),
    };
    let (start, end) = (before.len(), before.len() + value.len());
    Some(Excerpt { text: before + value + &after, start, end, cut: cut.is_some() })
}

/// The last character boundary at or before a byte.
fn boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn cut_after(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(at, _)| &text[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, bytes: Range<usize>) -> (String, String) {
        let excerpt = excerpt(text, &bytes).expect("an excerpt");
        (excerpt.text[excerpt.start..excerpt.end].to_owned(), excerpt.text)
    }

    #[test]
    fn short_lines_are_shown_whole() {
        assert_eq!(shown("a: 1\nb: é 2 # c\r\nc: 3\n", 8..12), ("é 2".into(), "b: é 2 # c".into()));
        assert_eq!(shown("", 0..0), (String::new(), String::new()));
    }

    #[test]
    fn long_lines_are_cut_around_the_value() {
        let long = "é".repeat(500);
        let text = format!("{long}VALUE{long}");
        let (value, line) = shown(&text, 1000..1005);
        assert_eq!(value, "VALUE");
        assert_eq!(line, format!("…{0}{value}{0}…", "é".repeat(MARGIN)));
        let (value, line) = shown(&text, 0..text.len());
        assert_eq!(line, format!("{value}…"));
        assert_eq!(value.chars().count(), MAX_VALUE);
    }

    #[test]
    fn a_place_past_the_end_is_the_end() {
        let sources = Sources::disk().with("f", "a: 1");
        let findings = [
            Finding::error("r", Place::position("f", 9, 9), "line"),
            Finding::error("r", Place::value("f", 3, Route::root()), "document"),
        ];
        let resolved = resolve(&findings, &sources);
        assert_eq!(resolved[0].place.start, None);
        assert_eq!(resolved[1].place.start, Some((9, 9)));
        assert_eq!(resolved[1].place.excerpt, None);
    }
}
