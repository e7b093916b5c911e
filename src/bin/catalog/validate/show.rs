//! Prints the findings.

use std::io;

use olm_catalog::diagnostic::{Finding, Severity, github, sarif, text};
use olm_catalog::terminal::{self, Text};
use olm_catalog::text;
use olm_catalog::validate::RuleFacts;
use olm_catalog::words::{count, plural};
use olm_catalog::yaml;
use serde_json::json;

use super::Format;
use super::check::{Checked, Count};

/// Prints the findings, and the summary.
pub(super) fn show(checked: &Checked, format: Format, quiet: bool) -> io::Result<()> {
    let Checked { findings, known, sources, count, .. } = checked;
    match format {
        Format::Json => terminal::json(&olm_catalog::diagnostic::json::render(findings, sources)),
        Format::Sarif => {
            terminal::json(&sarif::render(findings, sources, |id| RuleFacts::find(id).map(RuleFacts::text)))
        }
        Format::Github => terminal::data(&github::render(findings, sources)),
        Format::Yaml => terminal::data(&result(findings)?),
        Format::Text => {
            let found = text::render(findings, sources);
            let summary = match quiet {
                true => Text::new(),
                false => text!("{}{} ({})\n", text::summary(findings), in_baseline(known), counted(count)),
            };
            terminal::out(&(found + summary))
        }
    }
}

/// The result as `opm validate -o yaml` prints it.
fn result(findings: &[Finding]) -> io::Result<String> {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    let message: Vec<String> =
        errors.map(|error| format!("{}: [{}] {}", error.place.file.display(), error.rule, error.message)).collect();
    let result = match message.is_empty() {
        true => json!({"passed": true}),
        false => json!({"passed": false, "error": {"message": message.join("\n")}}),
    };
    Ok(yaml::to_go_yaml(&result).map_err(io::Error::other)? + "\n")
}

/// `; 12 findings are in the baseline: 1 error, 11 warnings`
fn in_baseline(known: &[Finding]) -> String {
    if known.is_empty() {
        return String::new();
    }
    let findings = count(known.len(), "finding is", "findings are");
    format!("; {findings} in the baseline: {}", text::counts(known))
}

/// `1 operator.yaml, 3 bundle folders, catalog: 1 package, 2 channels, 3 bundles`
fn counted(count: &Count) -> String {
    let others = [
        (count.operators, "operator file"),
        (count.templates, "template"),
        (count.bundle_folders, "bundle folder"),
        (count.bundle_images, "bundle image"),
    ];
    let mut parts: Vec<String> =
        others.into_iter().filter(|(number, _)| *number > 0).map(|(number, noun)| plural(number, noun)).collect();
    if let Some([packages, channels, bundles]) = count.catalog {
        let label = if parts.is_empty() { "" } else { "catalog: " };
        parts.push(format!("{label}{}", plural(packages, "package")));
        parts.extend([plural(channels, "channel"), plural(bundles, "bundle")]);
    }
    if parts.is_empty() { "nothing was checked".to_owned() } else { parts.join(", ") }
}
