//! Bundles that cannot be unpacked: OLM runs a Job for each bundle image, in the catalog's namespace.

use std::collections::BTreeSet;

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;

use super::Trouble;
use super::found::{Found, Topic, title, words};
use super::pull::{self, Whose};
use super::workload::owned;
use super::{pod, refused};
use crate::install::api::Condition;
use crate::install::evidence::Evidence;

/// The label of the Jobs that unpack bundles.
pub(super) const JOBS: &str = "operatorframework.io/bundle-unpack-ref";

/// Checks the Jobs, if a Subscription or InstallPlan of the scope waits for one.
pub(super) fn find(evidence: &Evidence, found: &mut Found) {
    let conditions = evidence.subscriptions.iter().flat_map(|one| one.status.iter()).flat_map(|one| &one.conditions);
    let unpacks = |condition: &Condition| condition.kind.starts_with("BundleUnpack") && condition.status == "True";
    let plans = evidence.plans.iter().flat_map(|plan| plan.status.iter()).filter(|status| status.phase != "Complete");
    let lookups = |condition: &Condition| condition.kind.starts_with("BundleLookup") && condition.status == "True";
    let mut pending = plans.flat_map(|status| &status.bundle_lookups).flat_map(|lookup| &lookup.conditions);
    if !conditions.clone().any(unpacks) && !pending.any(lookups) {
        return;
    }
    let bundle = |job: &Job| job.metadata.labels.as_ref().and_then(|labels| labels.get(JOBS)).cloned();
    // A failed Job stays next to its replacement.
    let unpacked: BTreeSet<String> = evidence.jobs.iter().filter(|job| succeeded(job)).filter_map(bundle).collect();
    let open = |job: &&Job| bundle(job).is_some_and(|bundle| !unpacked.contains(&bundle));
    for job in evidence.jobs.iter().filter(open) {
        if let Some((topic, trouble)) = explain(evidence, job) {
            found.unpack = true;
            found.add(topic, trouble);
        }
    }
}

fn explain(evidence: &Evidence, job: &Job) -> Option<(Topic, Trouble)> {
    let status = job.status.as_ref();
    let namespace = job.metadata.namespace.as_deref().unwrap_or_default();
    let source = format!("{namespace}/{}", evidence.scope.catalog);
    let whose = Whose::Unpack(&source);
    let pods = evidence.pods.iter().filter(|pod| owned(&pod.metadata, &job.metadata));
    let told = pods.filter_map(|pod: &Pod| pod::explain(evidence, pod, whose)).next();
    if told.is_some() {
        return told;
    }
    let conditions = status.and_then(|status| status.conditions.as_ref()).into_iter().flatten();
    let failed = conditions.clone().find(|condition| condition.type_ == "Failed" && condition.status == "True");
    let object = title("Job", &job.metadata);
    let mut warnings = evidence.warnings("Job", &job.metadata);
    if let (None, Some((_, said))) = (failed, warnings.find(|(reason, _)| *reason == "FailedCreate")) {
        return Some(refused::explain(object, namespace, said));
    }
    let failed = failed?;
    let bundle = bundle(job);
    // The pods of a Job that took too long are gone; their events remain.
    let prefix = format!("{}-", job.metadata.name.as_deref().unwrap_or_default());
    let pull = evidence.events.iter().find_map(|event| {
        let object = &event.involved_object;
        let of_pod = object.kind.as_deref() == Some("Pod")
            && object.namespace == job.metadata.namespace
            && object.name.as_deref().is_some_and(|name| name.starts_with(&prefix));
        let said = event.message.as_deref().filter(|said| said.starts_with("Failed to pull image"));
        said.filter(|_| of_pod)
    });
    let again = format!(
        "then make OLM retry: `kubectl delete job -n {namespace} {}`",
        job.metadata.name.as_deref().unwrap_or_default()
    );
    let (topic, message, help) = match pull {
        Some(said) => {
            let (message, help) = pull::explain(bundle, "ErrImagePull", said, whose);
            (Topic::ImagePull, message, format!("{help}; {again}"))
        }
        None => {
            let said = words(failed.message.as_deref().or(failed.reason.as_deref()).unwrap_or_default());
            let help = format!("check that the nodes can pull the image and write to their disks; {again}");
            (Topic::Unpack, format!("the bundle {bundle} could not be unpacked: {said}"), help)
        }
    };
    Some((topic, Trouble { object, message, help }))
}

fn succeeded(job: &Job) -> bool {
    job.status.as_ref().is_some_and(|status| status.succeeded.unwrap_or_default() > 0)
}

/// The bundle's image, which the Job's container `pull` copies from.
fn bundle(job: &Job) -> &str {
    let spec = job.spec.as_ref().and_then(|spec| spec.template.spec.as_ref());
    let mut containers = spec.and_then(|spec| spec.init_containers.as_ref()).into_iter().flatten();
    containers.find(|container| container.name == "pull").and_then(|one| one.image.as_deref()).unwrap_or("image")
}
