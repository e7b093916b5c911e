//! Examples that do not match their CRD.

use std::collections::BTreeMap;

use serde_json::Value;

use super::prelude::*;
use crate::bundle::Gvk;
use crate::operator::Check;
use crate::validate::bundle::apis::is_v1beta1;
use crate::validate::bundle::examples;
use crate::validate::bundle::schema::check as schema_misfits;

pub(super) static RULE: Rule = Rule {
    id: "example-invalid",
    level: Level::Warning,
    sets: &[],
    summary: "An example does not match the schema of its CRD",
    docs: r#"
## What it does
Reports examples in the annotation `alm-examples` with values that the schema of their CRD rejects, and with fields that
it does not have.

## Why is this bad?
Users who start from the example get an error from the API server, or silently lose the field: it is pruned.

## Example
```yaml
kind: ClusterServiceVersion
metadata:
  annotations:
    alm-examples: |
      [{"apiVersion": "demo.example.com/v1", "kind": "Widget", "spec": {"size": "large"}}]
```

Use instead:
```yaml
kind: ClusterServiceVersion
metadata:
  annotations:
    alm-examples: |
      [{"apiVersion": "demo.example.com/v1", "kind": "Widget", "spec": {"size": 3}}]
```

## References
- [Annotations of a ClusterServiceVersion](https://sdk.operatorframework.io/docs/olm-integration/generation/#csv-fields)
- [Kubernetes: structural schemas](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema)
"#,
    check,
};

/// How many defaults are set in the examples of a bundle. A large default in many items is nothing that anybody
/// intends.
const DEFAULTS: usize = 1 << 20;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(annotation) = examples::annotation(context) else { return };
    let mut left = DEFAULTS;
    let mut schemas: BTreeMap<Gvk, Option<(&Value, Check)>> = BTreeMap::new();
    for (i, example) in examples::values(&annotation).iter().enumerate() {
        let api = examples::api(example);
        let Some((schema, check)) = schemas.entry(api).or_insert_with_key(|api| schema(context, api)) else { continue };
        let mut example = without_nulls(example.clone());
        if set_defaults(&mut example, schema, &mut left).is_none() {
            return;
        }
        for misfit in check.misfits(&example) {
            let what = format!("{} (number {})", example["kind"].as_str().unwrap_or_default(), i + 1);
            let message = format!("the example of {what} does not match its CRD: {}: {}", misfit.route, misfit.message);
            let help = misfit.help.unwrap_or_else(|| "correct the example, or the schema of the CRD".to_owned());
            findings.push(RULE.finding(annotation.place(), message).help(help));
        }
    }
}

/// The schema of an API, if a CRD of the bundle has one that can be compiled. `crd-schema` reports others.
fn schema<'c>(context: &'c Context<'_>, api: &Gvk) -> Option<(&'c Value, Check)> {
    let of_kind = |crd: &Node<'_>| crd.at("spec.group").text() == api.group && crd.at("spec.names.kind").text() == api.kind;
    let crd = context.crds().find(|crd| !is_v1beta1(crd) && of_kind(crd))?;
    let version = crd.at("spec.versions").items().find(|version| version.get("name").text() == api.version)?;
    let schema = version.at("schema.openAPIV3Schema");
    // An invalid schema cannot be interpreted.
    if !schema_misfits(schema.value, &schema.route).is_empty() {
        return None;
    }
    let mut checked = schema.value.clone();
    only_structure(&mut checked);
    Some((schema.value, Check::of_crd(checked).ok()?))
}

/// Applies the defaults that the API server sets before it checks a resource. `left` is how many values can still be
/// set; `None` if there are too many.
fn set_defaults(value: &mut Value, schema: &Value, left: &mut usize) -> Option<()> {
    match value {
        Value::Object(fields) => {
            let known = schema.get("properties").and_then(Value::as_object);
            for (name, field) in known.into_iter().flatten() {
                let default = field.get("default").filter(|default| !default.is_null());
                if let Some(default) = default.filter(|_| !fields.contains_key(name)) {
                    *left = left.checked_sub(size(default))?;
                    fields.insert(name.clone(), default.clone());
                }
            }
            for (name, value) in fields {
                let field = known.and_then(|known| known.get(name)).or_else(|| schema.get("additionalProperties"));
                field.map_or(Some(()), |field| set_defaults(value, field, left))?;
            }
            Some(())
        }
        Value::Array(items) => {
            let Some(schema) = schema.get("items") else { return Some(()) };
            items.iter_mut().try_for_each(|item| set_defaults(item, schema, left))
        }
        _ => Some(()),
    }
}

/// The number of values in a value.
fn size(value: &Value) -> usize {
    match value {
        Value::Object(fields) => 1 + fields.values().map(size).sum::<usize>(),
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        _ => 1,
    }
}

/// Omits keywords that only restrict values: the fields in them are not new ones, but would be treated as such.
fn only_structure(schema: &mut Value) {
    let Value::Object(schema) = schema else { return };
    ["allOf", "anyOf", "not", "oneOf"].iter().for_each(|keyword| drop(schema.remove(*keyword)));
    if schema.get("pattern").and_then(Value::as_str).is_some_and(is_for_go) {
        schema.remove("pattern");
    }
    schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten().for_each(|(_, field)| only_structure(field));
    for keyword in ["items", "additionalProperties"] {
        schema.get_mut(keyword).into_iter().for_each(only_structure);
    }
}

/// Whether a pattern uses Go syntax that the regular expressions of JSON Schema lack or interpret differently.
fn is_for_go(pattern: &str) -> bool {
    let flags = || pattern.match_indices("(?").any(|(at, _)| !pattern[at + 2..].starts_with(':'));
    ["[:", r"\A", r"\C", r"\Q", r"\a", r"\p", r"\P", r"\x{", r"\z"].iter().any(|go| pattern.contains(go)) || flags()
}

/// The API server drops fields that are null.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}
