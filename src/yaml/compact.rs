//! JSON on one line, exactly as Kubernetes' Go programs write an object: a catalog contains a bundle's objects in this
//! form, and opm sorts them by it.

use std::io::{self, Write};

use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

/// A value as Go's `encoding/json` writes it after apimachinery has read it: keys sorted, no blanks, `<`, `>`, `&` and
/// the line separators escaped, whole numbers without a fraction, integers beyond 64 signed bits as floats.
#[must_use]
pub fn to_compact_json(value: &Value) -> String {
    write(value, Go { html: true, floats: false })
}

/// A value as opm stores the properties of a catalog: like [`to_compact_json`], but HTML characters are not escaped,
/// and every number has been converted to a 64-bit float.
#[must_use]
pub fn to_property_json(value: &Value) -> String {
    write(value, Go { html: false, floats: true })
}

fn write(value: &Value, formatter: Go) -> String {
    let mut text = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut text, formatter);
    serde::Serialize::serialize(value, &mut serializer).expect("a JSON value can be written to memory");
    String::from_utf8(text).expect("JSON is UTF-8")
}

struct Go {
    /// Whether HTML characters are escaped.
    html: bool,
    /// Whether integers are converted to floats first.
    floats: bool,
}

/// The characters that Go escapes, HTML characters last.
const SPECIAL: [char; 5] = ['\u{2028}', '\u{2029}', '<', '>', '&'];

/// Up to this value, a 64-bit float represents every integer exactly.
const EXACT: u64 = 1 << 53;

impl Formatter for Go {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let special = if self.html { &SPECIAL[..] } else { &SPECIAL[..2] };
        let mut rest = fragment;
        while let Some(at) = rest.find(special) {
            let special = rest[at..].chars().next().expect("one was found here");
            write!(writer, "{}\\u{:04x}", &rest[..at], u32::from(special))?;
            rest = &rest[at + special.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }

    #[allow(clippy::cast_precision_loss, reason = "so does opm")]
    fn write_i64<W: ?Sized + Write>(&mut self, writer: &mut W, value: i64) -> io::Result<()> {
        if self.floats && value.unsigned_abs() > EXACT {
            return self.write_f64(writer, value as f64);
        }
        write!(writer, "{value}")
    }

    #[allow(clippy::cast_precision_loss, reason = "so does apimachinery")]
    fn write_u64<W: ?Sized + Write>(&mut self, writer: &mut W, value: u64) -> io::Result<()> {
        match i64::try_from(value) {
            Ok(value) => self.write_i64(writer, value),
            Err(_) => self.write_f64(writer, value as f64),
        }
    }

    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        let magnitude = value.abs();
        if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
            let text = format!("{value:e}");
            let signed = if magnitude < 1.0 { text } else { text.replace('e', "e+") };
            return writer.write_all(signed.as_bytes());
        }
        write!(writer, "{value}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn as_go_writes_it() {
        let value = json!({
            "b": "a<b>&c\u{2028}\n\"é\u{1f}", "a": [1.0, 0.5, 1e21, 1.5e-7, -3, u64::MAX, 1e20, true, null], "A": {}
        });
        assert_eq!(
            to_compact_json(&value),
            r#"{"A":{},"a":[1,0.5,1e+21,1.5e-7,-3,18446744073709552000,100000000000000000000,true,null],"b":"a\u003cb\u003e\u0026c\u2028\n\"é\u001f"}"#
        );
    }

    #[test]
    fn as_opm_keeps_properties() {
        let value = json!({"b": "a<b>&\u{2028}", "a": [1.0, 9_007_199_254_740_993_u64, -9_007_199_254_740_993_i64]});
        assert_eq!(to_property_json(&value), r#"{"a":[1,9007199254740992,-9007199254740992],"b":"a<b>&\u2028"}"#);
    }
}
