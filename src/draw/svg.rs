//! Upgrade graphs as an SVG picture, laid out and written here: no other program is needed.
//!
//! It is self-contained: styles are inside, for light and dark (`prefers-color-scheme`), fonts are those of the
//! reader's system, and there are no scripts and no links. Every text has a fixed length (`textLength`), so that labels
//! keep their distance with any font. Widths are bounded for all names; heights grow with the number of entries.

mod arrows;
mod lanes;
mod rows;
mod style;

use std::fmt::Write as _;

use super::escape::{LINE as CHARACTERS, cut, xml};
use super::picture::{Picture, Place, Row, Shape};
use crate::graph::EdgeKind;

/// All measures are in pixels.
const MARGIN: i32 = 24;
const ROW: i32 = 32;
const LINE: i32 = 20;
const BETWEEN: i32 = 28;
/// The width of a character of 13 pixels, in tenths. Monospaced fonts have 72 to 81.
const CHARACTER: i32 = 78;
/// The distance from the chain to the rows beside it.
const BESIDE: i32 = 38;
/// The maximum width of all lanes.
const LANES: i32 = 320;

/// The pictures below each other, as one SVG document.
#[must_use]
pub fn svg(pictures: &[Picture<'_>]) -> String {
    document(pictures, &format!("<style>\n{}</style>\n", style::STYLE))
}

/// The same as a part of a page that has [`svg_style`] in its style sheet, because a page can forbid inline styles.
#[must_use]
pub fn svg_in_page(pictures: &[Picture<'_>]) -> String {
    document(pictures, "")
}

/// The styles of all pictures, in CSS.
#[must_use]
pub fn svg_style() -> &'static str {
    style::STYLE
}

fn document(pictures: &[Picture<'_>], style: &str) -> String {
    let mut body = String::new();
    let (mut width, mut y) = (legend_width(), MARGIN);
    for (number, picture) in pictures.iter().enumerate() {
        if number > 0 {
            y += BETWEEN;
        }
        y = heading(&mut body, picture, y, &mut width);
        let place = Geometry::new(picture, y);
        arrows::draw(&mut body, picture, &place);
        width = width.max(rows::draw(&mut body, picture, &place));
        y = place.y(picture.rows.len()) - ROW / 2;
    }
    let (y, width) = (legend(&mut body, pictures, y + 20), width + MARGIN);
    let height = y + MARGIN / 2;
    let names: Vec<String> = pictures.iter().map(Picture::title).collect();
    let title = match &names[..] {
        [] => "No channels".to_owned(),
        [name] => format!("Upgrade graph of {name}"),
        [name, ..] => format!("Upgrade graphs of {name} and {} more", names.len() - 1),
    };
    let described: Vec<String> =
        pictures.iter().map(|picture| format!("{}: {}", picture.title(), picture.summary())).collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"olm-graph\" role=\"img\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\">\n<title>{}</title>\n<desc>{}</desc>\n{}\
         <rect class=\"page\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"8\"/>\n{body}</svg>\n",
        xml(&title),
        xml(&cut(&described.join(". "), 2000)),
        style,
        width - 1,
        height - 1,
    )
}

/// The positions of a picture's rows.
struct Geometry {
    top: i32,
    chain: i32,
    lanes: lanes::Lanes,
}

impl Geometry {
    fn new(picture: &Picture<'_>, top: i32) -> Self {
        let lanes = lanes::Lanes::new(picture);
        Self { top, chain: MARGIN + 8 + lanes.width(), lanes }
    }

    /// The middle of a row.
    fn y(&self, row: usize) -> i32 {
        self.top + i32::try_from(row).unwrap_or_default() * ROW + ROW / 2
    }

    /// The position of a row's dot.
    fn x(&self, row: &Row<'_>) -> i32 {
        match row.place {
            Place::Chain => self.chain,
            Place::Beside => self.chain + BESIDE,
        }
    }

    /// The position of a lane.
    fn lane(&self, lane: usize) -> i32 {
        self.chain - 18 - self.lanes.offset(lane)
    }
}

/// Writes the text above the rows. Returns where the rows start.
fn heading(body: &mut String, picture: &Picture<'_>, y: i32, width: &mut i32) -> i32 {
    let mut y = y + LINE / 2;
    let mut line = |class: &str, text: &str| {
        let text = cut(text, CHARACTERS);
        *width = (*width).max(MARGIN + length(&text));
        let _ = writeln!(body, "<text class=\"{class}\" x=\"{MARGIN}\" y=\"{y}\">{}</text>", xml(&text));
        y += LINE;
    };
    line("title", &picture.title());
    line("quiet", &picture.summary());
    picture.deprecations().iter().for_each(|(what, message)| line("old", &format!("{what} is deprecated: {message}")));
    picture.defects.iter().for_each(|defect| line("wrong", defect));
    y - LINE / 2
}

const LEGEND: [(EdgeKind, &str); 3] =
    [(EdgeKind::Replaces, "replaces"), (EdgeKind::Skips, "skips"), (EdgeKind::SkipRange, "skipRange")];
const SAMPLE: i32 = 28;
const PALE: &str = "pale: superseded";

fn legend_width() -> i32 {
    let words = LEGEND.iter().map(|(_, word)| SAMPLE + 8 + length(word) + 16);
    MARGIN + words.sum::<i32>() + 12 + length("skipped") + 16 + length(PALE)
}

/// Writes the legend of the lines that are drawn. Returns where it ends.
fn legend(body: &mut String, pictures: &[Picture<'_>], y: i32) -> i32 {
    let arrows = || pictures.iter().flat_map(|picture| &picture.arrows);
    let mut x = MARGIN;
    let word = |body: &mut String, x: &mut i32, word: &str| {
        let (at, text_y, length) = (*x, y + 4, length(word));
        let _ = writeln!(body, "<text class=\"quiet\" x=\"{at}\" y=\"{text_y}\" textLength=\"{length}\">{word}</text>");
        *x += length + 16;
    };
    for (kind, name) in LEGEND.iter().filter(|(kind, _)| arrows().any(|arrow| arrow.kinds.main() == *kind)) {
        let _ = writeln!(body, "<path class=\"{}\" d=\"M{x} {y}h{}\"/>", class(*kind), SAMPLE - 6);
        let _ = writeln!(body, "<path class=\"{}-tip tip\" d=\"M{} {y}l-8 -4v8z\"/>", class(*kind), x + SAMPLE);
        x += SAMPLE + 8;
        word(body, &mut x, name);
    }
    if pictures.iter().flat_map(|picture| &picture.rows).any(Row::is_skipped) {
        let _ = writeln!(body, "<circle class=\"dot skipped hollow\" cx=\"{}\" cy=\"{y}\" r=\"5\"/>", x + 5);
        x += 16;
        word(body, &mut x, "skipped");
    }
    if arrows().any(|arrow| arrow.is_pale && arrow.shape == Shape::Around) {
        word(body, &mut x, PALE);
    }
    if x == MARGIN { y } else { y + LINE }
}

/// The class of a kind of arrow.
fn class(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Replaces => "replaces",
        EdgeKind::Skips => "skips",
        EdgeKind::SkipRange => "range",
    }
}

/// The length of a text. Characters beyond the alphabets can be twice as wide.
fn length(text: &str) -> i32 {
    let cells: i32 = text.chars().map(|character| if character < '\u{1100}' { 1 } else { 2 }).sum();
    (cells * CHARACTER + 9) / 10
}
