//! The characters at the scanner's place: what they are, and going over them.

use super::Scanner;

impl Scanner<'_> {
    /// A byte ahead; 0 at the end, which no text has in it.
    pub(super) fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    pub(super) fn is_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    pub(super) fn is_blank(&self, ahead: usize) -> bool {
        matches!(self.byte(ahead), b' ' | b'\t')
    }

    /// How many bytes a line break has; 0 where there is none.
    pub(super) fn line_break(&self, ahead: usize) -> usize {
        match self.byte(ahead) {
            b'\r' if self.byte(ahead + 1) == b'\n' => 2,
            b'\r' | b'\n' => 1,
            0xc2 if self.byte(ahead + 1) == 0x85 => 2,
            0xe2 if self.byte(ahead + 1) == 0x80 && matches!(self.byte(ahead + 2), 0xa8 | 0xa9) => 3,
            _ => 0,
        }
    }

    pub(super) fn is_break(&self) -> bool {
        self.line_break(0) > 0
    }

    pub(super) fn is_break_or_end(&self) -> bool {
        self.is_end() || self.is_break()
    }

    pub(super) fn is_space_or_end(&self, ahead: usize) -> bool {
        self.at + ahead >= self.bytes.len() || self.is_blank(ahead) || self.line_break(ahead) > 0
    }

    /// How many bytes the character here has.
    pub(super) fn width(&self) -> usize {
        match self.byte(0) {
            0..0x80 => 1,
            0x80..0xe0 => 2,
            0xe0..0xf0 => 3,
            _ => 4,
        }
    }

    pub(super) fn skip(&mut self) {
        if !self.is_end() {
            self.at += self.width();
            self.place.column += 1;
            self.place.index += 1;
        }
    }

    /// Skips characters of one byte.
    pub(super) fn skip_while(&mut self, is: impl Fn(u8) -> bool) {
        let rest = &self.bytes[self.at..];
        let count = rest.iter().position(|byte| !is(*byte)).unwrap_or(rest.len());
        self.at += count;
        self.place.column += count;
        self.place.index += count;
    }

    pub(super) fn skip_blanks(&mut self) {
        self.skip_while(|byte| byte == b' ' || byte == b'\t');
    }

    pub(super) fn skip_comment(&mut self) {
        if self.byte(0) == b'#' {
            let (place, start) = (self.place, self.at);
            while !self.is_break_or_end() {
                self.skip_while(|byte| matches!(byte, b' '..=b'~' | b'\t'));
                if !self.is_break_or_end() {
                    self.skip();
                }
            }
            if let Some(comments) = &mut self.comments {
                comments.push((place, start..self.at));
            }
        }
    }

    /// Takes a line break. What it stands for is a line feed, but for the separators of Unicode.
    pub(super) fn take_break(&mut self) -> &'static str {
        let width = self.line_break(0);
        if width == 0 {
            return "";
        }
        let taken = match (width, self.byte(2)) {
            (3, 0xa8) => "\u{2028}",
            (3, _) => "\u{2029}",
            _ => "\n",
        };
        let is_pair = self.byte(0) == b'\r' && width == 2;
        self.at += width;
        self.place.index += if is_pair { 2 } else { 1 };
        self.place.column = 0;
        self.place.line += 1;
        taken
    }

    /// Takes the character here.
    pub(super) fn take(&mut self, into: &mut String) {
        let end = (self.at + self.width()).min(self.bytes.len());
        into.push_str(self.text.get(self.at..end).unwrap_or_default());
        self.skip();
    }

    /// Whether a document begins or ends here: three of a character, alone.
    pub(super) fn is_indicator(&self, character: u8) -> bool {
        self.place.column == 0 && (0..3).all(|ahead| self.byte(ahead) == character) && self.is_space_or_end(3)
    }
}
