//! Laws of pictures: on random channels with every fault and every name, each entry and each upgrade is drawn once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use olm_catalog::catalog::{Bundle, Catalog, Channel, Entry, Package, Property, Scan};
use olm_catalog::draw::{self, Note, Picture, Selection, Shape};
use olm_catalog::graph::EdgeKind;
use olm_catalog::terminal::is_hidden;
use olm_catalog::validate::Context;
use proptest::prelude::*;
use serde_json::json;

use crate::common::time;
use crate::xml::{self, Element};

fn scan(entries: Vec<Entry>, versions: &BTreeMap<String, String>) -> Scan {
    let package = Package { name: "p".into(), default_channel: "stable".into(), ..Package::default() };
    let channel = Channel { name: "stable".into(), package: "p".into(), entries, ..Channel::default() };
    let bundle = |(name, version): (&String, &String)| {
        let properties = vec![Property::new("olm.package", json!({"packageName": "p", "version": version}))];
        Bundle { name: name.clone(), package: "p".into(), properties, ..Bundle::default() }
    };
    let bundles = versions.iter().map(bundle).collect();
    let catalog = Catalog { packages: vec![package], channels: vec![channel], bundles, ..Catalog::default() };
    Scan { catalog, ..Scan::default() }
}

/// Names that each format has to escape, and plain ones.
const NAMES: [&str; 10] = [
    "p.v1.0.0",
    "p.v1.1.0",
    "p.v2.0.0",
    "p.v2.0.1",
    "a\"]\n  b --> c",
    "</text><script>alert(1)</script>",
    "::error::x ##[error]",
    "\u{1b}[31m\u{202e}&amp;",
    "end\\N\\\" }",
    "漢字🙂%%`b`|",
];

fn some_channel() -> impl Strategy<Value = Scan> {
    let name = || proptest::sample::select(NAMES.to_vec()).prop_map(str::to_owned);
    let named = || prop_oneof![6 => name(), 1 => Just("gone.v1".to_owned()), 1 => Just("gone.v2".to_owned())];
    let replaces = prop_oneof![1 => Just(String::new()), 3 => named()];
    let skips = prop_oneof![3 => Just(Vec::new()), 2 => proptest::collection::vec(named(), 1..4)];
    let range = proptest::sample::select(vec!["", "", "", "<2.0.0", ">=1.0.0 <2.0.1", "\"no <range>"]);
    let version = prop_oneof![1 => Just(None), 4 => (0_u8..3, 0_u8..3).prop_map(|(a, b)| Some(format!("{a}.{b}.0")))];
    let entry = (replaces, skips, range, version);
    proptest::collection::btree_map(name(), entry, 0..9).prop_map(|entries| {
        let versions =
            entries.iter().filter_map(|(name, (.., version))| Some((name.clone(), version.clone()?))).collect();
        let entries = entries.into_iter().map(|(name, (replaces, skips, range, _))| Entry {
            name,
            replaces,
            skips,
            skip_range: range.to_owned(),
        });
        scan(entries.collect(), &versions)
    })
}

/// The upgrades of a channel by its fields, computed without the program's graph: older, newer and kind, by name.
fn upgrades(scan: &Scan) -> Vec<(String, String, EdgeKind)> {
    let context = Context::new(scan, Path::new(""));
    let graph = &context.packages["p"].channels[0].graph;
    let name = |node: usize| graph.name(node).to_owned();
    let mut all: Vec<_> = graph.edges().map(|edge| (name(edge.from), name(edge.to), edge.kind)).collect();
    for entry in &scan.catalog.channels[0].entries {
        let mut add = |from: &str, kind| {
            if !from.is_empty() && graph.find(from).is_none() {
                all.push((from.to_owned(), entry.name.clone(), kind));
            }
        };
        add(&entry.replaces, EdgeKind::Replaces);
        entry.skips.iter().for_each(|skipped| add(skipped, EdgeKind::Skips));
    }
    all.sort();
    all.dedup();
    all
}

fn drawn(picture: &Picture<'_>) -> Vec<(String, String, EdgeKind)> {
    let mut all = Vec::new();
    for arrow in &picture.arrows {
        let kinds = [
            (arrow.kinds.replaces, EdgeKind::Replaces),
            (arrow.kinds.skips, EdgeKind::Skips),
            (arrow.kinds.skip_range, EdgeKind::SkipRange),
        ];
        for from in &picture.rows[arrow.from].names {
            for (_, kind) in kinds.iter().filter(|(is, _)| *is) {
                all.push(((*from).to_owned(), picture.rows[arrow.to].names[0].to_owned(), *kind));
            }
        }
    }
    all.sort();
    all
}

/// Texts of one line do not touch, and nothing is outside of the picture.
fn assert_laid_out(elements: &[Element]) {
    let (width, height) = (elements[0].number("width"), elements[0].number("height"));
    let mut lines: BTreeMap<i64, Vec<(f64, f64)>> = BTreeMap::new();
    for text in elements.iter().filter(|element| element.attributes.contains_key("textLength")) {
        let (x, y) = (text.number("x"), text.number("y"));
        let end = x + text.number("textLength");
        assert!(x >= 0.0 && end <= width && y >= 0.0 && y <= height, "{text:?} is outside of {width}x{height}");
        lines.entry(y as i64).or_default().push((x, end));
    }
    for texts in lines.values_mut() {
        texts.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(texts.windows(2).all(|pair| pair[0].1 < pair[1].0), "{texts:?}");
    }
}

/// The content of an attribute `d`: how many lines start.
fn strokes(elements: &[Element], kind: &str) -> usize {
    let paths = elements.iter().filter(|element| element.name == "path" && element.has_class(kind));
    paths.map(|path| path.attributes["d"].matches('M').count()).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn every_entry_and_every_upgrade_is_drawn_once(scan in some_channel()) {
        let context = Context::new(&scan, Path::new(""));
        let pictures = draw::pictures(&context, &Selection::default()).unwrap();
        let picture = &pictures[0];

        let mut names: Vec<&str> = picture.rows.iter().filter(|row| !row.is_missing()).map(|row| row.names[0]).collect();
        names.sort_unstable();
        let entries: Vec<&str> = scan.catalog.channels[0].entries.iter().map(|entry| entry.name.as_str()).collect();
        prop_assert_eq!(names, entries);
        prop_assert_eq!(drawn(picture), upgrades(&scan));
        prop_assert!(picture.arrows.windows(2).all(|pair| (pair[0].to, pair[0].from) < (pair[1].to, pair[1].from)));
        // Along the chain and on branches, upgrades go up.
        prop_assert!(picture.arrows.iter().all(|arrow| arrow.shape == Shape::Around || arrow.to < arrow.from));

        // The noted defects are those that `catalog validate` finds.
        let graph = &context.packages["p"].channels[0].graph;
        let noted = |note: &Note<'_>| -> BTreeSet<&str> {
            picture.rows.iter().filter(|row| row.notes.contains(note)).map(|row| row.names[0]).collect()
        };
        let names = |nodes: &[usize]| -> BTreeSet<&str> { nodes.iter().map(|&node| graph.name(node)).collect() };
        prop_assert_eq!(noted(&Note::Head), names(&graph.heads()));
        if let [head] = graph.heads()[..] {
            let stranded = graph.stranded(&graph.chain(head));
            let stranded: Vec<usize> = stranded.into_iter().flat_map(|all| [vec![all.root], all.followers].concat()).collect();
            let cycles = names(&graph.replaces_cycles().concat());
            // The chain below a stranded entry can lead into a cycle.
            prop_assert_eq!(noted(&Note::Stranded), &names(&stranded) - &cycles);
            // Entries that skip each other are in a cycle, but not one of replaces.
            prop_assert_eq!(&noted(&Note::Cycle) - &noted(&Note::Skipped), cycles);
        }

        let rows = picture.rows.len();
        let text = draw::text(&pictures).plain();
        prop_assert_eq!(text.lines().filter(|line| line.contains(['◉', '●', '○', '◌'])).count(), rows, "{}", text);

        let mermaid = draw::mermaid(&pictures);
        prop_assert_eq!(mermaid.lines().filter(|line| line.starts_with("    c0n") && line.contains("[\"")).count(), rows);
        let arrows = mermaid.lines().filter(|line| line.starts_with("    c0n") && !line.contains("[\""));
        prop_assert_eq!(arrows.count(), picture.arrows.len());
        for line in mermaid.lines().filter(|line| line.contains('"')) {
            let label = line.split('"').collect::<Vec<_>>();
            prop_assert_eq!(label.len(), 3, "{}", line);
            prop_assert!(!label[1].replace("<br/>", "").contains(['<', '>', '`', '[', ']', '{', '|', '%']), "{}", line);
        }

        let dot = draw::dot(&pictures);
        prop_assert_eq!(dot.lines().filter(|line| line.starts_with("    c0n") && line.contains("[label")).count(), rows);
        prop_assert_eq!(dot.lines().filter(|line| line.starts_with("    c0n") && line.contains(" -> c0n")).count(), picture.arrows.len());

        let svg = draw::svg(&pictures);
        let elements = xml::elements(&svg).map_err(TestCaseError::fail)?;
        let dots = elements.iter().filter(|element| element.has_class("dot")).count();
        let legend = usize::from(picture.rows.iter().any(|row| row.is_skipped()));
        prop_assert_eq!(dots, rows + legend);
        for (kind, class) in [(EdgeKind::Replaces, "replaces"), (EdgeKind::Skips, "skips"), (EdgeKind::SkipRange, "range")] {
            let of_kind = picture.arrows.iter().filter(|arrow| arrow.kinds.main() == kind).count();
            prop_assert_eq!(strokes(&elements, class), of_kind + usize::from(of_kind > 0), "{}", class);
        }
        assert_laid_out(&elements);
        let known = ["svg", "title", "desc", "style", "rect", "g", "path", "circle", "text"];
        prop_assert!(elements.iter().all(|element| known.contains(&element.name.as_str())));
        prop_assert!(elements.iter().flat_map(|element| element.attributes.keys()).all(|name| !name.starts_with("on")));

        for format in [&text, &mermaid, &dot, &svg] {
            prop_assert!(!format.chars().any(|character| character != '\n' && is_hidden(character)));
            prop_assert!(!format.lines().any(|line| line.trim_start().starts_with("::")));
        }
        prop_assert!([&mermaid, &dot, &svg].iter().all(|format| !format.contains("##[")));
    }
}

#[test]
fn large_channels_are_drawn_fast() {
    const SIZE: usize = 5000;
    let name = |i: usize| format!("p.v{i}.0.0");
    let versions: BTreeMap<String, String> = (0..SIZE).map(|i| (name(i), format!("{i}.0.0"))).collect();
    let entry = |i: usize, replaces: String, skip_range: String| Entry {
        name: name(i),
        replaces,
        skips: Vec::new(),
        skip_range,
    };
    let chain = (0..SIZE).map(|i| {
        entry(i, if i > 0 { name(i - 1) } else { String::new() }, format!(">={}.0.0 <{i}.0.0", i.saturating_sub(5)))
    });
    let ring = (0..SIZE).map(|i| entry(i, name((i + 1) % SIZE), String::new()));
    // Each line runs around the one before it.
    let nested =
        (0..SIZE).map(|i| entry(i, if i < SIZE / 2 { name(SIZE - 1 - i) } else { String::new() }, String::new()));
    let mut star: Vec<Entry> = (0..SIZE).map(|i| entry(i, String::new(), String::new())).collect();
    star[SIZE - 1].skips = (0..SIZE - 1).map(name).collect();
    for entries in [chain.collect(), ring.collect(), nested.collect(), star] {
        let scan = scan(entries, &versions);
        let context = Context::new(&scan, Path::new(""));
        let before = time::of_thread();
        let pictures = draw::pictures(&context, &Selection::default()).unwrap();
        let svg = draw::svg(&pictures);
        for text in [draw::text(&pictures).plain(), draw::mermaid(&pictures), draw::dot(&pictures)] {
            assert!(text.lines().count() >= SIZE);
        }
        // Tests are not optimised.
        let took = time::of_thread() - before;
        assert!(took < Duration::from_secs(20), "{took:?}");
        let width = xml::elements(&svg).unwrap()[0].number("width");
        assert!(width < 1500.0, "{width}");
    }
}

#[test]
fn ranges_over_everything_have_a_limit() {
    let versions: BTreeMap<String, String> = (0..2000).map(|i| (format!("p.v{i}"), format!("{i}.0.0"))).collect();
    let all = |name: &String| Entry { name: name.clone(), skip_range: "<3000.0.0".into(), ..Entry::default() };
    let scan = scan(versions.keys().map(all).collect(), &versions);
    let context = Context::new(&scan, Path::new(""));
    let before = time::of_thread();
    let error = draw::pictures(&context, &Selection::default()).expect_err("too many upgrades").to_string();
    assert!(error.contains("the limit graph-edges of 50000"), "{error}");
    assert!(time::of_thread() - before < Duration::from_secs(5));
}
