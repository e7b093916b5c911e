//! The rules, one a file. A file that is named here is a rule; nothing else is to be done for it.

/// What every rule uses.
mod prelude {
    pub(super) use super::super::names::{choice, list};
    pub(super) use super::super::{BundleView, ChannelView, Context, PackageView, Rule};
    pub(super) use crate::diagnostic::{Finding, Place, Severity};
    pub(super) use crate::yaml::Route;

    /// The place of a field of a blob.
    pub(super) fn field(origin: &crate::catalog::Origin, name: &str) -> Place {
        origin.place(Route::root().key(name))
    }

    /// The items after the first of each name, each with the first.
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
    bundle_name,
    bundle_package,
    bundle_release,
    bundle_version,
    bundle_version_duplicate,
    bundle_without_entry,
    catalog_empty,
    channel_duplicate,
    channel_empty,
    channel_head,
    channel_name,
    default_channel,
    deprecation_message,
    deprecation_reference,
    deprecations_duplicate,
    entry_duplicate,
    entry_skips,
    entry_stranded,
    entry_without_bundle,
    file_unreadable,
    image_reference,
    package_duplicate,
    package_name,
    package_required_range,
    package_unknown,
    package_without_channel,
    property_value,
    replaces_cycle,
    skip_range,
    yaml_syntax,
}
