//! Laws for every input: unusual files, names and values give an error, never a panic.

use std::collections::BTreeMap;
use std::path::Path;

use olm_catalog::bundle::Bundle;
use olm_catalog::catalog::MigrateLevel;
use olm_catalog::channel::Template;
use olm_catalog::yaml;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z.:/-]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map("[a-z]{0,4}", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// The places in a value, as JSON pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| {
            places(value, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), found);
        }),
        Value::Array(list) => list.iter().enumerate().for_each(|(i, value)| places(value, &format!("{at}/{i}"), found)),
        _ => {}
    }
}

fn full() -> Bundle {
    Bundle::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/render/full")).expect("a bundle")
}

/// The bundle of tests/render/full with a different value at one place of one file.
fn mutated(file: usize, place: prop::sample::Index, value: Value) -> Bundle {
    let mut bundle = full();
    let files: Vec<String> = bundle.files.keys().filter(|name| name.ends_with(".yaml")).cloned().collect();
    let name = &files[file % files.len()];
    let text = String::from_utf8(bundle.files[name].clone()).expect("text");
    let mut object = yaml::read(&text).expect("YAML").remove(0).value;
    let mut found = Vec::new();
    places(&object, "", &mut found);
    *object.pointer_mut(place.get::<String>(&found)).expect("a place") = value;
    bundle.files.insert(name.clone(), object.to_string().into_bytes());
    bundle
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_changed_bundle_renders_or_says_why(file in 0..16usize, place: prop::sample::Index, value in value()) {
        match mutated(file, place, value).render("example.com/demo:v1") {
            Ok(mut blob) => {
                prop_assert!(!blob.name.is_empty() && !blob.package.is_empty());
                if let Err(error) = blob.migrate(MigrateLevel::All) {
                    prop_assert!(error.to_string().contains("ClusterServiceVersion"));
                }
            }
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    #[test]
    fn the_order_and_form_of_manifests_do_not_matter(turn in 0..8usize) {
        let bundle = full();
        let names: Vec<&String> = bundle.files.keys().filter(|name| name.starts_with("manifests/") && !name.contains("/.")).collect();
        let mut files: BTreeMap<String, Vec<u8>> =
            bundle.files.iter().filter(|(name, _)| !names.contains(name)).map(|(name, bytes)| (name.clone(), bytes.clone())).collect();
        for (i, name) in names.iter().enumerate() {
            let text = String::from_utf8(bundle.files[*name].clone()).expect("text");
            let object = yaml::read(&text).expect("YAML").remove(0).value;
            files.insert(format!("manifests/{}.json", (i + turn) % names.len()), object.to_string().into_bytes());
        }
        prop_assert_eq!(Bundle { files }.render("a").expect("a blob"), bundle.render("a").expect("a blob"));
    }

    #[test]
    fn any_text_is_a_template_or_says_why(text in any::<String>(), value in value()) {
        let changed = json!({"schema": "olm.semver", "stable": value}).to_string();
        for text in [text, changed] {
            if let Err(findings) = Template::parse(&text, Path::new("template.yaml")) {
                prop_assert!(!findings.is_empty());
            }
        }
    }
}

#[test]
#[cfg(unix)]
fn links_must_not_lead_out_of_a_bundle() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "kind: Secret\n").expect("written");
    let bundle = folder.path().join("bundle");
    for (path, bytes) in full().files {
        let path = bundle.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, bytes).expect("written");
    }
    std::os::unix::fs::symlink("widgets.yaml", bundle.join("manifests/within.yaml")).expect("linked");
    assert!(Bundle::read(&bundle).is_ok());
    std::os::unix::fs::symlink(&secret, bundle.join("manifests/without.yaml")).expect("linked");
    let error = Bundle::read(&bundle).expect_err("it leads out").to_string();
    assert!(error.ends_with("manifests/without.yaml is a link that leads out of the bundle"), "{error}");
}
