//! For any file, reading, validating and printing end soon and without a panic.

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use common::time;
use olm_catalog::catalog::{Scan, read_text};
use olm_catalog::diagnostic::{Finding, Severity, Sources, github, json, text};
use olm_catalog::validate::validate;
use proptest::prelude::*;
use proptest::sample::{Index, select};

const FILE: &str = "catalog.yaml";

fn findings(text: &str) -> (Scan, Vec<Finding>) {
    let scan = read_text(text, Path::new(FILE));
    let findings = validate(&scan, Path::new(FILE));
    (scan, findings)
}

/// Reads, validates and prints; the places of findings must be in the text.
fn survives(source: &str) {
    let (_, findings) = findings(source);
    let sources = Sources::disk().with(FILE, source);
    let shown = text::render(&findings, &sources).plain();
    assert!(shown.matches("-->").count() >= findings.len());
    let told: serde_json::Value = serde_json::from_str(&json::render(&findings, &sources)).expect("JSON");
    let lines = source.lines().count().max(1) as u64;
    for finding in told.as_array().expect("a list") {
        assert!(finding["line"].as_u64().is_none_or(|line| (1..=lines + 1).contains(&line)), "{finding}");
    }
    assert_eq!(github::render(&findings, &sources).lines().count(), findings.len());
}

/// Every fixture of every rule.
fn fixtures() -> Vec<String> {
    let mut texts = Vec::new();
    let mut open = vec![Path::new("tests/validate").to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("the fixtures") {
            let path = entry.expect("a fixture").path();
            if path.is_dir() {
                open.push(path);
            } else if let Ok(text) = fs::read_to_string(path) {
                texts.push(text);
            }
        }
    }
    texts.sort();
    texts
}

/// A change to a text, at a place in it.
#[derive(Clone, Debug)]
enum Change {
    Remove(Index, usize),
    Insert(Index, String),
    Repeat(Index, usize),
}

fn a_change() -> impl Strategy<Value = Change> {
    let tokens = vec![
        "\n",
        "\t",
        "  ",
        "- ",
        ": ",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "'",
        "#",
        "&a ",
        "*a",
        "<<: ",
        "!!int ",
        "---\n",
        "null",
        "~",
        "yes",
        "012",
        "1e999",
        "🦀",
        "\u{feff}",
        "\u{0}",
        "\u{1b}[31m",
        "\r\n",
        "|\n",
        ">-\n",
        "? ",
        "é",
        "\\u0000",
        ">=1.0.0 ||",
        "schema: olm.package\n",
        "name: demo\n",
        "replaces: demo.v1.0.0\n",
        "skips: [demo.v1.0.0]\n",
    ];
    prop_oneof![
        (any::<Index>(), 1..40_usize).prop_map(|(at, length)| Change::Remove(at, length)),
        (any::<Index>(), select(tokens)).prop_map(|(at, token)| Change::Insert(at, token.to_owned())),
        (any::<Index>(), "[ -~é]{0,12}").prop_map(|(at, text)| Change::Insert(at, text)),
        (any::<Index>(), 1..80_usize).prop_map(|(at, length)| Change::Repeat(at, length)),
    ]
}

fn changed(text: &str, changes: &[Change]) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for change in changes {
        let at = |index: &Index| index.index(text.len() + 1);
        match change {
            Change::Remove(index, length) => {
                let at = at(index);
                text.drain(at..(at + length).min(text.len()));
            }
            Change::Insert(index, token) => {
                let at = at(index);
                text.splice(at..at, token.chars());
            }
            Change::Repeat(index, length) => {
                let at = at(index);
                let part = text[at..(at + length).min(text.len())].to_vec();
                text.splice(at..at, part);
            }
        }
    }
    text.into_iter().collect()
}

/// Entries, bundles and deprecations with few different names, so that many match and many do not.
fn a_catalog() -> impl Strategy<Value = String> {
    let name = || select(vec!["a", "b", "c", "\"\"", "é"]);
    let version = select(vec!["1.0.0", "v1", "1.0.0+b", "\"\"", "2"]);
    let range = select(vec!["<1.0.0", "1.x", "\"\"", ">=x"]);
    let entry =
        (name(), name(), proptest::collection::vec(name(), 0..3), range).prop_map(|(name, replaces, skips, range)| {
            format!("- {{name: {name}, replaces: {replaces}, skips: [{}], skipRange: \"{range}\"}}\n", skips.join(", "))
                .replace("\"\"\"\"", "\"\"")
        });
    let channel = (name(), name(), proptest::collection::vec(entry, 0..5)).prop_map(|(package, name, entries)| {
        format!("schema: olm.channel\npackage: {package}\nname: {name}\nentries:\n{}", entries.concat())
    });
    let bundle = (name(), name(), version, name()).prop_map(|(package, name, version, image)| {
        format!(
            "schema: olm.bundle\npackage: {package}\nname: {name}\nimage: {image}\nproperties:\n\
             - {{type: olm.package, value: {{packageName: {package}, version: {version}}}}}\n"
        )
    });
    let package = (name(), name())
        .prop_map(|(name, channel)| format!("schema: olm.package\nname: {name}\ndefaultChannel: {channel}\n"));
    let deprecations = (name(), select(vec!["package", "channel", "bundle", "x"]), name()).prop_map(|(package, schema, name)| {
        format!("schema: olm.deprecations\npackage: {package}\nentries:\n- reference: {{schema: olm.{schema}, name: {name}}}\n")
    });
    let blob = prop_oneof![2 => package, 3 => channel, 3 => bundle, 1 => deprecations];
    proptest::collection::vec(blob, 0..8).prop_map(|blobs| blobs.join("---\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in any::<String>()) {
        survives(&text);
    }

    #[test]
    fn any_text_like_yaml(text in "([a-c]|[-:,#&*!|>'\"%@`{}\\[\\]? \n\t~<]|: |- |---\n|schema: olm.bundle\n){0,60}") {
        survives(&text);
    }

    #[test]
    fn any_text_like_json(text in "\\{([a-c]|[-:,{}\\[\\]\" \n\\\\0-9]|\"schema\": \"olm.channel\"|\\}\\{){0,40}") {
        survives(&text);
    }

    #[test]
    fn changed_fixtures(fixture in any::<Index>(), changes in proptest::collection::vec(a_change(), 1..6)) {
        let fixtures = fixtures();
        survives(&changed(fixture.get::<String>(&fixtures), &changes));
    }

    #[test]
    fn any_catalog(catalog in a_catalog()) {
        let (scan, _) = findings(&catalog);
        prop_assert_eq!(&scan.bad, &vec![], "{}", catalog);
        survives(&catalog);
    }
}

/// A channel of a given size, with entries from `entry`.
fn large(size: usize, entry: impl Fn(usize) -> String) -> String {
    let mut text =
        "schema: olm.package\nname: p\ndefaultChannel: c\n---\nschema: olm.channel\npackage: p\nname: c\nentries:\n"
            .to_owned();
    for i in 0..size {
        writeln!(text, "- {{name: v{i}.0.0{}}}", entry(i)).expect("text");
    }
    for i in 0..size {
        writeln!(
            text,
            "---\nschema: olm.bundle\npackage: p\nname: v{i}.0.0\nimage: i\nproperties: [{{type: olm.package, value: {{packageName: p, version: {i}.0.0}}}}]"
        )
        .expect("text");
    }
    text
}

#[test]
fn large_channels_are_validated_at_once() {
    const SIZE: usize = 5000;
    let all: Vec<String> = (0..SIZE - 1).map(|i| format!("v{i}.0.0")).collect();
    let all = all.join(", ");
    let last = SIZE - 1;
    type Write<'w> = Box<dyn Fn(usize) -> String + 'w>;
    let cases: Vec<(&str, Vec<&str>, Write<'_>)> = vec![
        ("chain", vec![], Box::new(|i| if i > 0 { format!(", replaces: v{}.0.0", i - 1) } else { String::new() })),
        ("ring", vec!["replaces-cycle"], Box::new(|i| format!(", replaces: v{}.0.0", (i + 1) % SIZE))),
        ("heads", vec!["channel-head"], Box::new(|_| String::new())),
        ("star", vec![], Box::new(|i| if i == last { format!(", skips: [{all}]") } else { String::new() })),
        (
            "ranges",
            vec!["skip-range"; SIZE],
            Box::new(|i| match i {
                0 => ", skipRange: v1".into(),
                _ => format!(", replaces: v{}.0.0, skipRange: v1", i - 1),
            }),
        ),
        (
            "ranges below",
            vec![],
            Box::new(|i| format!(", replaces: v{}.0.0, skipRange: <{i}.0.0", i.checked_sub(1).unwrap_or(SIZE))),
        ),
        (
            "open ranges",
            vec![],
            Box::new(|i| format!(", replaces: v{}.0.0, skipRange: '>=0.0.0 !7.0.0'", i.checked_sub(1).unwrap_or(SIZE))),
        ),
        (
            "far ranges",
            vec![],
            Box::new(|i| {
                format!(", replaces: v{}.0.0, skipRange: '{}.0.0 || <3.0.0'", i.checked_sub(1).unwrap_or(SIZE), i / 2)
            }),
        ),
        (
            "skipped by skipped",
            vec![],
            Box::new(|i| if i > 0 { format!(", skips: [v{}.0.0], skipRange: <{i}.0.0", i - 1) } else { String::new() }),
        ),
        (
            "stranded",
            vec!["entry-stranded"; SIZE / 2 - 1],
            Box::new(|i| match i {
                i if i == last => format!(
                    ", skips: [{}]",
                    (0..SIZE / 2).map(|i| format!("v{}.0.0", 2 * i)).collect::<Vec<_>>().join(", ")
                ),
                i if i % 2 == 0 && i + 1 != last => format!(", replaces: v{}.0.0", i + 1),
                _ => String::new(),
            }),
        ),
    ];
    for (name, rules, entry) in cases {
        let text = large(SIZE, entry);
        let scan = read_text(&text, Path::new(FILE));
        let before = time::of_process();
        let findings = validate(&scan, Path::new(FILE));
        let took = time::of_process() - before;
        let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
        let mut found: Vec<&str> = errors.map(|finding| finding.rule).collect();
        found.sort_unstable();
        assert_eq!(found.len(), rules.len(), "{name}: {:?}", findings.first());
        assert_eq!(found, rules, "{name}");
        assert!(took < Duration::from_secs(20), "{name}: {took:?}");
        let before = time::of_process();
        let shown = json::render(&findings, &Sources::disk().with(FILE, text));
        assert!(shown.len() > 2 || findings.is_empty());
        let shown_in = time::of_process() - before;
        assert!(shown_in < Duration::from_secs(40), "{name}: {shown_in:?}");
        eprintln!("{name}: {took:?} and {shown_in:?}");
    }
}

#[test]
fn thousands_of_wrong_names_are_fast() {
    let mut text = String::new();
    for i in 0..3000 {
        writeln!(text, "---\nschema: olm.channel\npackage: package-{i}\nname: c\nentries: [{{name: wrong.v{i}}}]")
            .expect("text");
        writeln!(text, "---\nschema: olm.bundle\npackage: package-{i}\nname: right.v{i}").expect("text");
    }
    let scan = read_text(&text, Path::new(FILE));
    let before = time::of_process();
    let findings = validate(&scan, Path::new(FILE));
    assert!(findings.len() > 9000);
    let took = time::of_process() - before;
    assert!(took < Duration::from_secs(20), "{took:?}");
}
