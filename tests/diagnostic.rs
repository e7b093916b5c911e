//! The output of findings, with texts that are hard to print.

use olm_catalog::diagnostic::sarif::RuleText;
use olm_catalog::diagnostic::{Finding, Place, Severity, Sources, github, json, sarif, text};
use olm_catalog::yaml::Route;

const CATALOG: &str = "\
schema: olm.package
name: Demo
---
schema: olm.channel
entries:
\t# a tab
- name: demo.v1
  replaces: \"déjà vu 漢字\"  # wide
- {name: demo.v2, replaces: demo.v1}
- name: demo.v1
";

const JSON: &str = "{\"schema\": \"olm.bundle\", \"description\": \"Lorem ipsum dolor sit amet, consectetur adipiscing elit.\", \
\"name\": \"demo.v1\", \"icon\": {\"base64data\": \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}}\n";

fn sources() -> Sources {
    Sources::disk().with("b/catalog.yaml", CATALOG.replace('\t', "  ")).with("a/one-line.json", JSON)
}

fn findings() -> Vec<Finding> {
    let entry = |i: usize| Route::root().key("entries").index(i);
    let value = |document, route| Place::value("b/catalog.yaml", document, route);
    vec![
        Finding::warning("skips-nothing", value(1, entry(1)), "entry demo.v2 is\nof two lines and a \u{1b}[31mcolour"),
        Finding::error("entry-duplicate", value(1, entry(2).key("name")), "channel stable has entry demo.v1 twice")
            .related(value(1, entry(0).key("name")), "the first is here")
            .help("remove one of them, or give it the name of its own bundle"),
        Finding::error("wide", value(1, entry(0).key("replaces")), "after wide letters \u{1b}[0m")
            .help("help of\ntwo lines with \u{1b}[31mcolour"),
        Finding::error("package-name", value(0, Route::root().key("name")), "Demo is not a DNS label"),
        Finding::error("no-such-file", Place::value("c/gone.yaml", 0, Route::root()), "it has gone"),
        Finding::error("whole-file", Place::file("b/catalog.yaml"), "the file as a whole"),
        Finding::error("position", Place::position("b/catalog.yaml", 8, 3), "a position"),
        Finding::error("end", Place::position("b/catalog.yaml", 99, 1), "a position after the end"),
        Finding::error(
            "icon",
            Place::value("a/one-line.json", 0, Route::root().key("icon").key("base64data")),
            "a long value in a long line",
        ),
        Finding::error("name", Place::value("a/one-line.json", 0, Route::root().key("name")), "a value in a long line"),
    ]
}

#[test]
fn text_shows_the_line() {
    insta::assert_snapshot!(text::render(&findings(), &sources()).plain());
}

#[test]
fn colours_are_only_a_dress() {
    let text = text::render(&findings(), &sources());
    assert_ne!(text.as_str(), text.plain());
    assert_eq!(anstream::adapter::strip_str(text.as_str()).to_string(), text.plain());
}

#[test]
fn json_has_every_fact() {
    insta::assert_snapshot!(json::render(&findings(), &sources()));
    assert_eq!(json::render(&[], &sources()), "[]\n");
}

#[test]
fn github_gets_commands() {
    insta::assert_snapshot!(github::render(&findings(), &sources()));
}

/// The specification's requirements for the parts that are written (sections 3.13, 3.14, 3.18, 3.19, 3.27 to 3.30,
/// 3.49).
const SARIF: &str = r##"{
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": {
            "type": "object",
            "required": ["tool", "results"],
            "additionalProperties": false,
            "properties": {
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "tool": {"required": ["driver"], "properties": {"driver": {
                    "required": ["name", "rules"],
                    "properties": {"name": {"type": "string", "minLength": 1}, "rules": {"uniqueItems": true, "items": {
                        "required": ["id"],
                        "properties": {
                            "id": {"type": "string"},
                            "shortDescription": {"$ref": "#/$defs/message"},
                            "help": {"$ref": "#/$defs/message"}
                        }
                    }}}
                }}},
                "results": {"type": "array", "items": {
                    "required": ["ruleId", "ruleIndex", "level", "message", "locations"],
                    "properties": {
                        "ruleIndex": {"type": "integer", "minimum": 0},
                        "level": {"enum": ["none", "note", "warning", "error"]},
                        "message": {"$ref": "#/$defs/message"},
                        "locations": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/location"}},
                        "relatedLocations": {"type": "array", "items": {"$ref": "#/$defs/location"}}
                    }
                }}
            }
        }}
    },
    "$defs": {
        "message": {"required": ["text"], "properties": {"text": {"type": "string"}}},
        "location": {
            "required": ["physicalLocation"],
            "properties": {"message": {"$ref": "#/$defs/message"}, "physicalLocation": {
                "required": ["artifactLocation"],
                "properties": {
                    "artifactLocation": {"required": ["uri"], "properties": {"uri": {"type": "string", "pattern": "^[^ ]+$"}}},
                    "region": {
                        "required": ["startLine"],
                        "properties": {
                            "startLine": {"type": "integer", "minimum": 1},
                            "startColumn": {"type": "integer", "minimum": 1},
                            "endColumn": {"type": "integer", "minimum": 1}
                        }
                    }
                }
            }}
        }
    }
}"##;

#[test]
fn sarif_is_as_the_specification_asks() {
    let known = |id: &str| {
        let text = RuleText {
            severity: Severity::Error,
            summary: "A name that is not one",
            docs: "## What it does\nNothing.",
        };
        (id == "name").then_some(text)
    };
    let text = sarif::render(&findings(), &sources(), known);
    insta::assert_snapshot!(text);
    let schema: serde_json::Value = serde_json::from_str(SARIF).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for text in [text, sarif::render(&[], &sources(), known)] {
        let log: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let errors: Vec<String> = validator.iter_errors(&log).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0]);
        for result in log["runs"][0]["results"].as_array().expect("results") {
            let rule =
                &log["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().expect("an index") as usize];
            assert_eq!(rule["id"], result["ruleId"]);
        }
    }
}

#[test]
fn the_order_of_findings_does_not_matter() {
    let mut turned = findings();
    turned.reverse();
    let all = |findings: &[Finding]| text::render(findings, &sources());
    assert_eq!(all(&turned), all(&findings()));
}

#[test]
fn counts_are_summed_up() {
    assert_eq!(text::summary(&findings()), "9 errors, 1 warning in 3 files");
    assert_eq!(text::summary(&[]), "no findings");
    assert!(text::render(&[], &sources()).is_empty());
}
