//! Misspelt fields of a catalog's blobs.

use serde_json::Value;

use super::{Fix, Replacement};
use crate::catalog;
use crate::yaml::Route;

pub(super) static FIX: Fix = Fix { rule: "field-name", find };

fn find(document: &Value, route: &Route) -> Option<Replacement> {
    let meant = catalog::misspelt(document, route)?;
    let value = route.find(document)?;
    fits(meant, value).then(|| Replacement::Key(meant.to_owned()))
}

/// Whether a field may have a value: nothing that was passed over may become an error.
fn fits(field: &str, value: &Value) -> bool {
    match field {
        "skips" => value.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
        "entries" | "properties" | "relatedImages" => false,
        "value" | "icon" | "reference" => false,
        _ => value.is_string(),
    }
}
