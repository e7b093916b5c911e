//! Comments in a catalog's files that leave findings out: `# catalog:ignore RULE reason`, on the line or above it.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use super::rules::IGNORE_COMMENT;
use super::select;
use crate::diagnostic::{Finding, Place, Severity, Spot};
use crate::yaml::{Route, locate_all};

/// What a comment begins with.
const MARK: &str = "catalog:ignore";

/// A file with such comments. Its text is kept, as the findings must be looked up in it.
#[derive(Clone, Debug)]
pub struct Commented {
    file: Arc<Path>,
    text: String,
    comments: Vec<Comment>,
}

/// One comment.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Comment {
    /// Where its mark is, from 1.
    line: usize,
    column: usize,
    /// The line that it is about: its own, or the next one that is not a comment.
    about: usize,
    /// The rules, with commas between them.
    rules: String,
    reason: String,
}

impl Commented {
    /// The comments in a file's text. None where it has none, as JSON never has.
    #[must_use]
    pub fn find(text: &str, file: &Arc<Path>) -> Option<Self> {
        if text.trim_start().starts_with('{') {
            return None;
        }
        let comments = comments(text);
        (!comments.is_empty()).then(|| Self { file: Arc::clone(file), text: text.to_owned(), comments })
    }
}

fn comments(text: &str) -> Vec<Comment> {
    let (mut comments, mut end) = (Vec::new(), 0);
    for (number, text_line) in text.split('\n').enumerate() {
        let start = end;
        end += text_line.len() + 1;
        // What is behind a comment on its line is its reason, whatever it says.
        let Some((at, rest)) = text_line.match_indices(MARK).find_map(|(at, _)| comment(text_line, at)) else {
            continue;
        };
        let line = number + 1;
        let (rules, reason) = rest.trim().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
        let own_line = text_line.trim_start().starts_with('#');
        let about = if own_line { line + 1 + comment_lines(&text[start + at..]) } else { line };
        let column = text_line[..at].chars().count() + 1;
        comments.push(Comment { line, column, about, rules: rules.into(), reason: reason.trim().into() });
    }
    // One comment below another is about the same line.
    let mut below: Option<(usize, usize)> = None;
    for comment in comments.iter_mut().rev() {
        if let Some((_, about)) = below.filter(|(line, _)| *line == comment.about) {
            comment.about = about;
        }
        below = (comment.about > comment.line).then_some((comment.line, comment.about));
    }
    comments
}

/// Where a mark begins a comment, and what is behind it; none where it is something else.
fn comment(line: &str, at: usize) -> Option<(usize, &str)> {
    let before = line[..at].trim_end().strip_suffix('#')?;
    let rest = &line[at + MARK.len()..];
    let begins = before.is_empty() || before.ends_with([' ', '\t']);
    (begins && !rest.starts_with(|c: char| !c.is_whitespace())).then_some((at, rest))
}

/// How many lines after the first are comments, up to the next that ignores something.
fn comment_lines(text: &str) -> usize {
    let comment = |line: &&str| line.trim_start().starts_with('#') && !line.contains(MARK);
    text.lines().skip(1).take_while(comment).count()
}

/// Leaves out the findings that comments ignore, and adds those about the comments themselves. Errors stay. `ran` says of a
/// rule whether it ran: of others nobody knows what they would find.
pub(super) fn apply(commented: &[Commented], findings: &mut Vec<Finding>, ran: impl Fn(&str) -> bool) {
    for file in commented {
        let lines = lines(file, findings);
        // Some rules do not run on a catalog with errors: what they would find is not known then.
        let sound = !findings.iter().any(|finding| finding.severity == Severity::Error);
        let mut left_out = BTreeSet::new();
        let mut about_comments = Vec::new();
        for comment in &file.comments {
            for rule in comment.rules.split(',') {
                match check(comment, rule, &lines, sound && ran(rule)) {
                    Ok(found) => left_out.extend(found),
                    Err((message, help)) => {
                        let place = Place::position(&*file.file, comment.line, comment.column);
                        about_comments.push(IGNORE_COMMENT.finding(place, message).help(help));
                    }
                }
            }
        }
        let mut number = 0..;
        findings.retain(|_| number.next().is_none_or(|i| !left_out.contains(&i)));
        findings.extend(about_comments);
    }
}

/// The warnings in a file, by line and rule.
fn lines(file: &Commented, findings: &[Finding]) -> HashMap<(usize, &'static str), Vec<usize>> {
    let inside = |finding: &Finding| finding.severity == Severity::Warning && finding.place.file == *file.file;
    let inside: Vec<(usize, &Finding)> = findings.iter().enumerate().filter(|(_, finding)| inside(finding)).collect();
    let value = |(_, finding): &(usize, &'_ Finding)| matches!(finding.place.spot, Spot::Value { .. });
    let (values, others): (Vec<_>, Vec<_>) = inside.into_iter().partition(value);
    let routes: Vec<(usize, &Route)> = values
        .iter()
        .filter_map(|(_, finding)| match &finding.place.spot {
            Spot::Value { document, route } => Some((*document, route)),
            Spot::File | Spot::Position { .. } => None,
        })
        .collect();
    let mut lines: HashMap<_, Vec<usize>> = HashMap::new();
    for ((i, finding), position) in values.iter().zip(locate_all(&file.text, &routes)) {
        if let Some(position) = position {
            lines.entry((position.line, finding.rule)).or_default().push(*i);
        }
    }
    for (i, finding) in others {
        if let Spot::Position { line, .. } = finding.place.spot {
            lines.entry((line, finding.rule)).or_default().push(i);
        }
    }
    lines
}

/// The findings that a comment leaves out, or what is wrong with it and what to do.
fn check(
    comment: &Comment,
    name: &str,
    lines: &HashMap<(usize, &'static str), Vec<usize>>,
    sound: bool,
) -> Result<Vec<usize>, (String, String)> {
    let write = || format!("write `# {MARK} RULE reason`");
    if name.is_empty() {
        return Err(("the comment names no rule".into(), write()));
    }
    let rule =
        select::warning(name).map_err(|error| (error.to_string(), "correct the comment, or remove it".into()))?;
    if comment.reason.is_empty() {
        return Err((format!("the comment does not say why {name:?} is to be ignored, so it is not"), write()));
    }
    let found = lines.get(&(comment.about, rule.id)).cloned().or_else(|| (!sound).then(Vec::new));
    let help = if comment.rules.contains(',') { "remove the rule from the comment" } else { "remove the comment" };
    found.ok_or_else(|| (format!("{name:?} finds nothing in line {}", comment.about), help.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(usize, usize, String, String)> {
        comments(text).into_iter().map(|found| (found.line, found.about, found.rules, found.reason)).collect()
    }

    #[test]
    fn comments_are_on_the_line_or_above_it() {
        let text = "a: 1 # catalog:ignore x it is so\n\n  # catalog:ignore y,z  two of them \n# more\n#catalog:ignore w why\nb: 2\n";
        let expected = [(1, 1, "x", "it is so"), (3, 6, "y,z", "two of them"), (5, 6, "w", "why")];
        assert_eq!(found(text), expected.map(|(a, b, c, d)| (a, b, c.to_owned(), d.to_owned())));
    }

    #[test]
    fn a_line_has_one_comment() {
        let text =
            "a: 1 # catalog:ignore x see # catalog:ignore y\n".to_owned() + &"# catalog:ignore z ".repeat(20_000);
        let found = found(&text);
        assert_eq!(found.len(), 2);
        assert_eq!((&*found[0].2, &*found[0].3), ("x", "see # catalog:ignore y"));
    }

    #[test]
    fn other_text_is_not_a_comment() {
        for text in
            ["a: catalog:ignore x y", "a: b# catalog:ignore x y", "# see catalog:ignore x y", "# catalog:ignored x y"]
        {
            assert_eq!(found(text), [], "{text}");
        }
        let file: Arc<Path> = Arc::from(Path::new("f"));
        assert!(Commented::find("{\"a\": \"# catalog:ignore x y\"}", &file).is_none());
        assert_eq!(found("# catalog:ignore"), [(1, 2, String::new(), String::new())]);
    }
}
