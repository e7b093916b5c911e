//! The ClusterServiceVersion (CSV): what an operator is, how it is installed, and which APIs it provides.
//!
//! The types follow `operators.coreos.com/v1alpha1` in
//! <https://github.com/operator-framework/api/blob/master/pkg/operators/v1alpha1/clusterserviceversion_types.go>,
//! without the status, which OLM writes. Empty fields are not written.

use std::collections::BTreeMap;

use k8s_openapi::api::admissionregistration::v1::RuleWithOperations;
use k8s_openapi::api::apps::v1::DeploymentSpec;
use k8s_openapi::api::core::v1::Container;
use k8s_openapi::api::rbac::v1::PolicyRule;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;

/// The `apiVersion` of a CSV.
pub const API_VERSION: &str = "operators.coreos.com/v1alpha1";
/// The `kind` of a CSV.
pub const KIND: &str = "ClusterServiceVersion";

/// The environment variable with the namespaces that an operator watches, as operator-sdk names it.
pub const WATCHED: &str = "WATCH_NAMESPACE";
/// The field of a pod in which OLM writes these namespaces.
pub const TARGETS: &str = "metadata.annotations['olm.targetNamespaces']";

/// Why a CSV with a conversion webhook supports only one install mode: a CRD, and therefore its conversion, is
/// cluster-wide. Source: `validateInstallModes` of operator-framework/api, and OLM's own check before it installs.
pub(crate) const CONVERSION_MODES: &str =
    "an operator that converts CRDs by webhook supports only the install mode AllNamespaces";

/// Whether an operator's install modes allow a conversion webhook.
pub(crate) fn converts_with<'m>(modes: impl IntoIterator<Item = &'m str>) -> bool {
    modes.into_iter().all(|mode| mode == "AllNamespaces")
}

/// The annotations of a CSV that OLM and its consoles read.
/// Source: <https://sdk.operatorframework.io/docs/olm-integration/generation/#csv-fields>.
pub mod annotation {
    /// Examples of the custom resources, a JSON list.
    pub const ALM_EXAMPLES: &str = "alm-examples";
    /// The capability level of the operator, see [`super::Capability`].
    pub const CAPABILITIES: &str = "capabilities";
    /// The categories of the operator in consoles, separated by commas.
    pub const CATEGORIES: &str = "categories";
    /// Whether Red Hat has certified the operator.
    pub const CERTIFIED: &str = "certified";
    /// The operator's image.
    pub const CONTAINER_IMAGE: &str = "containerImage";
    /// The creation time of the operator's image.
    pub const CREATED_AT: &str = "createdAt";
    /// A description of the operator, in one sentence.
    pub const DESCRIPTION: &str = "description";
    /// The version range that this version can upgrade.
    pub const SKIP_RANGE: &str = "olm.skipRange";
    /// The URL of the operator's source.
    pub const REPOSITORY: &str = "repository";
    /// Who supports the operator.
    pub const SUPPORT: &str = "support";
    /// The program that made the bundle.
    pub const BUILDER: &str = "operators.operatorframework.io/builder";
    /// The layout of the operator's project.
    pub const PROJECT_LAYOUT: &str = "operators.operatorframework.io/project_layout";
    /// The prefix of a label for an architecture that the operator runs on; its value is `supported`.
    pub const ARCHITECTURE: &str = "operatorframework.io/arch.";
    /// The prefix of a label for an operating system that the operator runs on; its value is `supported`.
    pub const OPERATING_SYSTEM: &str = "operatorframework.io/os.";
}

/// A ClusterServiceVersion.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterServiceVersion {
    /// [`API_VERSION`].
    pub api_version: String,
    /// [`KIND`].
    pub kind: String,
    /// Name, annotations, labels.
    pub metadata: ObjectMeta,
    /// The other fields.
    pub spec: Spec,
}

/// The spec of a CSV.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Spec {
    /// The operator's display name.
    pub display_name: String,
    /// The version, semver.
    pub version: String,
    /// A description of the operator, in Markdown.
    pub description: Option<String>,
    /// Its maturity, such as alpha or stable.
    pub maturity: Option<String>,
    /// The CSV that this one replaces.
    pub replaces: Option<String>,
    /// CSVs that this one also upgrades.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skips: Vec<String>,
    /// The oldest Kubernetes version that it runs on, semver.
    pub min_kube_version: Option<String>,
    /// Search keywords.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// The maintainers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub maintainers: Vec<Maintainer>,
    /// The provider.
    pub provider: Option<Link>,
    /// Links to pages about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Its icon; OLM reads the first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub icon: Vec<Icon>,
    /// Labels of the objects that OLM creates for it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// A selector for objects that belong to it.
    pub selector: Option<LabelSelector>,
    /// The install modes: which namespaces it can watch.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub install_modes: Vec<InstallMode>,
    /// The install strategy.
    pub install: Install,
    /// Its custom resources.
    #[serde(rename = "customresourcedefinitions")]
    pub custom_resource_definitions: CustomResourceDefinitions,
    /// Its admission and conversion webhooks.
    #[serde(rename = "webhookdefinitions", skip_serializing_if = "Vec::is_empty")]
    pub webhook_definitions: Vec<Webhook>,
    /// Every image that it may pull, for clusters without internet access.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related_images: Vec<RelatedImage>,
}

/// A person.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Maintainer {
    /// The name.
    pub name: String,
    /// The mail address.
    pub email: Option<String>,
}

/// A page.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    /// The name.
    pub name: String,
    /// The address.
    pub url: Option<String>,
}

/// An icon.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Icon {
    /// The picture in base64.
    pub base64data: String,
    /// Its media type, such as `image/svg+xml`.
    pub mediatype: String,
}

/// The capability level of an operator. Source:
/// <https://sdk.operatorframework.io/docs/overview/operator-capabilities/>.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs)]
pub enum Capability {
    #[serde(rename = "Basic Install")]
    BasicInstall,
    #[serde(rename = "Seamless Upgrades")]
    SeamlessUpgrades,
    #[serde(rename = "Full Lifecycle")]
    FullLifecycle,
    #[serde(rename = "Deep Insights")]
    DeepInsights,
    #[serde(rename = "Auto Pilot")]
    AutoPilot,
}

/// An install mode, and whether it is supported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstallMode {
    /// The install mode.
    #[serde(rename = "type")]
    pub kind: InstallModeType,
    /// Whether it is supported.
    pub supported: bool,
}

/// The install modes: which namespaces an operator watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs)]
pub enum InstallModeType {
    OwnNamespace,
    SingleNamespace,
    MultiNamespace,
    AllNamespaces,
}

impl InstallModeType {
    /// All of them, in the order of the OLM documentation.
    pub const ALL: [Self; 4] = [Self::OwnNamespace, Self::SingleNamespace, Self::MultiNamespace, Self::AllNamespaces];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OwnNamespace => "OwnNamespace",
            Self::SingleNamespace => "SingleNamespace",
            Self::MultiNamespace => "MultiNamespace",
            Self::AllNamespaces => "AllNamespaces",
        }
    }
}

/// The install strategy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Install {
    /// `deployment`, the only strategy.
    pub strategy: String,
    /// The deployments and their permissions.
    pub spec: InstallSpec,
}

/// The deployments of an operator and their permissions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InstallSpec {
    /// The deployments.
    pub deployments: Vec<Deployment>,
    /// Permissions in the namespaces that the operator watches.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<Permissions>,
    /// Permissions in the whole cluster.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cluster_permissions: Vec<Permissions>,
}

/// A deployment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Deployment {
    /// Its name.
    pub name: String,
    /// Its labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub label: BTreeMap<String, String>,
    /// Its spec.
    pub spec: DeploymentSpec,
}

impl Deployment {
    /// The containers of its pods, those that run first before the others.
    pub(crate) fn containers(&self) -> impl Iterator<Item = &Container> {
        let pod = self.spec.template.spec.iter();
        pod.flat_map(|pod| pod.init_containers.iter().flatten().chain(&pod.containers))
    }
}

/// The permissions of a service account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Permissions {
    /// The service account, which OLM creates.
    pub service_account_name: String,
    /// The rules.
    pub rules: Vec<PolicyRule>,
}

/// The custom resources of an operator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomResourceDefinitions {
    /// The custom resources that it provides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owned: Vec<CrdDescription>,
    /// The custom resources that it requires from other operators.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<CrdDescription>,
}

/// A custom resource, as consoles show it.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CrdDescription {
    /// The CRD's name: `plural.group`.
    pub name: String,
    /// The version of the resource.
    pub version: String,
    /// The kind of the resource.
    pub kind: String,
    /// How consoles show it.
    #[serde(flatten)]
    pub text: CrdText,
}

/// How consoles show a custom resource.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct CrdText {
    /// The display name of the kind.
    pub display_name: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// The kinds of objects that belong to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Resource>,
    /// Fields of the spec.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub spec_descriptors: Vec<Descriptor>,
    /// Fields of the status.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub status_descriptors: Vec<Descriptor>,
    /// Actions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub action_descriptors: Vec<Descriptor>,
}

/// A kind of object that belongs to a custom resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Resource {
    /// The CRD's name; empty for Kubernetes' own kinds.
    #[serde(default)]
    pub name: String,
    /// The kind.
    pub kind: String,
    /// Its version.
    pub version: String,
}

/// How consoles show a field.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// The field, as a path from the spec or the status.
    pub path: String,
    /// Its display name.
    pub display_name: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// How to show it: <https://github.com/openshift/console/blob/master/frontend/packages/operator-lifecycle-manager/src/components/descriptors/reference/reference.md>.
    #[serde(rename = "x-descriptors", default, skip_serializing_if = "Vec::is_empty")]
    pub x_descriptors: Vec<String>,
    /// Its only value.
    pub value: Option<Value>,
}

/// A webhook.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// The prefix of its name.
    pub generate_name: String,
    /// `ValidatingAdmissionWebhook`, `MutatingAdmissionWebhook` or `ConversionWebhook`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The deployment that serves it.
    pub deployment_name: Option<String>,
    /// The port of its service.
    pub container_port: Option<i32>,
    /// The port of its pods.
    pub target_port: Option<IntOrString>,
    /// The operations and resources that it is called for.
    pub rules: Option<Vec<RuleWithOperations>>,
    /// What to do if it does not answer: `Ignore` or `Fail`.
    pub failure_policy: Option<String>,
    /// How the rules match: `Exact` or `Equivalent`.
    pub match_policy: Option<String>,
    /// A selector for the objects that it is called for.
    pub object_selector: Option<LabelSelector>,
    /// Its side effects, apart from changes to the object.
    pub side_effects: String,
    /// Its timeout, in seconds.
    pub timeout_seconds: Option<i32>,
    /// The versions of AdmissionReview that it supports.
    pub admission_review_versions: Vec<String>,
    /// Whether to call it again: `Never` or `IfNeeded`.
    pub reinvocation_policy: Option<String>,
    /// The path of its endpoint.
    pub webhook_path: Option<String>,
    /// The CRDs that it converts between versions.
    #[serde(rename = "conversionCRDs")]
    pub conversion_crds: Option<Vec<String>>,
}

/// An image that an operator may pull.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelatedImage {
    /// A name for it.
    pub name: String,
    /// The image.
    pub image: String,
}
