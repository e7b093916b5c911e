//! JSON in one line, to the byte as Kubernetes' Go programs write an object: a bundle's objects stand in a catalog
//! in this form, and opm sorts them by it.

use std::io::{self, Write};

use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

/// A value as Go's `encoding/json` writes it after apimachinery read it: keys sorted, no blanks, `<`, `>`, `&` and the
/// line separators escaped, whole numbers without a fraction, integers beyond 64 signed bits as floats.
#[must_use]
pub fn to_compact_json(value: &Value) -> String {
    let mut text = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut text, Go);
    serde::Serialize::serialize(value, &mut serializer).expect("a JSON value can be written to memory");
    String::from_utf8(text).expect("JSON is UTF-8")
}

struct Go;

impl Formatter for Go {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) {
            let special = rest[at..].chars().next().expect("one was found here");
            write!(writer, "{}\\u{:04x}", &rest[..at], u32::from(special))?;
            rest = &rest[at + special.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }

    fn write_u64<W: ?Sized + Write>(&mut self, writer: &mut W, value: u64) -> io::Result<()> {
        match i64::try_from(value) {
            Ok(value) => write!(writer, "{value}"),
            #[allow(clippy::cast_precision_loss, reason = "so does apimachinery")]
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
}
