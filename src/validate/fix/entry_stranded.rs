//! An entry that replaces what it skips, and so strands what that replaces; and entries that another one passes over,
//! and does not skip.
//!
//! `replaces: demo.v1.1.0` with `skips: [demo.v1.1.0]` is to replace what `demo.v1.1.0` replaces: so a version is skipped in OLM's
//! documentation, <https://olm.operatorframework.io/docs/concepts/olm-architecture/operator-catalog/creating-an-update-graph/#skips>.

use serde_json::Value;

use super::{Fix, Replacement, Seen};
use crate::diagnostic::Spot;
use crate::yaml::{Route, Step, field};

pub(super) static FIX: Fix = Fix { rule: "entry-stranded", find };

fn find(seen: &Seen<'_, '_>) -> Option<Replacement> {
    replaces(seen).or_else(|| seen.additions())
}

fn replaces(seen: &Seen<'_, '_>) -> Option<Replacement> {
    let stranded = seen.text()?;
    // The finding says where the way ends that should lead here.
    let end = &seen.finding.related.first()?.place;
    let Spot::Value { route, .. } = &end.spot else { return None };
    let (Step::Key(key), above) = route.0.split_last().filter(|_| end.file == seen.finding.place.file)? else {
        return None;
    };
    let entry = Route(above.to_vec()).find(seen.document.value)?;
    let replaced = field(entry, key).filter(|_| key == "replaces")?.as_str()?;
    let skips = field(entry, "skips")?.as_array()?;
    let next = field(seen.document.entry(replaced)?, "replaces").and_then(Value::as_str)?;
    (next == stranded && skips.iter().any(|skipped| skipped == replaced))
        .then(|| Replacement::Value(route.clone(), stranded.to_owned()))
}
