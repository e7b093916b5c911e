//! Checks the examples of a release against its CRDs.

use serde_json::Value;

use super::crds::Crd;
use super::{Misfits, misfit};
use crate::operator::{Check, Defined, Misfit, rule};
use crate::yaml::Route;

/// Finds the places in the examples that do not match their CRDs.
pub(super) fn check(defined: &Defined, crds: &[Crd], misfits: &mut Misfits) {
    for (i, example) in defined.definition.examples.iter().enumerate() {
        let route = Route::root().key("examples").index(i);
        let (group, version) = example.group_version();
        let of_kind = |crd: &&Crd| crd.crd.spec.group == group && crd.crd.spec.names.kind == example.kind();
        let crd = crds.iter().find(of_kind);
        let served = crd.and_then(|crd| crd.crd.spec.versions.iter().find(|v| v.name == version && v.served));
        let Some(served) = served else {
            let message = format!("no CRD defines {} {group}/{version}", example.kind());
            misfits.push((rule::EXAMPLE, misfit(route, message)));
            continue;
        };
        let schema = served.schema.as_ref().and_then(|schema| schema.open_api_v3_schema.as_ref());
        let Some(Ok(schema)) = schema.map(serde_json::to_value) else { continue };
        match Check::of_crd(schema) {
            Ok(check) => {
                let wrong = check.misfits(&Value::Object(example.0.clone()));
                let placed = |wrong: Misfit| Misfit { route: route.clone().join(&wrong.route), ..wrong };
                misfits.extend(wrong.into_iter().map(|wrong| (rule::EXAMPLE, placed(wrong))));
            }
            Err(message) => {
                misfits.push((rule::CRDS, misfit(route, format!("its CRD has no valid schema: {message}"))))
            }
        }
    }
}
