//! Versions and ranges: the results of Go's `blang/semver/v4` v4.0.0 for those in tests/version, and their laws.

#[path = "common/cases.rs"]
mod cases;

use std::cmp::Ordering;

use cases::json_lines;
use olm_catalog::version::{self, Range};
use proptest::prelude::*;
use semver::Version;
use serde_json::Value;

fn text<'v>(line: &'v Value, field: &str) -> &'v str {
    line[field].as_str().expect("a string")
}

#[test]
fn versions_are_those_of_blang() {
    let mut ranked: Vec<(u64, Version)> = Vec::new();
    for line in json_lines("version/versions.jsonl") {
        let parsed = version::parse(text(&line, "version"));
        assert_eq!(parsed.is_ok(), line["valid"] == true, "{line}: {parsed:?}");
        ranked.extend(parsed.ok().map(|version| (line["rank"].as_u64().expect("a rank"), version)));
    }
    assert!(ranked.len() > 30);
    for (rank, version) in &ranked {
        let lower = ranked.iter().filter(|(_, other)| other.cmp_precedence(version).is_lt()).count();
        assert_eq!(lower as u64, *rank, "{version}");
    }
}

#[test]
fn ranges_are_those_of_blang() {
    let versions: Vec<Version> = json_lines("version/versions.jsonl")
        .iter()
        .filter_map(|line| version::parse(text(line, "version")).ok())
        .collect();
    let mut sorted: Vec<&Version> = versions.iter().collect();
    sorted.sort_by(|a, b| a.cmp_precedence(b));
    let mut wrong = Vec::new();
    for line in json_lines("version/ranges.jsonl") {
        if let Ok(range) = text(&line, "range").parse::<Range>() {
            let spans = range.spans(&sorted);
            for (place, version) in sorted.iter().enumerate() {
                let inside = spans.iter().any(|span| span.contains(&place));
                assert_eq!(inside, range.contains(version), "{range}: {version}");
            }
        }
        let contained = text(&line, "range").parse::<Range>().map(|range| {
            assert_eq!(range.to_string(), text(&line, "range"));
            versions.iter().filter(|version| range.contains(version)).map(Version::to_string).collect::<Vec<_>>()
        });
        let expected: Option<Vec<&str>> = (line["valid"] == true).then(|| {
            line["contains"].as_array().into_iter().flatten().map(|item| item.as_str().expect("a version")).collect()
        });
        if contained.as_ref().ok().map(|all| all.iter().map(String::as_str).collect()) != expected {
            wrong.push(format!("{line}: {contained:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn errors_explain_the_problem() {
    let messages: Vec<String> =
        ["", "1.0.0 ||", "1.0.0 || || 2.0.0", "abc", "<v1.12.0", ">=1.2", ">1.2.3-x", "1.0.0 ~2.0.0"]
            .iter()
            .map(|text| format!("{text:?}: {}", text.parse::<Range>().expect_err(text)))
            .collect();
    insta::assert_snapshot!(messages.join("\n"));
    let messages: Vec<String> = ["", "1.2", "v1.2.0", "1.02.0", "1.2.3-99999999999999999999"]
        .iter()
        .map(|text| version::parse(text).expect_err(text).to_string())
        .collect();
    insta::assert_snapshot!(messages.join("\n"));
}

fn a_version() -> impl Strategy<Value = Version> {
    // No x, which means more in a range.
    let pre = prop_oneof![3 => Just(String::new()), 2 => "-(rc|alpha|[0-9]|[1-9][0-9]|-)(\\.([a-w]|[0-9])){0,2}"];
    let build = prop_oneof![3 => Just(String::new()), 1 => "\\+[a-w0-9]{1,3}"];
    ((0..4_u64, 0..4_u64, 0..4_u64), pre, build).prop_map(|((major, minor, patch), pre, build)| {
        let text = format!("{major}.{minor}.{patch}{pre}{build}");
        version::parse(&text).unwrap_or_else(|error| panic!("{error}"))
    })
}

fn range(text: &str) -> Range {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_is_total(a in a_version(), b in a_version(), c in a_version()) {
        prop_assert_eq!(a.cmp_precedence(&b), b.cmp_precedence(&a).reverse());
        if a.cmp_precedence(&b) != Ordering::Greater && b.cmp_precedence(&c) != Ordering::Greater {
            prop_assert!(a.cmp_precedence(&c) != Ordering::Greater);
        }
    }

    #[test]
    fn a_range_of_a_version_contains_it(a in a_version(), b in a_version()) {
        for operator in ["", "=", "==", ">=", "<=", ">= ", "<=  "] {
            let around = range(&format!("{operator}{a}"));
            prop_assert!(around.contains(&a));
        }
        for (operator, opposite) in [("<", ">="), (">", "<="), ("=", "!="), ("", "!")] {
            let (one, other) = (range(&format!("{operator}{a}")), range(&format!("{opposite}{a}")));
            prop_assert!(one.contains(&b) != other.contains(&b));
        }
        prop_assert_eq!(range(&format!("<{a}")).contains(&b), b.cmp_precedence(&a).is_lt());
    }

    #[test]
    fn or_and_and_are_logic(a in a_version(), b in a_version(), c in a_version()) {
        let (one, other) = (format!(">={a}"), format!("<{b}"));
        let both = range(&format!("{one} {other}")).contains(&c);
        let either = range(&format!("{one} || {other}")).contains(&c);
        let (one, other) = (range(&one).contains(&c), range(&other).contains(&c));
        prop_assert_eq!((both, either), (one && other, one || other));
    }

    #[test]
    fn wildcards_are_intervals(minor in 0..4_u64, version in a_version()) {
        let next = minor + 1;
        let interval = range(&format!(">=1.{minor}.0 <1.{next}.0"));
        prop_assert_eq!(range(&format!("1.{minor}.x")).contains(&version), interval.contains(&version));
        // blang treats this as `<1.0.0 >=1.1.0`, which is empty.
        let nothing = range(&format!("!1.{minor}.x"));
        prop_assert!(!nothing.contains(&version));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[<>=!|x0-2. a-cé-]{0,24}", version in a_version()) {
        if let Ok(range) = text.parse::<Range>() {
            let _ = range.contains(&version);
        }
        let _ = version::parse(&text);
    }
}
