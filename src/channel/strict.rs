//! Strict reading of templates: names in any case, as in Go, and no unknown fields. All problems are collected.

use std::collections::BTreeMap;

use serde_json::Value;

use super::rule;
use crate::catalog::Origin;
use crate::diagnostic::Finding;
use crate::go_json::fields::{Misfit, misfit};
use crate::yaml::Route;

/// Reads values and collects their problems.
pub(super) struct Reader<'f> {
    pub(super) origin: Origin,
    pub(super) findings: &'f mut Vec<Finding>,
}

impl Reader<'_> {
    pub(super) fn error(&mut self, route: Route, message: impl Into<String>) -> &mut Finding {
        self.findings.push(Finding::error(rule::FIELD, self.origin.place(route), message));
        self.findings.last_mut().expect("one was added")
    }

    pub(super) fn misfit(&mut self, misfit: Misfit) {
        self.error(misfit.route, misfit.message);
    }

    /// The fields of a mapping by their known names. Null is an empty mapping.
    pub(super) fn fields(
        &mut self,
        value: Value,
        route: &Route,
        known: &[&'static str],
    ) -> BTreeMap<&'static str, Value> {
        let map = match value {
            Value::Object(map) => map,
            Value::Null => return BTreeMap::new(),
            other => {
                self.misfit(misfit(route.clone(), "a mapping", &other));
                return BTreeMap::new();
            }
        };
        let mut fields = BTreeMap::new();
        for (key, value) in map {
            match known.iter().find(|name| name.eq_ignore_ascii_case(&key)) {
                Some(name) => drop(fields.insert(*name, value)),
                None => {
                    let message = format!("unknown field `{key}`");
                    let help = format!("known fields: {}", known.join(", "));
                    self.error(route.clone().name(key), message).help = Some(help);
                }
            }
        }
        fields
    }

    pub(super) fn boolean(&mut self, value: Option<Value>, route: Route) -> bool {
        match value {
            None | Some(Value::Null) => false,
            Some(Value::Bool(set)) => set,
            Some(other) => {
                self.misfit(misfit(route, "true or false", &other));
                false
            }
        }
    }

    pub(super) fn text(&mut self, value: Option<Value>, route: Route) -> String {
        let read = crate::go_json::fields::string(value.unwrap_or_default(), route);
        read.unwrap_or_else(|misfit| {
            self.misfit(misfit);
            String::new()
        })
    }

    pub(super) fn list(&mut self, value: Option<Value>, route: Route) -> Vec<Value> {
        match value {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(list)) => list,
            Some(other) => {
                self.misfit(misfit(route, "a list", &other));
                Vec::new()
            }
        }
    }
}
