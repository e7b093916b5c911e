//! Files of manifests as projects release them, folded into the definition of a release.
//!
//! What becomes of each object is what `operator-sdk generate bundle` makes of it, see
//! [`Manifests`](crate::operator::Manifests). Its source: `internal/generate/collector` and
//! `internal/generate/clusterserviceversion` of operator-sdk.

mod deployments;
mod remote;
mod rights;
mod source;
mod webhooks;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::crds::is_crd;
use super::{Misfits, file_name, misfit};
use crate::bundle::csv::{Deployment, Permissions};
use crate::operator::{Crds, Defined, Definition, Misfit, Object, rule};
use crate::yaml::{self, Document, Route};

/// The kinds that OLM installs from a bundle, CRDs apart. Source: `pkg/lib/bundle/supported_resources.go` of
/// operator-registry.
const INSTALLED: [&str; 20] = [
    "ClusterRole",
    "ClusterRoleBinding",
    "ConfigMap",
    "ConsoleCLIDownload",
    "ConsoleLink",
    "ConsolePlugin",
    "ConsoleQuickStart",
    "ConsoleYAMLSample",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "PodMonitor",
    "PriorityClass",
    "PrometheusRule",
    "Role",
    "RoleBinding",
    "Secret",
    "Service",
    "ServiceAccount",
    "ServiceMonitor",
    "VerticalPodAutoscaler",
];

/// An object of a file of manifests.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) object: Object,
    /// What names the file in the definition.
    route: Route,
    /// The file and the line that the object starts on, for people.
    place: String,
}

impl Entry {
    fn is(&self, group: &str, kind: &str) -> bool {
        self.object.group_version().0 == group && self.object.kind() == kind
    }

    fn value(&self, pointer: &str) -> Option<&Value> {
        let (first, rest) = pointer.split_once('/').unwrap_or((pointer, ""));
        let value = self.object.0.get(first)?;
        if rest.is_empty() { Some(value) } else { value.pointer(&format!("/{rest}")) }
    }

    pub(super) fn text(&self, pointer: &str) -> &str {
        self.value(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    fn wrong(&self, why: impl std::fmt::Display) -> Misfit {
        let named = format!("{} {}", self.object.kind(), self.object.name());
        misfit(self.route.clone(), format!("{named} at {} cannot be used: {why}", self.place))
    }
}

/// Adds what the manifests of a release hold to its definition. What was left out is told as warnings.
pub(super) fn fold(defined: &mut Defined, misfits: &mut Misfits, warnings: &mut Misfits) {
    let at = Route::root().key("crds");
    let files = match &defined.definition.crds {
        Some(Crds::Manifests(file)) => vec![(at.clone(), file.clone())],
        Some(Crds::Several(files)) => {
            files.iter().enumerate().map(|(i, file)| (at.clone().index(i), file.clone())).collect()
        }
        _ => return,
    };
    let mut entries = Vec::new();
    for (route, file) in files {
        let text = source::read(defined.file(), &file).map_err(|bad| {
            let route = route.clone().key(bad.key);
            (rule::MANIFESTS, Misfit { help: bad.help, ..misfit(route, bad.message) })
        });
        let found = text.and_then(|text| {
            let route = route.clone().key("manifests");
            objects(&text, &file.manifests, &route).map_err(|wrong| (rule::MANIFESTS, wrong))
        });
        match found {
            Ok(found) => entries.extend(found),
            Err(wrong) => misfits.push(wrong),
        }
    }
    if misfits.is_empty() && !entries.iter().any(|entry| is_crd(&entry.object)) {
        misfits.push((rule::CRDS, misfit(at, "the manifests hold no CustomResourceDefinition")));
    }
    if misfits.is_empty()
        && let Err(wrong) = sort(defined, entries, warnings)
    {
        misfits.push((rule::MANIFESTS, wrong));
    }
}

/// The objects of a file, those of lists each by itself.
pub(super) fn objects(text: &str, file: &str, route: &Route) -> Result<Vec<Entry>, Misfit> {
    let documents = yaml::read(text).map_err(|error| misfit(route.clone(), format!("{file}:{error}")))?;
    let mut entries = Vec::new();
    for Document { line, value, .. } in documents {
        let place = format!("{file}:{line}");
        let items = match value.get("items") {
            Some(Value::Array(items)) if value["kind"] == "List" => items.clone(),
            _ => vec![value],
        };
        for item in items {
            let Value::Object(map) = item else {
                return Err(misfit(route.clone(), format!("what stands at {place} is no object of Kubernetes")));
            };
            let entry = Entry { object: Object(map), route: route.clone(), place: place.clone() };
            let object = &entry.object;
            let plain = |name: &str| !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0']);
            if !plain(object.kind()) || !plain(object.name()) || object.group_version().1.contains('/') {
                let message = format!("the object at {place} has no valid apiVersion, kind or metadata.name");
                return Err(misfit(route.clone(), message));
            }
            entries.push(entry);
        }
    }
    Ok(entries)
}

/// The deployments of the objects.
pub(super) fn deployments(entries: &[Entry]) -> impl Iterator<Item = Result<Deployment, Misfit>> {
    entries.iter().filter(|entry| deployments::is(entry)).map(deployments::of)
}

/// Puts every object in its place.
fn sort(defined: &mut Defined, entries: Vec<Entry>, warnings: &mut Misfits) -> Result<(), Misfit> {
    let (found, mut rest): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(deployments::is);
    for entry in found {
        let deployment = deployments::of(&entry)?;
        let ours = |own: &Deployment| own.name == deployment.name;
        if !defined.definition.deployments.iter().any(ours) {
            defined.adopt("deployments", |definition| &mut definition.deployments, deployment, &entry.route);
        }
    }
    rights(&mut defined.definition, &mut rest)?;
    let webhooks = webhooks::of(&mut rest, &defined.definition.deployments)?;
    if defined.definition.webhooks.is_empty() {
        defined.definition.webhooks = webhooks;
    }
    let kinds: BTreeSet<(String, String)> = rest
        .iter()
        .filter(|entry| is_crd(&entry.object))
        .map(|entry| (entry.text("spec/group").to_owned(), entry.text("spec/names/kind").to_owned()))
        .collect();
    let own: BTreeSet<String> = defined.definition.objects.iter().map(file_name).collect();
    for mut entry in rest {
        clean(&mut entry.object.0);
        let (kind, name) = (entry.object.kind().to_owned(), entry.object.name().to_owned());
        if kinds.contains(&(entry.object.group_version().0.to_owned(), kind.clone())) {
            let same = |own: &Object| own.kind() == kind && own.name() == name;
            if !defined.definition.examples.iter().any(same) {
                defined.adopt("examples", |definition| &mut definition.examples, entry.object, &entry.route);
            }
        } else if is_crd(&entry.object) || INSTALLED.contains(&kind.as_str()) {
            if !own.contains(&file_name(&entry.object)) {
                defined.adopt("objects", |definition| &mut definition.objects, entry.object, &entry.route);
            }
        } else if !entry.is("", "Namespace") {
            let message = format!("{kind} {name} at {} is left out: OLM installs no {kind}", entry.place);
            warnings.push((rule::MANIFESTS, misfit(entry.route, message)));
        }
    }
    Ok(())
}

/// Turns the roles of the operator's service accounts into permissions.
fn rights(definition: &mut Definition, entries: &mut Vec<Entry>) -> Result<(), Misfit> {
    let of_deployments = definition.deployments.iter().map(deployments::service_account);
    let named = |list: &[Permissions]| list.iter().map(|own| own.service_account_name.clone()).collect::<Vec<_>>();
    let (own, own_cluster) = (named(&definition.permissions), named(&definition.cluster_permissions));
    let accounts = of_deployments.chain(own.iter().cloned()).chain(own_cluster.iter().cloned()).collect();
    let rights = rights::take(entries, &accounts)?;
    definition.permissions.extend(rights.namespaced.into_iter().filter(|new| !own.contains(&new.service_account_name)));
    let cluster = rights.cluster.into_iter().filter(|new| !own_cluster.contains(&new.service_account_name));
    definition.cluster_permissions.extend(cluster);
    Ok(())
}

/// Takes away what is a cluster's to say: the namespace, the state.
fn clean(object: &mut Map<String, Value>) {
    object.remove("status");
    if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
        metadata.remove("namespace");
        metadata.remove("creationTimestamp");
    }
}
