//! Writes a scalar in its style, folded where a line is longer than 80 characters.

use super::Writer;
use super::scalar::{Scalar, Style, is_break, is_printable};

/// After so many characters, a line is broken at the next single space.
const WIDTH: i32 = 80;

impl Writer {
    /// Writes a scalar. That of a simple key stays on one line.
    pub(super) fn scalar(&mut self, scalar: &Scalar, is_simple_key: bool) {
        let folds = !is_simple_key;
        // What follows the first line of a scalar is deeper than its collection.
        let outer = self.indent;
        self.indent = if outer < 0 { 2 } else { outer + 2 };
        match scalar.style(is_simple_key) {
            Style::Plain => {
                if !self.whitespace {
                    self.put(' ');
                }
                self.flowing(&scalar.text, folds, false);
            }
            Style::SingleQuoted => {
                self.indicator("'", true, false);
                self.flowing(&scalar.text, folds, true);
                self.indicator("'", false, false);
            }
            Style::DoubleQuoted => {
                self.indicator("\"", true, false);
                self.double_quoted(&scalar.text, folds);
                self.indicator("\"", false, false);
            }
            Style::Literal => self.literal(&scalar.text),
        }
        self.indent = outer;
        if scalar.style(is_simple_key) != Style::Literal {
            self.whitespace = false;
            self.indention = false;
        }
    }

    /// The text of a plain or a single-quoted scalar, in which a quote is doubled.
    fn flowing(&mut self, text: &str, folds: bool, quoted: bool) {
        let (mut after_space, mut after_break) = (false, false);
        let mut characters = text.char_indices().peekable();
        while let Some((i, character)) = characters.next() {
            let next = characters.peek().map(|(_, next)| *next);
            if character == ' ' {
                let inner = !quoted || (i > 0 && next.is_some());
                if folds && !after_space && self.column > WIDTH && inner && next != Some(' ') {
                    self.write_indent();
                } else {
                    self.put(' ');
                }
                after_space = true;
            } else if is_break(character) {
                if !after_break && character == '\n' {
                    self.put_break('\n');
                }
                self.put_break(character);
                self.indention = true;
                after_break = true;
            } else {
                if after_break {
                    self.write_indent();
                }
                if quoted && character == '\'' {
                    self.put('\'');
                }
                self.put(character);
                self.indention = false;
                (after_space, after_break) = (false, false);
            }
        }
    }

    fn double_quoted(&mut self, text: &str, folds: bool) {
        // After a byte order mark at its start, Go's emitter escapes all of a text.
        let escapes_all = text.starts_with('\u{feff}');
        let mut after_space = false;
        let mut characters = text.char_indices().peekable();
        while let Some((i, character)) = characters.next() {
            let next = characters.peek().map(|(_, next)| *next);
            if escapes_all || !is_printable(character) || is_break(character) || matches!(character, '"' | '\\') {
                escaped(character).chars().for_each(|character| self.put(character));
                after_space = false;
            } else if character == ' ' {
                if folds && !after_space && self.column > WIDTH && i > 0 && next.is_some() {
                    self.write_indent();
                    if next == Some(' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(' ');
                }
                after_space = true;
            } else {
                self.put(character);
                after_space = false;
            }
        }
    }

    fn literal(&mut self, text: &str) {
        self.indicator("|", true, false);
        if text.starts_with(|first| first == ' ' || is_break(first)) {
            self.indicator("2", false, false);
        }
        let mut last = text.chars().rev();
        match (last.next(), last.next()) {
            (Some(end), _) if !is_break(end) => self.indicator("-", false, false),
            (Some(_), before) if before.is_none_or(is_break) => self.indicator("+", false, false),
            _ => {}
        }
        self.put_break('\n');
        self.indention = true;
        self.whitespace = true;
        let mut after_break = true;
        for character in text.chars() {
            if is_break(character) {
                self.put_break(character);
                self.indention = true;
                after_break = true;
            } else {
                if after_break {
                    self.write_indent();
                }
                self.put(character);
                self.indention = false;
                after_break = false;
            }
        }
    }
}

/// The escape of a character in double quotes.
fn escaped(character: char) -> String {
    let short = match character {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' | '\\' => character,
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        other => {
            return match u32::from(other) {
                code @ 0..=0xff => format!("\\x{code:02X}"),
                code @ 0x100..=0xffff => format!("\\u{code:04X}"),
                code => format!("\\U{code:08X}"),
            };
        }
    };
    format!("\\{short}")
}
