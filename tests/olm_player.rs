//! The simulation of OLM's controllers behaves as the installer's tests need: resolution, abandoned InstallPlans,
//! approval, phases, upgrades, and OLM's messages if it cannot continue.

#![allow(clippy::unwrap_used, reason = "a test")]

mod cluster;
mod common;
mod olm;
#[path = "olm_player/state.rs"]
mod state;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use cluster::{Cluster, Error, or_reason, trial};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Namespace, Pod};
use kube::api::ListParams;
use kube::{Api, ResourceExt};
use libtest_mimic::{Arguments, Completion};
use olm::{OPERATORS, Olm, Settings};
use olm_catalog::install::api::{CatalogSource, ClusterServiceVersion, OperatorGroup, PackageManifest, Subscription};
use serde_json::json;
use state::*;

type Case = fn(&State) -> Outcome;

const IMAGE: &str = "registry.example/dbaas-catalog:latest";
const OLD_IMAGE: &str = "registry.example/dbaas-catalog:old";

fn main() {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    let state = Arc::new(if arguments.list { Err("only listed".to_owned()) } else { start() });
    let cases: [(&str, Case); 10] = [
        ("it_runs_once_it_is_applied", it_runs_once_it_is_applied),
        ("a_catalog_gets_ready_with_its_packages", a_catalog_gets_ready_with_its_packages),
        ("a_missing_image_is_reported", a_missing_image_is_reported),
        ("a_later_plan_carries_all", a_later_plan_carries_all),
        ("upgrades_wait_for_approval", upgrades_wait_for_approval),
        ("a_newer_catalog_brings_an_upgrade", a_newer_catalog_brings_an_upgrade),
        ("an_unknown_channel_fails_the_resolution", an_unknown_channel_fails_the_resolution),
        ("requested_failures_happen", requested_failures_happen),
        ("a_namespace_needs_one_group", a_namespace_needs_one_group),
        ("a_group_must_fit_the_install_modes", a_group_must_fit_the_install_modes),
    ];
    let trials = cases.map(|(name, case)| {
        trial(name, &state, move |state| {
            case(state).map(|()| Completion::Completed).map_err(|error| {
                format!("{}\nthe player met {:#?}", error.message().unwrap_or_default(), state.olm.errors()).into()
            })
        })
    });
    let conclusion = libtest_mimic::run(&arguments, trials.into());
    // Exiting runs no destructors.
    drop(state);
    conclusion.exit()
}

/// The cluster with OLM, or why the cases are ignored.
fn start() -> Result<State, String> {
    let begin = || -> Result<State, Error> {
        let cluster = Cluster::control_plane("olm_player")?;
        let catalogs = [olm::catalog()?, olm::catalog_at(&[(VM, "0.27.2")])?];
        let published = [(IMAGE, &catalogs[0]), (OLD_IMAGE, &catalogs[1])];
        let published = published.map(|(image, folder)| (image.to_owned(), folder.path().to_owned()));
        let settings = Settings { catalogs: BTreeMap::from(published), ..Settings::default() };
        let olm = Olm::start(&cluster, settings)?;
        olm::apply(&cluster)?;
        Ok(State { olm, cluster, catalogs })
    };
    or_reason(begin())
}

fn it_runs_once_it_is_applied(state: &State) -> Outcome {
    let (deployments, csvs): (Api<Deployment>, Api<ClusterServiceVersion>) = (state.api("olm"), state.api("olm"));
    eventually(|| {
        let available =
            |one: &Deployment| one.status.as_ref().is_some_and(|status| status.available_replicas > Some(0));
        let all = state.cluster.run(deployments.list(&ListParams::default()))?.items;
        let names: Vec<_> = all.iter().filter(|one| available(one)).map(ResourceExt::name_any).collect();
        let expected = ["catalog-operator", "olm-operator", "packageserver"];
        Ok(if names == expected { Ok(()) } else { Err(format!("only {names:?} are available")) })
    })?;
    eventually(|| {
        let phase = state.cluster.run(csvs.get("packageserver"))?.status.unwrap_or_default().phase;
        Ok(if phase == "Succeeded" { Ok(()) } else { Err(phase) })
    })
}

fn a_catalog_gets_ready_with_its_packages(state: &State) -> Outcome {
    let objects = objects(IMAGE, "first", &[]);
    create(state, &objects.catalog)?;
    ready(state, &objects.catalog.name_any())?;
    let packages: Api<PackageManifest> = state.api("olm");
    let labels = ListParams::default().labels("catalog=first,catalog-namespace=olm");
    let found = eventually(|| {
        let found = state.cluster.run(packages.list(&labels))?.items;
        Ok(if found.len() == OPERATORS.len() { Ok(found) } else { Err(format!("{} packages", found.len())) })
    })?;
    let vm = found.iter().find(|package| package.name_any() == VM).ok_or("no package of VictoriaMetrics")?;
    let status = vm.status.as_ref().ok_or("no status")?;
    let head = &status.channels[0];
    let entries: Vec<_> = head.entries.iter().map(|entry| entry.version.as_str()).collect();
    equal("default channel", &status.default_channel, &"stable-v0".to_owned())?;
    equal("head", &head.current_csv, &format!("{VM}.v0.29.1"))?;
    equal("entries", &entries, &vec!["0.29.1", "0.27.2", "0.24.0", "0.16.0"])?;
    equal("install modes", &head.description.install_modes.len(), &4)?;
    delete::<CatalogSource>(state, "olm", "first")?;
    eventually(|| {
        let left = state.cluster.run(packages.list(&labels))?.items.len();
        Ok(if left == 0 { Ok(()) } else { Err(format!("{left} packages are left")) })
    })
}

fn a_missing_image_is_reported(state: &State) -> Outcome {
    let mut objects = objects(IMAGE, "nowhere", &[]);
    objects.catalog.spec.image = Some("registry.example/nowhere:1".into());
    create(state, &objects.catalog)?;
    let sources: Api<CatalogSource> = state.api("olm");
    eventually(|| {
        let state = connection(&state.cluster.run(sources.get("nowhere"))?);
        Ok(if state == "TRANSIENT_FAILURE" { Ok(()) } else { Err(state) })
    })?;
    let pods: Api<Pod> = state.api("olm");
    let pods = state.cluster.run(pods.list(&ListParams::default().labels("olm.catalogSource=nowhere")))?.items;
    let status = serde_json::to_value(&pods[0].status)?;
    equal("reason", &status["containerStatuses"][0]["state"]["waiting"]["reason"], &json!("ImagePullBackOff"))?;
    delete::<CatalogSource>(state, "olm", "nowhere")?;
    Ok(())
}

/// Four Subscriptions one after another give four plans; only the last one does anything, and it does everything.
fn a_later_plan_carries_all(state: &State) -> Outcome {
    let namespace = "all";
    begin(state, &objects(IMAGE, namespace, &OPERATORS.map(|name| (name, None))))?;
    let plans = eventually(|| {
        let plans = plans(state, namespace)?;
        let newest = plans.last().map_or(0, |plan| plan.spec.cluster_service_version_names.len());
        Ok(if newest == 4 && phase(&plans[plans.len() - 1]) == "RequiresApproval" {
            Ok(plans)
        } else {
            Err(format!("{newest} in the newest plan"))
        })
    })?;
    let carried: Vec<_> = plans.iter().map(|plan| plan.spec.cluster_service_version_names.len()).collect();
    equal("bundles of the plans", &carried, &vec![1, 2, 3, 4])?;
    let phases: BTreeSet<_> = plans[..3].iter().map(phase).collect();
    equal("phases of the abandoned", &phases, &BTreeSet::from([String::new(), "RequiresApproval".to_owned()]))?;
    for abandoned in &plans[..3] {
        approve(state, abandoned)?;
    }
    std::thread::sleep(Duration::from_secs(1));
    let csvs: Api<ClusterServiceVersion> = state.api(namespace);
    equal("bundles after that", &state.cluster.run(csvs.list(&ListParams::default()))?.items.len(), &0)?;
    approve(state, &plans[3])?;
    for csv in &plans[3].spec.cluster_service_version_names {
        succeeded(state, namespace, csv)?;
    }
    let completed = eventually(|| {
        let plan = self::plans(state, namespace)?.pop().ok_or("no plan")?;
        Ok(if phase(&plan) == "Complete" { Ok(plan) } else { Err(phase(&plan)) })
    })?;
    let steps = completed.status.unwrap_or_default().plan;
    let open: Vec<_> = steps.iter().filter(|step| !["Created", "Present"].contains(&step.status.as_str())).collect();
    equal("steps that are not done", &open.len(), &0)?;
    for name in OPERATORS {
        let status = settled(state, namespace, name)?;
        equal("installed", &status.installed_csv, &status.current_csv)?;
    }
    Ok(())
}

fn upgrades_wait_for_approval(state: &State) -> Outcome {
    let namespace = "upgrades";
    begin(state, &objects(IMAGE, namespace, &[(VM, Some("0.24.0"))]))?;
    for (version, old) in [("0.24.0", None), ("0.27.2", Some("0.24.0")), ("0.29.1", Some("0.27.2"))] {
        let csv = format!("{VM}.v{version}");
        let plan = waiting(state, namespace, &csv)?;
        if let Some(old) = old {
            let installed = subscription(state, namespace, VM)?.installed_csv;
            equal("installed before", &installed, &Some(format!("{VM}.v{old}")))?;
        }
        approve(state, &plan)?;
        succeeded(state, namespace, &csv)?;
        if let Some(old) = old {
            let csvs: Api<ClusterServiceVersion> = state.api(namespace);
            let old = format!("{VM}.v{old}");
            eventually(|| {
                let there = state.cluster.run(csvs.get_opt(&old))?.is_some();
                Ok(if there { Err(format!("{old} is there")) } else { Ok(()) })
            })?;
        }
    }
    settled(state, namespace, VM)?;
    equal("plans", &plans(state, namespace)?.len(), &3)?;
    owned_objects_are_deleted_with_their_owner(state, namespace)
}

fn a_newer_catalog_brings_an_upgrade(state: &State) -> Outcome {
    // The bundles in this one are unpacked.
    let namespace = "newer";
    state.olm.change(|settings| settings.unpacked = true);
    let mut objects = objects(IMAGE, namespace, &[(VM, None)]);
    objects.catalog.spec.image = Some(OLD_IMAGE.into());
    begin(state, &objects)?;
    approve(state, &waiting(state, namespace, &format!("{VM}.v0.27.2"))?)?;
    settled(state, namespace, VM)?;
    state.olm.publish(OLD_IMAGE, state.catalogs[0].path());
    approve(state, &waiting(state, namespace, &format!("{VM}.v0.29.1"))?)?;
    succeeded(state, namespace, &format!("{VM}.v0.29.1"))?;
    let steps = plans(state, namespace)?.pop().and_then(|plan| plan.status).unwrap_or_default().plan;
    let references = steps.iter().filter(|step| step.resource.manifest.contains("catalogSourceName")).count();
    equal("references", &references, &steps.len())?;
    state.olm.change(|settings| settings.unpacked = false);
    settled(state, namespace, VM).map(drop)
}

fn an_unknown_channel_fails_the_resolution(state: &State) -> Outcome {
    let namespace = "unknown";
    let mut objects = objects(IMAGE, namespace, &[(VM, None)]);
    objects.subscriptions[0].spec.channel = Some("stable-v9".into());
    begin(state, &objects)?;
    let condition = condition(state, namespace, VM, "ResolutionFailed", "ConstraintsNotSatisfiable")?;
    let message = condition.message.unwrap_or_default();
    let expected = "constraints not satisfiable: no operators found in channel stable-v9 of package \
                    victoriametrics-operator in the catalog referenced by subscription victoriametrics-operator, \
                    subscription victoriametrics-operator exists";
    equal("message", &message.as_str(), &expected)
}

fn requested_failures_happen(state: &State) -> Outcome {
    let namespace = "failing";
    let package = "dbaas-operator";
    state.olm.change(|settings| settings.unpack_fails = Some("Job was active longer than specified deadline".into()));
    begin(state, &objects(IMAGE, namespace, &[(package, None)]))?;
    condition(state, namespace, package, "BundleUnpackFailed", "BundleUnpackFailed")?;
    state.olm.change(|settings| {
        settings.unpack_fails = None;
        settings.hold_plans = BTreeSet::from([namespace.to_owned()]);
    });
    let plan = eventually(|| Ok(plans(state, namespace)?.pop().ok_or("no plan".to_owned())))?;
    let csv = plan.spec.cluster_service_version_names[0].clone();
    approve(state, &plan)?;
    std::thread::sleep(Duration::from_millis(500));
    equal("phase", &phase(&plans(state, namespace)?[0]).as_str(), &"RequiresApproval")?;
    state.olm.change(|settings| {
        settings.hold_plans.clear();
        settings.hold_deployments = true;
    });
    let csvs: Api<ClusterServiceVersion> = state.api(namespace);
    let becomes = |phase: &str, reason: &str| {
        eventually(|| {
            let status = state.cluster.run(csvs.get_opt(&csv))?.and_then(|csv| csv.status).unwrap_or_default();
            let is = status.phase == phase && status.reason.as_deref() == Some(reason);
            Ok(if is { Ok(()) } else { Err(format!("{status:?}")) })
        })
    };
    becomes("Installing", "InstallWaiting")?;
    let failure = (csv.clone(), "InstallCheckFailed".to_owned(), "install timeout".to_owned());
    state.olm.change(|settings| settings.csv_fails = Some(failure));
    becomes("Failed", "InstallCheckFailed")?;
    state.olm.change(|settings| {
        settings.csv_fails = None;
        settings.hold_deployments = false;
    });
    becomes("Succeeded", "InstallSucceeded")?;
    groups_that_overlap_are_in_conflict(state, namespace)
}

fn a_namespace_needs_one_group(state: &State) -> Outcome {
    let namespace = "groupless";
    let mut objects = objects(IMAGE, namespace, &[(VM, None)]);
    let group = objects.groups.remove(0);
    begin(state, &objects)?;
    let said = condition(state, namespace, VM, "ResolutionFailed", "ErrorPreventedResolution")?.message;
    equal("message", &said.as_deref(), &Some("expected 1 OperatorGroup in the namespace, found 0"))?;
    create(state, &group)?;
    let csv = format!("{VM}.v0.29.1");
    let plan = waiting(state, namespace, &csv)?;
    let mut second = group.clone();
    second.metadata.name = Some("second".into());
    create(state, &second)?;
    approve(state, &plan)?;
    eventually(|| {
        let plan = plans(state, namespace)?.pop().ok_or("no plan")?;
        let said = plan.status.unwrap_or_default().conditions.pop().and_then(|condition| condition.message);
        let expected = "more than one operator group(s) are managing this namespace count=2";
        Ok(if said.as_deref() == Some(expected) { Ok(()) } else { Err(format!("{said:?}")) })
    })?;
    delete::<OperatorGroup>(state, namespace, "second")?;
    succeeded(state, namespace, &csv)
}

fn a_group_must_fit_the_install_modes(state: &State) -> Outcome {
    let namespace = "modes";
    let mut objects = objects(IMAGE, namespace, &[("percona-xtradb-cluster-operator", None)]);
    objects.groups[0].spec.target_namespaces = Some(vec!["all".into(), namespace.into()]);
    begin(state, &objects)?;
    let plan = eventually(|| Ok(plans(state, namespace)?.pop().ok_or("no plan".to_owned())))?;
    approve(state, &plan)?;
    let csvs: Api<ClusterServiceVersion> = state.api(namespace);
    let csv = &plan.spec.cluster_service_version_names[0];
    eventually(|| {
        let status = state.cluster.run(csvs.get_opt(csv))?.and_then(|csv| csv.status).unwrap_or_default();
        let expected = "MultiNamespace InstallModeType not supported, cannot configure to watch 2 namespaces";
        let is = status.phase == "Failed"
            && status.reason.as_deref() == Some("UnsupportedOperatorGroup")
            && status.message.as_deref() == Some(expected);
        Ok(if is { Ok(()) } else { Err(format!("{status:?}")) })
    })
}

/// An operator that would watch a namespace where another one provides the same.
fn groups_that_overlap_are_in_conflict(state: &State, target: &str) -> Outcome {
    let namespace = "overlapping";
    let mut objects = objects(IMAGE, namespace, &[("dbaas-operator", None)]);
    objects.groups[0].spec.target_namespaces = Some(vec![target.into()]);
    begin(state, &objects)?;
    let plan = eventually(|| Ok(plans(state, namespace)?.pop().ok_or("no plan".to_owned())))?;
    approve(state, &plan)?;
    let csvs: Api<ClusterServiceVersion> = state.api(namespace);
    eventually(|| {
        let csv = state.cluster.run(csvs.get_opt(&plan.spec.cluster_service_version_names[0]))?;
        let reason = csv.and_then(|csv| csv.status?.reason).unwrap_or_default();
        Ok(if reason == "InterOperatorGroupOwnerConflict" { Ok(()) } else { Err(reason) })
    })
}

fn owned_objects_are_deleted_with_their_owner(state: &State, namespace: &str) -> Outcome {
    let (deployments, csvs): (Api<Deployment>, Api<ClusterServiceVersion>) =
        (state.api(namespace), state.api(namespace));
    let csv = format!("{VM}.v0.29.1");
    equal("deployments", &state.cluster.run(deployments.list(&ListParams::default()))?.items.len(), &1)?;
    delete::<Subscription>(state, namespace, VM)?;
    eventually(|| {
        let left = plans(state, namespace)?.len();
        Ok(if left == 0 { Ok(()) } else { Err(format!("{left} plans are left")) })
    })?;
    equal("phase", &state.cluster.run(csvs.get(&csv))?.status.unwrap_or_default().phase.as_str(), &"Succeeded")?;
    delete::<ClusterServiceVersion>(state, namespace, &csv)?;
    eventually(|| {
        let left = state.cluster.run(deployments.list(&ListParams::default()))?.items.len();
        Ok(if left == 0 { Ok(()) } else { Err(format!("{left} deployments are left")) })
    })?;
    let namespaces: Api<Namespace> = Api::all(state.cluster.client());
    state.cluster.run(namespaces.delete(namespace, &Default::default()))?;
    eventually(|| {
        let left = state.cluster.run(namespaces.get_opt(namespace))?;
        Ok(if left.is_none() { Ok(()) } else { Err("the namespace is left".to_owned()) })
    })
}
