use proptest::prelude::*;
use serde_json::json;

use super::*;

fn route(path: &str) -> Route {
    let step = |part: &str| match part.parse() {
        Ok(index) => Step::Index(index),
        Err(_) => Step::Key(part.to_owned()),
    };
    Route(path.split('.').filter(|part| !part.is_empty()).map(step).collect())
}

fn insert(list: &str, index: usize, value: &Value) -> Edit {
    Edit::Insert { list: route(list), index, value: Item::of(value) }
}

fn put(map: &str, key: &str, value: &Value, place: Place) -> Edit {
    Edit::Put { map: route(map), key: key.into(), value: Item::of(value), place }
}

fn done(text: &str, change: &Edit) -> String {
    edit(text, 0, change).unwrap_or_else(|refused| panic!("{text:?}: {refused}"))
}

#[test]
fn items_are_added_as_the_others_are_written() {
    for (text, index, expected) in [
        ("a:\n- k: x # c\n# end\n", 1, "a:\n- k: x # c\n- k: w\n# end\n"),
        (
            "a:\n  - k: x\n    # of x\n  # of z\n  - k: z\n",
            1,
            "a:\n  - k: x\n    # of x\n  - k: w\n  # of z\n  - k: z\n",
        ),
        ("a:\n# of x\n- k: x\nb: 1\n", 0, "a:\n- k: w\n# of x\n- k: x\nb: 1\n"),
        ("a:\r\n-   k: x\r\n    m: 1\r\nb: 1\r\n", 1, "a:\r\n-   k: x\r\n    m: 1\r\n-   k: w\r\nb: 1\r\n"),
        ("a:\n- {k: x}\n", 1, "a:\n- {k: x}\n- {k: w}\n"),
        ("a:\n- k: x", 1, "a:\n- k: x\n- k: w"),
        ("a: [{k: x}] # c\n", 1, "a: [{k: x}, {k: w}] # c\n"),
        ("a: [{k: x}]\n", 0, "a: [{k: w}, {k: x}]\n"),
        ("a: [\n  {k: x}, # c\n  {k: z}\n]\n", 1, "a: [\n  {k: x}, # c\n  {k: w},\n  {k: z}\n]\n"),
        ("a: [\n  {k: x} # c\n]\n", 1, "a: [\n  {k: x}, # c\n  {k: w}\n]\n"),
        ("{\"a\": [\n    {\"k\": \"x\"}\n]}\n", 1, "{\"a\": [\n    {\"k\": \"x\"},\n    {\"k\": \"w\"}\n]}\n"),
        ("a: # c\nb: 1\n", 0, "a: # c\n- k: w\nb: 1\n"),
        ("a: [] # c\nb: 1\n", 0, "a: # c\n- k: w\nb: 1\n"),
        ("b:\n  - 1\na:\n", 0, "b:\n  - 1\na:\n  - k: w\n"),
        ("\u{feff}a:\n- k: |\n    x\n\n    y\n\nb: 1\n", 1, "\u{feff}a:\n- k: |\n    x\n\n    y\n- k: w\n\nb: 1\n"),
    ] {
        assert_eq!(done(text, &insert("a", index, &json!({"k": "w"}))), expected, "{text:?}");
    }
}

#[test]
fn entries_are_added_where_they_belong() {
    let until = |place| put("a.0", "until", &json!("1.0.0"), place);
    for (text, place, expected) in [
        ("a:\n- k: x\n", Place::First, "a:\n- until: 1.0.0\n  k: x\n"),
        ("a:\n- {k: x}\n", Place::First, "a:\n- {until: 1.0.0, k: x}\n"),
        (
            "a:\n- since: 0.1.0 # c\n  k: x\n",
            Place::After("since".into()),
            "a:\n- since: 0.1.0 # c\n  until: 1.0.0\n  k: x\n",
        ),
        ("a:\n- {since: 0.1.0, k: x}\n", Place::After("since".into()), "a:\n- {since: 0.1.0, until: 1.0.0, k: x}\n"),
        ("a:\n- k:\n    m: 1\nb: 1\n", Place::Last, "a:\n- k:\n    m: 1\n  until: 1.0.0\nb: 1\n"),
        ("a:\n- {}\n", Place::Last, "a:\n- {until: 1.0.0}\n"),
    ] {
        assert_eq!(done(text, &until(place)), expected, "{text:?}");
    }
    let text = "a:\n    b:\n      - 1\n";
    let new = done(text, &put("a", "c", &json!({"d": [1, {"e": "<"}]}), Place::Last));
    assert_eq!(new, "a:\n    b:\n      - 1\n    c:\n        d:\n          - 1\n          - e: <\n");
}

#[test]
fn scalars_keep_their_quotes() {
    let set = |value: &str| Edit::Set(route("a"), value.into());
    for (text, value, expected) in [
        ("a: <1.0.0 # c\n", "<1.1.0", "a: <1.1.0 # c\n"),
        ("a: \"<1.0.0\"\n", "<1.1.0", "a: \"<1.1.0\"\n"),
        ("a: '<1.0.0'\n", "it's", "a: 'it''s'\n"),
        ("a: x\n", ">1.0.0", "a: \">1.0.0\"\n"),
        ("{a: x}\n", "[", "{a: \"[\"}\n"),
        ("a:\nb: 1\n", "x", "a: x\nb: 1\n"),
        ("a: ~\n", "no", "a: \"no\"\n"),
    ] {
        assert_eq!(done(text, &set(value)), expected, "{text:?}");
    }
}

#[test]
fn what_goes_goes_alone() {
    for (text, at, expected) in [
        ("a:\n# of x\n- k: x\n# of y\n- k: w\n", "a.0", "a:\n# of x\n# of y\n- k: w\n"),
        ("a:\n- k: x\nb: 1\n", "a.0", "a: []\nb: 1\n"),
        ("a: [1, 2, 3]\n", "a.1", "a: [1, 3]\n"),
        ("a: [1, 2]\n", "a.1", "a: [1]\n"),
        ("a:\n- k: x\n  m: 1\n", "a.0.k", "a:\n- m: 1\n"),
        ("a:\n- k: x\n  m: 1\n- 2\n", "a.0.m", "a:\n- k: x\n- 2\n"),
        ("a: {k: x, m: 1}\n", "a.k", "a: {m: 1}\n"),
    ] {
        assert_eq!(done(text, &Edit::Remove(route(at))), expected, "{text:?}");
    }
}

#[test]
fn a_mapping_becomes_a_list() {
    let wrap = Edit::Wrap { map: route("a"), key: "until".into(), value: "2.0.0".into() };
    for (text, expected) in [
        ("a:\n  m: x # c\n  s: y\nb: 1\n", "a:\n- until: 2.0.0\n  m: x # c\n  s: y\nb: 1\n"),
        ("a:\n    # c\n    m: x\n", "a:\n  - until: 2.0.0\n    # c\n    m: x\n"),
        ("a: {m: x} # c\n", "a: [{until: 2.0.0, m: x}] # c\n"),
    ] {
        assert_eq!(done(text, &wrap), expected, "{text:?}");
    }
}

#[test]
fn what_could_change_something_else_is_refused() {
    let cases = [
        ("a: &x [1]\nb: *x\n", insert("a", 1, &json!(2))),
        ("a: *x\n", insert("a", 0, &json!(2))),
        ("b: &x\n- 1\na: *x\n", insert("a", 1, &json!(2))),
        ("a: |\n  x\n", Edit::Set(route("a"), "y".into())),
        ("a: &x v\nb: *x\n", Edit::Set(route("a"), "z".into())),
        ("a: 1\n", insert("b", 0, &json!(2))),
        ("a: 1\n", put("", "a", &json!(2), Place::Last)),
        ("a: [1\n", insert("a", 1, &json!(2))),
        ("a: 1\n", Edit::Remove(route("a"))),
        ("a: 1\na: 2\n", Edit::Set(route("b"), "z".into())),
        // The text would end in other blank lines.
        ("a:\n- |+\n  x\n\n", insert("a", 1, &json!(2))),
    ];
    for (text, change) in cases {
        assert!(edit(text, 0, &change).is_err(), "{text:?}: {:?}", edit(text, 0, &change));
    }
    let refused = edit("a: *x\n", 0, &insert("a", 0, &json!({"k": "w"}))).unwrap_err();
    assert!(refused.to_string().starts_with("it cannot be edited at a: "), "{refused}");
    assert!(refused.to_string().ends_with("please write there by hand:\n  - k: w"), "{refused}");
}

#[test]
fn documents_are_added_at_the_end() {
    let value = Item::map([("schema", Item::from("x")), ("entries", Item::from_iter(["a"]))]);
    let expected = "a: 1\r\n---\r\nschema: x\r\nentries:\r\n- a\r\n";
    assert_eq!(add_document("a: 1\r\n", &value).unwrap(), expected);
    assert_eq!(add_document("a: 1", &value).unwrap(), expected.replace('\r', ""));
    let second = edit(expected, 1, &insert("entries", 1, &json!("b"))).unwrap();
    assert_eq!(second, format!("{expected}- b\r\n"));
    let json = add_document("{\"a\": 1}\n", &value).unwrap();
    assert_eq!(json, "{\"a\": 1}\n{\"schema\": \"x\", \"entries\": [\"a\"]}\n");
}

/// A list of entries in some layout, with comments.
fn layout() -> impl Strategy<Value = (String, usize)> {
    let entry = (0_usize..4, "( # [a-z: ]{0,9})?", "[a-z]{1,4}", prop::bool::ANY);
    (prop::collection::vec(entry, 1..5), 0_usize..4, prop::bool::ANY, prop::bool::ANY).prop_map(
        |(entries, indent, crlf, last)| {
            let mut text = String::from("# head\nhead: {x: [1, 2]} # flow\nlist:\n");
            let pad = " ".repeat(indent);
            for (i, (style, comment, value, above)) in entries.iter().enumerate() {
                if *above {
                    text += &format!("{pad}# above {i}\n");
                }
                text += &match style {
                    0 => format!("{pad}- name: {value}{i}{comment}\n{pad}  other: \"x\"\n"),
                    1 => format!("{pad}- {{name: '{value}{i}', other: x}}{comment}\n"),
                    2 => format!(
                        "{pad}-   name: {value}{i}{comment}\n\n{pad}    other: |\n{pad}      text\n{pad}    # end\n"
                    ),
                    _ => format!("{pad}-{comment}\n{pad}  name: {value}{i}\n{pad}  other: [a,\n{pad}    b]\n"),
                };
            }
            text += if last { "tail: x" } else { "# tail\ntail:\n  x: 1 # t\n" };
            (if crlf { text.replace('\n', "\r\n") } else { text }, entries.len())
        },
    )
}

proptest! {
    /// Whatever the layout: all old lines are there in their order, with all comments, and the value is the expected one,
    /// which `edit` itself makes certain.
    #[test]
    fn all_else_stays((text, entries) in layout(), at in 0_usize..5, kind in 0_usize..4) {
        let at = at.min(entries);
        let item = at.min(entries - 1);
        let change = match kind {
            0 => insert("list", at, &json!({"name": "new", "skips": ["a"]})),
            1 => put(&format!("list.{item}"), "until", &json!("1.0.0"), Place::First),
            2 => put(&format!("list.{item}"), "until", &json!("1.0.0"), Place::Last),
            _ => put("tail", "until", &json!("1.0.0"), Place::Last),
        };
        let Ok(new) = edit(&text, 0, &change) else {
            // Only a scalar cannot have another entry.
            prop_assert!(kind == 3 && text.ends_with("tail: x"), "{}\n{:?}", text, edit(&text, 0, &change));
            return Ok(());
        };
        let words = |text: &str| text.split([' ', '\n', '-', '{', '}', ',']).filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        let mut rest = words(&new).into_iter();
        for word in words(&text) {
            prop_assert!(rest.any(|found| found == word), "{} is lost:\n{}\n{}", word, text, new);
        }
        let ends = |text: &str| text.matches("\r\n").count() == text.matches('\n').count();
        prop_assert_eq!(ends(&text), ends(&new));
        let old: Vec<&str> = text.lines().collect();
        let changed = old.iter().filter(|line| !new.lines().any(|other| other == **line)).count();
        prop_assert!(changed <= 1, "{}\n{}", text, new);
        // What was added can be removed again.
        if kind == 0 {
            let back = edit(&new, 0, &Edit::Remove(route(&format!("list.{at}")))).unwrap();
            prop_assert_eq!(back, text);
        }
    }
}
