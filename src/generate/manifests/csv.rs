//! The ClusterServiceVersion of a released bundle, whose parts become those of the definition. With one, the other objects
//! are as OLM installs them: their roles are not the operator's permissions, which the ClusterServiceVersion has.

use serde_json::Value;

use super::notes::Notes;
use super::{Entry, adopt_webhooks, deployments, differs, notes, rights};
use crate::bundle::csv::{API_VERSION, ClusterServiceVersion, KIND, annotation};
use crate::generate::Misfits;
use crate::operator::{Defined, Misfit, Object};
use crate::yaml::Route;

/// Whether an object is a ClusterServiceVersion.
pub(super) fn is(entry: &Entry) -> bool {
    entry.object.kind() == KIND && entry.text("apiVersion") == API_VERSION
}

/// The ClusterServiceVersion of an object. None if it is something else.
pub(in crate::generate) fn read(entry: &Entry) -> Option<Result<ClusterServiceVersion, Misfit>> {
    is(entry).then(|| {
        let mut object = Value::Object(entry.object.0.clone());
        deployments::quantities(&mut object);
        serde_json::from_value(object).map_err(|error| entry.wrong(error))
    })
}

/// Its examples, those that are objects with a kind and a name.
pub(in crate::generate) fn examples(csv: &ClusterServiceVersion) -> Vec<Object> {
    let annotations = csv.metadata.annotations.as_ref();
    let text = annotations.and_then(|annotations| annotations.get(annotation::ALM_EXAMPLES));
    let read = text.and_then(|text| serde_json::from_str::<Vec<Object>>(text).ok()).unwrap_or_default();
    read.into_iter().filter(|object| !object.kind().is_empty() && !object.name().is_empty()).collect()
}

/// Adds its parts to the definition, whose own ones take precedence.
pub(super) fn adopt(
    defined: &mut Defined,
    entry: &Entry,
    csv: ClusterServiceVersion,
    said: &mut Notes,
    warnings: &mut Misfits,
) -> Result<(), Misfit> {
    let examples = examples(&csv);
    let spec = csv.spec;
    for deployment in spec.install.spec.deployments {
        let same = |(_, own): &(usize, &crate::bundle::csv::Deployment)| own.name == deployment.name;
        if let Some((i, own)) = defined.definition.deployments.iter().enumerate().find(same) {
            let value =
                |it: &crate::bundle::csv::Deployment| serde_json::to_value(it).map_err(|error| entry.wrong(error));
            let differences = differs::between(&value(own)?, &value(&deployment)?);
            let route = Route::root().key("deployments").index(i);
            notes::differs(route, &format!("the Deployment {}", own.name), &entry.place(), &differences, warnings);
            continue;
        }
        defined.adopt("deployments", |definition| &mut definition.deployments, deployment, &entry.route);
    }
    let definition = &mut defined.definition;
    let install = (spec.install.spec.permissions, spec.install.spec.cluster_permissions);
    rights::merge(definition, |definition| &mut definition.permissions, "permissions", install.0, warnings);
    rights::merge(
        definition,
        |definition| &mut definition.cluster_permissions,
        "clusterPermissions",
        install.1,
        warnings,
    );
    adopt_webhooks(defined, spec.webhook_definitions, warnings);
    if defined.definition.required_custom_resources.is_empty() {
        defined.definition.required_custom_resources = spec.custom_resource_definitions.required;
    }
    for example in examples {
        let own = &defined.definition.examples;
        if !own.iter().any(|own| own.kind() == example.kind() && own.name() == example.name()) {
            defined.adopt("examples", |definition| &mut definition.examples, example, &entry.route);
        }
    }
    let unused = ["apiservicedefinitions", "nativeAPIs", "cleanup", "selector", "labels"];
    let unused = unused.into_iter().filter(|key| {
        entry
            .value(&format!("spec/{key}"))
            .is_some_and(|value| !matches!(value, Value::Null) && *value != serde_json::json!({}))
    });
    let routes = unused.map(|key| Route::root().key("spec").key(key)).collect();
    said.fields(
        entry,
        routes,
        "left out, because an operator.yaml cannot contain these fields of a ClusterServiceVersion",
    );
    Ok(())
}
