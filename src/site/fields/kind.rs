//! The types of fields in words.

use serde_json::Value;

/// A step into a field's value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// To the items of a list.
    Item,
    /// To the values of a mapping.
    Value,
}

impl Step {
    /// Its form in a field's name.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Item => "[]",
            Self::Value => "{}",
        }
    }

    /// Its form in an `id`. No name contains it.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Item => ".*",
            Self::Value => ".~",
        }
    }
}

/// The maximum depth of nested lists and mappings.
const DEEPEST: usize = 8;

/// The schema of the innermost items or values of lists and mappings, and the steps to it.
pub(super) fn inner(schema: &Value) -> (&Value, Vec<Step>) {
    let (mut inner, mut steps) = (schema, Vec::new());
    while steps.len() < DEEPEST {
        let (next, step) = match (&inner["items"], &inner["additionalProperties"]) {
            (next @ Value::Object(_), _) => (next, Step::Item),
            (_, next @ Value::Object(_)) => (next, Step::Value),
            _ => break,
        };
        inner = next;
        steps.push(step);
    }
    (inner, steps)
}

/// The type: `[]string`, `map of integer (int64)`, `integer or string`.
pub(super) fn name(schema: &Value) -> String {
    let (inner, steps) = inner(schema);
    let words = steps.iter().map(|step| match step {
        Step::Item => "[]",
        Step::Value => "map of ",
    });
    let mut name: String = words.collect();
    match inner["type"].as_str() {
        _ if inner["x-kubernetes-int-or-string"] == true => name.push_str("integer or string"),
        Some(kind) => name.push_str(kind),
        None => name.push_str("any"),
    }
    if let Some(format) = inner["format"].as_str() {
        name.push_str(&format!(" ({format})"));
    }
    name
}
