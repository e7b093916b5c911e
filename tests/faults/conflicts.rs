//! Somebody else writes objects that the installer writes or reads.

use std::time::Duration;

use kube::ResourceExt as _;
use kube::api::{Patch, PatchParams};
use libtest_mimic::Failed;
use olm_catalog::install::api::{InstallPlan, Subscription};
use serde_json::{Value, json};

use super::proxy::Fault;
use super::{DBAAS, NEW, OLD, Outcome, Place, State, WAIT, equal};

/// A field that somebody took over is left to them, with a message, or is taken back if requested.
pub(crate) fn a_field_of_somebody_else(state: &State) -> Outcome {
    let place = state.place("edited");
    place.run("install", &[])?.with(0)?;
    let edit = Patch::Merge(json!({"spec": {"installPlanApproval": "Automatic"}}));
    let editor = PatchParams { field_manager: Some("kubectl-edit".into()), ..PatchParams::default() };
    state.run(place.api::<Subscription>().patch(DBAAS, &editor, &edit))?;
    let said =
        [&*format!("Subscription edited/{DBAAS}"), "kubectl-edit", ".spec.installPlanApproval", "--force-conflicts"];
    place.run("install", &[])?.saying(2, &said)?;
    equal("edited", "approval", &approval(&place)?, &Some("Automatic".into()))?;
    place.run("install", &["--force-conflicts"])?.saying(0, &["changed"])?;
    equal("edited", "approval", &approval(&place)?, &Some("Manual".into()))?;
    place.run("install", &[])?.saying(0, &["nothing was changed"])
}

fn approval(place: &Place<'_>) -> Result<Option<String>, Failed> {
    let subscription = place.state.run(place.api::<Subscription>().get(DBAAS))?;
    Ok(subscription.spec.install_plan_approval)
}

/// Only a plan that was shown is approved: a plan that was changed since then is not.
pub(crate) fn a_plan_that_was_touched(state: &State) -> Outcome {
    let mut place = state.place("touched");
    place.run("install", &["--version", &format!("{DBAAS}={OLD}")])?.with(0)?;
    // Before the program reads.
    let shown = waiting(&place)?;
    touch(&place)?;
    place.run("approve", &["--plan", &shown])?.saying(2, &[&shown, "no InstallPlan waits in the state"])?;
    // Between its read and its write.
    let proxy = state.proxy(Fault::Hold("PATCH"))?;
    place.kubeconfig = state.cluster.kubeconfig_with("touched", Some(&proxy.plain()), None)?;
    let program = place.start("approve", &["--plan", &waiting(&place)?])?;
    let held = proxy.held(Duration::from_secs(30))?;
    touch(&place)?;
    drop(held);
    program.ends(WAIT)?.saying(2, &["is not what was shown any more", "not approved"])?;
    place.nothing_half_approved(&[place.bundles(OLD)])?;
    place.is_installed(OLD, 1)?;
    place.kubeconfig = state.cluster.kubeconfig().into();
    place.run("approve", &["--plan", &waiting(&place)?])?.with(0)?;
    place.is_installed(NEW, 2)
}

/// The pending plan, as `upgrades` shows it.
pub(super) fn waiting(place: &Place<'_>) -> Result<String, Failed> {
    super::eventually(|| {
        let mut direct = place.state.place(&place.name);
        direct.kubeconfig = place.state.cluster.kubeconfig().into();
        let ended = direct.run("upgrades", &["-o", "json"])?;
        ended.with(0)?;
        // Without the times and its first line, which is the command.
        let json: String = ended.text.lines().skip(1).map(|line| line.get(9..).unwrap_or_default()).collect();
        let upgrades: Value = serde_json::from_str(&json)?;
        let text = |field: &str| upgrades[0][field].as_str().map(str::to_owned);
        Ok(match (text("plan"), text("resourceVersion")) {
            (Some(plan), Some(version)) => Ok(format!("{plan}@{version}")),
            _ => Err("no upgrade waits".to_owned()),
        })
    })
}

fn touch(place: &Place<'_>) -> Outcome {
    let touched =
        Patch::Merge(json!({"metadata": {"annotations": {"touched": format!("{:?}", std::time::Instant::now())}}}));
    for plan in place.list::<InstallPlan>()?.iter().filter(|plan| !plan.spec.approved) {
        place.state.run(place.api::<InstallPlan>().patch(&plan.name_any(), &PatchParams::default(), &touched))?;
    }
    Ok(())
}
