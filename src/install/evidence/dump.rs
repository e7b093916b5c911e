//! Evidence from a dump of objects, as `kubectl get -o yaml` writes it.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Definition, Evidence, Scope};
use crate::install::api::Condition;
use crate::install::api::olm::{DEFINITIONS, DEPLOYMENTS};
use crate::install::error::Error;

/// Kinds that are dumped together: if a dump has one of them, the others were dumped too.
const TOGETHER: [&[&str]; 4] = [
    &["CatalogSource", "OperatorGroup", "Subscription", "InstallPlan", "ClusterServiceVersion"],
    &["Deployment", "ReplicaSet", "Pod"],
    &["CustomResourceDefinition"],
    &["PackageManifest"],
];
/// Kinds that are dumped separately.
const ALONE: [&str; 5] = ["Namespace", "Service", "Job", "Event", "ResourceQuota"];

impl Evidence {
    /// Evidence from a dump of objects. Objects of other kinds are ignored. Its scope is what the objects show: the
    /// CatalogSource that Subscriptions name, their namespaces, and the defaults of [`Scope`] if none is there.
    ///
    /// # Errors
    /// An object that cannot be read.
    pub fn from_objects(values: Vec<Value>) -> Result<Self, Error> {
        let values: Vec<Value> = values.into_iter().flat_map(items).collect();
        let mut evidence = Self { scope: scope(&values), ..Self::default() };
        evidence.olm = olm(&values).unwrap_or_else(|| evidence.scope.olm_namespace.clone());
        let mut seen = BTreeSet::new();
        for value in values {
            let kind = value["kind"].as_str().unwrap_or_default().to_owned();
            evidence.add(&kind, value)?;
            seen.insert(kind);
        }
        for group in TOGETHER.iter().copied().chain(ALONE.iter().map(std::slice::from_ref)) {
            if !group.iter().any(|kind| seen.contains(*kind)) {
                evidence.unknown.extend(group);
            }
        }
        evidence.sort();
        Ok(evidence)
    }

    fn add(&mut self, kind: &str, value: Value) -> Result<(), Error> {
        // Other groups have kinds of the same name.
        let group = value["apiVersion"].as_str().unwrap_or_default().split_once('/').map_or("", |(group, _)| group);
        match (group, kind) {
            ("", "Namespace") => self.namespaces.push(typed(value)?),
            ("", "Service") => self.services.push(typed(value)?),
            ("", "Pod") => self.pods.push(typed(value)?),
            ("", "Event") => self.events.push(typed(value)?),
            ("", "ResourceQuota") => self.quotas.push(typed(value)?),
            ("apps", "Deployment") => self.deployments.push(typed(value)?),
            ("apps", "ReplicaSet") => self.replica_sets.push(typed(value)?),
            ("batch", "Job") => self.jobs.push(typed(value)?),
            ("operators.coreos.com", "CatalogSource") => self.catalogs.push(typed(value)?),
            ("operators.coreos.com", "OperatorGroup") => self.groups.push(typed(value)?),
            ("operators.coreos.com", "Subscription") => self.subscriptions.push(typed(value)?),
            ("operators.coreos.com", "InstallPlan") => self.plans.push(typed(value)?),
            ("operators.coreos.com", "ClusterServiceVersion") => self.csvs.push(typed(value)?),
            ("packages.operators.coreos.com", "PackageManifest") => self.packages.push(typed(value)?),
            ("apiextensions.k8s.io", "CustomResourceDefinition") => {
                let definition = definition(&value)?;
                if DEFINITIONS.contains(&definition.name.as_str()) {
                    self.definitions.push(definition);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// The relevant parts of a CustomResourceDefinition.
pub(super) fn definition(value: &Value) -> Result<Definition, Error> {
    let conditions = match &value["status"]["conditions"] {
        Value::Null => Vec::new(),
        conditions => serde_json::from_value::<Vec<Condition>>(conditions.clone())
            .map_err(|error| Error::Answer { what: "read a CustomResourceDefinition".into(), source: error.into() })?,
    };
    Ok(Definition {
        name: value["metadata"]["name"].as_str().unwrap_or_default().to_owned(),
        deleting: value["metadata"]["deletionTimestamp"].is_string(),
        conditions,
    })
}

/// The objects of a list, or the object.
fn items(mut value: Value) -> Vec<Value> {
    let list = value["kind"].as_str().is_some_and(|kind| kind.ends_with("List"));
    match value.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) if list => items,
        _ => vec![value],
    }
}

/// An object of its type. If the API lets the spec be left out, it is empty.
pub(super) fn typed<K: DeserializeOwned>(mut value: Value) -> Result<K, Error> {
    if let Some(fields) = value.as_object_mut() {
        fields.entry("spec").or_insert_with(|| Value::Object(Map::new()));
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let meta = &value["metadata"];
    let name = match meta["namespace"].as_str() {
        Some(namespace) => format!("{namespace}/{}", text(&meta["name"])),
        None => text(&meta["name"]),
    };
    let what = format!("read {} {name}", text(&value["kind"]));
    serde_json::from_value(value).map_err(|error| Error::Answer { what, source: error.into() })
}

/// The namespace in which OLM runs.
fn olm(values: &[Value]) -> Option<String> {
    let ours = |value: &&Value| {
        value["kind"] == "Deployment" && DEPLOYMENTS.iter().any(|name| value["metadata"]["name"] == *name)
    };
    values.iter().find(ours).and_then(|value| value["metadata"]["namespace"].as_str()).map(str::to_owned)
}

/// The place of a dump's installation.
fn scope(values: &[Value]) -> Scope {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let of = |kind: &'static str| values.iter().filter(move |value| value["kind"] == kind);
    let mut scope = Scope::default();
    let subscriptions = || of("Subscription").filter(|value| value["spec"]["source"].is_string());
    let ours = |value: &&Value| value["spec"]["source"] == scope.catalog.as_str();
    let first = subscriptions().find(ours).or_else(|| subscriptions().next());
    let named = match first {
        Some(subscription) => (text(&subscription["spec"]["source"]), text(&subscription["spec"]["sourceNamespace"])),
        None => {
            let ours = |value: &&Value| value["metadata"]["name"] == scope.catalog.as_str();
            let catalog = of("CatalogSource").find(ours).or_else(|| of("CatalogSource").next());
            catalog
                .map_or((None, None), |value| (text(&value["metadata"]["name"]), text(&value["metadata"]["namespace"])))
        }
    };
    scope.catalog = named.0.unwrap_or(scope.catalog);
    scope.olm_namespace = named.1.unwrap_or(scope.olm_namespace);
    let in_use: BTreeSet<String> = ["Subscription", "OperatorGroup"]
        .into_iter()
        .flat_map(of)
        .filter_map(|value| text(&value["metadata"]["namespace"]))
        .filter(|namespace| *namespace != scope.olm_namespace && namespace != "operators")
        .collect();
    // OLM's own manifests contain an OperatorGroup and a namespace without Subscriptions. Those are not an
    // installation.
    let subscribed: BTreeSet<String> =
        subscriptions().filter_map(|value| text(&value["metadata"]["namespace"])).collect();
    let namespaces = if subscribed.is_empty() { in_use } else { subscribed };
    if !namespaces.is_empty() {
        scope.namespaces = namespaces.into_iter().collect();
    }
    scope
}
