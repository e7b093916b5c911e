//! The upgrades that wait for a user, with all that they bring, and accepting them.

mod accept;
mod manifests;

pub use accept::{Accept, UnderWay, accept, choose, go_on, under_way};

use std::collections::BTreeSet;

use kube::ResourceExt;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::api::InstallPlan;
use super::cluster::Cluster;
use super::error::Error;
use super::places::Places;
use super::plan;
use super::state::State;
use super::status;
use crate::crd::{self, Crd};
use crate::safety::{self, DefinitionChange, Facts};

/// An InstallPlan that waits. All of it is accepted, or nothing.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Upgrade {
    /// Its namespace.
    pub namespace: String,
    /// The plan's name.
    pub plan: String,
    /// The plan's resource version: what is approved is the plan in exactly this state.
    pub resource_version: String,
    /// The operators that it installs or upgrades.
    pub operators: Vec<Change>,
    /// Every bundle that it installs.
    pub bundles: Vec<String>,
    /// The CustomResourceDefinitions that it adds or changes.
    pub definitions: Vec<Definition>,
    /// What the operators may do afterwards and could not before.
    pub permissions: Vec<String>,
    /// The images that it brings and were not there before.
    pub images: Vec<String>,
    /// What is deprecated of the packages, channels and bundles, as OLM says it.
    pub deprecations: Vec<String>,
    /// The plan itself.
    #[serde(skip)]
    object: InstallPlan,
}

/// An operator that a plan changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Its package.
    pub operator: String,
    /// The bundle that is installed; none where it is new.
    pub from: Option<String>,
    /// The bundle that is to be.
    pub to: String,
}

/// A CustomResourceDefinition that a plan changes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// Whether it was not there before.
    pub new: bool,
    /// How many fields it gains.
    pub added: usize,
    /// How many changes there are to fields that stay.
    pub changed: usize,
    /// The fields that it loses: existing values are pruned.
    pub removed: Vec<String>,
    /// What its changes do to the resources that exist: the worst of them.
    pub class: Option<crd::Class>,
    /// The changes that are not safe for the resources that exist.
    pub effects: Vec<Effect>,
    /// The versions in which the cluster has stored resources, and which it loses: OLM does not carry out such a plan.
    pub stored: Vec<String>,
    /// All its changes.
    #[serde(skip)]
    pub changes: Vec<DefinitionChange>,
}

/// A change of a definition that is not safe for the resources that exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Effect {
    /// The version of the definition, and the path of the field with the keyword of its schema.
    pub path: String,
    /// How bad it is.
    pub class: crd::Class,
    /// What it does.
    pub effect: &'static str,
}

impl Upgrade {
    /// `<plan>@<resource version>`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}@{}", self.plan, self.resource_version)
    }

    /// Whether an id names it, with its namespace before it (`<namespace>/<plan>@<resource version>`) or without.
    #[must_use]
    pub fn is_named(&self, id: &str) -> bool {
        let (namespace, id) = id.split_once('/').map_or((None, id), |(namespace, id)| (Some(namespace), id));
        id == self.id() && namespace.is_none_or(|namespace| namespace == self.namespace)
    }
}

/// The upgrades that wait.
///
/// # Errors
/// No answer, a missing permission.
pub async fn waiting(cluster: &Cluster, places: &Places) -> Result<Vec<Upgrade>, Error> {
    let mut upgrades = Vec::new();
    for (namespace, state) in places.states(cluster).await? {
        let pending: BTreeSet<&str> = state
            .subscriptions
            .iter()
            .filter(|subscription| places.has(subscription))
            .filter_map(|subscription| state.pending(subscription))
            .collect();
        if pending.is_empty() {
            continue;
        }
        if let Some(plan) =
            plan::newest(&state, |plan| plan::carries(plan, &pending)).filter(|plan| plan::is_waiting(plan))
        {
            upgrades.push(upgrade(cluster, &namespace, &state, plan).await?);
        }
    }
    Ok(upgrades)
}

async fn upgrade(cluster: &Cluster, namespace: &str, state: &State, plan: &InstallPlan) -> Result<Upgrade, Error> {
    let bundles = plan.spec.cluster_service_version_names.clone();
    let operators = changes(&bundles, state);
    let mut definitions = Vec::new();
    for step in plan::steps(plan, "CustomResourceDefinition") {
        let new = manifests::of(cluster, step).await?;
        let old = manifests::definition(cluster, &step.resource.name).await?;
        definitions.extend(definition(&step.resource.name, old, new));
    }
    let (mut permissions, mut images) = (BTreeSet::new(), BTreeSet::new());
    for step in plan::steps(plan, "ClusterServiceVersion") {
        let new = manifests::of(cluster, step).await?;
        let from =
            operators.iter().find(|change| change.to == step.resource.name).and_then(|change| change.from.clone());
        let old = match from {
            Some(name) => manifests::version(cluster, namespace, &name).await?,
            None => Value::Null,
        };
        let step = safety::step(&Facts::of_csv(old), &Facts::of_csv(new));
        permissions.extend(step.permissions.iter().map(ToString::to_string));
        images.extend(step.images.added);
    }
    definitions.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Upgrade {
        namespace: namespace.to_owned(),
        plan: plan.name_any(),
        resource_version: plan.resource_version().unwrap_or_default(),
        operators,
        bundles,
        definitions,
        permissions: permissions.into_iter().collect(),
        images: images.into_iter().collect(),
        deprecations: state
            .subscriptions
            .iter()
            .flat_map(status::deprecations)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
        object: plan.clone(),
    })
}

fn changes(bundles: &[String], state: &State) -> Vec<Change> {
    let change = |bundle: &String| {
        let subscription = state.subscriptions.iter().find(|subscription| state.pending(subscription) == Some(bundle));
        Change {
            // What comes along because another needs it has no Subscription yet.
            operator: subscription.map_or_else(|| bundle.clone(), |subscription| subscription.spec.name.clone()),
            from: subscription.and_then(|subscription| state.installed(subscription)).map(str::to_owned),
            to: bundle.clone(),
        }
    };
    bundles.iter().map(change).collect()
}

/// What of a definition changes. A plan has a step for each definition of its bundles, most of which stay as they are.
fn definition(name: &str, old: Option<Value>, new: Value) -> Option<Definition> {
    let stored = old.as_ref().map_or(Vec::new(), stored);
    let of = |value: Value| Crd::from_manifest(value).ok();
    let (old, new) = (old.and_then(of), of(new)?);
    let Some(old) = old else {
        return Some(Definition { name: name.to_owned(), new: true, ..Definition::default() });
    };
    let lost =
        stored.into_iter().filter(|version| !new.versions.iter().any(|served| served.name == *version)).collect();
    let changes = crd::diff(&[old], &[new]);
    // A keyword of a schema comes or goes while its field stays; a column or a short name is no field.
    let is_field = |change: &crd::Change| {
        !change.path.contains(": ") && (change.path.is_empty() || change.path.starts_with(['.', '[', '{']))
    };
    let is = |change: &crd::Change, kind| is_field(change) && change.change == kind;
    let told = DefinitionChange::all(changes);
    let lost_fields = told.iter().filter(|told| is(&told.change, crd::Kind::Removed) && told.class > crd::Class::Safe);
    let removed = lost_fields.map(|DefinitionChange { change, .. }| {
        let version = change.version.as_deref().map(|version| format!("{version} ")).unwrap_or_default();
        format!("{version}{}", change.path)
    });
    let removed: Vec<String> = removed.collect();
    let effects = told.iter().map(|DefinitionChange { change, class, effect, .. }| {
        let parts = [change.version.as_deref().unwrap_or_default(), change.path.as_str()];
        Effect { path: parts.join(" ").trim().to_owned(), class: *class, effect }
    });
    let effects: Vec<Effect> = effects.collect();
    let class = effects.iter().map(|effect| effect.class).max().or(Some(crd::Class::Safe));
    let definition = Definition {
        class,
        effects: effects.into_iter().filter(|effect| effect.class > crd::Class::Safe).collect(),
        name: name.to_owned(),
        new: false,
        added: told.iter().filter(|told| is(&told.change, crd::Kind::Added)).count(),
        changed: told.iter().filter(|it| !is_field(&it.change) || it.change.change == crd::Kind::Changed).count(),
        removed,
        stored: lost,
        changes: told,
    };
    (!definition.changes.is_empty()).then_some(definition)
}

/// The versions in which there are or were resources.
fn stored(definition: &Value) -> Vec<String> {
    let versions = definition["status"]["storedVersions"].as_array().into_iter().flatten();
    versions.filter_map(|version| version.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_fields_are_lost() {
        let manifest = |names: Value, columns: Value, fields: Value| {
            json!({
                "metadata": {"name": "notes.example.com"},
                "spec": {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [{
                    "name": "v1", "served": true, "storage": true, "additionalPrinterColumns": columns,
                    "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": fields}}},
                }]},
                "status": {"storedVersions": ["v1"]},
            })
        };
        let old = manifest(
            json!({"kind": "Note", "plural": "notes", "shortNames": ["n"]}),
            json!([{"name": "Size", "type": "integer", "jsonPath": ".spec.size"}]),
            json!({"type": "object", "properties": {"size": {"type": "integer", "minimum": 1}, "ink": {"type": "string"}}}),
        );
        let new = manifest(
            json!({"kind": "Note", "plural": "notes"}),
            json!([]),
            json!({"type": "object", "properties": {"size": {"type": "integer"}, "paper": {"type": "string"}}}),
        );
        let found = definition("notes.example.com", Some(old), new).expect("it changes");
        assert_eq!(found.removed, ["v1 .spec.ink"]);
        assert_eq!((found.added, found.changed, found.new), (1, 3, false));
        assert!(found.stored.is_empty());
        assert_eq!(found.class, Some(crd::Class::Breaking));
        let effects: Vec<_> = found.effects.iter().map(|effect| format!("{} {}", effect.class, effect.path)).collect();
        assert_eq!(effects, ["breaking v1 .spec.ink"]);
    }
}
