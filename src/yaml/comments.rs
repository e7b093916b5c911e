//! The comments of YAML text. What looks like one in a scalar is none, and JSON has none.

use super::events::parts as yaml_parts;
use super::read::{Part, parts};

/// A comment, up to the end of its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment<'t> {
    /// Its line, from 1.
    pub line: usize,
    /// The column of its `#` in characters, from 1.
    pub column: usize,
    /// Whether nothing else is on its line.
    pub alone: bool,
    /// What it says, from its `#` on.
    pub text: &'t str,
}

/// The comments of a YAML or JSON stream, in their order, up to where it cannot be read. Those on a line `---` are left out.
#[must_use]
pub fn comments(text: &str) -> Vec<Comment<'_>> {
    let mut found = Vec::new();
    for part in parts(text).unwrap_or_default() {
        if let Part::Yaml { text, lines } = part {
            for part in yaml_parts(text, lines).unwrap_or_default() {
                found.extend(part.comments());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(usize, usize, bool, &str)> {
        comments(text).into_iter().map(|found| (found.line, found.column, found.alone, found.text)).collect()
    }

    #[test]
    fn comments_are_found_where_they_are() {
        let text = "# a\n---\nk: v # b\n  # c \nl: é # d\n---\n# e\nm: [1, # f\n  2]\nn: | # g\n  text\n";
        let expected = [
            (1, 1, true, "# a"),
            (3, 6, false, "# b"),
            (4, 3, true, "# c "),
            (5, 6, false, "# d"),
            (7, 1, true, "# e"),
            (8, 8, false, "# f"),
            (10, 6, false, "# g"),
        ];
        assert_eq!(found(text), expected);
        assert_eq!(found("{a: 1, # x\n b: 2}\n"), [(1, 8, false, "# x")]);
    }

    #[test]
    fn scalars_have_no_comments() {
        for text in
            ["a: |\n  # b\n", "a: \"x # b\"\n", "a: 'x\n  # b'\n", "a: b# c\n", "{\"a\": \"# b\"}", "a: >-\n  x # b\n"]
        {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn many_comments_are_found_in_one_pass() {
        let text = format!("{}a: 1 {}\n", "# x\n".repeat(50_000), "# y ".repeat(50_000));
        assert_eq!(comments(&text).len(), 50_001);
    }
}
