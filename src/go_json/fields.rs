//! The fields of a blob, read from a JSON object as Go's `encoding/json` does: names match in any case, null is the
//! empty value, unknown fields are ignored. Misfits are reported with their routes.

use serde_json::{Map, Value};

use crate::yaml::Route;

/// A value that its field does not accept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Misfit {
    pub(crate) route: Route,
    pub(crate) message: String,
}

/// An object whose fields are read one by one.
pub(crate) struct Fields {
    map: Map<String, Value>,
    route: Route,
}

impl Fields {
    pub(crate) fn new(value: Value, route: Route) -> Result<Self, Misfit> {
        match value {
            Value::Object(map) => Ok(Self { map, route }),
            Value::Null => Ok(Self { map: Map::new(), route }),
            other => Err(misfit(route, "a mapping", &other)),
        }
    }

    pub(crate) fn route(&self, name: &str) -> Route {
        self.route.clone().key(name)
    }

    /// The field's value; null if it does not exist.
    pub(crate) fn value(&mut self, name: &str) -> Value {
        if let Some(value) = self.map.remove(name) {
            return value;
        }
        let folded = self.map.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned();
        folded.and_then(|key| self.map.remove(&key)).unwrap_or(Value::Null)
    }

    /// The fields that were not read.
    pub(crate) fn rest(self) -> Map<String, Value> {
        self.map
    }

    pub(crate) fn string(&mut self, name: &str) -> Result<String, Misfit> {
        string(self.value(name), self.route(name))
    }

    /// A list, each item made by `make`.
    pub(crate) fn list<T>(
        &mut self,
        name: &str,
        make: impl Fn(Value, Route) -> Result<T, Misfit>,
    ) -> Result<Vec<T>, Misfit> {
        let route = self.route(name);
        match self.value(name) {
            Value::Null => Ok(Vec::new()),
            Value::Array(list) => {
                list.into_iter().enumerate().map(|(i, item)| make(item, route.clone().index(i))).collect()
            }
            other => Err(misfit(route, "a list", &other)),
        }
    }
}

pub(crate) fn string(value: Value, route: Route) -> Result<String, Misfit> {
    match value {
        Value::String(text) => Ok(text),
        Value::Null => Ok(String::new()),
        other => Err(misfit(route, "a string", &other)),
    }
}

pub(crate) fn misfit(route: Route, wanted: &str, found: &Value) -> Misfit {
    let text = wanted == "a string";
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) if text => "a boolean (in YAML 1.1, y, yes, on and the like are booleans; quote it)",
        Value::Bool(_) => "a boolean",
        Value::Number(_) if text => "a number (quote it)",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    };
    Misfit { message: format!("{route} must be {wanted}, not {found}"), route }
}
