//! Scalars, and the styles in which they may be written.

use serde_json::{Number, Value};

use crate::yaml::scalar::is_string;

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
}

/// A scalar, and what its text allows.
pub(super) struct Scalar {
    pub(super) text: String,
    wanted: Style,
    is_multiline: bool,
    plain: bool,
    single_quoted: bool,
    block: bool,
}

/// The longest key, in bytes, that is written before its colon on one line.
const SIMPLE_KEY: usize = 128;

impl Scalar {
    /// A value that is neither a list nor a mapping.
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::string(text),
            Value::Number(number) => Self::new(written(number), Style::Plain),
            Value::Bool(is) => Self::new(is.to_string(), Style::Plain),
            _ => Self::new("null".to_owned(), Style::Plain),
        }
    }

    /// A string, quoted if it would be read as something else.
    pub(super) fn string(text: &str) -> Self {
        let style = if text.contains('\n') {
            Style::Literal
        } else if is_string(text) && !is_base_60(text) {
            Style::Plain
        } else {
            Style::DoubleQuoted
        };
        Self::new(text.to_owned(), style)
    }

    fn new(text: String, wanted: Style) -> Self {
        let mut scalar = Self { text, wanted, is_multiline: false, plain: true, single_quoted: true, block: true };
        scalar.analyze();
        scalar
    }

    /// Finds what the text allows.
    fn analyze(&mut self) {
        if self.text.is_empty() {
            self.block = false;
            return;
        }
        let mut indicators = self.text.starts_with("---") || self.text.starts_with("...");
        let (mut special, mut space_break, mut break_space) = (false, false, false);
        let (mut leading, mut trailing, mut trailing_space) = (false, false, false);
        let (mut after_space, mut after_break, mut after_blank) = (false, false, true);
        let mut characters = self.text.chars().enumerate().peekable();
        while let Some((i, character)) = characters.next() {
            let next = characters.peek().map(|(_, next)| *next);
            let before_blank = next.is_none_or(|next| matches!(next, ' ' | '\t'));
            indicators |= match character {
                ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => i == 0,
                '?' | '-' => i == 0 && before_blank,
                ':' => before_blank,
                '#' => after_blank,
                _ => false,
            };
            special |= !is_printable(character);
            let (is_space, is_break) = (character == ' ', is_break(character));
            leading |= i == 0 && (is_space || is_break);
            trailing |= next.is_none() && (is_space || is_break);
            trailing_space |= next.is_none() && is_space;
            break_space |= is_space && after_break;
            space_break |= is_break && after_space;
            self.is_multiline |= is_break;
            (after_space, after_break) = (is_space, is_break);
            after_blank = is_space || is_break || matches!(character, '\t' | '\0');
        }
        let broken = break_space || space_break || special;
        self.plain = !(broken || leading || trailing || self.is_multiline || indicators);
        self.single_quoted = !broken;
        self.block = !(trailing_space || space_break || special);
    }

    /// Whether it can be a key without a `?`.
    pub(super) fn is_simple_key(&self) -> bool {
        !self.is_multiline && self.text.len() <= SIMPLE_KEY
    }

    /// The style in which it is written.
    pub(super) fn style(&self, is_simple_key: bool) -> Style {
        let mut style = self.wanted;
        if style == Style::Plain && (!self.plain || self.text.is_empty() && is_simple_key) {
            style = Style::SingleQuoted;
        }
        if style == Style::SingleQuoted && !self.single_quoted || style == Style::Literal && !self.block {
            style = Style::DoubleQuoted;
        }
        style
    }
}

/// Whether the emitter writes a character as it is. It escapes those beyond 16 bits.
pub(super) fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && character != '\u{feff}'
}

/// Whether a character ends a line.
pub(super) fn is_break(character: char) -> bool {
    matches!(character, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether other readers take text for a number to the base 60: `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`
fn is_base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let Some((first, rest)) = whole.split_once(':') else { return false };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let sixty = |part: &str| match part.as_bytes() {
        [one] => one.is_ascii_digit(),
        [ten, one] => (b'0'..=b'5').contains(ten) && one.is_ascii_digit(),
        _ => false,
    };
    first.starts_with(|c: char| c.is_ascii_digit()) && digits(first) && rest.split(':').all(sixty) && digits(fraction)
}

/// A number as Go formats it: fractions in the shortest form, with an exponent from a million on.
fn written(number: &Number) -> String {
    let Some(value) = number.as_f64().filter(|_| number.is_f64()) else { return number.to_string() };
    let shortest = format!("{value:e}");
    let (digits, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..6).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_to_the_base_60() {
        for text in ["1:20", "+1:2:03", "190:20:30.15", "1_0:5", "-1:20.5_"] {
            assert!(is_base_60(text), "{text}");
        }
        for text in ["", ":20", "1:", "1:60", "1:200", "a:20", "1.5:20", "1:20.x"] {
            assert!(!is_base_60(text), "{text}");
        }
    }
}
