//! Writes values as text: mappings in the order of their type, generic mappings sorted, strings quoted if any YAML
//! reader, 1.1 or 1.2, would read them as something else.

use serde::Serialize;

use super::lines::Lines;

/// Why a value could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the value cannot be written in this format: {0}")]
pub struct WriteError(pub(super) String);

/// One YAML document, ending in a newline, without a `---`.
///
/// # Errors
/// A value that YAML cannot represent, such as a mapping whose keys are not scalars.
pub fn to_yaml(value: &impl Serialize) -> Result<String, WriteError> {
    let text = written(value, true)?;
    // Go rejects a block scalar whose text begins with a tab: if a line does, the string is quoted instead.
    let tab = text.lines().any(|line| line.trim_start_matches(' ').starts_with('\t'));
    if tab { written(value, false) } else { Ok(text) }
}

fn written(value: &impl Serialize, blocks: bool) -> Result<String, WriteError> {
    let options = serde_yaml::ser_options! { folded_wrap_chars: usize::MAX, prefer_block_scalars: blocks };
    let mut lines = Lines::default();
    serde_yaml::to_fmt_writer_with_options(&mut lines, value, options)
        .map_err(|error| WriteError(error.to_string()))?;
    Ok(lines.into_text())
}

/// A YAML stream, each document under a `---`.
///
/// # Errors
/// Those of [`to_yaml`].
pub fn to_yaml_stream<T: Serialize>(values: impl IntoIterator<Item = T>) -> Result<String, WriteError> {
    values.into_iter().try_fold(String::new(), |text, value| Ok(text + "---\n" + &to_yaml(&value)?))
}

/// One JSON document, indented by four spaces as opm writes it, ending in a newline.
///
/// # Errors
/// A value that JSON cannot represent.
pub fn to_json(value: &impl Serialize) -> Result<String, WriteError> {
    let mut text = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, formatter);
    value.serialize(&mut serializer).map_err(|error| WriteError(error.to_string()))?;
    text.push(b'\n');
    String::from_utf8(text).map_err(|error| WriteError(error.to_string()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    use super::*;
    use crate::yaml::read_one;

    /// Strings that readers may misread are as likely as arbitrary ones.
    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            proptest::sample::select(vec![
                "",
                "y",
                "No",
                "ON",
                "~",
                "null",
                "<<",
                "=",
                "012",
                "0x1",
                "0o7",
                "1_0",
                "1:20",
                "2001-01-01",
                ".5",
                "1e3",
                "-",
                "- a",
                "a: b",
                "a #b",
                "#",
                "!t",
                "&a",
                "*a",
                "%a",
                "@a",
                "`a",
                "{",
                "[",
                "? a",
                "|",
                ">",
                " a",
                "a ",
                "\n",
                "a\n",
                "a\n\n",
                "\n a",
                "a\r\nb",
                "\t",
                "\ta\n",
                "a\n  b\n",
                "'",
                "\"",
                "\\",
                "\u{85}",
                "\u{feff}",
                "\u{2028}",
                ".inf",
                "...",
                "---",
                "--- a\n",
                "1.0",
                "+1",
                "0b1",
                "a:",
                ":a",
                ",",
            ])
            .prop_map(str::to_owned),
            any::<String>(),
            "[ -~\n]{0,120}",
        ]
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-1e9..1e9_f64).prop_map(Value::from),
            text().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map(text(), inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    #[test]
    fn blank_lines_are_empty() {
        let value = serde_json::json!({"a": {"b": "one\n\n  two\n\n\nthree\n", "c": ["\nfour\n\nfive\n\n"]}});
        let text = to_yaml(&value).expect("written");
        assert!(text.lines().filter(|line| line.trim().is_empty()).count() > 4, "{text}");
        assert!(text.lines().all(|line| line.trim_end_matches(' ') == line), "{text}");
        assert_eq!(read_one(&text).expect(&text), value);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(value in value()) {
            let text = to_yaml(&value).expect("written");
            let read = if value.is_null() { Value::Null } else { read_one(&text).expect(&text) };
            prop_assert_eq!(read, value, "{}", text);
        }
    }
}
