//! The ClusterServiceVersion (CSV): what an operator is, how it is installed, and which APIs it brings.
//!
//! The types follow `operators.coreos.com/v1alpha1` in
//! <https://github.com/operator-framework/api/blob/master/pkg/operators/v1alpha1/clusterserviceversion_types.go>,
//! without the status, which OLM writes. What is empty is not written.

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

/// The variable that tells an operator which namespaces to watch, as operator-sdk names it.
pub const WATCHED: &str = "WATCH_NAMESPACE";
/// The field of a pod where OLM writes which namespaces those are.
pub const TARGETS: &str = "metadata.annotations['olm.targetNamespaces']";

/// Why a CSV with a conversion webhook has one install mode: a CRD, and so its conversion, is the whole cluster's.
/// Source: `validateInstallModes` of operator-framework/api, and OLM's own check before it installs.
pub(crate) const CONVERSION_MODES: &str =
    "an operator that converts CRDs by webhook supports only the install mode AllNamespaces";

/// Whether the install modes that an operator supports are fit for a conversion webhook.
pub(crate) fn converts_with<'m>(modes: impl IntoIterator<Item = &'m str>) -> bool {
    modes.into_iter().all(|mode| mode == "AllNamespaces")
}

/// The annotations of a CSV that OLM and its consoles read.
/// Source: <https://sdk.operatorframework.io/docs/olm-integration/generation/#csv-fields>.
pub mod annotation {
    /// Examples of the custom resources, a JSON list.
    pub const ALM_EXAMPLES: &str = "alm-examples";
    /// How much the operator does by itself, see [`super::Capability`].
    pub const CAPABILITIES: &str = "capabilities";
    /// The categories that consoles list the operator under, with commas between them.
    pub const CATEGORIES: &str = "categories";
    /// Whether Red Hat has certified the operator.
    pub const CERTIFIED: &str = "certified";
    /// The operator's image.
    pub const CONTAINER_IMAGE: &str = "containerImage";
    /// When the operator's image was made.
    pub const CREATED_AT: &str = "createdAt";
    /// What the operator is, in a sentence.
    pub const DESCRIPTION: &str = "description";
    /// The versions that this one may be an upgrade of.
    pub const SKIP_RANGE: &str = "olm.skipRange";
    /// Where the operator's source is.
    pub const REPOSITORY: &str = "repository";
    /// Who supports the operator.
    pub const SUPPORT: &str = "support";
    /// What made the bundle.
    pub const BUILDER: &str = "operators.operatorframework.io/builder";
    /// How the operator's project is laid out.
    pub const PROJECT_LAYOUT: &str = "operators.operatorframework.io/project_layout";
    /// A label's beginning: an architecture that the operator runs on, `supported`.
    pub const ARCHITECTURE: &str = "operatorframework.io/arch.";
    /// A label's beginning: an operating system that the operator runs on, `supported`.
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
    /// All else.
    pub spec: Spec,
}

/// The spec of a CSV.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Spec {
    /// The operator's name for people.
    pub display_name: String,
    /// The version, semver.
    pub version: String,
    /// What the operator is, in Markdown.
    pub description: Option<String>,
    /// How far it is, such as alpha or stable.
    pub maturity: Option<String>,
    /// The CSV that this one is an upgrade of.
    pub replaces: Option<String>,
    /// CSVs that this one is an upgrade of too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skips: Vec<String>,
    /// The oldest Kubernetes that it runs on, semver.
    pub min_kube_version: Option<String>,
    /// Words to find it by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Who keeps it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub maintainers: Vec<Maintainer>,
    /// Who makes it.
    pub provider: Option<Link>,
    /// Pages about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Its icon; OLM reads the first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub icon: Vec<Icon>,
    /// Labels of what OLM makes for it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Finds what belongs to it.
    pub selector: Option<LabelSelector>,
    /// Which namespaces it can watch.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub install_modes: Vec<InstallMode>,
    /// What runs it.
    pub install: Install,
    /// Its custom resources.
    #[serde(rename = "customresourcedefinitions")]
    pub custom_resource_definitions: CustomResourceDefinitions,
    /// Its admission and conversion webhooks.
    #[serde(rename = "webhookdefinitions", skip_serializing_if = "Vec::is_empty")]
    pub webhook_definitions: Vec<Webhook>,
    /// Every image that it may pull, for clusters without a way out.
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

/// How much an operator does by itself.
/// Source: <https://sdk.operatorframework.io/docs/overview/operator-capabilities/>.
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

/// Whether an operator can watch namespaces in one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstallMode {
    /// The way.
    #[serde(rename = "type")]
    pub kind: InstallModeType,
    /// Whether it can.
    pub supported: bool,
}

/// Which namespaces an operator watches.
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

/// What runs an operator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Install {
    /// `deployment`, the only way there is.
    pub strategy: String,
    /// The deployments and their rights.
    pub spec: InstallSpec,
}

/// The deployments of an operator and their rights.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InstallSpec {
    /// The deployments.
    pub deployments: Vec<Deployment>,
    /// Rights in the namespaces that the operator watches.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<Permissions>,
    /// Rights in the whole cluster.
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

/// The rights of a service account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Permissions {
    /// The service account, which OLM makes.
    pub service_account_name: String,
    /// What it may do.
    pub rules: Vec<PolicyRule>,
}

/// The custom resources of an operator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomResourceDefinitions {
    /// Those that it brings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owned: Vec<CrdDescription>,
    /// Those that it needs others to bring.
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
    /// The kind's name for people.
    pub display_name: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// What belongs to an object of it.
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
    /// Its name for people.
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
    /// What its name begins with.
    pub generate_name: String,
    /// `ValidatingAdmissionWebhook`, `MutatingAdmissionWebhook` or `ConversionWebhook`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The deployment that answers.
    pub deployment_name: Option<String>,
    /// The port of its service.
    pub container_port: Option<i32>,
    /// The port of its pods.
    pub target_port: Option<IntOrString>,
    /// What it is asked about.
    pub rules: Option<Vec<RuleWithOperations>>,
    /// What to do where it does not answer: `Ignore` or `Fail`.
    pub failure_policy: Option<String>,
    /// How the rules are read: `Exact` or `Equivalent`.
    pub match_policy: Option<String>,
    /// The objects that it is asked about.
    pub object_selector: Option<LabelSelector>,
    /// Whether it changes anything but the object.
    pub side_effects: String,
    /// How long to wait for it.
    pub timeout_seconds: Option<i32>,
    /// The versions of the question that it understands.
    pub admission_review_versions: Vec<String>,
    /// Whether to ask it again: `Never` or `IfNeeded`.
    pub reinvocation_policy: Option<String>,
    /// The path to ask at.
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
