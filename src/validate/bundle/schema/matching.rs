//! Whether a text matches a pattern, as Go's `regexp` says: the pattern is written in the syntax of the crate `regex`,
//! which also matches in linear time.

use std::fmt::Write as _;

use regex::{Regex, RegexBuilder};

/// How many bytes a compiled pattern may have.
const SIZE: usize = 1 << 20;

/// The pattern, compiled. None where Go does not accept it, or where it is too large, or names a class that only Go
/// knows.
pub(super) fn compile(pattern: &str) -> Option<Regex> {
    super::pattern::check(pattern).ok()?;
    let translated = Translator { text: pattern.chars().collect(), at: 0, out: String::new() }.translate()?;
    RegexBuilder::new(&translated).size_limit(SIZE).dfa_size_limit(SIZE).build().ok()
}

struct Translator {
    text: Vec<char>,
    at: usize,
    out: String,
}

impl Translator {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.at + ahead).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek(0)?;
        self.at += 1;
        Some(next)
    }

    fn translate(mut self) -> Option<String> {
        while let Some(c) = self.next() {
            match c {
                '\\' => self.escaped()?,
                '[' => self.class()?,
                // A brace that does not begin a repetition stands for itself.
                '{' if !self.is_repetition() => self.literal('{'),
                other => self.out.push(other),
            }
        }
        Some(self.out)
    }

    fn literal(&mut self, c: char) {
        // Writing to a String cannot fail.
        let _ = write!(self.out, "\\x{{{:X}}}", u32::from(c));
    }

    /// Whether the text goes on as `2}`, `2,}` or `2,3}`, without zeros before a number.
    fn is_repetition(&self) -> bool {
        let Some(end) = self.text[self.at..].iter().take(16).position(|c| *c == '}') else { return false };
        let inner: String = self.text[self.at..self.at + end].iter().collect();
        let number = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'))
        };
        match inner.split_once(',') {
            None => number(&inner),
            Some((least, most)) => number(least) && (most.is_empty() || number(most)),
        }
    }

    fn escaped(&mut self) -> Option<()> {
        match self.next()? {
            'Q' => {
                while let Some(c) = self.next() {
                    if c == '\\' && self.peek(0) == Some('E') {
                        self.at += 1;
                        break;
                    }
                    self.literal(c);
                }
            }
            'b' => self.out.push_str(r"(?-u:\b)"),
            'B' => self.out.push_str(r"(?-u:\B)"),
            'A' => self.out.push_str(r"\A"),
            'z' => self.out.push_str(r"\z"),
            other => match ascii_class(other) {
                Some((negated, class)) => {
                    let _ = write!(self.out, "[{}{class}]", if negated { "^" } else { "" });
                }
                None if matches!(other, 'p' | 'P') => self.category(other)?,
                None => {
                    let c = self.escape(other)?;
                    self.literal(c);
                }
            },
        }
        Some(())
    }

    /// `\pL` and `\p{Greek}` mean the same in both syntaxes.
    fn category(&mut self, p: char) -> Option<()> {
        self.out.extend(['\\', p]);
        let mut last = self.next()?;
        self.out.push(last);
        let is_named = last == '{';
        while is_named && last != '}' {
            last = self.next()?;
            self.out.push(last);
        }
        Some(())
    }

    fn class(&mut self) -> Option<()> {
        self.out.push('[');
        if self.peek(0) == Some('^') {
            self.at += 1;
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let c = self.next()?;
            match c {
                ']' if !first => break,
                '[' if self.posix() => {}
                '\\' if self.peek(0).is_some_and(|c| ascii_class(c).is_some()) => {
                    let (negated, class) = ascii_class(self.next()?)?;
                    let _ = if negated { write!(self.out, "[^{class}]") } else { write!(self.out, "{class}") };
                }
                '\\' if matches!(self.peek(0), Some('p' | 'P')) => {
                    let p = self.next()?;
                    self.category(p)?;
                }
                other => {
                    let low = self.in_class(other)?;
                    self.literal(low);
                    if self.peek(0) == Some('-') && self.peek(1).is_some_and(|c| c != ']') {
                        self.at += 1;
                        let next = self.next()?;
                        let high = self.in_class(next)?;
                        self.out.push('-');
                        self.literal(high);
                    }
                }
            }
            first = false;
        }
        self.out.push(']');
        Some(())
    }

    /// `[:alpha:]`, which is the same in both syntaxes.
    fn posix(&mut self) -> bool {
        let rest = &self.text[self.at..];
        let end = rest.iter().take(16).collect::<String>().find(":]").filter(|_| rest.first() == Some(&':'));
        let Some(end) = end.filter(|end| *end > 0) else { return false };
        self.out.push('[');
        self.out.extend(&rest[..end + 2]);
        self.at += end + 2;
        true
    }

    fn in_class(&mut self, c: char) -> Option<char> {
        match c {
            '\\' => {
                let next = self.next()?;
                self.escape(next)
            }
            other => Some(other),
        }
    }

    /// The character that is written with a backslash, whose next character was read.
    fn escape(&mut self, c: char) -> Option<char> {
        let code = match c {
            '0'..='7' => {
                let mut code = c.to_digit(8)?;
                for _ in 0..2 {
                    let Some(digit) = self.peek(0).and_then(|c| c.to_digit(8)) else { break };
                    code = 8 * code + digit;
                    self.at += 1;
                }
                code
            }
            'x' if self.peek(0) == Some('{') => {
                self.at += 1;
                let mut code: u32 = 0;
                loop {
                    match self.next()? {
                        '}' => break code,
                        digit => code = code.checked_mul(16)?.checked_add(digit.to_digit(16)?)?,
                    }
                }
            }
            'x' => 16 * self.next()?.to_digit(16)? + self.next()?.to_digit(16)?,
            'a' => 7,
            'f' => 12,
            'n' => 10,
            'r' => 13,
            't' => 9,
            'v' => 11,
            other => return Some(other),
        };
        char::from_u32(code)
    }
}

/// What `\d` and its like mean in Go, where they know only ASCII.
fn ascii_class(c: char) -> Option<(bool, &'static str)> {
    let class = match c.to_ascii_lowercase() {
        'd' => "0-9",
        's' => r"\t\n\x0C\r\x20",
        'w' => "0-9A-Za-z_",
        _ => return None,
    };
    Some((c.is_ascii_uppercase(), class))
}

#[cfg(test)]
mod tests {
    use super::compile;

    /// The verdicts are Go's.
    #[test]
    fn patterns_match_as_in_go() {
        for (pattern, matching, other) in [
            (r"^\d+$", "12", "١٢"),
            (r"^\w+$", "a_1", "ä"),
            (r"^[^\W\d]+$", "ab", "a1"),
            (r"^a{,2}$", "a{,2}", "aa"),
            (r"^a{2,3}$", "aaa", "a"),
            (r"^a{01}$", "a{01}", "a"),
            (r"^[[:alpha:]_]+$", "a_b", "a-b"),
            (r"^[[a&&b~~-]+$", "[&~-", "c"),
            (r"^[]a]+$", "]a", "b"),
            (r"^\Qa.b\E$", "a.b", "axb"),
            (r"^\x41\x{1F600}\101$", "A😀A", "A"),
            (r"^(?i)straße$", "STRAßE", "strasse"),
            (r"^[a-c\-]+$", "a-c", "d"),
            (r"^.{3}$", "äöü", "ab"),
            (r"a\b", "a ", "ab"),
            (r"^\s$", "\t", "\u{a0}"),
            (r"^\p{Lu}\pL$", "Äb", "ab"),
            ("", "anything", "\u{0}never"),
        ] {
            let regex = compile(pattern).unwrap_or_else(|| panic!("{pattern} must compile"));
            assert!(regex.is_match(matching), "{pattern} {matching}");
            assert!(pattern.is_empty() || !regex.is_match(other), "{pattern} {other}");
        }
        for bad in ["(?=a)", "(", r"\1", "a**"] {
            assert!(compile(bad).is_none(), "{bad}");
        }
    }
}
