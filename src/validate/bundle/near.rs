//! Misspelt names of fields in a value of a [`Shape`]. Programs that read the value ignore them.

use serde_json::{Map, Value};

use crate::catalog::meant;
use crate::go_json::shape::{Field, Shape};
use crate::yaml::{Route, Step};

/// A field that was probably meant to be another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Near {
    /// The way to its key.
    pub(crate) route: Route,
    /// Its name.
    pub(crate) found: String,
    /// The name that was meant.
    pub(crate) meant: String,
}

/// More than that are not reported.
const MOST: usize = 100;

/// The misspelt fields of a value. Upper and lower case are the same, as for Go.
pub(crate) fn near_misses(value: &Value, shape: &Shape) -> Vec<Near> {
    let mut walk = Walk { route: Route::root(), found: Vec::new() };
    walk.shape(value, shape);
    walk.found
}

struct Walk {
    route: Route,
    found: Vec<Near>,
}

impl Walk {
    fn shape(&mut self, value: &Value, shape: &Shape) {
        match (shape, value) {
            (Shape::List(item), Value::Array(items)) => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(i, value)| self.within(Step::Index(i), |walk| walk.shape(value, item)));
            }
            (Shape::Map(item), Value::Object(map)) => {
                map.iter().for_each(|(key, value)| {
                    self.within(Step::Key(key.clone()), |walk| walk.shape(value, item));
                });
            }
            (Shape::Struct(fields), Value::Object(map)) => self.fields(map, fields),
            (Shape::Kubernetes(schema), _) => {
                let schema = schema();
                let defs = schema.get("$defs").and_then(Value::as_object);
                self.schema(value, &schema, defs);
            }
            _ => {}
        }
    }

    fn fields(&mut self, map: &Map<String, Value>, fields: &'static [Field]) {
        for (key, value) in map {
            match fields.iter().find(|field| field.name.eq_ignore_ascii_case(key)) {
                Some(field) => self.within(Step::Key(key.clone()), |walk| walk.shape(value, &field.shape)),
                None => self.unknown(key, || fields.iter().map(|field| field.name).collect()),
            }
        }
    }

    /// A value of a type of Kubernetes.
    fn schema(&mut self, value: &Value, schema: &Value, defs: Option<&Map<String, Value>>) {
        let Some(schema) = resolve(schema, defs).filter(|_| self.found.len() < MOST) else { return };
        let alternatives = ["oneOf", "anyOf"].iter().find_map(|keyword| schema.get(*keyword)?.as_array());
        if let Some(alternatives) = alternatives {
            let keyword = if value.is_array() { "items" } else { "properties" };
            let fits = |schema: &&Value| resolve(schema, defs).is_some_and(|schema| schema.get(keyword).is_some());
            alternatives.iter().find(fits).into_iter().for_each(|schema| self.schema(value, schema, defs));
            return;
        }
        match value {
            Value::Array(items) => {
                let Some(schema) = schema.get("items") else { return };
                items.iter().enumerate().for_each(|(i, item)| {
                    self.within(Step::Index(i), |walk| walk.schema(item, schema, defs));
                });
            }
            Value::Object(map) => {
                let known = schema.get("properties").and_then(Value::as_object);
                let rest = schema.get("additionalProperties").filter(|rest| rest.is_object());
                for (key, value) in map {
                    let field = known.and_then(|known| {
                        let folded =
                            || known.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, field)| field);
                        known.get(key).or_else(folded)
                    });
                    match (field.or(rest), known) {
                        (Some(schema), _) => {
                            self.within(Step::Key(key.clone()), |walk| walk.schema(value, schema, defs));
                        }
                        (None, Some(known)) => self.unknown(key, || known.keys().map(String::as_str).collect()),
                        (None, None) => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn unknown<'f>(&mut self, key: &str, fields: impl FnOnce() -> Vec<&'f str>) {
        if self.found.len() < MOST
            && let Some(meant) = meant(key, &fields())
        {
            let route = self.route.clone().name(key);
            self.found.push(Near { route, found: key.to_owned(), meant: meant.to_owned() });
        }
    }

    fn within(&mut self, step: Step, look: impl FnOnce(&mut Self)) {
        self.route.0.push(step);
        look(self);
        self.route.0.pop();
    }
}

/// The schema that a reference means. None where it is of any value.
fn resolve<'s>(schema: &'s Value, defs: Option<&'s Map<String, Value>>) -> Option<&'s Value> {
    match schema.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix("#/$defs/")) {
        Some(name) if name.ends_with(".JSON") => None,
        Some(name) => defs?.get(name),
        None => Some(schema),
    }
}
