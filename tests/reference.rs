//! Image references: the results of Go's `distribution/reference` (as in `go.podman.io/image/v5` v5.41.1) for those in
//! tests/reference.

#[path = "common/cases.rs"]
mod cases;

use olm_catalog::reference::Reference;

#[test]
fn references_are_those_of_distribution() {
    let lines = cases::json_lines("reference/references.jsonl");
    let mut wrong = Vec::new();
    for line in &lines {
        let parsed = line["reference"].as_str().expect("a reference").parse::<Reference>();
        let full = parsed.as_ref().ok().map(ToString::to_string);
        if full.as_deref() != line["full"].as_str() {
            wrong.push(format!("{line}: {parsed:?}"));
        }
    }
    assert!(lines.len() > 400);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn errors_explain_the_problem() {
    let messages: Vec<String> =
        ["::bad::", "UPPER/x:1", "a_b:1/x", "a.b/x@sha256:12", "a:-x", "a b", &"0".repeat(64), &"x".repeat(256)]
            .iter()
            .map(|text| format!("{text}: {}", text.parse::<Reference>().expect_err(text)))
            .collect();
    insta::assert_snapshot!(messages.join("\n"));
}
