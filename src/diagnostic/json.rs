//! Findings for programs.

use schemars::JsonSchema;
use serde::Serialize;

use super::resolve::{Resolved, Sources, resolve};
use super::{Finding, Place, Severity, Spot};
use crate::yaml;

/// A finding as JSON. Lines and columns start at 1, and columns count characters; `endColumn` is the one after the
/// value's last character on `line`. Unknown values are omitted.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Finding")]
pub(crate) struct Json<'f> {
    /// The rule that found it. Ids do not change; new ones can be added.
    rule: &'f str,
    /// Its severity.
    severity: Severity,
    /// The defect. The wording can change.
    message: &'f str,
    #[serde(flatten)]
    place: JsonPlace,
    /// How to correct it.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'f str>,
    /// Other places that help to understand it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<JsonRelated<'f>>,
}

/// A further place.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Related")]
struct JsonRelated<'f> {
    /// Its label.
    label: &'f str,
    #[serde(flatten)]
    place: JsonPlace,
}

/// A place in a file.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct JsonPlace {
    /// The file; for an image, its name and the file in it.
    file: String,
    /// The line, from 1. Omitted if it is the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    /// The column in characters, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    /// The column after the value's last character on the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<usize>,
    /// The document in the file, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<usize>,
    /// The path in the document, such as `entries[3].replaces`.
    #[serde(skip_serializing_if = "Option::is_none")]
    route: Option<String>,
}

/// The findings as one JSON array, in the order of [`super::text::render`], ending in a newline.
///
/// ```json
/// [
///     {
///         "rule": "replaces-cycle",
///         "severity": "error",
///         "message": "entry a.v1 replaces itself",
///         "file": "catalog.yaml",
///         "line": 7,
///         "column": 15,
///         "endColumn": 19,
///         "document": 1,
///         "route": "entries[0].replaces",
///         "help": "remove `replaces`"
///     }
/// ]
/// ```
///
/// # Panics
/// Never: findings are text and numbers, which JSON can hold.
#[must_use]
pub fn render(findings: &[Finding], sources: &Sources) -> String {
    yaml::to_json(&list(findings, sources)).expect("findings are text and numbers")
}

/// The findings as [`render`] prints them, for a larger document that contains them.
pub(crate) fn list<'f>(findings: &'f [Finding], sources: &Sources) -> Vec<Json<'f>> {
    resolve(findings, sources)
        .into_iter()
        .map(|resolved| Json {
            rule: resolved.finding.rule,
            severity: resolved.finding.severity,
            message: &resolved.finding.message,
            place: place(&resolved.finding.place, &resolved.place),
            help: resolved.finding.help.as_deref(),
            related: (resolved.finding.related.iter().zip(resolved.related))
                .map(|(related, (found, label))| JsonRelated { label, place: place(&related.place, &found) })
                .collect(),
        })
        .collect()
}

/// Findings of several steps, as [`render`] prints them.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Collected(#[schemars(with = "Vec<Json<'static>>")] Vec<serde_json::Value>);

impl Collected {
    /// Adds findings, with the lines that their sources have.
    pub fn add(&mut self, findings: &[Finding], sources: &Sources) {
        self.0.extend(list(findings, sources).iter().map(|finding| serde_json::json!(finding)));
    }
}

fn place(place: &Place, found: &Resolved) -> JsonPlace {
    let (document, route) = match &place.spot {
        Spot::Value { document, route } => (Some(*document), Some(route.to_string())),
        _ => (None, None),
    };
    JsonPlace {
        file: found.file.to_string_lossy().into_owned(),
        line: found.start.map(|(line, _)| line),
        column: found.start.map(|(_, column)| column),
        end_column: found.end_column,
        document,
        route,
    }
}
