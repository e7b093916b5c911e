//! Findings for GitHub Actions: workflow commands, which GitHub shows at their lines in a pull request.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use super::Finding;
use super::resolve::{Sources, resolve};
use crate::terminal::escape;

/// One workflow command per line, in the order of [`super::text::render`].
///
/// ```text
/// ::error file=catalog.yaml,line=7,col=15,endColumn=19,title=replaces-cycle::entry a.v1 replaces itself%0Ahelp: …
/// ```
#[must_use]
pub fn render(findings: &[Finding], sources: &Sources) -> String {
    let mut text = String::new();
    for resolved in resolve(findings, sources) {
        let (finding, place) = (resolved.finding, &resolved.place);
        text += &format!("::{} file={}", finding.severity.as_str(), property(&place.file.to_string_lossy()));
        if let Some((line, column)) = place.start {
            text += &format!(",line={line},col={column}");
        }
        if let Some(column) = place.end_column {
            text += &format!(",endColumn={column}");
        }
        text += &format!(",title={}::{}", property(finding.rule), data(&finding.message));
        for (place, label) in &resolved.related {
            let line = place.start.map(|(line, _)| format!(":{line}")).unwrap_or_default();
            text += &data(&format!("\nnote: {label}: {}{line}", place.file.display()));
        }
        if let Some(help) = &finding.help {
            text += &data(&format!("\nhelp: {help}"));
        }
        text.push('\n');
    }
    text
}

/// The log prints its input unchanged, so hidden characters are made visible.
fn data(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| escape(line.trim_end_matches('\r'))).collect();
    lines.join("\n").replace('%', "%25").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
