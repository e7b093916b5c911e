//! The rules, one per file. To add a rule, add its file and its name to the list below.

/// What every rule uses.
mod prelude {
    pub(super) use super::super::names::{choice, list, some};
    pub(super) use super::super::{BundleView, ChannelView, Context, PackageView, Rule};
    pub(super) use crate::diagnostic::{Finding, Place, Severity};
    pub(super) use crate::yaml::Route;

    /// The place of a field of a blob.
    pub(super) fn field(origin: &crate::catalog::Origin, name: &str) -> Place {
        origin.place(Route::root().key(name))
    }

    /// What to do about a file whose name is not that of a YAML or JSON file, such as a Dockerfile: every file in a
    /// catalog's folder is read.
    pub(super) fn not_a_catalog_file(file: &std::path::Path) -> Option<String> {
        let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if ["yaml", "yml", "json"].contains(&extension.to_lowercase().as_str()) {
            return None;
        }
        let name = file.file_name()?.to_string_lossy();
        Some(format!(
            "if {name} is not part of the catalog, name it in a file `.indexignore` in the catalog's folder, or move it elsewhere"
        ))
    }

    /// The items that repeat an earlier name, each with the first item of that name.
    pub(super) fn duplicates<T: Copy, K: Ord>(
        items: impl IntoIterator<Item = T>,
        name: impl Fn(T) -> K,
    ) -> Vec<(T, T)> {
        let mut first = std::collections::BTreeMap::new();
        let mut again = Vec::new();
        for item in items {
            match first.entry(name(item)) {
                std::collections::btree_map::Entry::Vacant(vacant) => {
                    vacant.insert(item);
                }
                std::collections::btree_map::Entry::Occupied(first) => again.push((item, *first.get())),
            }
        }
        again
    }
}

pub(super) use ignore_comment::RULE as IGNORE_COMMENT;
pub(super) use image_reference::help as reference_help;
pub(super) use skip_range::help as skip_range_help;

macro_rules! rules {
    ($($module:ident,)*) => {
        $(mod $module;)*

        /// Every rule, sorted by id.
        pub static RULES: &[&super::Rule] = &[$(&$module::RULE,)*];
    };
}

rules! {
    blob_shape,
    bundle_duplicate,
    bundle_image,
    bundle_image_version,
    bundle_name,
    bundle_name_version,
    bundle_package,
    bundle_release,
    bundle_version,
    bundle_version_duplicate,
    bundle_without_entry,
    catalog_empty,
    channel_behind,
    channel_duplicate,
    channel_empty,
    channel_head,
    channel_name,
    crd_property_name,
    crd_version_removed,
    csv_skip_range,
    default_channel,
    default_channel_behind,
    dependency_absent,
    dependency_constraint,
    dependency_unmet,
    deprecated_head,
    deprecation_message,
    deprecation_reference,
    deprecations_duplicate,
    edge_downgrade,
    edge_unknown,
    entry_duplicate,
    entry_skips,
    entry_stranded,
    entry_stuck,
    entry_without_bundle,
    field_name,
    file_unreadable,
    ignore_comment,
    image_reference,
    install_plan_size,
    min_kube_version_back,
    olm_v1_api_service,
    olm_v1_crd_upgrade,
    olm_v1_dependency,
    olm_v1_image,
    olm_v1_install_modes,
    package_duplicate,
    package_name,
    package_required_range,
    package_unknown,
    package_without_channel,
    property_value,
    replaces_cycle,
    skip_range,
    skip_range_behind,
    skip_range_includes,
    skip_range_misses,
    upgrade_crd,
    upgrade_install_modes,
    upgrade_permissions,
    upgrade_webhooks,
    version_gap,
    yaml_syntax,
}
