//! The rules, one per file. To add a rule, add its file and its name to the list below.

/// What every rule uses.
mod prelude {
    pub(super) use super::super::{Context, Node, Rule, Set};
    pub(super) use crate::diagnostic::{Finding, Place};
    pub(super) use crate::validate::Level;
    pub(super) use crate::validate::names::{choice, list};
    pub(super) use crate::yaml::to_compact_json;
}

pub(in crate::validate) use annotation_case::known as known_annotation;

macro_rules! rules {
    ($($module:ident,)*) => {
        $(mod $module;)*

        /// Every rule, sorted by id.
        pub static RULES: &[&super::Rule] = &[$(&$module::RULE,)*];
    };
}

rules! {
    annotation_case,
    api_removed,
    arch_labels,
    bundle_annotations,
    bundle_dependencies,
    bundle_layout,
    bundle_size,
    capability,
    category,
    channel_convention,
    conversion_modes,
    crd_approval,
    crd_columns,
    crd_conversion,
    crd_description,
    crd_duplicate,
    crd_name,
    crd_not_owned,
    crd_owned_missing,
    crd_schema,
    crd_unknown_fields,
    crd_versions,
    csv_convention,
    csv_count,
    csv_fields,
    csv_name,
    csv_version,
    deployment_name,
    disruption_budget,
    example_invalid,
    example_missing,
    example_syntax,
    example_unknown,
    field_type,
    file_syntax,
    icon,
    image_digest,
    image_latest,
    image_unlisted,
    install_modes,
    link,
    maintainer,
    manifest_documents,
    manifest_field_name,
    manifest_kind,
    manifest_object,
    min_kube_version,
    node_affinity,
    object_size,
    olm_v1_bundle_api_service,
    olm_v1_bundle_dependency,
    olm_v1_bundle_files,
    olm_v1_bundle_install_modes,
    olm_v1_bundle_webhook,
    openshift_version,
    permission_crds,
    permission_wildcard,
    priority_class,
    properties_annotation,
    provider,
    related_image,
    resource_requests,
    role_rights,
    service_account,
    skip_range_annotation,
    watch_namespace,
    webhook,
    webhook_rules,
}
