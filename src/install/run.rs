//! All steps of an installation. Each step first reads and then writes only what differs. A second run therefore
//! resumes where an earlier one stopped, and a run after a complete one changes nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Namespace, Pod};
use kube::{Resource, ResourceExt};
use serde::Serialize;

use super::api::CatalogSource;
use super::before;
use super::cluster::{Action, Cluster};
use super::error::Error;
use super::explain::is_ready;
use super::marks::{self, CREATED, is_ours};
use super::objects::Objects;
use super::olm::{self, Olm};
use super::options::{Approval, Options};
use super::plan::{self, Next, Stage};
use super::report::{Event, Report};
use super::state::State;
use super::wait::{Look, Waiter};
use super::watches::Watches;
use super::{list, packages, pod_security};

/// How long the catalog's image may take to be pulled and served.
const SERVED: Duration = Duration::from_secs(180);
/// How long OLM may take to choose bundles.
const RESOLVED: Duration = Duration::from_secs(180);
/// How long OLM may take to unpack the bundles and make a plan.
const PLANNED: Duration = Duration::from_secs(240);
/// How long the operators may take to be pulled and to start.
const RUNNING: Duration = Duration::from_secs(300);

/// The settings of an installation.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The source of OLM, if it is not installed.
    pub olm: olm::Source,
    /// Whether a partly installed OLM is completed.
    pub repair: bool,
    /// The time limit for everything.
    pub wait: Duration,
}

/// Installs the catalog and operators of the options.
///
/// # Errors
/// Any error that stops it. A second run resumes there.
pub async fn install(
    cluster: &Cluster,
    options: &Options,
    settings: &Settings,
    report: &dyn Report,
) -> Result<(), Error> {
    let waiter = Waiter::new(report, settings.wait).explaining(cluster, options.places());
    if !olm(cluster, options, settings, &waiter).await? {
        return Ok(());
    }
    there(cluster, options).await?;
    let mut objects = Objects::new(options);
    if !Olm::look(cluster, &options.olm_namespace).await?.has_pod_config {
        objects.catalog.spec.grpc_pod_config = None;
        let message =
            "this OLM is older than 0.22, so the catalog's pod gets no restricted security context".to_owned();
        report.tell(Event::Note { message });
    }
    before::look(cluster, options, &mut objects).await?;
    for namespace in &objects.namespaces {
        self::namespace(cluster, report, namespace, &options.catalog).await?;
    }
    let catalog = write(cluster, report, &objects.catalog).await?;
    if !cluster.is_dry_run() {
        served(cluster, options, &waiter).await?;
    }
    // A dry run can list only an existing catalog.
    if !cluster.is_dry_run() || !packages::read(cluster, options).await?.is_empty() {
        let choices = packages::choose(cluster, &waiter, options, catalog).await?;
        let known = list::of_manifests(&packages::read(cluster, options).await?);
        for message in options.operators.iter().flat_map(|operator| list::deprecated(&known, operator)) {
            report.tell(Event::Note { message });
        }
        for subscription in &mut objects.subscriptions {
            subscription.spec.starting_csv =
                choices.get(&subscription.spec.name).and_then(|choice| choice.starting_csv.clone());
        }
    }
    for group in &objects.groups {
        write(cluster, report, group).await?;
    }
    // All Subscriptions come before any plan is approved: one plan then contains them all.
    for subscription in &objects.subscriptions {
        write(cluster, report, subscription).await?;
    }
    if cluster.is_dry_run() {
        return Ok(());
    }
    operators(cluster, options, &waiter).await?;
    if catalog == Action::Changed && options.approval == Approval::Manual {
        let message = "`install-catalog upgrades` shows the upgrades in the newer catalog".to_owned();
        report.tell(Event::Note { message });
    }
    Ok(())
}

/// Checks that the catalog's namespace exists, or is created with the operators' namespaces.
async fn there(cluster: &Cluster, options: &Options) -> Result<(), Error> {
    let name = &options.olm_namespace;
    if options.namespaces().contains(name) || cluster.get::<Namespace>(None, name).await?.is_some() {
        return Ok(());
    }
    Err(Error::InTheWay {
        message: format!("namespace {name} for the CatalogSource does not exist; nothing was written"),
        help: "pass --olm-namespace with the namespace whose catalogs OLM shares".into(),
    })
}

/// Installs OLM if it is missing. Returns false if a dry run cannot continue without it.
async fn olm(cluster: &Cluster, options: &Options, settings: &Settings, waiter: &Waiter<'_>) -> Result<bool, Error> {
    let found = Olm::look(cluster, &options.olm_namespace).await?;
    let version = found.version.as_deref().unwrap_or("of unknown version");
    let namespace = found.namespace.as_deref().unwrap_or(&options.olm_namespace);
    // A catalog in the namespace of its Subscriptions is found wherever OLM runs.
    let beside = options.namespace == options.olm_namespace;
    let catalogs = found.catalogs.as_deref();
    if let Some(catalogs) = catalogs.filter(|catalogs| *catalogs != options.olm_namespace && !beside) {
        return Err(Error::InTheWay {
            message: format!(
                "OLM {version} runs in namespace {namespace} and shares the catalogs in {catalogs} with all namespaces, but not those in {}; nothing was written",
                options.olm_namespace
            ),
            help: format!("pass --olm-namespace {catalogs}"),
        });
    }
    match found.state() {
        olm::State::Running => {
            let message = format!("OLM {version} runs in namespace {namespace}");
            waiter.report().tell(Event::Note { message });
            pod_security::look(cluster, options, waiter.report()).await?;
        }
        olm::State::Unavailable => {
            pod_security::look(cluster, options, waiter.report()).await?;
            drop(olm::await_running(cluster, waiter, namespace).await?);
        }
        // An unfinished earlier run is resumed.
        olm::State::Partial if !settings.repair && !found.ours => {
            return Err(Error::InTheWay {
                message: format!("OLM {version} is only partly installed; missing: {}", found.missing.join(", ")),
                help: format!(
                    "if it runs in another namespace than {namespace}, name it with --olm-namespace; otherwise, \
                     --repair completes it with OLM {}",
                    olm::VERSION
                ),
            });
        }
        olm::State::Absent | olm::State::Partial => {
            let manifests = settings.olm.read().await?;
            if let Some(there) = found.version.as_deref().filter(|there| *there != manifests.version) {
                return Err(Error::InTheWay {
                    message: format!(
                        "OLM {there} is partly installed, but the manifests are for OLM {}",
                        manifests.version
                    ),
                    help: "pass that version's manifests with --olm-manifests and --olm-sha256".into(),
                });
            }
            if let Some(other) = manifests.namespace().filter(|other| *other != options.olm_namespace) {
                return Err(Error::InTheWay {
                    message: format!("OLM is not installed, and its manifests install it in namespace {other}"),
                    help: format!("pass --olm-namespace {other}, or the namespace where OLM runs"),
                });
            }
            // OLM is written first.
            before::look(cluster, options, &mut Objects::new(options)).await?;
            pod_security::look(cluster, options, waiter.report()).await?;
            olm::setup(cluster, waiter, &manifests).await?;
            return Ok(!cluster.is_dry_run());
        }
    }
    Ok(true)
}

/// A namespace that somebody else created is used as it is.
async fn namespace(cluster: &Cluster, report: &dyn Report, wanted: &Namespace, catalog: &str) -> Result<(), Error> {
    let name = wanted.name_any();
    let found: Option<Namespace> = cluster.get(None, &name).await?;
    match found {
        Some(found) if !is_ours(&found, catalog) => Ok(()),
        // Somebody else created it with the installer's labels, for example from the output of `--dry-run=client`.
        Some(found) if !found.annotations().contains_key(CREATED) => write(cluster, report, wanted).await.map(drop),
        _ => {
            let mut wanted = wanted.clone();
            wanted.annotations_mut().insert(CREATED.to_owned(), "true".to_owned());
            write(cluster, report, &wanted).await.map(drop)
        }
    }
}

async fn write<K>(cluster: &Cluster, report: &dyn Report, object: &K) -> Result<Action, Error>
where
    K: Resource<DynamicType = ()> + Serialize,
{
    let action = cluster.apply(object).await?;
    report.tell(Event::Applied { object: marks::title_of(object), action });
    Ok(action)
}

/// Waits until OLM is connected to the catalog, in the right image.
async fn served(cluster: &Cluster, options: &Options, waiter: &Waiter<'_>) -> Result<(), Error> {
    let (namespace, name) = (Some(options.olm_namespace.as_str()), &*options.catalog);
    let condition = format!("CatalogSource {}/{name} is READY", options.olm_namespace);
    let watches = Watches::new().on::<CatalogSource>(cluster, namespace).on::<Pod>(cluster, namespace);
    let look = async || {
        let Some(catalog) = cluster.get::<CatalogSource>(namespace, name).await? else {
            return Ok(Look::NotYet("it does not exist".into()));
        };
        let pods = cluster.list::<Pod>(namespace, &format!("olm.catalogSource={name}")).await?;
        let image = |pod: &Pod| pod.spec.as_ref()?.containers.first()?.image.clone();
        // OLM's status may still be about the pod of an older image.
        if !pods.is_empty() && !pods.iter().any(|pod| image(pod) == catalog.spec.image && is_ready(pod)) {
            return Ok(Look::NotYet("its pod does not serve this image yet".into()));
        }
        let status = catalog.status.unwrap_or_default();
        let state = status.connection_state.and_then(|connection| connection.last_observed_state);
        Ok(match (state.as_deref(), status.message) {
            (Some("READY"), _) => Look::Met(()),
            // Both states are temporary: the pod exists, and its server will answer soon.
            (Some("CONNECTING" | "TRANSIENT_FAILURE"), _) => Look::NotYet("connecting".into()),
            (_, Some(message)) if !message.is_empty() => Look::NotYet(message),
            (Some(state), _) => Look::NotYet(format!("it is {state}")),
            (None, _) => Look::NotYet("OLM has not connected yet".into()),
        })
    };
    waiter.until(&condition, SERVED, &watches, look).await
}

/// Waits until every operator runs, and approves the plans that install them for the first time.
async fn operators(cluster: &Cluster, options: &Options, waiter: &Waiter<'_>) -> Result<(), Error> {
    let mut namespaces: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for operator in &options.operators {
        namespaces.entry(options.namespace_of(&operator.package)).or_default().push(operator.package.clone());
    }
    let stages = [
        (Stage::Resolve, RESOLVED, "OLM has chosen what to install"),
        (Stage::Plan, PLANNED, "an InstallPlan contains everything"),
        (Stage::Run, RUNNING, "the operators run"),
    ];
    for (stage, limit, condition) in stages {
        let mut watches = Watches::new();
        for namespace in namespaces.keys() {
            watches = State::watched(watches, cluster, namespace);
        }
        let look = async || {
            let mut waiting = None;
            for (namespace, wanted) in &namespaces {
                if let Some(look) = step(cluster, options, waiter, namespace, wanted, stage).await? {
                    match look {
                        Look::NotYet(seen) => waiting = waiting.or(Some(seen)),
                        other => return Ok(other),
                    }
                }
            }
            Ok(waiting.map_or(Look::Met(()), Look::NotYet))
        };
        waiter.until(condition, limit, &watches, look).await?;
    }
    Ok(())
}

/// Takes the next step in a namespace. Does nothing if it is past this stage.
async fn step(
    cluster: &Cluster,
    options: &Options,
    waiter: &Waiter<'_>,
    namespace: &str,
    wanted: &[String],
    stage: Stage,
) -> Result<Option<Look<()>>, Error> {
    let state = State::read(cluster, namespace).await?;
    Ok(match plan::next(wanted, &state) {
        Next::Done => None,
        Next::Failed(why) => Some(Look::Never(why)),
        Next::Wait(at, seen) => (at <= stage).then_some(Look::NotYet(seen)),
        _ if stage == Stage::Resolve => None,
        Next::Approve(plan) if options.approval == Approval::Manual => {
            let approved = plan::approve(cluster, waiter.report(), plan).await?;
            let seen = if approved { "was approved" } else { "was changed in the meantime" };
            // The next stage checks whether it is executed.
            (stage == Stage::Run || !approved).then(|| Look::NotYet(format!("InstallPlan {} {seen}", plan.name_any())))
        }
        Next::Approve(plan) => Some(Look::NotYet(format!("InstallPlan {} is not approved by OLM", plan.name_any()))),
        Next::Held { plan, more } => {
            return Err(Error::Held {
                plan: format!("{namespace}/{}", plan.name_any()),
                more: more.into_iter().map(str::to_owned).collect(),
            });
        }
    })
}
