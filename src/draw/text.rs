//! Upgrade graphs for terminals: a chain from its head down, with the skipped entries as branches.
//!
//! An upgrade that is neither a branch nor along the chain is written on the newer entry's line.

use super::note::{Look, Note};
use super::picture::{Arrow, Picture, Place, Row, Shape};
use crate::terminal::{Ink, Text, escape};
use crate::text;
use crate::words::shortened;

/// The pictures one after the other.
#[must_use]
pub fn text(pictures: &[Picture<'_>]) -> Text {
    Text::from("\n").join(pictures.iter().map(picture))
}

fn picture(picture: &Picture<'_>) -> Text {
    let mut text = text!("{}\n{}\n", Ink::Help.on(picture.title()), picture.summary());
    text.extend(picture.defects.iter().map(|defect| text!("{} {}\n", Ink::Error.on("defect:"), defect)));
    if picture.rows.is_empty() {
        return text + deprecations(picture);
    }
    text += "\n".into();
    let tree = tree(picture);
    let label = |row: &Row<'_>| match row.is_named {
        true => escape(&format!("{} ({})", row.label, row.names[0])),
        false => escape(&row.label),
    };
    let lines: Vec<(&String, String)> = tree.iter().zip(picture.rows.iter().map(label)).collect();
    let length = |(tree, label): &(&String, String)| tree.chars().count() + label.chars().count();
    let width = lines.iter().map(length).max().unwrap_or_default().min(WIDEST);
    let notes = notes(picture);
    let begins = begins(picture);
    for (number, ((row, line), notes)) in picture.rows.iter().zip(&lines).zip(notes).enumerate() {
        if number > 0 && begins[number] {
            text += "\n".into();
        }
        let fill = " ".repeat(width.saturating_sub(length(line)));
        let (tree, label) = (Text::laid_out(line.0), ink(row).on(Text::laid_out(&line.1)));
        text += text!("{}{}{}  {}", tree, label, fill, notes).trim_end() + "\n".into();
    }
    text + deprecations(picture)
}

/// The maximum width to which labels are padded, to align the notes beside them.
const WIDEST: usize = 60;

fn ink(row: &Row<'_>) -> Ink {
    match row.look() {
        Look::Defect => Ink::Bad,
        Look::Deprecated => Ink::Changed,
        Look::Head => Ink::Well,
        Look::Missing | Look::Skipped | Look::Entry => Ink::Plain,
    }
}

/// By row: whether a chain starts there. Entries that are replaced by the dot above do not start one.
fn begins(picture: &Picture<'_>) -> Vec<bool> {
    let mut begins: Vec<bool> = picture.rows.iter().map(|row| row.place == Place::Chain).collect();
    let along = picture.arrows.iter().filter(|arrow| arrow.shape == Shape::Spine);
    along.for_each(|arrow| begins[arrow.from] = false);
    begins
}

/// The text left of each label.
fn tree(picture: &Picture<'_>) -> Vec<String> {
    let rows = picture.rows.len();
    // By row: whether the chain, or a branch of it, continues below.
    let (mut along, mut branch) = (vec![false; rows], vec![false; rows]);
    let mut until = vec![0; rows];
    for arrow in picture.arrows.iter().filter(|arrow| arrow.shape != Shape::Around) {
        branch[arrow.from] = arrow.shape == Shape::Branch;
        until[arrow.to] = until[arrow.to].max(arrow.from);
    }
    let mut open = 0;
    for row in 0..rows {
        open = open.max(until[row]);
        along[row] = row < open;
    }
    let dot = |row: &Row<'_>| match () {
        () if row.is_missing() => "◌ ",
        () if row.is_head() => "◉ ",
        () if row.is_skipped() => "○ ",
        () => "● ",
    };
    let line = |(number, row): (usize, &Row<'_>)| {
        let left = match (row.place, branch[number], along[number]) {
            (Place::Chain, ..) => "",
            (Place::Beside, true, true) => "├─",
            (Place::Beside, true, false) => "╰─",
            (Place::Beside, false, true) => "│ ",
            (Place::Beside, false, false) => "  ",
        };
        format!("{left}{}", dot(row))
    };
    picture.rows.iter().enumerate().map(line).collect()
}

/// The text right of each label: its notes, and the arrows to it that the tree does not show.
fn notes(picture: &Picture<'_>) -> Vec<Text> {
    let mut notes: Vec<Vec<Text>> = picture.rows.iter().map(|row| row.notes.iter().map(note).collect()).collect();
    for (row, of) in picture.rows.iter().enumerate().filter(|(_, of)| of.names.len() > 1) {
        notes[row].push(text!("{}", shortened(&of.names)));
    }
    for arrows in picture.arrows.chunk_by(|a, b| a.to == b.to) {
        let names = |is: &dyn Fn(&Arrow) -> bool| -> Vec<&str> {
            let from = arrows.iter().filter(|arrow| is(arrow)).map(|arrow| &picture.rows[arrow.from]);
            from.map(|row| row.label.as_str()).collect()
        };
        let replaced = names(&|arrow| arrow.kinds.replaces && arrow.shape != Shape::Spine);
        let skipped = names(&|arrow| arrow.kinds.skips && arrow.shape == Shape::Around);
        let to = arrows[0].to;
        // OLM upgrades nobody to a skipped entry.
        let names = |names: &[&str]| if picture.rows[to].is_skipped() { shortened(names) } else { names.join(", ") };
        for (word, of) in [("replaces", replaced), ("skips", skipped)].into_iter().filter(|(_, of)| !of.is_empty()) {
            notes[to].push(text!("{} {}", word, names(&of)));
        }
    }
    notes.into_iter().map(|words| Text::from(", ").join(words)).collect()
}

fn note(note: &Note<'_>) -> Text {
    let ink = match note {
        Note::Head => Ink::Well,
        Note::Deprecated(_) => Ink::Warning,
        _ if note.is_defect() => Ink::Error,
        _ => Ink::Plain,
    };
    match note {
        Note::Range { entries: 0, .. } => text!("{}", note.words()),
        Note::Range { entries: 1, .. } => text!("{} (1 entry)", note.words()),
        Note::Range { entries, .. } => text!("{} ({} entries)", note.words(), entries),
        _ => text!("{}", ink.on(note.words())),
    }
}

fn deprecations(picture: &Picture<'_>) -> Text {
    let whole = picture.deprecations().into_iter().map(|(what, message)| (what.to_owned(), message));
    let bundles = picture.rows.iter().filter_map(|row| Some((format!("bundle {}", row.names[0]), row.deprecation()?)));
    let all: Vec<_> = whole.chain(bundles).collect();
    let between = if all.is_empty() { Text::new() } else { "\n".into() };
    let line = |(what, message): (String, &str)| text!("deprecated: {}: {}\n", what, Text::lines(message));
    between + all.into_iter().map(line).collect()
}
