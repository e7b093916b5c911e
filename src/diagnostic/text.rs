//! Findings for people: each with the line it is about.

use std::collections::BTreeSet;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str};

use super::resolve::{Resolved, ResolvedFinding, Sources, resolve};
use super::{Finding, Severity};

/// How text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Letters alone.
    #[default]
    Plain,
    /// With the escape sequences of colours; print it through `anstream`, which takes them out where they do not belong.
    Colored,
}

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
pub fn render(findings: &[Finding], sources: &Sources, style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Colored => Renderer::styled(),
    };
    let mut text = String::new();
    for finding in resolve(findings, sources) {
        text += &renderer.render(&report(&finding));
        text += "\n\n";
    }
    text
}

/// How many findings there are: `3 errors, 1 warning in 2 files`, or `no findings`.
#[must_use]
pub fn summary(findings: &[Finding]) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let counts: Vec<String> = [(count(Severity::Error), "error"), (count(Severity::Warning), "warning")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, noun)| plural(number, noun))
        .collect();
    if counts.is_empty() {
        return "no findings".into();
    }
    let files: BTreeSet<_> = findings.iter().map(|finding| &finding.place.file).collect();
    format!("{} in {}", counts.join(", "), plural(files.len(), "file"))
}

fn plural(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

fn report<'r>(resolved: &'r ResolvedFinding<'r>) -> Vec<Group<'r>> {
    let ResolvedFinding { finding, place, related } = resolved;
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(finding.message.as_str()).id(finding.rule);
    let mut own = shown(Group::with_title(title), place, AnnotationKind::Primary);
    if let Some(help) = &finding.help {
        own = own.element(Level::HELP.message(normalize_untrusted_str(help)));
    }
    let related = related.iter().map(|(place, label)| {
        let title = Level::NOTE.secondary_title(normalize_untrusted_str(label));
        shown(Group::with_title(title), place, AnnotationKind::Context)
    });
    std::iter::once(own).chain(related).collect()
}

/// A group, with its place and what stands there.
fn shown<'r>(group: Group<'r>, place: &'r Resolved, kind: AnnotationKind) -> Group<'r> {
    let path = place.file.to_string_lossy();
    let Some((line, column)) = place.start else { return group.element(Origin::path(path)) };
    let Some(excerpt) = &place.excerpt else {
        return group.element(Origin::path(path).line(line).char_column(column));
    };
    let annotation = kind.span(excerpt.start..excerpt.end);
    let snippet = Snippet::source(excerpt.text.as_str()).line_start(line).annotation(annotation);
    match excerpt.cut {
        // The printer counts the column in what it is given: in a cut line it would be wrong.
        true => group.element(Origin::path(path).line(line).char_column(column)).element(snippet),
        false => group.element(snippet.path(path)),
    }
}
