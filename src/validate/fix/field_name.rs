//! Misspelt fields of a catalog's blobs.

use serde_json::Value;

use super::{Fix, Replacement, Seen};
use crate::catalog;

pub(super) static FIX: Fix = Fix { rule: "field-name", find };

fn find(seen: &Seen<'_, '_>) -> Option<Replacement> {
    let meant = catalog::misspelt(seen.document.value, &seen.route)?;
    let value = seen.route.find(seen.document.value)?;
    fits(meant, value).then(|| Replacement::Key(seen.route.clone(), meant.to_owned()))
}

/// Whether a field may have a value: nothing that was passed over may become an error.
fn fits(field: &str, value: &Value) -> bool {
    match field {
        "skips" => value.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
        "entries" | "properties" | "relatedImages" | "value" | "icon" | "reference" => false,
        _ => value.is_string(),
    }
}
