//! Annotations that OLM reads, in the wrong case.

use super::{Fix, Replacement, Seen};
use crate::validate::bundle::known_annotation;
use crate::yaml::{Route, Step};

pub(super) static FIX: Fix = Fix { rule: "annotation-case", find };

fn find(seen: &Seen<'_, '_>) -> Option<Replacement> {
    let (Step::Key(found), above) = seen.route.0.split_last()? else { return None };
    let annotations = Route(above.to_vec()).find(seen.document.value)?.as_object()?;
    let meant = known_annotation(found)?;
    // Where both are there, one of them must go.
    (annotations.contains_key(found) && !annotations.contains_key(meant))
        .then(|| Replacement::Key(seen.route.clone(), meant.to_owned()))
}
