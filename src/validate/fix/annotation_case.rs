//! Annotations that OLM reads, in the wrong case.

use serde_json::Value;

use super::{Fix, Replacement};
use crate::validate::bundle::known_annotation;
use crate::yaml::{Route, Step};

pub(super) static FIX: Fix = Fix { rule: "annotation-case", find };

fn find(document: &Value, route: &Route) -> Option<Replacement> {
    let (Step::Key(found), above) = route.0.split_last()? else { return None };
    let annotations = Route(above.to_vec()).find(document)?.as_object()?;
    let meant = known_annotation(found)?;
    // Where both are there, one of them must go.
    (annotations.contains_key(found) && !annotations.contains_key(meant)).then(|| Replacement::Key(meant.to_owned()))
}
