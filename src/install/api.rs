//! The objects of OLM's API, as far as the installer writes and reads them.
//!
//! Objects that are written contain only the fields that the installer owns: server-side apply leaves the rest to
//! others. Objects that are read leave out unused fields. Source: the CRDs of operator-lifecycle-manager and
//! operator-framework/api.

mod catalog_source;
mod cluster_service_version;
mod condition;
mod install_plan;
pub mod olm;
mod operator_group;
mod package_manifest;
mod subscription;

pub use catalog_source::{
    CatalogSource, CatalogSourceSpec, CatalogSourceStatus, ConnectionState, GrpcPodConfig, RegistryPoll, Toleration,
    UpdateStrategy,
};
pub use cluster_service_version::{
    ClusterServiceVersion, ClusterServiceVersionSpec, ClusterServiceVersionStatus, DefinitionName, Definitions,
    Dependent, InstallStrategy, InstallStrategySpec, Requirement, StrategyDeployment,
};
pub use condition::Condition;
pub use install_plan::{BundleLookup, InstallPlan, InstallPlanSpec, InstallPlanStatus, Step, StepResource};
pub use operator_group::{OperatorGroup, OperatorGroupSpec, OperatorGroupStatus};
pub use package_manifest::{
    CsvDescription, Deprecation, InstallMode, PackageChannel, PackageEntry, PackageManifest, PackageManifestSpec,
    PackageManifestStatus,
};
pub use subscription::{
    EnvVar, ObjectReference, Resources, Subscription, SubscriptionConfig, SubscriptionSpec, SubscriptionStatus,
};
