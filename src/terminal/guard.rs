//! Lines of a log that CI systems would execute.

use std::borrow::Cow;

use memchr::{memchr, memmem, memrchr};

use super::text::after_sgr;

/// How GitHub Actions (the older form), Azure Pipelines and TeamCity begin a command, anywhere in a line.
const ANYWHERE: [&str; 3] = ["##[", "##vso[", "##teamcity["];

/// The text, with the start of each CI command made harmless: `::` at the start of a line, after blanks too, since [the
/// runner of GitHub Actions trims
/// them](https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs), becomes `\u{3a}:`, and `##[`
/// becomes `#\u{23}[`.
#[must_use]
pub fn guarded(text: &str) -> Cow<'_, str> {
    if !has_anywhere(text) && !has_command(text) {
        return Cow::Borrowed(text);
    }
    let lines: Vec<Cow<'_, str>> = text.split('\n').map(line).collect();
    Cow::Owned(lines.join("\n"))
}

/// Whether the text contains one of [`ANYWHERE`]. Few texts contain even the two characters that these have in common.
fn has_anywhere(text: &str) -> bool {
    let begins = |at: usize| ANYWHERE.iter().any(|start| text[at..].starts_with(start));
    // In three number signs, the second one may begin a command.
    memmem::find_iter(text.as_bytes(), "##").any(|at| begins(at) || begins(at + 1))
}

/// Whether a line of the text has a [`command`]. Lines without two colons have none.
fn has_command(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = memmem::find(rest.as_bytes(), b"::") {
        let start = memrchr(b'\n', &rest.as_bytes()[..at]).map_or(0, |newline| newline + 1);
        let end = memchr(b'\n', &rest.as_bytes()[at..]).map_or(rest.len(), |newline| at + newline);
        if command(&rest[start..end]).is_some() {
            return true;
        }
        rest = &rest[end..];
    }
    false
}

fn line(line: &str) -> Cow<'_, str> {
    let mut safe = Cow::Borrowed(line);
    if let Some(at) = command(line) {
        safe.to_mut().replace_range(at..=at, "\\u{3a}");
    }
    for start in ANYWHERE {
        if safe.contains(start) {
            safe = Cow::Owned(safe.replace(start, &start.replacen("##", "#\\u{23}", 1)));
        }
    }
    safe
}

/// The position in a line where a command of GitHub Actions starts.
fn command(line: &str) -> Option<usize> {
    let mut rest = line;
    loop {
        rest = rest.trim_start();
        match after_sgr(rest) {
            Some(after) => rest = after,
            None => return rest.starts_with("::").then(|| line.len() - rest.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn clean_text_is_not_changed_by_any_line(
            pieces in proptest::collection::vec(
                proptest::sample::select(vec!["\n", "#", "::", ":", " ", "\u{1b}[1::2m", "##[", "vso[", "a", "é"]),
                0..12,
            ),
        ) {
            let text = pieces.concat();
            let lines = text.split('\n').map(line).collect::<Vec<_>>().join("\n");
            prop_assert_eq!(guarded(&text), lines);
        }
    }

    #[test]
    fn commands_are_text() {
        for (given, safe) in [
            ("::error::x", "\\u{3a}:error::x"),
            ("a\n \u{a0} ::x", "a\n \u{a0} \\u{3a}:x"),
            ("\u{1b}[31m  ::x\u{1b}[0m", "\u{1b}[31m  \\u{3a}:x\u{1b}[0m"),
            ("x ##[error]y", "x #\\u{23}[error]y"),
            ("a ##vso[task] ##teamcity[x]", "a #\\u{23}vso[task] #\\u{23}teamcity[x]"),
        ] {
            assert_eq!(guarded(given), safe);
        }
        for same in ["", "a::b", "a ::b\nc:", "## heading", "#[derive]", ": :"] {
            assert!(matches!(guarded(same), Cow::Borrowed(text) if text == same));
        }
    }
}
