//! The dots and their texts.

use std::fmt::Write as _;

use super::{BESIDE, Geometry, length};
use crate::draw::escape::{cut, xml};
use crate::draw::note::Note;
use crate::draw::picture::{Picture, Place, Row};

/// The maximum length of a label, of a name and of a pill.
const LABEL: usize = 60;
const NAME: usize = 60;
const PILL: usize = 48;

/// Draws the rows, and returns their right edge.
pub(super) fn draw(body: &mut String, picture: &Picture<'_>, place: &Geometry) -> i32 {
    let label = place.chain + BESIDE + 18;
    let mut right = label;
    for (number, row) in picture.rows.iter().enumerate() {
        let (x, y) = (place.x(row), place.y(number));
        let _ = writeln!(body, "<g><title>{}</title>", xml(&tooltip(row)));
        let hollow = if row.is_skipped() || row.is_missing() { " hollow" } else { "" };
        let size = if row.is_head() {
            7
        } else if row.place == Place::Chain {
            6
        } else {
            5
        };
        let look = row.look().as_str();
        let _ = writeln!(body, "<circle class=\"dot {look}{hollow}\" cx=\"{x}\" cy=\"{y}\" r=\"{size}\"/>");
        let class = match () {
            () if row.is_skipped() || row.is_missing() => "quiet",
            () => "chain",
        };
        let mut at = label;
        at = text(body, class, &cut(&row.label, LABEL), at, y + 4);
        if row.is_named {
            at = text(body, "quiet", &cut(row.names[0], NAME), at, y + 4);
        }
        for note in row.notes.iter().filter(|note| **note != Note::Skipped) {
            at = pill(body, note, row.is_skipped(), at, y);
        }
        body.push_str("</g>\n");
        right = right.max(at);
    }
    right
}

/// Writes a text, and returns where the next one starts.
fn text(body: &mut String, class: &str, text: &str, x: i32, y: i32) -> i32 {
    let length = length(text);
    let text = xml(text);
    let _ = writeln!(
        body,
        "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\">{text}</text>"
    );
    x + length + 12
}

/// Writes a note in a frame, and returns where the next one starts.
fn pill(body: &mut String, note: &Note<'_>, is_skipped: bool, x: i32, y: i32) -> i32 {
    let words = cut(&note.words(), PILL);
    // 11 pixels; other texts have 13.
    let inside = length(&words) * 11 / 13;
    let class = match note {
        Note::Head => " head",
        Note::Deprecated(_) => " deprecated",
        // The range of a skipped entry has no effect.
        Note::Range { .. } if !is_skipped => " span",
        _ if note.is_defect() => " defect",
        _ => "",
    };
    let _ = writeln!(
        body,
        "<g class=\"pill{class}\"><rect x=\"{x}\" y=\"{}\" width=\"{}\" height=\"18\" rx=\"9\"/><text x=\"{}\" y=\"{}\" \
         textLength=\"{inside}\" lengthAdjust=\"spacingAndGlyphs\">{}</text></g>",
        y - 9,
        inside + 16,
        x + 8,
        y + 4,
        xml(&words),
    );
    x + inside + 16 + 8
}

/// The tooltip of a row: full names, and the messages for users.
fn tooltip(row: &Row<'_>) -> String {
    const MOST: usize = 50;
    let names = &row.names[..row.names.len().min(MOST)];
    let more = if row.names.len() > MOST { ", …" } else { "" };
    let deprecation = row.deprecation().map(|message| format!(" (deprecated: {message})")).unwrap_or_default();
    format!("{}{more}{deprecation}", names.join(", "))
}
