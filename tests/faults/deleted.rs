//! Somebody deletes the installer's objects while it works.

use std::thread::sleep;
use std::time::Duration;

use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, ResourceExt as _};
use olm_catalog::install::api::{CatalogSource, InstallPlan, Subscription};

use super::proxy::Fault;
use super::{DBAAS, NEW, Outcome, Place, State, WAIT, at_the_same_time, eventually};

/// The object that is deleted after a line with this text.
const CASES: [(&str, &str); 6] = [
    ("catalog", "created    CatalogSource"),
    ("namespace-early", "created    CatalogSource"),
    ("catalog-late", "created    Subscription"),
    ("subscription", "approved"),
    ("plan", "approved"),
    ("namespace", "approved"),
];

/// All of them at the same time, each in a separate namespace, while OLM does not execute plans.
pub(crate) fn by_somebody(state: &State) -> Outcome {
    at_the_same_time(CASES, |(name, line)| {
        let place = state.place(&format!("deleted-{name}"));
        place.hold_plans(true);
        let mut program = place.start("install", &["--wait", "15s"])?;
        if !program.says(line)? {
            return Err(format!("{name}: it did not say {line:?}").into());
        }
        delete(&place, name)?;
        // Its reaction is only about this.
        sleep(Duration::from_secs(2));
        place.hold_plans(false);
        let ended = program.ends(WAIT)?;
        place.nothing_half_approved(&[place.bundles(NEW)])?;
        if place.name.contains("namespace") {
            eventually(|| {
                let namespaces: Api<Namespace> = Api::all(state.cluster.client());
                let there = state.run(namespaces.get_opt(&place.name))?;
                let going = there.is_some_and(|there| there.metadata.deletion_timestamp.is_some());
                Ok(if going { Err("the namespace still goes".to_owned()) } else { Ok(()) })
            })?;
        }
        if ended.code == 0 {
            // It can end before it notices the deletion.
            place.run("install", &[])?.with(0)?;
        }
        place.finishes(&ended, "install", &[])?;
        place.is_installed(NEW, 2).map_err(|error| ended.but(&super::message(&error)))
    })
}

fn delete(place: &Place<'_>, name: &str) -> Outcome {
    if name.starts_with("subscription") {
        return place.delete::<Subscription>(DBAAS);
    }
    if name.starts_with("catalog") {
        return place.delete::<CatalogSource>(&place.name);
    }
    if name.starts_with("namespace") {
        let namespaces: Api<Namespace> = Api::all(place.state.cluster.client());
        return Ok(place.state.run(namespaces.delete(&place.name, &Default::default())).map(drop)?);
    }
    place.list::<InstallPlan>()?.iter().try_for_each(|plan| place.delete::<InstallPlan>(&plan.name_any()))
}

/// The plan is deleted between its display and its approval: another one replaces it.
pub(crate) fn a_plan_before_its_approval(state: &State) -> Outcome {
    let mut place = state.place("deleted-before");
    let proxy = state.proxy(Fault::Hold("/installplans/"))?;
    place.kubeconfig = state.cluster.kubeconfig_with("deleted-before", Some(&proxy.plain()), None)?;
    let program = place.start("install", &["--wait", "60s"])?;
    let held = proxy.held(Duration::from_secs(60))?;
    delete(&place, "plan")?;
    drop(held);
    // The next one is not delayed.
    drop(proxy.held(Duration::from_secs(60))?);
    program.ends(WAIT)?.saying(0, &["was changed in the meantime"])?;
    place.is_installed(NEW, 1)
}
