use serde_json::json;

use super::*;

fn crd(schema: Value, more: Value) -> Vec<Crd> {
    let mut spec = json!({
        "group": "g.io", "scope": "Namespaced", "names": {"kind": "K"},
        "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}}],
    });
    if let (Value::Object(spec), Value::Object(more)) = (&mut spec, more) {
        spec.extend(more);
    }
    vec![Crd::from_manifest(json!({"metadata": {"name": "ks.g.io"}, "spec": spec})).expect("a definition")]
}

fn paths(a: &[Crd], b: &[Crd]) -> Vec<(Kind, String)> {
    diff(a, b).into_iter().map(|change| (change.change, change.path)).collect()
}

#[test]
fn fields_are_compared_by_path() {
    let a = crd(
        json!({"properties": {"a": {"type": "string"}, "b": {"type": "array", "items": {"type": "object", "properties": {"c": {"type": "string", "description": "x"}}}}}}),
        json!({}),
    );
    let b = crd(
        json!({"properties": {"b": {"type": "array", "items": {"type": "object", "properties": {"c": {"type": "integer", "description": "y"}}}}, "d": {"type": "object", "properties": {"e": {}}}}}),
        json!({}),
    );
    let expected = [(Kind::Removed, ".a"), (Kind::Changed, ".b[].c: type"), (Kind::Added, ".d")];
    assert_eq!(paths(&a, &b), expected.map(|(kind, path)| (kind, path.to_owned())));
    assert_eq!(diff(&a, &b)[2].fields, 1);
    assert!(diff(&a, &a).is_empty());
}

#[test]
fn v1beta1_is_read_in_its_v1_form() {
    let new = crd(json!({"type": "object"}), json!({}));
    let old = json!({"metadata": {"name": "ks.g.io"}, "spec": {
        "group": "g.io", "scope": "Namespaced", "names": {"kind": "K"}, "version": "v1",
        "validation": {"openAPIV3Schema": {"type": "object"}}, "preserveUnknownFields": false,
    }});
    assert_eq!(paths(&[Crd::from_manifest(old).expect("a definition")], &new), []);
}

#[test]
fn sets_have_no_order() {
    let side = |required: Value| crd(json!({"required": required}), json!({}));
    assert_eq!(paths(&side(json!(["a", "b"])), &side(json!(["b", "a"]))), []);
    assert_eq!(paths(&side(json!(["a"])), &side(json!(["b"]))), [(Kind::Changed, ".: required".to_owned())]);
}

#[test]
fn values_without_effect_are_no_difference() {
    let none = crd(json!({}), json!({}));
    let names = |short: Value| crd(json!({}), json!({"names": {"kind": "K", "shortNames": short}}));
    assert_eq!(paths(&none, &names(json!([]))), []);
    assert_eq!(paths(&names(json!(["a", "b"])), &names(json!(["b", "a"]))), []);
    assert_eq!(paths(&none, &names(json!(["k"]))), [(Kind::Added, "names.shortNames".to_owned())]);
    let schema = |schema: Value| paths(&none, &crd(schema, json!({})));
    assert_eq!(schema(json!({"required": [], "nullable": false})), []);
    assert_eq!(schema(json!({"default": false})), [(Kind::Added, ".: default".to_owned())]);
    assert_eq!(schema(json!({"enum": []})), [(Kind::Added, ".: enum".to_owned())]);
}

#[test]
fn a_definition_may_have_no_names() {
    let mut nameless = crd(json!({}), json!({}));
    nameless[0].spec.remove("names");
    assert_eq!(paths(&nameless, &crd(json!({}), json!({}))), [(Kind::Added, "names.kind".to_owned())]);
}

#[test]
fn a_warning_is_text() {
    let deprecated = |warning: &str| {
        let version = json!({"name": "v1", "deprecated": true, "deprecationWarning": warning});
        crd(json!({}), json!({"versions": [version]}))
    };
    assert_eq!(paths(&deprecated("a"), &deprecated("b")), []);
    let (_, changed) = &paths(&deprecated("a"), &crd(json!({}), json!({"versions": [{"name": "v1"}]})))[0];
    assert_eq!(changed, "deprecated");
}
