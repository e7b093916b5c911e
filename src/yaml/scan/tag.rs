//! Directives, anchors and tags.

use super::{Kind, Place, Scanner, error};
use crate::yaml::Error;

impl Scanner<'_> {
    /// Letters, digits, `_` and `-`.
    fn word(&mut self) -> String {
        let mut word = String::new();
        while matches!(self.byte(0), b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-') {
            self.take(&mut word);
        }
        word
    }

    pub(super) fn directive(&mut self) -> Result<(), Error> {
        let start = self.place;
        let context = "while scanning a directive";
        self.skip();
        let name = self.word();
        if name.is_empty() {
            return Err(error(start, context, "could not find expected directive name"));
        }
        if !self.is_space_or_end(0) {
            return Err(error(start, context, "found unexpected non-alphabetical character"));
        }
        let kind = match name.as_str() {
            "YAML" => self.version(start)?,
            "TAG" => self.tag_directive(start)?,
            _ => return Err(error(start, context, "found unknown directive name")),
        };
        self.push(kind, start);
        self.skip_blanks();
        self.skip_comment();
        if !self.is_break_or_end() {
            return Err(error(start, context, "did not find expected comment or line break"));
        }
        self.take_break();
        Ok(())
    }

    fn version(&mut self, start: Place) -> Result<Kind, Error> {
        self.skip_blanks();
        let major = self.number(start)?;
        if self.byte(0) != b'.' {
            let problem = "did not find expected digit or '.' character";
            return Err(error(start, "while scanning a %YAML directive", problem));
        }
        self.skip();
        Ok(Kind::Version(major, self.number(start)?))
    }

    fn number(&mut self, start: Place) -> Result<u8, Error> {
        let context = "while scanning a %YAML directive";
        let (mut number, mut digits) = (0, 0);
        while let digit @ b'0'..=b'9' = self.byte(0) {
            digits += 1;
            if digits > 2 {
                return Err(error(start, context, "found extremely long version number"));
            }
            number = number * 10 + (digit - b'0');
            self.skip();
        }
        match digits {
            0 => Err(error(start, context, "did not find expected version number")),
            _ => Ok(number),
        }
    }

    fn tag_directive(&mut self, start: Place) -> Result<Kind, Error> {
        let context = "while scanning a %TAG directive";
        self.skip_blanks();
        let handle = self.tag_handle(true, start)?;
        if !self.is_blank(0) {
            return Err(error(start, context, "did not find expected whitespace"));
        }
        self.skip_blanks();
        let prefix = self.tag_uri(None, context, start)?;
        if !self.is_space_or_end(0) {
            return Err(error(start, context, "did not find expected whitespace or line break"));
        }
        Ok(Kind::TagDirective { handle, prefix })
    }

    pub(super) fn anchor(&mut self, is_anchor: bool) -> Result<(), Error> {
        let start = self.place;
        self.skip();
        let name = self.word();
        let is_over =
            self.is_space_or_end(0) || matches!(self.byte(0), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !is_over {
            let context = if is_anchor { "while scanning an anchor" } else { "while scanning an alias" };
            return Err(error(start, context, "did not find expected alphabetic or numeric character"));
        }
        self.push(if is_anchor { Kind::Anchor(name) } else { Kind::Alias(name) }, start);
        Ok(())
    }

    pub(super) fn tag(&mut self) -> Result<(), Error> {
        let start = self.place;
        let context = "while scanning a tag";
        let (handle, suffix) = if self.byte(1) == b'<' {
            self.skip();
            self.skip();
            let suffix = self.tag_uri(None, "while parsing a tag", start)?;
            if self.byte(0) != b'>' {
                return Err(error(start, context, "did not find the expected '>'"));
            }
            self.skip();
            (String::new(), suffix)
        } else {
            let handle = self.tag_handle(false, start)?;
            if handle.len() > 1 && handle.ends_with('!') {
                let suffix = self.tag_uri(None, "while parsing a tag", start)?;
                (handle, suffix)
            } else {
                // The apparent handle is the start of the tag.
                match self.tag_uri(Some(&handle), "while parsing a tag", start)? {
                    suffix if suffix.is_empty() => (String::new(), "!".to_owned()),
                    suffix => ("!".to_owned(), suffix),
                }
            }
        };
        if !self.is_space_or_end(0) {
            return Err(error(start, context, "did not find expected whitespace or line break"));
        }
        self.push(Kind::Tag { handle, suffix }, start);
        Ok(())
    }

    fn tag_handle(&mut self, directive: bool, start: Place) -> Result<String, Error> {
        let context = if directive { "while parsing a %TAG directive" } else { "while parsing a tag" };
        if self.byte(0) != b'!' {
            return Err(error(start, context, "did not find expected '!'"));
        }
        self.skip();
        let mut handle = format!("!{}", self.word());
        if self.byte(0) == b'!' {
            self.take(&mut handle);
        } else if directive && handle != "!" {
            return Err(error(start, context, "did not find expected '!'"));
        }
        Ok(handle)
    }

    /// The rest of a tag, after its apparent handle.
    fn tag_uri(&mut self, head: Option<&str>, context: &str, start: Place) -> Result<String, Error> {
        let mut bytes: Vec<u8> = head.map(|head| head.as_bytes()[1..].to_vec()).unwrap_or_default();
        let mut is_there = head.is_some();
        loop {
            match self.byte(0) {
                b'%' => self.octets(&mut bytes, context, start)?,
                byte if byte.is_ascii_alphanumeric() || b"-_;/?:@&=+$,.!~*'()[]".contains(&byte) => {
                    bytes.push(byte);
                    self.skip();
                }
                _ => break,
            }
            is_there = true;
        }
        match is_there {
            true => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            false => Err(error(start, context, "did not find expected tag URI")),
        }
    }

    /// A character as octets, each `%` and two digits.
    fn octets(&mut self, into: &mut Vec<u8>, context: &str, start: Place) -> Result<(), Error> {
        let mut left = None;
        while left != Some(0) {
            let digit = |ahead| char::from(self.byte(ahead)).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            let (b'%', Some(high), Some(low)) = (self.byte(0), digit(1), digit(2)) else {
                return Err(error(start, context, "did not find URI escaped octet"));
            };
            let octet = high << 4 | low;
            left = Some(match left {
                None => match octet {
                    0..0x80 => 0,
                    0xc0..0xe0 => 1,
                    0xe0..0xf0 => 2,
                    0xf0..0xf8 => 3,
                    _ => return Err(error(start, context, "found an incorrect leading UTF-8 octet")),
                },
                Some(left) if octet & 0xc0 == 0x80 => left - 1,
                Some(_) => return Err(error(start, context, "found an incorrect trailing UTF-8 octet")),
            });
            into.push(octet);
            for _ in 0..3 {
                self.skip();
            }
        }
        Ok(())
    }
}
