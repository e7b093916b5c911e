//! Checks whether the pods of the operators comply with the Pod Security Standard that their namespace enforces, before
//! anything is written: by the namespace's labels and the bundles' pod templates.

pub mod standard;

use std::time::Duration;

use k8s_openapi::api::core::v1::Namespace;
use kube::ResourceExt;
use serde_json::Value;

use super::cluster::Cluster;
use super::error::Error;
use super::options::{Operator, Options};
use super::report::{Event, Report};
use super::state::State;
use super::{labels, list};
use crate::catalog::Catalog;
use standard::{Level, Standard};

const BASELINE: Standard = Standard { level: Level::Baseline, minor: None };
/// The time limit for pulling the catalog, and each bundle.
const PULLED: Duration = Duration::from_secs(30);

/// Checks whether a namespace would reject the pods of operators that are installed in it. The catalog is pulled only
/// if a namespace enforces a standard. If it cannot be pulled, the report says that the check was not possible.
///
/// # Errors
/// [`Error::InTheWay`] with the violations. Also if the API server does not answer, or a permission is missing.
pub async fn look(cluster: &Cluster, options: &Options, report: &dyn Report) -> Result<(), Error> {
    let mut catalog: Option<Catalog> = None;
    for operator in &options.operators {
        let namespace = options.namespace_of(&operator.package);
        let Some(found) = cluster.get::<Namespace>(None, &namespace).await? else { continue };
        let Some(standard) = Standard::enforced(found.labels()) else { continue };
        // Installed operators are not checked here: `doctor` checks their pods.
        if State::read(cluster, &namespace).await?.subscription(&operator.package).is_some() {
            continue;
        }
        let csv = match csv(&mut catalog, options, operator).await {
            Ok(csv) => csv,
            Err(why) => {
                let message = format!(
                    "namespace {namespace} enforces the Pod Security Standard {}; cannot check whether the pods of {} \
                     comply: {why}",
                    standard.level, operator.package
                );
                report.tell(Event::Note { message });
                continue;
            }
        };
        let found = violations(standard, &csv);
        if !found.is_empty() {
            return Err(Error::InTheWay {
                message: format!(
                    "namespace {namespace} enforces the Pod Security Standard {}, and {} violates it: {}; nothing was written",
                    standard.level,
                    operator.package,
                    found.join("; ")
                ),
                help: format!(
                    "install into another namespace with --namespace, or allow them in this one: `kubectl label \
                     namespace {namespace} --overwrite pod-security.kubernetes.io/enforce={}`",
                    if violations(BASELINE, &csv).is_empty() { "baseline" } else { "privileged" }
                ),
            });
        }
    }
    Ok(())
}

/// The violations of the pods of a version's Deployments, each after the Deployment's name.
fn violations(standard: Standard, csv: &Value) -> Vec<String> {
    let deployments = csv["spec"]["install"]["spec"]["deployments"].as_array().into_iter().flatten();
    let of = |deployment: &Value| {
        let template = &deployment["spec"]["template"];
        let found = standard.violations(&template["metadata"], &template["spec"]);
        let name = deployment["name"].as_str().unwrap_or_default();
        (!found.is_empty()).then(|| format!("Deployment {name}: {}", found.join(", ")))
    };
    deployments.filter_map(of).collect()
}

/// The ClusterServiceVersion that would be installed first.
///
/// # Errors
/// The reason why it is not available, in one line.
async fn csv(catalog: &mut Option<Catalog>, options: &Options, operator: &Operator) -> Result<Value, String> {
    if catalog.is_none() {
        *catalog = Some(labels::packages(&options.image, PULLED).await?);
    }
    let packages = catalog.as_ref().map(list::of_catalog).unwrap_or_default();
    let Some(name) = list::first(&packages, operator) else {
        return Err(format!("the catalog does not have the requested channel or version of {}", operator.package));
    };
    let bundles = catalog.iter().flat_map(|catalog| &catalog.bundles);
    let mut bundles = bundles.filter(|bundle| bundle.package == operator.package && bundle.name == name);
    let bundle = bundles.next().ok_or_else(|| format!("the catalog lacks the bundle {name}"))?;
    match bundle.csv() {
        Ok(Some(csv)) => Ok(csv),
        Ok(None) => labels::bundle(&bundle.image, PULLED).await,
        Err(error) => Err(error.to_string()),
    }
}
