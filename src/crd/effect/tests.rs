//! Each change with its class and outcome. `tests/apiserver` compares the outcomes with a real API server.

use serde_json::{Value, json};

use super::{Class, Outcome};
use crate::crd::{Crd, diff};

use Class::{Breaking, Risky, Safe};
use Outcome::{Defaulted, Handled, Kept, NotServed, Pruned, Refused, Rejected, RejectedWhenChanged};

fn definition(versions: &Value, more: &Value) -> Vec<Crd> {
    let mut spec =
        json!({"group": "g.io", "scope": "Namespaced", "names": {"kind": "K", "plural": "ks"}, "versions": versions});
    if let (Some(spec), Value::Object(more)) = (spec.as_object_mut(), more) {
        spec.extend(more.clone());
    }
    vec![Crd::from_manifest(json!({"metadata": {"name": "ks.g.io"}, "spec": spec})).expect("a definition")]
}

fn version(name: &str, schema: &Value, more: &Value) -> Value {
    let mut version = json!({"name": name, "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}});
    if let (Some(version), Value::Object(more)) = (version.as_object_mut(), more) {
        version.extend(more.clone());
    }
    version
}

/// The worst effect of a change from one side to the other.
fn worst(a: &[Crd], b: &[Crd]) -> Option<(Class, Outcome)> {
    diff(a, b).iter().map(|change| (change.effect.class, change.effect.outcome)).max()
}

/// The same of the schema of one field, `.spec.a`.
fn of_field(old: &Value, new: &Value) -> Option<(Class, Outcome)> {
    let side = |field: &Value| {
        let spec = json!({"type": "object", "properties": {"a": field}});
        let schema = json!({"type": "object", "properties": {"spec": spec}});
        definition(&json!([version("v1", &schema, &json!({}))]), &json!({}))
    };
    worst(&side(old), &side(new))
}

#[test]
fn each_change_of_a_field_has_its_effect() {
    let text = |more: &str| serde_json::from_str::<Value>(&format!("{{\"type\": \"string\"{more}}}")).expect("JSON");
    let object = |more: &str| serde_json::from_str::<Value>(&format!("{{\"type\": \"object\"{more}}}")).expect("JSON");
    let list = |more: &str| {
        serde_json::from_str::<Value>(&format!("{{\"type\": \"array\", \"items\": {{\"type\": \"string\"}}{more}}}"))
            .expect("JSON")
    };
    let number = |kind: &str, more: &str| {
        serde_json::from_str::<Value>(&format!("{{\"type\": \"{kind}\"{more}}}")).expect("JSON")
    };
    let rejected = Some((Breaking, RejectedWhenChanged));
    let same = Some((Safe, Kept));
    let keep = r#", "x-kubernetes-preserve-unknown-fields": true"#;
    let either = json!({"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}]});
    for (old, new, expected) in [
        (text(""), number("integer", ""), rejected),
        (number("integer", ""), number("number", ""), same),
        (number("number", ""), number("integer", ""), rejected),
        (object(""), text(""), rejected),
        (object(r#", "properties": {"b": {"type": "string"}}"#), text(""), rejected),
        (text(""), either.clone(), same),
        (number("integer", ""), either.clone(), same),
        (number("boolean", ""), either.clone(), rejected),
        (either.clone(), text(""), rejected),
        (text(r#", "enum": ["x", "y"]"#), text(r#", "enum": ["x"]"#), rejected),
        (text(r#", "enum": ["x"]"#), text(r#", "enum": ["y", "x"]"#), same),
        (text(""), text(r#", "enum": ["x"]"#), rejected),
        (text(r#", "enum": ["x"]"#), text(""), same),
        (text(""), text(r#", "minLength": 0"#), None),
        (text(""), text(r#", "minLength": 1"#), rejected),
        (text(r#", "maxLength": 9"#), text(r#", "maxLength": 10"#), same),
        (number("integer", r#", "minimum": 1"#), number("integer", r#", "minimum": 2"#), rejected),
        (number("integer", r#", "minimum": 2"#), number("integer", r#", "minimum": 1"#), same),
        (
            number("integer", r#", "minimum": 1"#),
            number("integer", r#", "minimum": 1, "exclusiveMinimum": true"#),
            rejected,
        ),
        (number("integer", r#", "multipleOf": 4"#), number("integer", r#", "multipleOf": 2"#), same),
        (number("integer", r#", "multipleOf": 2"#), number("integer", r#", "multipleOf": 4"#), rejected),
        (text(r#", "pattern": "a""#), text(r#", "pattern": "b""#), rejected),
        (text(r#", "pattern": "a""#), text(""), same),
        (text(""), text(r#", "format": "date-time""#), rejected),
        (text(""), text(r#", "format": "anything""#), same),
        (number("integer", ""), number("integer", r#", "format": "int32""#), rejected),
        (number("integer", ""), number("integer", r#", "format": "int64""#), same),
        (text(r#", "nullable": true"#), text(""), Some((Risky, Pruned))),
        (text(""), text(r#", "nullable": true"#), same),
        (object(keep), object(""), Some((Breaking, Pruned))),
        (object(""), object(keep), same),
        (
            object(keep),
            object(&format!(r#"{keep}, "properties": {{"b": {{"type": "string"}}}}"#)),
            Some((Risky, RejectedWhenChanged)),
        ),
        (object(r#", "properties": {"b": {"type": "string"}}"#), object(""), Some((Breaking, Pruned))),
        (object(r#", "properties": {"b": {"type": "string"}}"#), object(keep), same),
        (
            object(r#", "properties": {"b": {"type": "string"}}"#),
            object(r#", "additionalProperties": {"type": "string"}"#),
            Some((Risky, RejectedWhenChanged)),
        ),
        (object(r#", "additionalProperties": {"type": "string"}"#), object(""), Some((Breaking, Pruned))),
        (object(r#", "properties": {"b": {}}"#), object(r#", "properties": {"b": {}}, "required": ["b"]"#), rejected),
        (
            object(r#", "properties": {"b": {"default": 1}}"#),
            object(r#", "properties": {"b": {"default": 1}}, "required": ["b"]"#),
            same,
        ),
        (text(""), text(r#", "default": "x""#), Some((Risky, Defaulted))),
        (text(r#", "default": "x""#), text(r#", "default": "y""#), Some((Risky, Defaulted))),
        (text(r#", "default": "x""#), text(""), Some((Risky, Defaulted))),
        (list(""), list(r#", "x-kubernetes-list-type": "set""#), rejected),
        (list(""), list(r#", "x-kubernetes-list-type": "atomic""#), None),
        (list(r#", "x-kubernetes-list-type": "set""#), list(""), Some((Risky, Handled))),
        (
            list(r#", "x-kubernetes-list-map-keys": ["a", "b"]"#),
            list(r#", "x-kubernetes-list-map-keys": ["a"]"#),
            rejected,
        ),
        (text(""), text(r#", "x-kubernetes-validations": [{"rule": "self != 'x'"}]"#), rejected),
        (text(""), text(r#", "x-kubernetes-validations": [{"rule": "self == oldSelf"}]"#), Some((Risky, Handled))),
        (
            text(r#", "x-kubernetes-validations": [{"rule": "self != 'x'", "message": "a"}]"#),
            text(r#", "x-kubernetes-validations": [{"rule": "self != 'x'", "message": "b"}]"#),
            None,
        ),
        (text(r#", "x-kubernetes-validations": [{"rule": "self != 'x'"}]"#), text(""), same),
        (text(""), text(r#", "anyOf": [{"minLength": 1}]"#), rejected),
        (text(r#", "anyOf": [{"minLength": 1}]"#), text(r#", "anyOf": [{"minLength": 1}, {"maxLength": 1}]"#), same),
        (
            text(r#", "anyOf": [{"minLength": 1}, {"maxLength": 1}]"#),
            text(r#", "anyOf": [{"minLength": 1}]"#),
            rejected,
        ),
        (
            text(r#", "allOf": [{"minLength": 1}]"#),
            text(r#", "allOf": [{"minLength": 1}, {"maxLength": 1}]"#),
            rejected,
        ),
        (text(""), text(r#", "not": {"minLength": 1}"#), rejected),
        (object(""), object(r#", "x-kubernetes-embedded-resource": true"#), Some((Breaking, Rejected))),
        (object(r#", "x-kubernetes-embedded-resource": true"#), object(""), Some((Risky, Pruned))),
        (object(""), object(r#", "x-kubernetes-map-type": "atomic""#), Some((Risky, Handled))),
    ] {
        assert_eq!(of_field(&old, &new), expected, "{old} to {new}");
    }
}

#[test]
fn each_change_of_a_definition_has_its_effect() {
    let schema =
        json!({"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string"}}}}});
    let less = json!({"type": "object", "properties": {"spec": {"type": "object"}}});
    let v1 = |more: Value| version("v1", &schema, &more);
    let v2 = |more: Value| version("v2", &schema, &more);
    let of = |old: Value, new: Value, [before, after]: [Value; 2]| {
        worst(&definition(&old, &before), &definition(&new, &after))
    };
    let plain = || [json!({}), json!({})];
    let unserved = json!({"served": false, "storage": false});
    for (found, expected) in [
        (of(json!([v1(json!({}))]), json!([v2(json!({}))]), plain()), (Breaking, Refused)),
        (
            of(json!([v1(json!({"storage": false})), v2(json!({}))]), json!([v2(json!({}))]), plain()),
            (Breaking, NotServed),
        ),
        (of(json!([v1(unserved), v2(json!({}))]), json!([v2(json!({}))]), plain()), (Risky, Refused)),
        (of(json!([v1(json!({}))]), json!([v1(json!({"served": false}))]), plain()), (Breaking, NotServed)),
        (of(json!([v1(json!({}))]), json!([v1(json!({"storage": false})), v2(json!({}))]), plain()), (Risky, Handled)),
        (
            of(
                json!([v1(json!({})), v2(json!({"storage": false}))]),
                json!([v1(json!({"storage": false})), v2(json!({}))]),
                plain(),
            ),
            (Risky, Handled),
        ),
        (
            of(
                json!([v1(json!({})), version("v2", &less, &json!({"storage": false}))]),
                json!([v1(json!({"storage": false})), version("v2", &less, &json!({}))]),
                plain(),
            ),
            (Breaking, Pruned),
        ),
        (
            of(
                json!([v1(json!({}))]),
                json!([v1(json!({"storage": false})), version("v2", &less, &json!({}))]),
                plain(),
            ),
            (Breaking, Pruned),
        ),
        (
            of(json!([v1(json!({}))]), json!([v1(json!({}))]), [json!({}), json!({"scope": "Cluster"})]),
            (Breaking, Refused),
        ),
        (
            of(
                json!([v1(json!({}))]),
                json!([v1(json!({}))]),
                [json!({}), json!({"conversion": {"strategy": "Webhook"}})],
            ),
            (Risky, Handled),
        ),
        (of(json!([v1(json!({}))]), json!([v1(json!({"subresources": {"status": {}}}))]), plain()), (Risky, Handled)),
        (
            of(json!([v1(json!({}))]), json!([v1(json!({"additionalPrinterColumns": [{"name": "A"}]}))]), plain()),
            (Safe, Kept),
        ),
    ] {
        assert_eq!(found, Some(expected));
    }
}

#[test]
fn required_top_level_fields_are_checked_in_every_update() {
    let side = |required: Value| {
        let schema = json!({"type": "object", "properties": {"spec": {"type": "object"}}, "required": required});
        definition(&json!([version("v1", &schema, &json!({}))]), &json!({}))
    };
    assert_eq!(worst(&side(json!([])), &side(json!(["spec"]))), Some((Breaking, Rejected)));
}

#[test]
fn unknown_fields_are_kept_at_one_level_and_not_below() {
    let keep = "x-kubernetes-preserve-unknown-fields";
    let inner = json!({"type": "object", "properties": {"b": {"type": "string"}}});
    let without = json!({"type": "object"});
    let outer = |inner: &Value| json!({"type": "object", keep: true, "properties": {"a": inner}});
    // `.spec.a.a.b` is removed, and only `.spec.a` keeps unknown fields.
    assert_eq!(of_field(&outer(&inner), &outer(&without)), Some((Breaking, Pruned)));
    assert_eq!(of_field(&outer(&inner), &json!({"type": "object", keep: true})), Some((Safe, Kept)));
}
