//! Comments in files that ignore findings: `# catalog:ignore RULE reason`, on the line or above it.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use super::rules::IGNORE_COMMENT;
use super::{RuleFacts, select};
use crate::diagnostic::{Finding, Place, Severity, Spot};
use crate::yaml::{self, Route, locate_all};

/// The start of such a comment.
const MARK: &str = "catalog:ignore";

/// A file with such comments. Its text is kept, because findings must be resolved in it.
#[derive(Clone, Debug)]
pub struct Commented {
    file: Arc<Path>,
    text: String,
    comments: Vec<Comment>,
}

/// One comment.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Comment {
    /// The position of its mark, from 1.
    line: usize,
    column: usize,
    /// The line that it applies to: its own, or the next one that is not a comment.
    about: usize,
    /// The rules, separated by commas.
    rules: String,
    reason: String,
}

impl Commented {
    /// The comments in a file's text. JSON files never have any.
    #[must_use]
    pub fn find(text: &str, file: &Path) -> Option<Self> {
        let comments = if text.contains(MARK) { comments(text) } else { Vec::new() };
        (!comments.is_empty()).then(|| Self { file: Arc::from(file), text: text.to_owned(), comments })
    }
}

fn comments(text: &str) -> Vec<Comment> {
    let (mut found, mut below) = (Vec::new(), None);
    for comment in yaml::comments(text).into_iter().rev() {
        // Several lines of comments apply to the line below them.
        let about = match below {
            _ if !comment.alone => comment.line,
            Some((line, about)) if line == comment.line + 1 => about,
            _ => comment.line + 1,
        };
        below = comment.alone.then_some((comment.line, about));
        let text = comment.text.trim_start_matches('#').trim_start();
        let Some(rest) = text.strip_prefix(MARK).filter(|rest| !rest.starts_with(|c: char| !c.is_whitespace())) else {
            continue;
        };
        // Everything after a comment on its line is its reason.
        let (rules, reason) = rest.trim().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
        let column = comment.column + comment.text[..comment.text.len() - text.len()].chars().count();
        found.push(Comment { line: comment.line, column, about, rules: rules.into(), reason: reason.trim().into() });
    }
    found.reverse();
    found
}

/// Omits the findings that comments ignore, and adds those about the comments themselves. Errors stay. `ran` says
/// whether a rule ran on the files: a comment about any other rule is not checked.
pub fn apply(commented: &[Commented], findings: &mut Vec<Finding>, ran: impl Fn(&RuleFacts) -> bool) {
    if commented.is_empty() {
        return;
    }
    let mut by_file: HashMap<&Path, Vec<usize>> = HashMap::new();
    for (i, finding) in findings.iter().enumerate().filter(|(_, finding)| finding.severity == Severity::Warning) {
        by_file.entry(&finding.place.file).or_default().push(i);
    }
    // Some rules do not run on input with errors, so it is unknown what they would find.
    let sound = !findings.iter().any(|finding| finding.severity == Severity::Error);
    let known = |rule: &RuleFacts| sound && ran(rule);
    let (mut left_out, mut about_comments) = (BTreeSet::new(), Vec::new());
    for file in commented {
        let inside = by_file.get(&*file.file).map(Vec::as_slice).unwrap_or_default();
        let lines = lines(&file.text, inside, findings);
        for comment in &file.comments {
            for rule in comment.rules.split(',') {
                match check(comment, rule, &lines, known) {
                    Ok(found) => left_out.extend(found),
                    Err((message, help)) => {
                        let place = Place::position(&*file.file, comment.line, comment.column);
                        about_comments.push(IGNORE_COMMENT.finding(place, message).help(help));
                    }
                }
            }
        }
    }
    let mut number = 0..;
    findings.retain(|_| number.next().is_none_or(|i| !left_out.contains(&i)));
    findings.extend(about_comments);
}

/// Some findings of a file, by line and rule.
fn lines(text: &str, inside: &[usize], findings: &[Finding]) -> HashMap<(usize, &'static str), Vec<usize>> {
    let mut lines: HashMap<_, Vec<usize>> = HashMap::new();
    let (mut numbers, mut routes): (Vec<usize>, Vec<(usize, &Route)>) = (Vec::new(), Vec::new());
    for &i in inside {
        match &findings[i].place.spot {
            Spot::Value { document, route } => {
                numbers.push(i);
                routes.push((*document, route));
            }
            Spot::Position { line, .. } => lines.entry((*line, findings[i].rule)).or_default().push(i),
            Spot::File => {}
        }
    }
    for (i, position) in numbers.into_iter().zip(locate_all(text, &routes)) {
        if let Some(position) = position {
            lines.entry((position.line, findings[i].rule)).or_default().push(i);
        }
    }
    lines
}

/// The findings that a comment ignores, or what is wrong with it and how to correct it.
fn check(
    comment: &Comment,
    name: &str,
    lines: &HashMap<(usize, &'static str), Vec<usize>>,
    known: impl Fn(&RuleFacts) -> bool,
) -> Result<Vec<usize>, (String, String)> {
    let write = || format!("write `# {MARK} RULE reason`");
    if name.is_empty() {
        return Err(("the comment names no rule".into(), write()));
    }
    let rule =
        select::warning(name).map_err(|error| (error.to_string(), "correct the comment, or remove it".into()))?;
    if comment.reason.is_empty() {
        return Err((format!("the comment gives no reason to ignore {name:?}, so it has no effect"), write()));
    }
    let found = lines.get(&(comment.about, rule.id)).cloned().or_else(|| (!known(&rule)).then(Vec::new));
    let help = if comment.rules.contains(',') { "remove the rule from the comment" } else { "remove the comment" };
    found.ok_or_else(|| (format!("{name:?} finds nothing on line {}", comment.about), help.into()))
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
        for text in [
            "a: catalog:ignore x y",
            "a: b# catalog:ignore x y",
            "# see catalog:ignore x y",
            "# catalog:ignored x y",
            "a: |\n  # catalog:ignore x y\n",
            "a: '# catalog:ignore x y'",
            "{\"a\": \"# catalog:ignore x y\"}",
        ] {
            assert_eq!(found(text), [], "{text}");
            assert!(Commented::find(text, Path::new("f")).is_none(), "{text}");
        }
        assert_eq!(found("{a: 1, # catalog:ignore x y\n b: 2}").len(), 1);
        assert_eq!(found("# catalog:ignore"), [(1, 2, String::new(), String::new())]);
    }
}
