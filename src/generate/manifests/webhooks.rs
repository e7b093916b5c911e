//! Turns webhook configurations, and CRDs with conversion, into webhooks of a ClusterServiceVersion.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Entry;
use super::notes::Notes;
use crate::bundle::csv::{Deployment, Webhook};
use crate::generate::crds::is_crd;
use crate::operator::Misfit;
use crate::yaml::Route;

const GROUP: &str = "admissionregistration.k8s.io";
/// The fields that a webhook has in common with one of a ClusterServiceVersion.
const KEPT: [&str; 6] =
    ["rules", "failurePolicy", "matchPolicy", "objectSelector", "timeoutSeconds", "reinvocationPolicy"];
/// The API server's default port for webhooks.
const HTTPS: i64 = 443;

/// Removes the webhook configurations from the objects, and returns their webhooks and those of the CRDs, by name.
///
/// # Errors
/// Webhooks that cannot be read.
pub(super) fn of(
    entries: &mut Vec<Entry>,
    deployments: &[Deployment],
    notes: &mut Notes,
) -> Result<Vec<Webhook>, Misfit> {
    let mut webhooks = Vec::new();
    for entry in entries.iter() {
        let kind = match admission(entry) {
            Some(kind) => kind,
            None if is_crd(&entry.object) => {
                webhooks.extend(conversion(entry, entries, deployments)?);
                continue;
            }
            None => continue,
        };
        let list = entry.value("webhooks").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        lost(entry, list, notes);
        for webhook in list.iter().filter(|webhook| !by_url(webhook)) {
            let mut told = served(webhook.pointer("/clientConfig/service"), entries, deployments);
            for key in KEPT {
                told.extend(webhook.get(key).map(|value| (key.to_owned(), value.clone())));
            }
            told.insert("type".into(), kind.into());
            told.insert("generateName".into(), webhook["name"].clone());
            told.insert("sideEffects".into(), webhook.get("sideEffects").cloned().unwrap_or("None".into()));
            let versions = webhook.get("admissionReviewVersions").cloned();
            told.insert("admissionReviewVersions".into(), versions.unwrap_or(json!(["v1"])));
            webhooks.push(serde_json::from_value(told.into()).map_err(|error| entry.wrong(error))?);
        }
    }
    entries.retain(|entry| admission(entry).is_none());
    webhooks.sort_by(|a: &Webhook, b| (&a.generate_name, &a.kind).cmp(&(&b.generate_name, &b.kind)));
    Ok(webhooks)
}

/// Whether a webhook is called by its URL. OLM supports only services of deployments.
fn by_url(webhook: &Value) -> bool {
    webhook.pointer("/clientConfig/url").is_some_and(|url| !url.is_null())
}

/// Reports the parts of a configuration that a webhook of a ClusterServiceVersion cannot contain.
fn lost(entry: &Entry, list: &[Value], notes: &mut Notes) {
    let kept_metadata = json!({"name": entry.object.name()});
    let mut kept = json!({
        "apiVersion": entry.object.0.get("apiVersion"), "kind": entry.object.kind(), "metadata": kept_metadata,
        "webhooks": [],
    });
    let mut gone = Vec::new();
    let mut told = Vec::new();
    for (i, webhook) in list.iter().enumerate() {
        let mut same = json!({});
        for key in KEPT.into_iter().chain(["name", "sideEffects", "admissionReviewVersions"]) {
            same[key] = webhook.get(key).cloned().unwrap_or_default();
        }
        if let Some(service) = webhook.pointer("/clientConfig/service") {
            same["clientConfig"] = json!({"service": service});
        }
        if by_url(webhook) {
            gone.push(Route::root().key("webhooks").index(i).key("clientConfig").key("url"));
            same = webhook.clone();
        }
        told.push(same);
    }
    kept["webhooks"] = told.into();
    notes.fields(entry, gone, "webhooks by URL are left out, because OLM installs only those that a deployment serves");
    notes.lost(entry, &kept, "becomes webhooks of the ClusterServiceVersion, without");
}

fn admission(entry: &Entry) -> Option<&'static str> {
    [
        ("ValidatingWebhookConfiguration", "ValidatingAdmissionWebhook"),
        ("MutatingWebhookConfiguration", "MutatingAdmissionWebhook"),
    ]
    .into_iter()
    .find_map(|(kind, webhook)| entry.is(GROUP, kind).then_some(webhook))
}

/// The webhook that converts a CRD between its versions.
fn conversion(crd: &Entry, entries: &[Entry], deployments: &[Deployment]) -> Result<Option<Webhook>, Misfit> {
    let Some(service) = crd.value("spec/conversion/webhook/clientConfig/service") else { return Ok(None) };
    let mut told = served(Some(service), entries, deployments);
    let versions = crd.value("spec/conversion/webhook/conversionReviewVersions").cloned();
    told.insert("type".into(), "ConversionWebhook".into());
    told.insert("generateName".into(), format!("c{}", crd.object.name()).into());
    told.insert("sideEffects".into(), "None".into());
    told.insert("admissionReviewVersions".into(), versions.unwrap_or(json!(["v1"])));
    told.insert("conversionCRDs".into(), json!([crd.object.name()]));
    serde_json::from_value(told.into()).map(Some).map_err(|error| crd.wrong(error))
}

/// The deployment that serves a webhook, with port and path, from the service that is called.
fn served(service: Option<&Value>, entries: &[Entry], deployments: &[Deployment]) -> Map<String, Value> {
    let mut told = Map::new();
    let Some(asked) = service else { return told };
    let name = asked["name"].as_str().unwrap_or_default();
    let port = asked["port"].as_i64().unwrap_or(HTTPS);
    let service = entries.iter().find(|entry| entry.is("", "Service") && entry.object.name() == name);
    let selector: BTreeMap<&str, &Value> = service
        .and_then(|service| service.value("spec/selector"))
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value))
        .collect();
    let selected = |deployment: &&Deployment| {
        let labels = deployment.spec.template.metadata.as_ref().and_then(|metadata| metadata.labels.as_ref());
        let has =
            |key: &str, value: &Value| labels.and_then(|labels| labels.get(key)).is_some_and(|label| *value == **label);
        !selector.is_empty() && selector.iter().all(|(key, value)| has(key, value))
    };
    let deployment = deployments.iter().find(selected).map(|deployment| deployment.name.as_str());
    let deployment = deployment.unwrap_or_else(|| name.strip_suffix("-service").unwrap_or(name));
    told.insert("deploymentName".into(), deployment.into());
    told.extend(asked.get("path").map(|path| ("webhookPath".to_owned(), path.clone())));
    let ports = service.and_then(|service| service.value("spec/ports")).and_then(Value::as_array);
    if let Some(found) = ports.into_iter().flatten().find(|found| found["port"] == port) {
        told.insert("containerPort".into(), port.into());
        told.extend(found.get("targetPort").map(|target| ("targetPort".to_owned(), target.clone())));
    }
    told
}
