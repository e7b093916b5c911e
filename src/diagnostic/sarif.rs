//! Findings as SARIF 2.1.0, the format for results of checks that code hosts and editors read.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::collections::BTreeMap;
use std::path::Path;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Value, json};

use super::resolve::{Resolved, ResolvedFinding, Sources, resolve};
use super::{Finding, Severity};
use crate::yaml;

/// The JSON Schema of the output.
pub const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The characters that must be escaped in a URL path.
const UNSAFE: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The description of a rule.
#[derive(Clone, Copy, Debug)]
pub struct RuleText {
    /// The severity of its findings.
    pub severity: Severity,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// The full description, in Markdown.
    pub docs: &'static str,
}

/// One run with all findings, in the order of [`super::text::render`], ending in a newline. `describe` returns the
/// description of a rule.
///
/// Lines and columns start at 1, and columns count characters. Paths are those of the findings; relative ones are
/// relative to the folder in which the program ran.
///
/// # Panics
/// Never: findings are text and numbers, which JSON can hold.
#[must_use]
pub fn render(findings: &[Finding], sources: &Sources, describe: impl Fn(&str) -> Option<RuleText>) -> String {
    let resolved = resolve(findings, sources);
    let mut rules: BTreeMap<&str, usize> = findings.iter().map(|finding| (finding.rule, 0)).collect();
    rules.values_mut().enumerate().for_each(|(i, index)| *index = i);
    let driver = json!({
        "name": "catalog",
        "version": env!("CARGO_PKG_VERSION"),
        "rules": rules.keys().map(|id| rule(id, describe(id))).collect::<Vec<_>>(),
    });
    let results = resolved.iter().map(|finding| result(finding, rules[finding.finding.rule])).collect::<Vec<_>>();
    let run = json!({
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": results,
    });
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: [run] };
    yaml::to_json(&log).expect("findings are text and numbers")
}

/// A whole file.
#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Value; 1],
}

fn rule(id: &str, text: Option<RuleText>) -> Value {
    let Some(RuleText { severity, summary, docs }) = text else { return json!({"id": id}) };
    json!({
        "id": id,
        "shortDescription": {"text": summary},
        "help": {"text": docs.trim(), "markdown": docs.trim()},
        "defaultConfiguration": {"level": severity.as_str()},
    })
}

fn result(resolved: &ResolvedFinding<'_>, rule: usize) -> Value {
    let ResolvedFinding { finding, place, related } = resolved;
    let help = finding.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": finding.severity.as_str(),
        "message": {"text": format!("{}{help}", finding.message)},
        "locations": [{"physicalLocation": location(place)}],
    });
    if !related.is_empty() {
        let others = related
            .iter()
            .map(|(place, label)| json!({"physicalLocation": location(place), "message": {"text": label}}));
        result["relatedLocations"] = others.collect();
    }
    result
}

fn location(place: &Resolved) -> Value {
    let mut location = json!({"artifactLocation": {"uri": uri(&place.file)}});
    if let Some((line, column)) = place.start {
        location["region"] = json!({"startLine": line, "startColumn": column});
        // A region must not end before it starts.
        if let Some(end) = place.end_column.filter(|end| *end >= column) {
            location["region"]["endColumn"] = end.into();
        }
    }
    location
}

/// A path as the URL that SARIF requires: relative, or with the scheme `file`.
fn uri(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = text.strip_prefix("./").unwrap_or(&text);
    let safe = utf8_percent_encode(text, UNSAFE).to_string();
    match path.is_absolute() {
        true => format!("file://{safe}"),
        // A colon in the first part would make that a scheme.
        false => match safe.split_once('/') {
            Some((first, rest)) if first.contains(':') => format!("{}/{rest}", first.replace(':', "%3A")),
            None => safe.replace(':', "%3A"),
            Some(_) => safe,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_addresses() {
        for (path, address) in [
            ("catalog/a b.yaml", "catalog/a%20b.yaml"),
            ("./catalog.yaml", "catalog.yaml"),
            ("/tmp/é.yaml", "file:///tmp/%C3%A9.yaml"),
            ("localhost:5000/demo:v1/manifests/a.yaml", "localhost%3A5000/demo:v1/manifests/a.yaml"),
            ("demo:v1", "demo%3Av1"),
        ] {
            assert_eq!(uri(Path::new(path)), address);
        }
    }
}
