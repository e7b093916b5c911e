//! The labels and annotations by which the installer knows its own objects, and the names of objects in messages.

use std::collections::BTreeMap;

use kube::{Resource, ResourceExt};

/// The label of everything that the installer writes; its value is [`OWNER`].
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// The field owner of everything that the installer writes.
pub const OWNER: &str = "install-catalog";
/// The label that names the catalog an object belongs to.
pub const PART_OF: &str = "app.kubernetes.io/part-of";
/// The annotation of a namespace that the installer created. It is written only at creation.
pub const CREATED: &str = "install-catalog/created";
/// The annotation of a namespace that an installation with isolated operators created: the installation's namespace.
pub const INSTALLATION: &str = "install-catalog/installation";

/// The labels by which everything of a catalog is found.
#[must_use]
pub fn selector(catalog: &str) -> String {
    let labels = BTreeMap::from([(MANAGED_BY, OWNER), (PART_OF, catalog)]);
    labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
}

/// Whether the installer wrote an object, for this catalog.
#[must_use]
pub fn is_ours<K: Resource>(object: &K, catalog: &str) -> bool {
    let label = |name: &str| object.labels().get(name).map(String::as_str);
    label(MANAGED_BY) == Some(OWNER) && label(PART_OF) == Some(catalog)
}

/// Whether the installer created an object.
pub(super) fn is_managed(object: &impl ResourceExt) -> bool {
    object.labels().get(MANAGED_BY).is_some_and(|owner| owner == OWNER)
}

/// Whether the installer wrote an object as a part of OLM's own manifests.
pub(super) fn is_of_olm<K: Resource>(object: &K) -> bool {
    let labels = object.labels();
    labels.get(MANAGED_BY).map(String::as_str) == Some(OWNER) && !labels.contains_key(PART_OF)
}

/// `Subscription dbaas/pxc`.
pub(super) fn title(kind: &str, namespace: Option<&str>, name: &str) -> String {
    match namespace {
        Some(namespace) => format!("{kind} {namespace}/{name}"),
        None => format!("{kind} {name}"),
    }
}

/// The same for an object.
pub(super) fn title_of<K: Resource<DynamicType = ()>>(object: &K) -> String {
    title(&K::kind(&()), object.namespace().as_deref(), &object.name_any())
}
