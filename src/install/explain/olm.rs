//! OLM itself: its CRDs and its Deployments.

use k8s_openapi::api::apps::v1::Deployment;

use super::Trouble;
use super::found::{Found, Topic, list, title, words};
use super::pull::Whose;
use super::workload::{self, condition};
use crate::install::api::olm::{DEFINITIONS, DEPLOYMENTS};
use crate::install::evidence::{Evidence, is};

/// The part of OLM that is not required.
const PACKAGES: &str = "packageserver";
const REPAIR: &str = "`install-catalog install --repair` restores OLM's parts";

/// The CRDs of OLM's objects.
pub(super) fn definitions(evidence: &Evidence, found: &mut Found) {
    if !evidence.knows("CustomResourceDefinition", None) {
        return;
    }
    if evidence.definitions.is_empty() {
        let object = "Cluster".to_owned();
        let message = "OLM, the Operator Lifecycle Manager, is not installed".to_owned();
        let help = "`install-catalog install` installs it".to_owned();
        found.nothing = true;
        found.add(Topic::OlmMissing, Trouble { object, message, help });
        return;
    }
    let missing: Vec<&str> = DEFINITIONS
        .into_iter()
        .filter(|name| !evidence.definitions.iter().any(|definition| definition.name == *name))
        .collect();
    if !missing.is_empty() {
        let message = format!("OLM is only partly installed; missing: {}", list(missing));
        found.olm = true;
        found.add(Topic::OlmDefinition, Trouble { object: "Cluster".into(), message, help: REPAIR.into() });
    }
    for definition in &evidence.definitions {
        let object = format!("CustomResourceDefinition {}", definition.name);
        let refused = definition.conditions.iter().find(|condition| {
            matches!(condition.kind.as_str(), "Established" | "NamesAccepted") && condition.status == "False"
        });
        let (message, help) = if definition.deleting {
            let message = "it is being deleted, and OLM's objects with it".to_owned();
            (message, format!("wait until it is gone, then {REPAIR}"))
        } else if let Some(condition) = refused {
            let said = words(condition.message.as_deref().unwrap_or_default());
            (
                format!("the API server does not serve it: {said}"),
                "delete the CustomResourceDefinition that uses its names".to_owned(),
            )
        } else {
            continue;
        };
        found.olm = true;
        found.add(Topic::OlmDefinition, Trouble { object, message, help });
    }
}

/// The Deployments of OLM.
pub(super) fn deployments(evidence: &Evidence, found: &mut Found) {
    let namespace = evidence.olm.as_str();
    if !evidence.knows("Deployment", Some(namespace)) || found.namespaces.contains(namespace) {
        return;
    }
    let of = |name: &str| evidence.deployments.iter().find(|deployment| is(&deployment.metadata, namespace, name));
    let missing: Vec<&str> = DEPLOYMENTS.into_iter().filter(|name| of(name).is_none()).collect();
    if missing.len() == DEPLOYMENTS.len() {
        let message = "OLM's CRDs are installed, but OLM does not run here".to_owned();
        let help = format!("if OLM runs in another namespace, name it with --olm-namespace; otherwise {REPAIR}");
        found.olm = true;
        found.add(Topic::OlmDeployment, Trouble { object: format!("Namespace {namespace}"), message, help });
        return;
    }
    for name in missing {
        let object = format!("Deployment {namespace}/{name}");
        let message = format!("this part of OLM is missing: {}", effect(name));
        found.olm |= name != PACKAGES;
        found.add(Topic::OlmDeployment, Trouble { object, message, help: REPAIR.into() });
    }
    for name in DEPLOYMENTS {
        let Some(deployment) = of(name).filter(|deployment| !runs(deployment)) else { continue };
        let effect = effect(name);
        let mut troubles = workload::explain(evidence, deployment, Whose::Olm);
        let available = condition(deployment, "Available");
        let down = available.is_none_or(|(status, ..)| status != "True") || deployment.spec.replicas == Some(0);
        if troubles.is_empty() && down {
            let said = available.map(|(_, _, message)| words(message)).filter(|said| !said.is_empty());
            let wanted = deployment.spec.replicas;
            let (message, help) = match said {
                _ if wanted == Some(0) => (format!("this part of OLM is scaled to 0: {effect}"), {
                    format!("`kubectl scale deployment {name} -n {namespace} --replicas=1`")
                }),
                said => {
                    let said = said.map(|said| format!(" ({said})")).unwrap_or_default();
                    let help = format!("to see why: `kubectl describe deployment {name} -n {namespace}`");
                    (format!("this part of OLM does not run: {effect}{said}"), help)
                }
            };
            let object = title("Deployment", &deployment.metadata);
            troubles.push((Topic::OlmDeployment, Trouble { object, message, help }));
        }
        found.olm |= !troubles.is_empty() && name != PACKAGES;
        found.extend(troubles);
    }
}

/// The effect of a missing part of OLM.
fn effect(deployment: &str) -> &'static str {
    match deployment {
        "catalog-operator" => "no catalog is served and no subscription resolved",
        PACKAGES => "the packages of catalogs cannot be listed",
        _ => "no operator is installed",
    }
}

fn runs(deployment: &Deployment) -> bool {
    workload::is_complete(deployment) && deployment.spec.replicas != Some(0)
}
