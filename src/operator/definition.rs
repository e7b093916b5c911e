//! What an `operator.yaml` says, for one release.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use semver::Version;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::bundle::csv::{
    Capability, CrdDescription, CrdText, Deployment, InstallModeType, Link, Maintainer, Permissions, Webhook,
};
use crate::yaml::Route;

/// An operator and its releases.
///
/// Any mapping may carry `since` (the first release that has it) and `until` (the first release without it). With
/// `value` as the only other key, it stands for that value. A mapping with the one key `byRelease`, a list of such
/// values, stands for the one that fits the release. Strings may hold `${version}`, `${package}` and
/// `${images.NAME}`; `$${` is a plain `${`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "operator.yaml")]
pub struct Definition {
    /// The package's name, which its folder has too.
    #[schemars(regex(pattern = r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$"))]
    pub package: String,
    /// The operator's name for people.
    pub display_name: String,
    /// What the operator is, in a sentence.
    pub summary: Option<String>,
    /// What the operator is, in Markdown.
    pub description: String,
    /// A picture beside this file: .svg, .png, .jpg or .gif.
    pub icon: Option<String>,
    /// Who makes it.
    pub provider: Link,
    /// Who keeps it.
    #[serde(default)]
    pub maintainers: Vec<Maintainer>,
    /// Pages about it.
    #[serde(default)]
    pub links: Vec<Link>,
    /// Words to find it by.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// How far it is, such as alpha, beta or stable.
    pub maturity: Option<String>,
    /// How much it does by itself.
    pub capabilities: Option<Capability>,
    /// The categories that consoles list it under.
    #[serde(default)]
    pub categories: Vec<String>,
    /// Whether Red Hat has certified it.
    pub certified: Option<bool>,
    /// The operator's own image.
    pub container_image: Option<String>,
    /// Where its source is.
    pub repository: Option<String>,
    /// Who supports it.
    pub support: Option<String>,
    /// How its project is laid out, such as go.kubebuilder.io/v3.
    pub project_layout: Option<String>,
    /// The architectures that it runs on, by Go's names, such as amd64.
    #[serde(default)]
    pub architectures: Vec<String>,
    /// The operating systems that it runs on, by Go's names.
    #[serde(default)]
    pub operating_systems: Vec<String>,
    /// Further annotations of the ClusterServiceVersion.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// Further labels of the ClusterServiceVersion.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// The channels that the bundle's annotations name.
    #[schemars(length(min = 1))]
    pub channels: Vec<String>,
    /// The default channel that the bundle's annotations name.
    pub default_channel: Option<String>,
    /// Further annotations of the bundle.
    #[serde(default)]
    pub bundle_annotations: BTreeMap<String, String>,
    /// Images by name, for `${images.NAME}`; a release may have others.
    #[serde(default)]
    pub images: BTreeMap<String, String>,
    /// Which namespaces it can watch.
    #[schemars(length(min = 1))]
    pub install_modes: Vec<InstallModeType>,
    /// What runs it: at least one deployment, here or in the manifests of `crds`.
    #[serde(default)]
    pub deployments: Vec<Deployment>,
    /// Its rights in the namespaces that it watches.
    #[serde(default)]
    pub permissions: Vec<Permissions>,
    /// Its rights in the whole cluster.
    #[serde(default)]
    pub cluster_permissions: Vec<Permissions>,
    /// Where its CRDs come from. CRDs among the objects are its own too.
    pub crds: Option<Crds>,
    /// How consoles show its custom resources. One that is not here is shown by its kind.
    #[serde(default)]
    pub custom_resources: Vec<CustomResource>,
    /// Custom resources that it needs other operators to bring.
    #[serde(default)]
    pub required_custom_resources: Vec<CrdDescription>,
    /// Its webhooks.
    #[serde(default)]
    pub webhooks: Vec<Webhook>,
    /// Examples of its custom resources.
    #[serde(default)]
    pub examples: Vec<Object>,
    /// Further objects that are installed with it.
    #[serde(default)]
    pub objects: Vec<Object>,
    /// Its releases.
    #[schemars(length(min = 1))]
    pub releases: Vec<Release>,
}

/// Where CRDs come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Crds {
    /// From the Rust types of this program.
    Api {
        /// The name of the API.
        api: String,
    },
    /// From a file of manifests.
    Manifests(Manifests),
    /// From several files of manifests. An item may be an API too, such as one `until` the release whose manifests
    /// come next.
    Several(#[schemars(length(min = 1))] Vec<CrdSource>),
}

/// One of several places that CRDs come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum CrdSource {
    /// From the Rust types of this program.
    Api {
        /// The name of the API.
        api: String,
    },
    /// From a file of manifests.
    Manifests(Manifests),
}

impl Crds {
    /// The API that makes CRDs, and whether it is an item of a list.
    pub(crate) fn api(&self) -> Option<(Option<usize>, &str)> {
        match self {
            Self::Api { api } => Some((None, api)),
            Self::Manifests(_) => None,
            Self::Several(list) => list.iter().enumerate().find_map(|(i, source)| match source {
                CrdSource::Api { api } => Some((Some(i), api.as_str())),
                CrdSource::Manifests(_) => None,
            }),
        }
    }

    /// The files of manifests, each with its place below `at`.
    pub(crate) fn manifests(&self, at: &Route) -> Vec<(Route, Manifests)> {
        match self {
            Self::Api { .. } => Vec::new(),
            Self::Manifests(file) => vec![(at.clone(), file.clone())],
            Self::Several(list) => {
                let file = |(i, source): (usize, &CrdSource)| match source {
                    CrdSource::Manifests(file) => Some((at.clone().index(i), file.clone())),
                    CrdSource::Api { .. } => None,
                };
                list.iter().enumerate().filter_map(file).collect()
            }
        }
    }
}

/// A file of manifests, as projects release them.
///
/// Its CRDs are the operator's own. The rest becomes part of the bundle as operator-sdk does it: a Deployment becomes
/// one of the install strategy; a Role or ClusterRole that is bound to the service account of a deployment becomes its
/// permissions; webhook configurations become webhooks; resources of the CRDs become examples; what else OLM can
/// install becomes an object; namespaces are dropped. What the definition says itself wins: its deployment over one of
/// the same name, its permissions over those of the same service account, its webhooks over all of them, its example
/// or object over one of the same kind and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Manifests {
    /// The file, from this one's folder and within the repository, or an https URL.
    pub manifests: String,
    /// The SHA-256 digest of the file.
    #[schemars(regex(pattern = "^[0-9a-f]{64}$"))]
    pub sha256: String,
}

/// How consoles show a custom resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CustomResource {
    /// The kind.
    pub kind: String,
    /// How it is shown.
    #[serde(flatten)]
    pub text: CrdText,
}

/// A release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Release {
    /// The version, such as 1.2.3.
    pub version: Version,
    /// When the operator's image was made, such as 2023-03-09T12:00:00Z.
    pub created_at: Option<String>,
    /// The minor version of the Kubernetes API that the release was built with: 24 for k8s.io/api 0.24.
    #[schemars(range(min = 18, max = 27))]
    pub kubernetes: Option<u32>,
    /// The version of controller-gen that made its CRDs.
    pub controller_gen: Option<Version>,
    /// The oldest Kubernetes that it runs on, such as 1.20.0.
    pub min_kube_version: Option<Version>,
    /// Its images, over those of all releases.
    #[serde(default)]
    pub images: BTreeMap<String, String>,
    /// The ClusterServiceVersion that it is an upgrade of, where the bundle must say so.
    pub replaces: Option<String>,
    /// ClusterServiceVersions that it is an upgrade of too.
    #[serde(default)]
    pub skips: Vec<String>,
    /// The versions that it is an upgrade of, such as ">=1.0.0 <1.2.0".
    pub skip_range: Option<String>,
}

/// Any object of Kubernetes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Object(pub Map<String, Value>);

impl JsonSchema for Object {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Object".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let name = r"^[A-Za-z0-9]([-A-Za-z0-9._:]{0,251}[A-Za-z0-9])?$";
        json_schema!({
            "description": "Any object of Kubernetes.",
            "type": "object",
            "required": ["apiVersion", "kind", "metadata"],
            "properties": {
                "apiVersion": {"type": "string", "pattern": r"^([-a-z0-9.]+/)?[a-z]([-a-z0-9]*[a-z0-9])?$"},
                "kind": {"type": "string", "pattern": "^[A-Z][A-Za-z0-9]*$"},
                "metadata": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {"name": {"type": "string", "pattern": name}},
                    "additionalProperties": true,
                },
            },
            "additionalProperties": true,
        })
    }
}

impl Object {
    fn text(&self, key: &str) -> &str {
        self.0.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.text("kind")
    }

    /// The API group, empty for Kubernetes' core, and the version.
    #[must_use]
    pub fn group_version(&self) -> (&str, &str) {
        let version = self.text("apiVersion");
        version.split_once('/').unwrap_or(("", version))
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Value::as_str).unwrap_or_default()
    }
}
