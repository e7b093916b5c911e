//! Scalars: plain, quoted, and in blocks.

use super::{Kind, Place, Scanner, error};
use crate::yaml::Error;

/// The bytes at which a plain scalar may end.
const ENDS: [bool; 256] = {
    let mut ends = [false; 256];
    let bytes = b" \t\r\n:,?[]{}\xc2\xe2";
    let mut i = 0;
    while i < bytes.len() {
        ends[bytes[i] as usize] = true;
        i += 1;
    }
    ends
};

/// Whether none of eight bytes may end a plain scalar, and all are ASCII, as in nearly all text.
fn are_ordinary(bytes: [u8; 8]) -> bool {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES * 0x80;
    let word = u64::from_le_bytes(bytes);
    // The highest bit of a byte is set where the byte is 0, or one after that.
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let is = |byte: u8| zero(word ^ (ONES * u64::from(byte)));
    // `[` and `{` differ in one bit, and so do `]` and `}`.
    let is_bracket = |byte: u8| zero((word | (ONES * 0x20)) ^ (ONES * u64::from(byte)));
    let ends = is(b':') | is(b',') | is(b'?') | is_bracket(b'{') | is_bracket(b'}');
    // White space is at most a space.
    let white = word.wrapping_sub(ONES * 0x21);
    (ends | white | word) & HIGH == 0
}

/// The white space and line breaks between two pieces of a scalar's text.
#[derive(Default)]
struct Between {
    blanks: String,
    /// The first line break, once there was one.
    first: Option<&'static str>,
    others: String,
}

impl Between {
    /// The folded result: a line feed becomes a space unless empty lines follow.
    fn fold(&mut self, into: &mut String) {
        match self.first.take() {
            None => into.push_str(&self.blanks),
            Some("\n") if self.others.is_empty() => into.push(' '),
            Some("\n") => into.push_str(&self.others),
            Some(other) => {
                into.push_str(other);
                into.push_str(&self.others);
            }
        }
        self.blanks.clear();
        self.others.clear();
    }
}

impl Scanner<'_> {
    /// Consumes blanks and line breaks.
    fn between(
        &mut self,
        between: &mut Between,
        mut look: impl FnMut(&Self, bool) -> Result<(), Error>,
    ) -> Result<(), Error> {
        loop {
            if self.is_blank(0) {
                look(self, between.first.is_some())?;
                if between.first.is_none() {
                    self.take(&mut between.blanks);
                } else {
                    self.skip();
                }
            } else if self.is_break() {
                let taken = self.take_break();
                if between.first.is_none() {
                    between.blanks.clear();
                    between.first = Some(taken);
                } else {
                    between.others.push_str(taken);
                }
            } else {
                return Ok(());
            }
        }
    }

    /// Whether a plain scalar ends at this character, which is not white space.
    fn ends_plain(&self) -> bool {
        match self.byte(0) {
            b':' => self.is_space_or_end(1),
            b',' | b'?' | b'[' | b']' | b'{' | b'}' => self.flow > 0,
            _ => false,
        }
    }

    /// A plain scalar.
    pub(super) fn plain(&mut self) -> Result<(), Error> {
        let (start, mut end) = (self.place, self.place);
        let indent = self.indent + 1;
        let (mut text, mut between) = (String::new(), Between::default());
        let mut broken = false;
        loop {
            if self.is_indicator(b'-') || self.is_indicator(b'.') || self.byte(0) == b'#' {
                break;
            }
            while !self.is_space_or_end(0) && !self.ends_plain() {
                between.fold(&mut text);
                broken = false;
                self.take_run(&mut text);
                end = self.place;
            }
            if !(self.is_blank(0) || self.is_break()) {
                break;
            }
            self.between(&mut between, |scanner, is_broken| {
                let is_tab = scanner.byte(0) == b'\t';
                match is_broken && scanner.column() < indent && is_tab {
                    true => Err(error(
                        start,
                        "while scanning a plain scalar",
                        "found a tab character that violates indentation",
                    )),
                    false => Ok(()),
                }
            })?;
            broken = between.first.is_some();
            if self.flow == 0 && self.column() < indent {
                break;
            }
        }
        if broken {
            self.key_allowed = true;
        }
        self.tokens.push_back(super::Token { kind: Kind::Scalar { text, plain: true }, start, end });
        Ok(())
    }

    /// Consumes many characters of a plain scalar at once: those that cannot end it.
    fn take_run(&mut self, into: &mut String) {
        let from = self.at;
        let mut end = from;
        let mut characters = 0;
        loop {
            if let Some(chunk) = self.bytes.get(end..end + 8).and_then(|chunk| chunk.try_into().ok())
                && are_ordinary(chunk)
            {
                characters += 8;
                end += 8;
                continue;
            }
            let Some(&byte) = self.bytes.get(end) else { break };
            // Each of these may end it; the last two may begin a line break.
            if ENDS[usize::from(byte)] {
                break;
            }
            characters += usize::from(byte & 0xc0 != 0x80);
            end += 1;
        }
        if end == from {
            self.take(into);
            return;
        }
        into.push_str(self.text.get(from..end).unwrap_or_default());
        self.at = end;
        self.place.column += characters;
        self.place.index += characters;
    }

    /// A scalar in single or double quotes.
    pub(super) fn quoted(&mut self, single: bool) -> Result<(), Error> {
        let start = self.place;
        let quote = if single { b'\'' } else { b'"' };
        let context = "while scanning a quoted scalar";
        self.skip();
        let (mut text, mut between) = (String::new(), Between::default());
        loop {
            if self.is_indicator(b'-') || self.is_indicator(b'.') {
                return Err(error(start, context, "found unexpected document indicator"));
            }
            if self.is_end() {
                return Err(error(start, context, "found unexpected end of stream"));
            }
            let mut escaped_break = false;
            while !self.is_space_or_end(0) {
                match self.byte(0) {
                    b'\'' if single && self.byte(1) == b'\'' => {
                        text.push('\'');
                        self.skip();
                        self.skip();
                    }
                    byte if byte == quote => break,
                    b'\\' if !single && self.line_break(1) > 0 => {
                        self.skip();
                        self.take_break();
                        escaped_break = true;
                        break;
                    }
                    b'\\' if !single => self.escape(&mut text, start)?,
                    _ => self.take_quoted(&mut text),
                }
            }
            if self.byte(0) == quote {
                break;
            }
            if escaped_break {
                // White space after it is not part of the text, but further breaks are.
                between.first = Some("");
            }
            self.between(&mut between, |_, _| Ok(()))?;
            match between.first {
                Some("") => {
                    between.first = None;
                    between.blanks.clear();
                    text.push_str(&between.others);
                    between.others.clear();
                }
                _ => between.fold(&mut text),
            }
        }
        self.skip();
        self.push(Kind::Scalar { text, plain: false }, start);
        Ok(())
    }

    /// Consumes many characters of a quoted scalar at once: those without a special meaning.
    fn take_quoted(&mut self, into: &mut String) {
        let rest = &self.bytes[self.at..];
        let special = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'\\' | 0x80..);
        let ordinary = rest.iter().position(special).unwrap_or(rest.len());
        if ordinary == 0 {
            self.take(into);
            return;
        }
        into.push_str(self.text.get(self.at..self.at + ordinary).unwrap_or_default());
        self.at += ordinary;
        self.place.column += ordinary;
        self.place.index += ordinary;
    }

    /// A character after a backslash.
    fn escape(&mut self, into: &mut String, start: Place) -> Result<(), Error> {
        let context = "while parsing a quoted scalar";
        let digits = match self.byte(1) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            other => {
                into.push(match other {
                    b'0' if self.at + 1 < self.bytes.len() => '\0',
                    b'a' => '\u{7}',
                    b'b' => '\u{8}',
                    b't' | b'\t' => '\t',
                    b'n' => '\n',
                    b'v' => '\u{b}',
                    b'f' => '\u{c}',
                    b'r' => '\r',
                    b'e' => '\u{1b}',
                    b' ' => ' ',
                    b'"' => '"',
                    b'\'' => '\'',
                    b'\\' => '\\',
                    b'N' => '\u{85}',
                    b'_' => '\u{a0}',
                    b'L' => '\u{2028}',
                    b'P' => '\u{2029}',
                    _ => return Err(error(start, context, "found unknown escape character")),
                });
                self.skip();
                self.skip();
                return Ok(());
            }
        };
        self.skip();
        self.skip();
        let mut value: u32 = 0;
        for ahead in 0..digits {
            let digit = char::from(self.byte(ahead)).to_digit(16);
            let digit = digit.ok_or_else(|| error(start, context, "did not find expected hexdecimal number"))?;
            value = value.wrapping_shl(4) | digit;
        }
        let character = char::from_u32(value);
        into.push(character.ok_or_else(|| error(start, context, "found invalid Unicode character escape code"))?);
        for _ in 0..digits {
            self.skip();
        }
        Ok(())
    }

    /// A literal or folded scalar.
    pub(super) fn block_scalar(&mut self, literal: bool) -> Result<(), Error> {
        let start = self.place;
        let context = "while scanning a block scalar";
        self.skip();
        let (mut chomping, mut increment) = (None, None);
        // An indicator of each kind, in any order.
        for _ in 0..2 {
            match self.byte(0) {
                sign @ (b'+' | b'-') if chomping.is_none() => chomping = Some(sign),
                b'0' if increment.is_none() => {
                    return Err(error(start, context, "found an indentation indicator equal to 0"));
                }
                digit @ b'1'..=b'9' if increment.is_none() => increment = Some(isize::from(i16::from(digit - b'0'))),
                _ => break,
            }
            self.skip();
        }
        self.skip_blanks();
        self.skip_comment();
        if !self.is_break_or_end() {
            return Err(error(start, context, "did not find expected comment or line break"));
        }
        self.take_break();
        let mut end = self.place;
        let mut indent = increment.map_or(0, |increment| self.indent.max(0) + increment);
        let (mut text, mut breaks, mut last_break) = (String::new(), String::new(), "");
        self.block_breaks(&mut indent, &mut breaks, start, &mut end)?;
        let mut was_blank = false;
        while self.column() == indent && !self.is_end() {
            let is_blank = self.is_blank(0);
            if !literal && last_break == "\n" && !was_blank && !is_blank {
                if breaks.is_empty() {
                    text.push(' ');
                }
            } else {
                text.push_str(last_break);
            }
            text.push_str(&breaks);
            breaks.clear();
            was_blank = is_blank;
            self.take_line(&mut text);
            last_break = self.take_break();
            self.block_breaks(&mut indent, &mut breaks, start, &mut end)?;
        }
        if chomping != Some(b'-') {
            text.push_str(last_break);
        }
        if chomping == Some(b'+') {
            text.push_str(&breaks);
        }
        self.tokens.push_back(super::Token { kind: Kind::Scalar { text, plain: false }, start, end });
        Ok(())
    }

    /// Consumes the rest of a line.
    fn take_line(&mut self, into: &mut String) {
        while !self.is_break_or_end() {
            let from = self.at;
            let rest = &self.bytes[from..];
            let ordinary =
                rest.iter().position(|byte| matches!(byte, b'\r' | b'\n' | 0xc2 | 0xe2)).unwrap_or(rest.len());
            if ordinary == 0 {
                self.take(into);
                continue;
            }
            let run = self.text.get(from..from + ordinary).unwrap_or_default();
            let characters = run.chars().count();
            into.push_str(run);
            self.at += ordinary;
            self.place.column += characters;
            self.place.index += characters;
        }
    }

    /// Consumes empty lines and indentation, and detects the indentation of the scalar if it is not known.
    fn block_breaks(
        &mut self,
        indent: &mut isize,
        breaks: &mut String,
        start: Place,
        end: &mut Place,
    ) -> Result<(), Error> {
        *end = self.place;
        let mut furthest = 0;
        loop {
            let most = if *indent == 0 { isize::MAX } else { *indent - self.column() };
            let rest = &self.bytes[self.at..];
            let most = rest.len().min(usize::try_from(most).unwrap_or(0));
            let spaces = rest[..most].iter().position(|byte| *byte != b' ').unwrap_or(most);
            self.at += spaces;
            self.place.column += spaces;
            self.place.index += spaces;
            furthest = furthest.max(self.column());
            if (*indent == 0 || self.column() < *indent) && self.byte(0) == b'\t' {
                let problem = "found a tab character where an indentation space is expected";
                return Err(error(start, "while scanning a block scalar", problem));
            }
            if !self.is_break() {
                break;
            }
            breaks.push_str(self.take_break());
            *end = self.place;
        }
        if *indent == 0 {
            *indent = furthest.max(self.indent + 1).max(1);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{ENDS, are_ordinary};

    #[test]
    fn eight_bytes_are_looked_at_as_one_by_one() {
        for byte in 0..=u8::MAX {
            for at in 0..8 {
                for (other, expected) in [(b'a', true), (b'~', true), (b'!', true), (b'@', true), (0x7f, true)] {
                    let mut bytes = [other; 8];
                    bytes[at] = byte;
                    let is_fine = !ENDS[usize::from(byte)] && byte > b' ' && byte.is_ascii();
                    // Bytes that may end a scalar are never skipped. Skipping less than possible is fine.
                    assert!(is_fine || !are_ordinary(bytes), "{byte:#x} at {at}");
                    assert!(!is_fine || !expected || are_ordinary(bytes), "{byte:#x} at {at} of {other:#x}");
                }
            }
        }
    }
}
