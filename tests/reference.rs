//! Image references: what Go's `distribution/reference` (as `go.podman.io/image/v5` v5.41.1 has it) said of those in
//! tests/reference.

use std::path::Path;

use olm_catalog::reference::Reference;
use serde_json::Value;

#[test]
fn references_are_those_of_distribution() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/references.jsonl");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut wrong = Vec::new();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).expect(line);
        let parsed = line["reference"].as_str().expect("a reference").parse::<Reference>();
        let full = parsed.as_ref().ok().map(ToString::to_string);
        if full.as_deref() != line["full"].as_str() {
            wrong.push(format!("{line}: {parsed:?}"));
        }
    }
    assert!(text.lines().count() > 400);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn errors_say_what_is_wrong() {
    let messages: Vec<String> =
        ["::bad::", "UPPER/x:1", "a_b:1/x", "a.b/x@sha256:12", "a:-x", "a b", &"0".repeat(64), &"x".repeat(256)]
            .iter()
            .map(|text| format!("{text}: {}", text.parse::<Reference>().expect_err(text)))
            .collect();
    insta::assert_snapshot!(messages.join("\n"));
}
