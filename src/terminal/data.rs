//! Data that programs read, printed where people and CI systems may see it.

use std::borrow::Cow;

use serde_json::Value;

use super::escape::is_hidden;
use super::guard::guarded;
use crate::yaml;

/// JSON with the same values, in which every character that [`is_hidden`] is written as `\uXXXX`, and commands of CI
/// systems are broken by an escape. Outside strings, JSON contains no such characters except newlines and tabs, so this
/// is the same document for every reader.
///
/// ```
/// use olm_catalog::terminal::json_text;
/// assert_eq!(json_text("[\"\u{9b}\u{e0041} ##[x]\"]\n"), "[\"\\u009b\\udb40\\udc41 #\\u0023[x]\"]\n");
/// ```
#[must_use]
pub fn json_text(json: &str) -> Cow<'_, str> {
    let bytes = json.as_bytes();
    let mut safe = String::new();
    let (mut done, mut at) = (0, 0);
    loop {
        let start = at + plain(&bytes[at..]);
        let Some(character) = json[start..].chars().next() else { break };
        at = start + character.len_utf8();
        let escaped = match character {
            '#' => start > 0 && bytes[start - 1] == b'#',
            other => is_hidden(other),
        };
        if escaped {
            safe += &json[done..start];
            for unit in character.encode_utf16(&mut [0; 2]) {
                safe += &format!("\\u{unit:04x}");
            }
            done = at;
        }
    }
    if done == 0 {
        return Cow::Borrowed(json);
    }
    safe += &json[done..];
    Cow::Owned(safe)
}

/// The number of bytes at the start that are neither hidden nor a number sign. Nearly all bytes are like this, so eight
/// are checked at once.
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    // Whether a byte of the word is below a limit of up to 128, and whether one equals a byte: Bit Twiddling Hacks,
    // "Determine if a word has a byte less than n".
    let below = |word: u64, limit: u8| word.wrapping_sub(ONES * u64::from(limit)) & !word & HIGH != 0;
    let has = |word: u64, byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    let is_plain_word = |word: u64| word & HIGH == 0 && !below(word, b' ') && !has(word, 0x7f) && !has(word, b'#');
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t') && byte != b'#';
    let mut at = 0;
    loop {
        let words = bytes[at..].as_chunks().0.iter();
        at += 8 * words.take_while(|word| is_plain_word(u64::from_ne_bytes(**word))).count();
        let rest = &bytes[at..bytes.len().min(at + 8)];
        let few = rest.iter().take_while(|byte| is_plain(**byte)).count();
        at += few;
        if few < 8 {
            return at;
        }
    }
}

/// YAML that this crate wrote, with the same values. If it has a line that a CI system reads as a command, or with
/// `hidden` a character that [`is_hidden`], these strings are written in double quotes with escapes.
#[must_use]
pub fn yaml_text(text: &str, hidden: bool) -> Cow<'_, str> {
    let is_clean = |text: &str| {
        matches!(guarded(text), Cow::Borrowed(_))
            && !(hidden && text.chars().any(|character| character != '\n' && is_hidden(character)))
    };
    if is_clean(text) {
        return Cow::Borrowed(text);
    }
    // Text that cannot be read back is not YAML, and is escaped like other text.
    rewritten(text).map_or_else(|| guarded(text).into_owned().into(), Cow::Owned)
}

fn rewritten(text: &str) -> Option<String> {
    let mut quoted = Quoted { mark: "quoted".to_owned(), strings: Vec::new() };
    while text.contains(&quoted.mark) {
        quoted.mark.push('x');
    }
    let documents = yaml::read(text).ok()?;
    let one = documents.len() == 1 && !text.starts_with("---");
    let values = documents.into_iter().map(|document| quoted.marked(document.value));
    let values: Vec<Value> = values.collect();
    let written = if one { yaml::to_yaml(&values[0]) } else { yaml::to_yaml_stream(&values) }.ok()?;
    Some(quoted.filled(&written))
}

/// Strings to be quoted. While the YAML is written, a mark that needs no quotes replaces each of them.
struct Quoted {
    mark: String,
    strings: Vec<String>,
}

impl Quoted {
    fn marked(&mut self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.mark(text)),
            Value::Array(items) => items.into_iter().map(|item| self.marked(item)).collect(),
            Value::Object(fields) => {
                fields.into_iter().map(|(key, value)| (self.mark(key), self.marked(value))).collect()
            }
            other => other,
        }
    }

    fn mark(&mut self, text: String) -> String {
        let clean = matches!(guarded(&text), Cow::Borrowed(_));
        if clean && !text.chars().any(|character| character != '\n' && is_hidden(character)) {
            return text;
        }
        self.strings.push(text);
        format!("{}{}z", self.mark, self.strings.len() - 1)
    }

    fn filled(&self, written: &str) -> String {
        let mut parts = written.split(&self.mark);
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (number, rest) = part.split_once('z').unwrap_or_default();
            let text = number.parse().ok().and_then(|number: usize| self.strings.get(number));
            filled += &double_quoted(text.map_or("", String::as_str));
            filled += rest;
        }
        filled
    }
}

/// A string in YAML's double quotes: as in JSON, with `\U` for code points of more than four digits.
fn double_quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    let mut last = '\0';
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted += "\\n",
            '\t' => quoted += "\\t",
            '\r' => quoted += "\\r",
            '#' if last == '#' => quoted += "\\u0023",
            hidden if is_hidden(hidden) => {
                let code = u32::from(hidden);
                quoted += &if code > 0xffff { format!("\\U{code:08x}") } else { format!("\\u{code:04x}") };
            }
            seen => quoted.push(seen),
        }
        last = character;
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            any::<String>(),
            proptest::sample::select(vec![
                "\n",
                "::error",
                "##[group]",
                "\u{202e}",
                "\u{9b}",
                "\t",
                "quoted0z",
                " ",
                ": ",
                "\u{e0041}"
            ])
            .prop_map(str::to_owned),
        ];
        proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
    }

    fn is_safe(text: &str) -> bool {
        !text.chars().any(|c| c != '\n' && is_hidden(c)) && matches!(guarded(text), Cow::Borrowed(_))
    }

    proptest! {
        #[test]
        fn the_value_stays(texts in proptest::collection::vec(hostile(), 1..4)) {
            let (key, last) = (&texts[0], texts.last());
            let value = json!({key: texts, "more": [{"text": last}]});
            let json = serde_json::to_string_pretty(&value).unwrap();
            let safe = json_text(&json);
            prop_assert_eq!(&serde_json::from_str::<Value>(&safe).unwrap(), &value);
            prop_assert!(is_safe(&safe), "{}", safe);
            for text in [yaml::to_yaml(&value).unwrap(), yaml::to_yaml_stream([&value, &value]).unwrap()] {
                let safe = yaml_text(&text, true);
                prop_assert!(is_safe(&safe), "{}", safe);
                for document in yaml::read(&safe).unwrap() {
                    prop_assert_eq!(&document.value, &value, "{}", safe);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn plain_bytes_are_passed_over(mut bytes in proptest::collection::vec(b' '..=b'~', 0..40), odd: u8, at: usize) {
            bytes.iter_mut().filter(|byte| **byte == b'#').for_each(|byte| *byte = b'\n');
            if let Some(byte) = at.checked_rem(bytes.len()).and_then(|at| bytes.get_mut(at)) {
                *byte = odd;
            }
            let is_plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t') && *byte != b'#';
            prop_assert_eq!(plain(&bytes), bytes.iter().take_while(|byte| is_plain(byte)).count());
        }
    }

    #[test]
    fn clean_data_stays_as_it_is() {
        let yaml = "a: |-\n  b\n  c\n";
        assert!(matches!(yaml_text(yaml, true), Cow::Borrowed(text) if text == yaml));
        assert!(matches!(yaml_text("a: \u{200b}\n", false), Cow::Borrowed(_)));
        assert_eq!(yaml_text("a: |-\n  b\n  ::c\nd: e\n", false), "a: \"b\\n::c\"\nd: e\n");
    }
}
