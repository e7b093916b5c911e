//! Findings for people: each with its line.

use std::collections::BTreeSet;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::resolve::{Excerpt, Resolved, ResolvedFinding, Sources, resolve};
use super::{Finding, Severity};
use crate::terminal::{Text, escape, is_hidden};
use crate::words::plural;

/// The findings, sorted by file, line, column and rule, each with an empty line after it. [`summary`] counts them.
///
/// ```text
/// error[replaces-cycle]: entry a.v1 replaces itself
///  --> catalog.yaml:7:15
///   |
/// 7 |     replaces: a.v1
///   |               ^^^^
///   |
///   = help: remove `replaces`
/// ```
#[must_use]
pub fn render(findings: &[Finding], sources: &Sources) -> Text {
    let renderer = Renderer::styled();
    resolve(findings, sources)
        .iter()
        .map(|finding| Text::laid_out(&renderer.render(&report(finding))) + "\n\n".into())
        .collect()
}

/// The number of findings: `3 errors, 1 warning in 2 files`, or `no findings`.
#[must_use]
pub fn summary(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "no findings".into();
    }
    let files: BTreeSet<_> = findings.iter().map(|finding| &finding.place.file).collect();
    format!("{} in {}", counts(findings), plural(files.len(), "file"))
}

/// The number of findings of each severity: `3 errors, 1 warning`. Empty if there are none.
#[must_use]
pub fn counts(findings: &[Finding]) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let all = [(count(Severity::Error), "error"), (count(Severity::Warning), "warning")];
    let counts = all.into_iter().filter(|(number, _)| *number > 0).map(|(number, noun)| plural(number, noun));
    counts.collect::<Vec<_>>().join(", ")
}

/// Everything that does not come from this module is escaped before it is laid out.
fn report<'r>(resolved: &'r ResolvedFinding<'r>) -> Vec<Group<'r>> {
    let ResolvedFinding { finding, place, related } = resolved;
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(lines(&finding.message)).id(finding.rule);
    let mut own = shown(Group::with_title(title), place, AnnotationKind::Primary);
    if let Some(help) = &finding.help {
        own = own.element(Level::HELP.message(lines(help)));
    }
    let related = related.iter().map(|(place, label)| {
        let title = Level::NOTE.secondary_title(lines(label));
        shown(Group::with_title(title), place, AnnotationKind::Context)
    });
    std::iter::once(own).chain(related).collect()
}

/// Text of several lines, which the printer indents.
fn lines(text: &str) -> String {
    text.split('\n').map(|line| escape(line.trim_end_matches('\r'))).collect::<Vec<_>>().join("\n")
}

/// A group, with its place and label.
fn shown<'r>(group: Group<'r>, place: &'r Resolved, kind: AnnotationKind) -> Group<'r> {
    let path = escape(&place.file.to_string_lossy());
    let Some((line, column)) = place.start else { return group.element(Origin::path(path)) };
    let Some(excerpt) = &place.excerpt else {
        return group.element(Origin::path(path).line(line).char_column(column));
    };
    let Excerpt { text, start, end, cut } = visible(excerpt);
    let annotation = kind.span(start..end);
    let snippet = Snippet::source(text).line_start(line).annotation(annotation);
    match cut {
        // The printer counts the column in its input: in a cut line it would be wrong.
        true => group.element(Origin::path(path).line(line).char_column(column)).element(snippet),
        false => group.element(snippet.path(path)),
    }
}

/// The excerpt with hidden characters escaped, except tabs, which the printer shows as blanks.
fn visible(excerpt: &Excerpt) -> Excerpt {
    let Excerpt { text, start, end, cut } = excerpt;
    let part = |text: &str| -> String { text.split('\t').map(escape).collect::<Vec<_>>().join("\t") };
    let (before, value, after) = (part(&text[..*start]), part(&text[*start..*end]), part(&text[*end..]));
    let longer = text.chars().any(|character| character != '\t' && is_hidden(character));
    Excerpt {
        start: before.len(),
        end: before.len() + value.len(),
        text: before + &value + &after,
        cut: *cut || longer,
    }
}
