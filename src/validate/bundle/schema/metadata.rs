//! Type and metadata of a resource within another one (`x-kubernetes-embedded-resource`).
//!
//! Source: `pkg/apiserver/schema/objectmeta` of apiextensions-apiserver, and `pkg/api/validation/objectmeta.go` of
//! apimachinery.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::Value;

use super::values::{PROBLEMS, Problem};
use super::{EMBEDDED, Schema, is_true};
use crate::apis::schema;
use crate::go_json::shape::{Shape, misfits};
use crate::validate::bundle::text::{label, qualified};
use crate::yaml::{Route, Step};

static META: Shape = Shape::Kubernetes(schema::of::<ObjectMeta>);

/// The most bytes of annotations.
const ANNOTATIONS: usize = 256 << 10;

/// What the API server refuses of the resources in a value. `is_resource`: the value itself is one.
pub(super) fn problems(value: &Value, schema: &Schema, is_resource: bool) -> Vec<Problem> {
    let mut walk = Walk { steps: Vec::new(), problems: Vec::new() };
    walk.look(value, schema, is_resource || is_true(schema, EMBEDDED));
    walk.problems
}

struct Walk {
    steps: Vec<Step>,
    problems: Vec<Problem>,
}

impl Walk {
    fn report(&mut self, below: &[&str], message: impl Into<String>) {
        if self.problems.len() >= PROBLEMS {
            return;
        }
        let below = below.iter().map(|key| Step::Key((*key).to_owned()));
        let steps = self.steps.iter().cloned().chain(below).collect();
        self.problems.push(Problem { steps, message: message.into() });
    }

    fn look(&mut self, value: &Value, schema: &Schema, is_resource: bool) {
        match value {
            Value::Object(fields) => {
                if is_resource {
                    self.resource(fields);
                }
                let known = schema.get("properties");
                for (name, value) in fields {
                    let field = known.and_then(|known| known.get(name)).or_else(|| schema.get("additionalProperties"));
                    if let Some(Value::Object(field)) = field {
                        self.deeper(Step::Key(name.clone()), value, field);
                    }
                }
            }
            Value::Array(items) => {
                let Some(Value::Object(schema)) = schema.get("items") else { return };
                items.iter().enumerate().for_each(|(i, item)| self.deeper(Step::Index(i), item, schema));
            }
            _ => {}
        }
    }

    fn deeper(&mut self, step: Step, value: &Value, schema: &Schema) {
        self.steps.push(step);
        self.look(value, schema, is_true(schema, EMBEDDED));
        self.steps.pop();
    }

    fn resource(&mut self, fields: &Schema) {
        for key in ["apiVersion", "kind"] {
            match fields.get(key) {
                None => self.report(&[], format!("is a resource without {key}")),
                Some(Value::String(text)) if text.is_empty() => self.report(&[key], "is empty"),
                Some(Value::String(text)) => match key {
                    "apiVersion" if text.matches('/').count() > 1 => {
                        self.report(&[key], "is not a group and a version");
                    }
                    "kind" => {
                        if let Some(why) = label(&text.to_lowercase()) {
                            self.report(&[key], format!("cannot be a kind: {why}"));
                        }
                    }
                    _ => {}
                },
                Some(_) => self.report(&[key], "is not of the type string"),
            }
        }
        if let Some(meta) = fields.get("metadata") {
            self.metadata(meta);
        }
    }

    fn metadata(&mut self, meta: &Value) {
        let left = PROBLEMS.saturating_sub(self.problems.len());
        for misfit in misfits(meta, &META, Route::root().key("metadata")).into_iter().take(left) {
            let steps = self.steps.iter().cloned().chain(misfit.route.0).collect();
            self.problems.push(Problem { steps, message: format!("is not valid: {}", misfit.message) });
        }
        let text = |key: &str| meta.get(key).and_then(Value::as_str).unwrap_or_default();
        for key in ["name", "generateName"] {
            let is_dots = key == "name" && matches!(text(key), "." | "..");
            if text(key).contains(['/', '%']) || is_dots {
                self.report(&["metadata", key], "cannot be part of a path");
            }
        }
        let namespace = text("namespace");
        let digit_first = namespace.starts_with(|first: char| first.is_ascii_digit());
        let as_label = if digit_first { format!("a{}", &namespace[1..]) } else { namespace.to_owned() };
        if let Some(why) = label(&as_label).filter(|_| !namespace.is_empty()) {
            self.report(&["metadata", "namespace"], format!("cannot be the name of a namespace: {why}"));
        }
        if meta.get("generation").and_then(Value::as_i64).is_some_and(|generation| generation < 0) {
            self.report(&["metadata", "generation"], "is negative");
        }
        self.keys(meta);
        for finalizer in meta.get("finalizers").and_then(Value::as_array).into_iter().flatten() {
            if let Some(why) = finalizer.as_str().and_then(qualified) {
                self.report(&["metadata", "finalizers"], format!("has a name that is not valid: {why}"));
            }
        }
        for owner in meta.get("ownerReferences").and_then(Value::as_array).into_iter().flatten() {
            let lacking = ["apiVersion", "kind", "name", "uid"]
                .into_iter()
                .find(|key| owner.get(key).and_then(Value::as_str).is_none_or(str::is_empty));
            if let Some(key) = lacking {
                self.report(&["metadata", "ownerReferences"], format!("has an owner without {key}"));
            }
        }
    }

    /// Labels and annotations.
    fn keys(&mut self, meta: &Value) {
        let entries = |key: &str| meta.get(key).and_then(Value::as_object).into_iter().flatten();
        for (key, value) in entries("labels") {
            let value = value.as_str().unwrap_or_default();
            if let Some(why) = qualified(key) {
                self.report(&["metadata", "labels"], format!("has the key {key:?}, which is not valid: {why}"));
            } else if let Some(why) = Some(value).filter(|value| !value.is_empty()).and_then(qualified_name) {
                self.report(&["metadata", "labels", key], format!("cannot be the value of a label: {why}"));
            }
        }
        let mut size = 0;
        for (key, value) in entries("annotations") {
            size += key.len() + value.as_str().map_or(0, str::len);
            if let Some(why) = qualified(&key.to_lowercase()) {
                self.report(&["metadata", "annotations"], format!("has the key {key:?}, which is not valid: {why}"));
            }
        }
        if size > ANNOTATIONS {
            self.report(&["metadata", "annotations"], format!("has more than {ANNOTATIONS} bytes"));
        }
    }
}

/// Why text is not the name of a label or its value, which have no prefix.
fn qualified_name(text: &str) -> Option<String> {
    if text.contains('/') { Some("`/` is not allowed".to_owned()) } else { qualified(text) }
}
