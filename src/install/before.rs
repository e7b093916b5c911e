//! Objects on the cluster that conflict with an installation. They are checked before anything is written.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use k8s_openapi::api::core::v1::Namespace;
use kube::ResourceExt;

use super::api::{CatalogSource, OperatorGroup, Subscription};
use super::cluster::Cluster;
use super::error::Error;
use super::marks::{PART_OF, is_ours};
use super::objects::Objects;
use super::options::Options;
use super::state::State;

/// Checks for conflicts, and removes from the objects those that already exist and belong to others.
///
/// # Errors
/// [`Error::InTheWay`] with the conflict and how to resolve it. Also if the API server does not answer, or a permission
/// is missing.
pub async fn look(cluster: &Cluster, options: &Options, objects: &mut Objects) -> Result<(), Error> {
    namespaces(cluster, options, objects).await?;
    catalog(cluster, objects).await?;
    groups(cluster, objects).await?;
    subscriptions(cluster, objects).await?;
    isolation(cluster, options).await?;
    versions(cluster, options).await
}

async fn namespaces(cluster: &Cluster, options: &Options, objects: &Objects) -> Result<(), Error> {
    let olm = objects.catalog.namespace();
    for name in objects.namespaces.iter().map(ResourceExt::name_any).chain(olm) {
        let Some(found) = cluster.get::<Namespace>(None, &name).await? else { continue };
        if found.metadata.deletion_timestamp.is_some() {
            return Err(Error::InTheWay {
                message: format!("namespace {name} is being deleted"),
                help: "wait until it is gone; `kubectl get namespace -o yaml` shows what blocks the deletion".into(),
            });
        }
        // Without the label it would not be found again.
        if options.is_for(&name) && found.labels().get(PART_OF) != Some(&options.catalog) {
            return Err(Error::InTheWay {
                message: format!("namespace {name} exists, but is not labelled as part of {}", options.catalog),
                help: format!("label it: `kubectl label namespace {name} {PART_OF}={}`", options.catalog),
            });
        }
    }
    Ok(())
}

async fn catalog(cluster: &Cluster, objects: &mut Objects) -> Result<(), Error> {
    let wanted = &mut objects.catalog;
    let (name, namespace) = (wanted.name_any(), wanted.namespace().unwrap_or_default());
    let found: Option<CatalogSource> = cluster.get(Some(&namespace), &name).await?;
    match found {
        Some(found) if !is_ours(&found, &name) => Err(Error::InTheWay {
            message: format!(
                "CatalogSource {namespace}/{name} (image {}) exists, but install-catalog did not create it",
                found.spec.image.as_deref().unwrap_or("none")
            ),
            help: "choose another name with --catalog, or delete it first".into(),
        }),
        Some(found) if found.metadata.deletion_timestamp.is_some() => Err(Error::InTheWay {
            message: format!("CatalogSource {namespace}/{name} is being deleted"),
            help: "wait until it is gone, then run the same command".into(),
        }),
        // If neither an option nor a label names the catalog, it keeps its current names.
        Some(CatalogSource { spec, .. }) => {
            wanted.spec.display_name = wanted.spec.display_name.take().or(spec.display_name);
            wanted.spec.publisher = wanted.spec.publisher.take().or(spec.publisher);
            Ok(())
        }
        None => Ok(()),
    }
}

/// A namespace can have only one OperatorGroup.
async fn groups(cluster: &Cluster, objects: &mut Objects) -> Result<(), Error> {
    let catalog = objects.catalog.name_any();
    let mut kept = Vec::new();
    for wanted in std::mem::take(&mut objects.groups) {
        let namespace = wanted.namespace().unwrap_or_default();
        let mut found: Vec<OperatorGroup> = cluster.list(Some(&namespace), "").await?;
        found.retain(|group| group.name_any() != wanted.name_any() || !is_ours(group, &catalog));
        match &*found {
            [] => kept.push(wanted),
            // Somebody else's OperatorGroup with the same targets can be used too.
            [other] if other.spec.selector.is_none() && targets(other) == targets(&wanted) => {}
            [other] => {
                return Err(Error::InTheWay {
                    message: format!(
                        "OperatorGroup {namespace}/{} targets {}, but these operators need one for {}; a namespace can \
                         have only one",
                        other.name_any(),
                        scope(other),
                        scope(&wanted)
                    ),
                    help: "choose another namespace with --namespace, or delete that OperatorGroup if nothing needs it"
                        .into(),
                });
            }
            many => {
                let names: Vec<_> = many.iter().map(ResourceExt::name_any).collect();
                return Err(Error::InTheWay {
                    message: format!(
                        "namespace {namespace} has {} OperatorGroups ({}); with more than one, OLM installs nothing \
                         there",
                        many.len(),
                        names.join(", ")
                    ),
                    help: "delete all but one, or choose another namespace with --namespace".into(),
                });
            }
        }
    }
    objects.groups = kept;
    Ok(())
}

fn targets(group: &OperatorGroup) -> Vec<&str> {
    let mut targets: Vec<_> = group.spec.target_namespaces.iter().flatten().map(String::as_str).collect();
    targets.sort_unstable();
    targets.dedup();
    targets
}

fn scope(group: &OperatorGroup) -> String {
    match (&group.spec.selector, &*targets(group)) {
        (Some(_), _) => "the namespaces of its selector".to_owned(),
        (None, []) => "all namespaces".to_owned(),
        (None, [one]) => format!("namespace {one}"),
        (None, many) => format!("namespaces {}", many.join(", ")),
    }
}

/// Two Subscriptions to one package in one namespace stop OLM there.
async fn subscriptions(cluster: &Cluster, objects: &Objects) -> Result<(), Error> {
    let catalog = objects.catalog.name_any();
    let mut there: BTreeMap<String, Vec<Subscription>> = BTreeMap::new();
    for wanted in &objects.subscriptions {
        let namespace = wanted.namespace().unwrap_or_default();
        let found = match there.entry(namespace.clone()) {
            Entry::Occupied(found) => found.into_mut(),
            Entry::Vacant(new) => new.insert(cluster.list(Some(&namespace), "").await?),
        };
        let is_other = |other: &&Subscription| other.spec.name == wanted.spec.name && !is_ours(*other, &catalog);
        if let Some(other) = found.iter().find(is_other) {
            return Err(Error::InTheWay {
                message: format!(
                    "Subscription {namespace}/{} to package {} exists, but install-catalog did not create it",
                    other.name_any(),
                    other.spec.name
                ),
                help: format!(
                    "leave {} out with --operators, or choose another namespace with --namespace",
                    other.spec.name
                ),
            });
        }
    }
    Ok(())
}

/// An operator that is installed with --isolate cannot also be installed without it, and vice versa.
async fn isolation(cluster: &Cluster, options: &Options) -> Result<(), Error> {
    let other = Options { isolate: !options.isolate, ..options.clone() };
    for operator in &options.operators {
        let namespace = other.namespace_of(&operator.package);
        let found = match cluster.get::<Subscription>(Some(&namespace), &operator.package).await {
            Ok(found) => found,
            // Without the permission to list there, this user did not install there.
            Err(Error::Forbidden { .. }) => None,
            Err(error) => return Err(error),
        };
        if found.is_some_and(|found| is_ours(&found, &options.catalog)) {
            let (with, how) = if options.isolate { ("without", "without") } else { ("with", "with") };
            return Err(Error::InTheWay {
                message: format!(
                    "{} is installed {with} --isolate, in namespace {namespace}; nothing was written",
                    operator.package
                ),
                help: format!("run install {how} --isolate, or uninstall it first"),
            });
        }
    }
    Ok(())
}

/// A requested version must be the installed one, unless nothing is installed yet: it applies only to the first
/// installation.
async fn versions(cluster: &Cluster, options: &Options) -> Result<(), Error> {
    for operator in &options.operators {
        let Some(wanted) = &operator.version else { continue };
        let namespace = options.namespace_of(&operator.package);
        let state = State::read(cluster, &namespace).await?;
        let Some(subscription) = state.subscription(&operator.package) else { continue };
        let Some(installed) = state.installed(subscription) else { continue };
        let version = state.version(installed).and_then(|version| version.spec.version.clone()).unwrap_or_default();
        if version.trim_start_matches('v') != wanted.trim_start_matches('v') {
            return Err(Error::InTheWay {
                message: format!(
                    "{} is already installed in version {version}, not {wanted}; nothing was written",
                    operator.package
                ),
                help: "--version only applies to a first installation: `install-catalog upgrades` shows pending \
                     upgrades, `install-catalog approve` approves them"
                    .into(),
            });
        }
    }
    Ok(())
}
