//! The only function that puts foreign text into HTML.

use crate::terminal::is_hidden;

/// Adds text escaped for HTML elements and attributes. Invisible and control characters are shown as escapes, as on a
/// terminal: bidirectional marks would reorder what a reader sees. Line breaks are kept.
pub(in crate::site) fn escape(to: &mut String, text: &str) {
    let mut rest = text;
    // Most text is plain ASCII, and is copied unchanged.
    while let Some(at) = rest.bytes().position(|byte| !is_plain(byte)) {
        to.push_str(&rest[..at]);
        let Some(character) = rest[at..].chars().next() else { break };
        rest = &rest[at + character.len_utf8()..];
        match character {
            '&' => to.push_str("&amp;"),
            '<' => to.push_str("&lt;"),
            '>' => to.push_str("&gt;"),
            '"' => to.push_str("&quot;"),
            '\'' => to.push_str("&#39;"),
            '\r' if rest.starts_with('\n') => {}
            // Characters that are not allowed in a document.
            '\u{fdd0}'..='\u{fdef}' => to.extend(character.escape_unicode()),
            other if is_hidden(other) || u32::from(other) & 0xfffe == 0xfffe => to.extend(other.escape_default()),
            other => to.push(other),
        }
    }
    to.push_str(rest);
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\n' | b'\t') && !matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn escaped(text: &str) -> String {
        let mut html = String::new();
        escape(&mut html, text);
        html
    }

    #[test]
    fn nothing_of_html_and_nothing_hidden_is_left() {
        assert_eq!(escaped("a<b>\"'&\r\nc\td é 漢"), "a&lt;b&gt;&quot;&#39;&amp;\nc\td é 漢");
        assert_eq!(escaped("\0\u{202e}\u{ffff}\u{1fffe}\r"), "\\u{0}\\u{202e}\\u{ffff}\\u{1fffe}\\r");
    }

    proptest! {
        #[test]
        fn any_text_is_safe(text in any::<String>()) {
            let html = escaped(&text);
            prop_assert!(!html.contains(['<', '>', '"', '\'']));
            prop_assert!(!html.chars().any(|character| character != '\n' && character != '\t' && is_hidden(character)));
        }
    }
}
