//! The defaults of a schema, as the API server judges them when it creates the CRD: each is held against the whole
//! schema of its field.
//!
//! Source: `pkg/apiserver/schema/defaulting/validation.go` of apiextensions-apiserver. CEL rules are left out, which
//! need Go's own engine.

use serde_json::{Map, Value, json};

use super::values::{Judge, PROBLEMS, Problem, shown};
use super::{EMBEDDED, Misfit, PRESERVE, STEPS, Schema, is_true, metadata};
use crate::yaml::{Route, Step};

const DEFAULT: &str = "default";

/// The fields of each resource.
const META: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// Every default in the schema of a version that the API server refuses.
pub(in crate::validate::bundle) fn check(schema: &Value, route: &Route, judge: &mut Judge) -> Vec<Misfit> {
    let mut walk = Walk { base: route, steps: Vec::new(), misfits: Vec::new(), left: STEPS, judge };
    if let Value::Object(schema) = schema {
        walk.look(schema, &Inside { resource: Some(schema), depth: 0, is_meta: false });
    }
    walk.misfits
}

struct Walk<'w> {
    base: &'w Route,
    /// The way to the schema.
    steps: Vec<Step>,
    misfits: Vec<Misfit>,
    /// How many steps may still be reported.
    left: usize,
    judge: &'w mut Judge,
}

/// The resource that a schema is in.
#[derive(Clone, Copy)]
struct Inside<'s> {
    /// Its schema.
    resource: Option<&'s Schema>,
    /// How many steps its schema is below the root.
    depth: usize,
    /// Whether the schema is that of its type or metadata, or in them.
    is_meta: bool,
}

impl Walk<'_> {
    fn look<'s>(&mut self, schema: &'s Schema, inside: &Inside<'s>) {
        if !self.judge.spend(1) {
            return;
        }
        self.embedded(schema, inside.is_meta);
        let is_root = self.steps.is_empty();
        let is_resource = is_root || is_true(schema, EMBEDDED);
        let inside = match is_resource {
            true => Inside { resource: Some(schema), depth: self.steps.len(), is_meta: false },
            false => *inside,
        };
        if let Some(default) = schema.get("default").filter(|default| !default.is_null()) {
            self.judge(default, schema, &inside);
        }
        if let Some(Value::Object(items)) = schema.get("items") {
            self.within([Step::Key("items".into())], |walk| walk.look(items, &inside));
        }
        for (name, field) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let Value::Object(field) = field else { continue };
            let is_meta = is_resource && META.contains(&name.as_str());
            let steps = [Step::Key("properties".into()), Step::Key(name.clone())];
            match is_meta && is_root {
                true => self.within(steps, |walk| walk.forbidden(name, field, true)),
                false => {
                    let inside = Inside { is_meta: inside.is_meta || is_meta, ..inside };
                    self.within(steps, |walk| walk.look(field, &inside));
                }
            }
        }
        // No other default is looked at below `additionalProperties`.
        if let Some(Value::Object(rest)) = schema.get("additionalProperties").filter(|_| inside.is_meta) {
            self.within([Step::Key("additionalProperties".into())], |walk| walk.forbidden("metadata", rest, false));
        }
    }

    /// Reports a resource within the metadata of another one.
    fn embedded(&mut self, schema: &Schema, is_meta: bool) {
        if is_meta && is_true(schema, EMBEDDED) {
            self.report(EMBEDDED, &[], format!("{EMBEDDED} is not allowed in the metadata of a resource"), "remove it");
        }
    }

    fn within<const N: usize>(&mut self, steps: [Step; N], look: impl FnOnce(&mut Self)) {
        self.steps.extend(steps);
        look(self);
        self.steps.truncate(self.steps.len() - N);
    }

    /// Reports each default below a field of the resource itself. That of the field is reported elsewhere.
    fn forbidden(&mut self, name: &str, schema: &Schema, is_field: bool) {
        if !self.judge.spend(1) {
            return;
        }
        self.embedded(schema, true);
        if !is_field && schema.get("default").is_some_and(|default| !default.is_null()) {
            self.report(DEFAULT, &[], format!("a field of {name} cannot have a default"), "remove it");
        }
        for keyword in ["items", "additionalProperties"] {
            if let Some(Value::Object(inner)) = schema.get(keyword) {
                self.within([Step::Key(keyword.into())], |walk| walk.forbidden(name, inner, false));
            }
        }
        for (key, field) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let Value::Object(field) = field else { continue };
            let steps = [Step::Key("properties".into()), Step::Key(key.clone())];
            self.within(steps, |walk| walk.forbidden(name, field, false));
        }
    }

    fn judge(&mut self, default: &Value, schema: &Schema, inside: &Inside<'_>) {
        if inside.is_meta {
            return self.judge_meta(default, schema, inside);
        }
        let is_resource = inside.depth == self.steps.len();
        let unknown = self.unknown(default, schema, is_resource);
        self.problems(default, unknown);
        let metadata = metadata::problems(default, schema, is_resource);
        if metadata.is_empty() {
            let found = self.judge.problems(default, schema).unwrap_or_default();
            self.problems(default, found);
        } else {
            self.problems(default, metadata);
        }
    }

    /// Judges a default within the metadata of a resource: the resource that it results in must be valid.
    fn judge_meta(&mut self, default: &Value, schema: &Schema, inside: &Inside<'_>) {
        let Some(resource) = inside.resource else { return };
        let mut value = default.clone();
        for step in below(&self.steps[inside.depth..]).rev() {
            value = match step {
                Some(name) => Value::Object(Map::from_iter([(name.to_owned(), value)])),
                None => Value::Array(vec![value]),
            };
        }
        if let Value::Object(fields) = &mut value {
            fields.entry("kind").or_insert_with(|| json!("Validation"));
            fields.entry("apiVersion").or_insert_with(|| json!("validation/v1"));
        }
        match metadata::problems(&value, resource, true).into_iter().next() {
            Some(problem) => {
                let message = format!("the default {} does not result in valid metadata: it", shown(default));
                self.report(DEFAULT, &[], format!("{message} {}", problem.message), "correct it, or remove it");
            }
            None => {
                let found = self.judge.problems(default, schema).unwrap_or_default();
                self.problems(default, found);
            }
        }
    }

    fn problems(&mut self, default: &Value, problems: Vec<Problem>) {
        for Problem { steps, message } in problems {
            let value = Route(steps.clone()).find(default).unwrap_or(&Value::Null);
            let message = match steps.last() {
                None => format!("the default {} {message}", shown(default)),
                Some(Step::Index(_)) => format!("{} in the default {message}", shown(value)),
                Some(Step::Key(name) | Step::Name(name)) => format!("{name} in the default {message}"),
            };
            self.report(DEFAULT, &steps, message, "correct the default, or the schema");
        }
    }

    fn report(&mut self, keyword: &str, steps: &[Step], message: String, help: &'static str) {
        // The ways to all that is reported are bounded, as in a schema of thousands of levels.
        if let Some(left) = self.left.checked_sub(self.steps.len() + steps.len()) {
            self.left = left;
            let route = self.base.clone().join(&Route(self.steps.clone())).key(keyword).join(&Route(steps.to_vec()));
            self.misfits.push(Misfit { route, message, help });
        }
    }

    /// The fields of a default that the schema does not have: they would be pruned.
    fn unknown(&mut self, default: &Value, schema: &Schema, is_resource: bool) -> Vec<Problem> {
        let mut found = Vec::new();
        let pruned = Pruned { is_skipped: false, is_resource };
        self.prune(default, Some(schema), pruned, &mut Vec::new(), &mut found);
        found
    }

    fn prune(
        &mut self,
        value: &Value,
        schema: Option<&Schema>,
        pruned: Pruned,
        steps: &mut Vec<Step>,
        found: &mut Vec<Problem>,
    ) {
        if !self.judge.spend(1) {
            return;
        }
        let is_resource = pruned.is_resource || schema.is_some_and(|schema| is_true(schema, EMBEDDED));
        let is_skipped = pruned.is_skipped || schema.is_some_and(|schema| is_true(schema, PRESERVE));
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    if is_resource && META.contains(&name.as_str()) {
                        continue;
                    }
                    let known = schema.and_then(|schema| schema.get("properties")).and_then(|known| known.get(name));
                    let rest = schema.and_then(|schema| schema.get("additionalProperties"));
                    let inner = known.or_else(|| rest.filter(|rest| !rest.is_null()));
                    match inner {
                        Some(inner) => {
                            steps.push(Step::Key(name.clone()));
                            self.prune(value, inner.as_object(), Pruned::default(), steps, found);
                            steps.pop();
                        }
                        None if is_skipped || found.len() >= PROBLEMS => {}
                        None => {
                            let message = format!("has the field {name}, which the schema does not have");
                            found.push(Problem { steps: steps.clone(), message });
                        }
                    }
                }
            }
            Value::Array(items) => {
                let schema = schema.and_then(|schema| schema.get("items")).and_then(Value::as_object);
                // Below a list whose unknown fields are kept, what has no schema is kept too.
                if is_skipped && schema.is_none() {
                    return;
                }
                for (i, item) in items.iter().enumerate() {
                    steps.push(Step::Index(i));
                    self.prune(item, schema, Pruned { is_skipped, is_resource: false }, steps, found);
                    steps.pop();
                }
            }
            _ => {}
        }
    }
}

/// How fields are pruned that the schema does not have.
#[derive(Clone, Copy, Default)]
struct Pruned {
    /// They are kept.
    is_skipped: bool,
    /// The value is a resource, whose type and metadata are known.
    is_resource: bool,
}

/// The way in a value that a way in its schema leads: the names of fields, and none for an item.
fn below(steps: &[Step]) -> impl DoubleEndedIterator<Item = Option<&str>> {
    let mut ways = Vec::new();
    let mut rest = steps.iter();
    while let Some(Step::Key(keyword)) = rest.next() {
        match keyword.as_str() {
            "properties" => {
                let Some(Step::Key(name)) = rest.next() else { break };
                ways.push(Some(name.as_str()));
            }
            _ => ways.push(None),
        }
    }
    ways.into_iter()
}
