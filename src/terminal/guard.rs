//! Lines of a log that CI systems would run.

use std::borrow::Cow;

use super::text::after_sgr;

/// How GitHub Actions (the older form), Azure Pipelines and TeamCity begin a command, anywhere in a line.
const ANYWHERE: [&str; 3] = ["##[", "##vso[", "##teamcity["];

/// The text, with each start of a CI system's command made visible as text: `::` at the start of a line, after blanks
/// too, since [the runner of GitHub Actions trims them](https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs),
/// becomes `\u{3a}:`, and `##[` becomes `#\u{23}[`.
#[must_use]
pub fn guarded(text: &str) -> Cow<'_, str> {
    let anywhere = ANYWHERE.iter().any(|start| text.contains(start));
    if !anywhere && !text.split('\n').any(|line| command(line).is_some()) {
        return Cow::Borrowed(text);
    }
    let lines: Vec<Cow<'_, str>> = text.split('\n').map(line).collect();
    Cow::Owned(lines.join("\n"))
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

/// Where in a line a command of GitHub Actions starts.
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
    use super::*;

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
