//! Checks for resources of CRDs that would be deleted.

use std::collections::BTreeSet;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::ResourceExt;
use kube::api::ApiResource;

use crate::install::cluster::Cluster;
use crate::install::error::Error;

/// Checks that no resources of these CRDs exist, in any version that is served.
///
/// # Errors
/// [`Error::InTheWay`] if some exist, or if that cannot be checked: they would be lost with the CRD.
pub(super) async fn none(cluster: &Cluster, definitions: &BTreeSet<String>) -> Result<(), Error> {
    for name in definitions {
        let Some(definition) = cluster.get::<CustomResourceDefinition>(None, name).await? else { continue };
        let kinds = served(&definition);
        if kinds.is_empty() {
            return Err(unknown(name, "no version of it is served"));
        }
        for kind in kinds {
            let resources = match cluster.list_dynamic(&kind, None, "").await {
                Ok(resources) => resources,
                Err(error @ (Error::Forbidden { .. } | Error::Refused { .. } | Error::Answer { .. })) => {
                    return Err(unknown(name, &error.to_string()));
                }
                Err(error) => return Err(error),
            };
            let Some(first) = resources.first() else { continue };
            let first = first.namespace().map_or(first.name_any(), |it| format!("{it}/{}", first.name_any()));
            let count = match resources.len() {
                1 => format!("a resource of {name} exists, {first}: it would be lost with the CRD"),
                many => format!("{many} resources of {name} exist, such as {first}: they would be lost with the CRD"),
            };
            return Err(Error::InTheWay {
                message: format!("{count}; nothing was deleted"),
                help: format!(
                    "delete them first (`kubectl delete {name} --all --all-namespaces`), or run it without --crds"
                ),
            });
        }
    }
    Ok(())
}

fn unknown(name: &str, why: &str) -> Error {
    Error::InTheWay {
        message: format!("cannot check whether resources of {name} exist; nothing was deleted: {why}"),
        help: "run it without --crds, or delete the CRD yourself once you know that nothing is lost".into(),
    }
}

/// The kinds under which a CRD's resources are served, one for each version.
fn served(definition: &CustomResourceDefinition) -> Vec<ApiResource> {
    let spec = &definition.spec;
    let versions = spec.versions.iter().filter(|version| version.served);
    let kind = |version: &str| ApiResource {
        group: spec.group.clone(),
        api_version: format!("{}/{version}", spec.group),
        version: version.to_owned(),
        kind: spec.names.kind.clone(),
        plural: spec.names.plural.clone(),
    };
    versions.map(|version| kind(&version.name)).collect()
}
