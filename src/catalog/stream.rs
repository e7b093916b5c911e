//! YAML streams that opm rejects although they are valid YAML. opm splits a file at the lines that begin with `---`
//! before it reads the parts (apimachinery's `NewYAMLOrJSONDecoder`), and reads a part without a value as a blob
//! without a schema.

use std::ops::Range;

use crate::yaml::Document;

const SEPARATOR: &str = "---";

/// The lines, from 1, at which opm rejects the text, and why. `documents` are the documents in the text.
pub(super) fn refused(text: &str, documents: &[Document]) -> Vec<(usize, String)> {
    let mut refused: Vec<(usize, String)> = Vec::new();
    let parts = parts(text);
    let lines: Vec<&str> = text.lines().collect();
    for part in &parts {
        let at = documents.partition_point(|document| document.line < part.start);
        if documents.get(at).is_some_and(|document| part.contains(&document.line)) {
            continue;
        }
        refused.push((
            shown_line(&lines, part),
            match parts.len() {
                1 => "the file contains only white space and comments; opm rejects such a file".into(),
                _ => "this document is empty, and opm rejects empty documents: remove the `---` before or after it"
                    .into(),
            },
        ));
    }
    refused
}

/// The lines of each part. A separator belongs to a part only if nothing is before it in that part.
fn parts(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = None;
    let mut last = 0;
    for (i, line) in text.lines().enumerate() {
        last = i + 1;
        match start {
            Some(first) if line.starts_with(SEPARATOR) => {
                parts.push(first..last);
                start = None;
            }
            Some(_) => {}
            None => start = Some(last),
        }
    }
    parts.extend(start.map(|first| first..last + 1));
    parts
}

/// The first non-empty line of a part, or else its first line.
fn shown_line(lines: &[&str], part: &Range<usize>) -> usize {
    let mut lines = lines.iter().skip(part.start - 1).take(part.len());
    part.start + lines.position(|line| !line.trim().is_empty() && !line.starts_with(SEPARATOR)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;

    fn lines(text: &str) -> Vec<usize> {
        let documents = yaml::read(text).expect(text);
        refused(text, &documents).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn what_opm_takes() {
        for text in [
            "",
            "a: 1",
            "---\na: 1\n---\n",
            "\n---\n# head\na: 1\n--- # and\nb: 2\n...\n# tail\n",
            "a: 1\r\n---\r\nb: 2\r\n",
            "{\"a\": 1} {\"b\": 2}\n\n{\"c\":\n3}",
        ] {
            // A blank line before the first separator is a part of its own.
            let expected: &[usize] = if text.starts_with('\n') { &[1] } else { &[] };
            assert_eq!(lines(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_opm_refuses() {
        for (text, expected) in [
            ("\n", vec![1]),
            ("\n# nothing\n", vec![2]),
            ("# head\n---\na: 1\n", vec![1]),
            ("a: 1\n---\n# nothing\n---\nb: 2\n", vec![3]),
            ("a: 1\n---\n\n", vec![3]),
            ("---\n---\na: 1\n", vec![1]),
            ("a: 1\n---\nnull\n", vec![3]),
        ] {
            assert_eq!(lines(text), expected, "{text:?}");
        }
    }
}
