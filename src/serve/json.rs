//! JSON in one line, to the byte as opm keeps it.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// The greatest integer up to which every integer is a float of 64 bits.
const EXACT: u64 = 1 << 53;

/// A property's value as opm keeps it, who read every number as a float of 64 bits: keys sorted, no blanks.
pub(super) fn property(value: &impl Serialize) -> String {
    write(value, Go { html: false })
}

/// An object as Go's `json.Marshal` writes it, which escapes what HTML takes for its own.
pub(super) fn object(value: &impl Serialize) -> String {
    write(value, Go { html: true })
}

fn write(value: &impl Serialize, formatter: Go) -> String {
    let mut text = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut text, formatter);
    value.serialize(&mut serializer).expect("JSON values can be written to memory");
    String::from_utf8(text).expect("JSON is UTF-8")
}

struct Go {
    html: bool,
}

impl Formatter for Go {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let special: &[char] =
            if self.html { &['\u{2028}', '\u{2029}', '<', '>', '&'] } else { &['\u{2028}', '\u{2029}'] };
        let mut rest = fragment;
        while let Some((at, found)) = rest.match_indices(special).next() {
            let code = u32::from(found.chars().next().expect("a match has a character"));
            write!(writer, "{}\\u{code:04x}", &rest[..at])?;
            rest = &rest[at + found.len()..];
        }
        writer.write_all(rest.as_bytes())
    }

    fn write_i64<W: ?Sized + Write>(&mut self, writer: &mut W, value: i64) -> io::Result<()> {
        match value.unsigned_abs() {
            ..=EXACT => write!(writer, "{value}"),
            #[expect(clippy::cast_precision_loss, reason = "so does Go")]
            _ => self.write_f64(writer, value as f64),
        }
    }

    fn write_u64<W: ?Sized + Write>(&mut self, writer: &mut W, value: u64) -> io::Result<()> {
        match value {
            ..=EXACT => write!(writer, "{value}"),
            #[expect(clippy::cast_precision_loss, reason = "so does Go")]
            _ => self.write_f64(writer, value as f64),
        }
    }

    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        let magnitude = value.abs();
        if magnitude == 0.0 || (1e-6..1e21).contains(&magnitude) {
            return write!(writer, "{value}");
        }
        let text = format!("{value:e}");
        let signed = if magnitude < 1.0 { text } else { text.replace('e', "e+") };
        writer.write_all(signed.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn as_go_writes_it() {
        let value = json!({"b": "a<b>&\u{2028}\n\"é", "a": [1.0, 0.5, 1e21, 1.5e-7, -3, 9_007_199_254_740_993_u64]});
        assert_eq!(property(&value), r#"{"a":[1,0.5,1e+21,1.5e-7,-3,9007199254740992],"b":"a<b>&\u2028\n\"é"}"#);
        assert_eq!(object(&json!("a<b>&c\u{2029}")), r#""a\u003cb\u003e\u0026c\u2029""#);
    }
}
