//! The ClusterServiceVersion of a release.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::crds::Crd;
use super::{BUILDER, Misfits, misfit};
use crate::bundle::csv::{
    API_VERSION, ClusterServiceVersion, CrdDescription, CrdText, CustomResourceDefinitions, Deployment, Icon, Install,
    InstallMode, InstallModeType, InstallSpec, KIND, RelatedImage, Spec, annotation,
};
use crate::operator::{Defined, Definition, rule};
use crate::yaml::Route;

pub(super) fn of(defined: &Defined, crds: &[Crd], icon: Option<Icon>, misfits: &mut Misfits) -> ClusterServiceVersion {
    let (definition, release) = (&defined.definition, &defined.release);
    let support = |kind| InstallMode { kind, supported: definition.install_modes.contains(&kind) };
    ClusterServiceVersion {
        api_version: API_VERSION.to_owned(),
        kind: KIND.to_owned(),
        metadata: ObjectMeta {
            name: Some(defined.name()),
            // As operator-sdk writes it: OLM fills in the namespace that it installs into.
            namespace: Some("placeholder".to_owned()),
            annotations: Some(annotations(defined)),
            labels: Some(labels(definition)).filter(|labels| !labels.is_empty()),
            ..ObjectMeta::default()
        },
        spec: Spec {
            display_name: definition.display_name.clone(),
            version: release.version.to_string(),
            description: Some(definition.description.clone()),
            maturity: definition.maturity.clone(),
            replaces: release.replaces.clone(),
            skips: release.skips.clone(),
            min_kube_version: release.min_kube_version.as_ref().map(ToString::to_string),
            keywords: definition.keywords.clone(),
            maintainers: definition.maintainers.clone(),
            provider: Some(definition.provider.clone()),
            links: definition.links.clone(),
            icon: icon.into_iter().collect(),
            install_modes: InstallModeType::ALL.map(support).to_vec(),
            install: Install {
                strategy: "deployment".to_owned(),
                spec: InstallSpec {
                    deployments: definition.deployments.clone(),
                    permissions: definition.permissions.clone(),
                    cluster_permissions: definition.cluster_permissions.clone(),
                },
            },
            custom_resource_definitions: CustomResourceDefinitions {
                owned: owned(defined, crds, misfits),
                required: definition.required_custom_resources.clone(),
            },
            webhook_definitions: definition.webhooks.clone(),
            related_images: related_images(defined),
            ..Spec::default()
        },
    }
}

fn annotations(defined: &Defined) -> BTreeMap<String, String> {
    let (definition, release) = (&defined.definition, &defined.release);
    // The definition may contain any text, because it is written by hand. Consoles read the JSON form.
    let examples = (!definition.examples.is_empty()).then(|| format!("{:#}", examples(definition)));
    let capability = definition.capabilities.and_then(|level| serde_json::to_value(level).ok());
    let own = [
        (annotation::ALM_EXAMPLES, examples),
        (annotation::CAPABILITIES, capability.and_then(|level| level.as_str().map(str::to_owned))),
        (annotation::CATEGORIES, Some(definition.categories.join(", ")).filter(|text| !text.is_empty())),
        (annotation::CERTIFIED, definition.certified.map(|certified| certified.to_string())),
        (annotation::CONTAINER_IMAGE, definition.container_image.clone()),
        (annotation::CREATED_AT, release.created_at.clone()),
        (annotation::DESCRIPTION, definition.summary.clone()),
        (annotation::SKIP_RANGE, release.skip_range.clone()),
        (annotation::REPOSITORY, definition.repository.clone()),
        (annotation::SUPPORT, definition.support.clone()),
        (annotation::BUILDER, Some(BUILDER.to_owned())),
        (annotation::PROJECT_LAYOUT, definition.project_layout.clone()),
    ];
    let mut annotations = definition.annotations.clone();
    annotations.extend(own.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    annotations
}

fn examples(definition: &Definition) -> serde_json::Value {
    definition.examples.iter().map(|example| serde_json::Value::Object(example.0.clone())).collect()
}

fn labels(definition: &Definition) -> BTreeMap<String, String> {
    let architectures = definition.architectures.iter().map(|name| format!("{}{name}", annotation::ARCHITECTURE));
    let systems = definition.operating_systems.iter().map(|name| format!("{}{name}", annotation::OPERATING_SYSTEM));
    let mut labels = definition.labels.clone();
    labels.extend(architectures.chain(systems).map(|label| (label, "supported".to_owned())));
    labels
}

/// The CRDs, each in its storage version.
fn owned(defined: &Defined, crds: &[Crd], misfits: &mut Misfits) -> Vec<CrdDescription> {
    let mut owned = Vec::new();
    for crd in crds {
        let names = &crd.crd.spec.names;
        let Some(version) = crd.stored() else {
            let route = Route::root().key("objects").index(crd.object.unwrap_or_default());
            misfits.push((rule::CRDS, misfit(route, "this CRD has no storage version")));
            continue;
        };
        let schema = version.schema.as_ref().and_then(|schema| schema.open_api_v3_schema.as_ref());
        let text = defined.definition.custom_resources.iter().find(|text| text.kind == names.kind);
        let mut text = text.map_or_else(CrdText::default, |text| text.text.clone());
        text.display_name.get_or_insert_with(|| words(&names.kind));
        text.description = text.description.or_else(|| schema.and_then(|schema| schema.description.clone()));
        owned.push(CrdDescription {
            name: format!("{}.{}", names.plural, crd.crd.spec.group),
            version: version.name.clone(),
            kind: names.kind.clone(),
            text,
        });
    }
    owned
}

/// `DatabaseCluster` as `Database Cluster`, `VMAgent` as `VM Agent`.
pub(super) fn words(kind: &str) -> String {
    let letters: Vec<char> = kind.chars().collect();
    let mut words = String::new();
    for (i, letter) in letters.iter().enumerate() {
        let after = i.checked_sub(1).map(|before| letters[before]);
        let before_small = letters.get(i + 1).is_some_and(|next| next.is_lowercase());
        if letter.is_uppercase()
            && after.is_some_and(|last| last.is_lowercase() || (before_small && last.is_uppercase()))
        {
            words.push(' ');
        }
        words.push(*letter);
    }
    words
}

/// The images that the definition names, and the other images of its deployments, by name.
fn related_images(defined: &Defined) -> Vec<RelatedImage> {
    let mut named = defined.definition.images.clone();
    named.extend(defined.release.images.clone());
    let mut images: BTreeMap<String, String> = BTreeMap::new();
    for (name, image) in named {
        images.entry(image).or_insert(name);
    }
    for container in defined.definition.deployments.iter().flat_map(Deployment::containers) {
        if let Some(image) = &container.image {
            images.entry(image.clone()).or_insert_with(|| container.name.clone());
        }
    }
    let mut related: Vec<_> = images.into_iter().map(|(image, name)| RelatedImage { name, image }).collect();
    related.sort_by(|a, b| (&a.name, &a.image).cmp(&(&b.name, &b.image)));
    related
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn kinds_are_split_into_words() {
        let kinds = ["DatabaseCluster", "VMAgent", "Backup", "PerconaXtraDBCluster"].map(words);
        assert_eq!(kinds, ["Database Cluster", "VM Agent", "Backup", "Percona Xtra DB Cluster"]);
    }
}
