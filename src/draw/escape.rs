//! Foreign text in the formats: first made visible as by [`terminal::escape`](crate::terminal::escape), so that no
//! format has to handle control characters, then escaped by the format's own rules.

use crate::terminal::escape;

/// The maximum length of a line in a label.
pub(super) const LINE: usize = 100;

/// The first characters of a text, made visible, followed by `…` if there are more.
pub(super) fn cut(text: &str, most: usize) -> String {
    let text = escape(text);
    match text.char_indices().nth(most) {
        None => text,
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// Text in XML elements and attributes. `##` is broken up, because CI systems run `##[…]` if they find it in a log.
pub(super) fn xml(text: &str) -> String {
    replaced(text, |character| match character {
        '&' => Some("&amp;".into()),
        '<' => Some("&lt;".into()),
        '>' => Some("&gt;".into()),
        '"' => Some("&quot;".into()),
        '\'' => Some("&#39;".into()),
        '#' => Some("&#35;".into()),
        // Not characters of XML 1.0.
        '\u{fffe}' | '\u{ffff}' => Some(character.escape_unicode().to_string()),
        _ => None,
    })
}

/// A line in a string of Mermaid: characters with a meaning in its syntax or in Markdown become entity codes.
pub(super) fn mermaid(line: &str) -> String {
    replaced(&cut(line, LINE), |character| {
        let is_plain = character.is_alphanumeric() || " .-_,:/+=()…".contains(character);
        (!is_plain).then(|| format!("#{};", u32::from(character)))
    })
}

/// A line in a quoted string of Graphviz's language, used as a label: entities are interpreted there.
pub(super) fn dot(line: &str) -> String {
    replaced(&cut(line, LINE), |character| match character {
        '&' => Some("&amp;".into()),
        '"' => Some("\\\"".into()),
        '\\' => Some("\\\\".into()),
        '#' => Some("&#35;".into()),
        _ => None,
    })
}

fn replaced(text: &str, with: impl Fn(char) -> Option<String>) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in escape(text).chars() {
        match with(character) {
            Some(code) => escaped.push_str(&code),
            None => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_has_its_escapes() {
        let evil = "a\"]\n</script>##[x]\\&`'\u{202e}\u{ffff}";
        assert_eq!(xml(evil), "a&quot;]\\n&lt;/script&gt;&#35;&#35;[x]\\&amp;`&#39;\\u{202e}\\u{ffff}");
        assert_eq!(mermaid("a\"]\n<b>#`\\"), "a#34;#93;#92;n#60;b#62;#35;#96;#92;");
        assert_eq!(mermaid(&"é".repeat(101)), format!("{}…", "é".repeat(100)));
        assert_eq!(dot("a\"]\n&amp;#\\N"), "a\\\"]\\\\n&amp;amp;&#35;\\\\N");
    }
}
