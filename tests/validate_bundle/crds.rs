//! CRDs with the verdict of the API server: each line of `crds.jsonl` has a CRD and the errors of
//! `ValidateCustomResourceDefinition` of apiextensions-apiserver v0.36.0. If there are errors, one of our rules reports
//! one too, and otherwise none. `untold` contains the reason if nothing is reported here anyway.

use std::collections::BTreeMap;
use std::path::Path;

use libtest_mimic::Failed;
use olm_catalog::bundle::Bundle;
use olm_catalog::diagnostic::Spot;
use olm_catalog::validate::bundle::{Options, check};
use serde_json::Value;

use crate::cases::json_lines;

/// Rules about CRDs that are not compared with the API server.
const OTHERS: [&str; 4] = ["crd-description", "crd-duplicate", "crd-not-owned", "crd-owned-missing"];

pub(super) fn verdicts() -> Result<(), Failed> {
    let mut wrong = Vec::new();
    for (i, case) in json_lines("validate_bundle/crds.jsonl").iter().enumerate() {
        let files = BTreeMap::from([("manifests/crd.json".to_owned(), case["crd"].to_string().into_bytes())]);
        let findings = check(&Bundle { files }, Path::new("bundle"), &Options::default()).findings;
        let own: Vec<String> = findings
            .into_iter()
            .filter(|finding| finding.rule.starts_with("crd-") && !OTHERS.contains(&finding.rule))
            .map(|finding| finding.message)
            .collect();
        let theirs = case["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        let expected = !theirs.is_empty() && case["untold"] == Value::Null;
        if own.is_empty() == expected {
            wrong.push(format!("line {}: the API server: {theirs:?}, ours: {own:?}", i + 1));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// Each line of `patterns.jsonl` has a pattern, and whether the API server accepts it in the schema of a CRD.
pub(super) fn patterns() -> Result<(), Failed> {
    let cases = json_lines("validate_bundle/patterns.jsonl");
    let fields: serde_json::Map<String, Value> = cases
        .iter()
        .enumerate()
        .map(|(i, case)| (format!("f{i}"), serde_json::json!({"type": "string", "pattern": case["pattern"]})))
        .collect();
    let crd = serde_json::json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.demo.example.com"},
        "spec": {"versions": [{"name": "v1", "schema": {"openAPIV3Schema": {"type": "object", "properties": fields}}}]},
    });
    let files = BTreeMap::from([("manifests/crd.json".to_owned(), crd.to_string().into_bytes())]);
    let findings = check(&Bundle { files }, Path::new("bundle"), &Options::default()).findings;
    let told: BTreeMap<String, String> = findings
        .into_iter()
        .filter(|finding| finding.message.starts_with("the pattern is not"))
        .filter_map(|finding| match finding.place.spot {
            Spot::Value { route, .. } => Some((route.to_string(), finding.message)),
            _ => None,
        })
        .collect();
    let mut wrong = Vec::new();
    for (i, case) in cases.iter().enumerate() {
        let route = format!("spec.versions[0].schema.openAPIV3Schema.properties.f{i}.pattern");
        // Names that are not checked cannot be reported.
        let expected = case["valid"] == false && case["untold"] == Value::Null;
        if told.contains_key(&route) != expected {
            wrong.push(format!("{case}: ours: {:?}", told.get(&route)));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}
