//! The characters that never reach a terminal, and their replacements.

/// Foreign text on one line: every character that [`is_hidden`] is replaced with its escape, such as `\n` or
/// `\u{202e}`.
///
/// ```
/// assert_eq!(olm_catalog::terminal::escape("a\u{1b}[2Jb\n::error::"), "a\\u{1b}[2Jb\\n::error::");
/// ```
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    push(&mut escaped, text);
    escaped
}

pub(super) fn push(to: &mut String, text: &str) {
    for character in text.chars() {
        if is_hidden(character) {
            to.extend(character.escape_default());
        } else {
            to.push(character);
        }
    }
}

/// Whether a character has an effect other than being displayed: control characters (C0, DEL, C1), line and paragraph
/// separators, bidirectional marks and isolates, zero-width characters, tags and all others that Unicode calls [default
/// ignorable](https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point), and the annotations of U+FFF9 to
/// U+FFFB. The two variation selectors that emoji need are not among them.
#[must_use]
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0d}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn invisible_characters_are_escaped() {
        let hidden = "\0\x07\t\n\r\x1b\x7f\u{80}\u{85}\u{9b}\u{ad}\u{200b}\u{200e}\u{2028}\u{2029}\u{202e}\u{2066}\u{feff}\u{e0041}";
        assert_eq!(
            escape(hidden),
            "\\u{0}\\u{7}\\t\\n\\r\\u{1b}\\u{7f}\\u{80}\\u{85}\\u{9b}\\u{ad}\\u{200b}\\u{200e}\\u{2028}\\u{2029}\\u{202e}\
             \\u{2066}\\u{feff}\\u{e0041}"
        );
        let seen = "a é 漢字 🙂 ✔\u{fe0f} \\ \" ' … ├── ش";
        assert_eq!(escape(seen), seen);
    }

    proptest! {
        #[test]
        fn escaped_text_is_one_visible_line(text in any::<String>()) {
            let escaped = escape(&text);
            prop_assert!(!escaped.chars().any(is_hidden));
            prop_assert_eq!(escape(&escaped), escaped);
        }
    }
}
