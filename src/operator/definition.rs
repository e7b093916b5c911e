//! The definition in an `operator.yaml`, for one release.

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
/// Any mapping may have `since` (the first release that has it) and `until` (the first release without it). With
/// `value` as the only other key, it stands for that value. A mapping with the single key `byRelease`, a list of such
/// values, stands for the value that applies to the release. Strings may contain `${version}`, `${package}` and
/// `${images.NAME}`; `$${` is a literal `${`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "operator.yaml")]
pub struct Definition {
    /// The package's name, which is also the name of its folder.
    #[schemars(regex(pattern = r"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$"))]
    pub package: String,
    /// The operator's display name.
    pub display_name: String,
    /// A description of the operator, in one sentence.
    pub summary: Option<String>,
    /// A description of the operator, in Markdown.
    pub description: String,
    /// A picture next to this file: .svg, .png, .jpg or .gif.
    pub icon: Option<String>,
    /// The provider.
    pub provider: Link,
    /// The maintainers.
    #[serde(default)]
    pub maintainers: Vec<Maintainer>,
    /// Links to pages about it.
    #[serde(default)]
    pub links: Vec<Link>,
    /// Search keywords.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// Its maturity, such as alpha, beta or stable.
    pub maturity: Option<String>,
    /// Its capability level.
    pub capabilities: Option<Capability>,
    /// Its categories in consoles.
    #[serde(default)]
    pub categories: Vec<String>,
    /// Whether Red Hat has certified it.
    pub certified: Option<bool>,
    /// The operator's own image.
    pub container_image: Option<String>,
    /// The URL of its source.
    pub repository: Option<String>,
    /// The name of its supporter.
    pub support: Option<String>,
    /// The layout of its project, such as go.kubebuilder.io/v3.
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
    /// The channels in the bundle's annotations.
    #[schemars(length(min = 1))]
    pub channels: Vec<String>,
    /// The default channel in the bundle's annotations.
    pub default_channel: Option<String>,
    /// Further annotations of the bundle.
    #[serde(default)]
    pub bundle_annotations: BTreeMap<String, String>,
    /// Images by name, for `${images.NAME}`. A release may override them.
    #[serde(default)]
    pub images: BTreeMap<String, String>,
    /// The install modes: which namespaces it can watch.
    #[schemars(length(min = 1))]
    pub install_modes: Vec<InstallModeType>,
    /// Its deployments: at least one, here or in the manifests of `crds`.
    #[serde(default)]
    pub deployments: Vec<Deployment>,
    /// Its permissions in the namespaces that it watches.
    #[serde(default)]
    pub permissions: Vec<Permissions>,
    /// Its permissions in the whole cluster.
    #[serde(default)]
    pub cluster_permissions: Vec<Permissions>,
    /// The sources of its CRDs. It also owns CRDs among the objects.
    pub crds: Option<Crds>,
    /// How consoles show its custom resources. The default is to show the kind.
    #[serde(default)]
    pub custom_resources: Vec<CustomResource>,
    /// Custom resources that it requires from other operators.
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

/// The source of CRDs.
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
    /// From several files of manifests. An item may also be an API, for example `until` the release from which
    /// manifests are used.
    Several(#[schemars(length(min = 1))] Vec<CrdSource>),
}

/// One of several sources of CRDs.
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
    /// The API that generates CRDs, and whether it is an item of a list.
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
/// The operator owns its CRDs. The rest becomes part of the bundle as in operator-sdk: a Deployment becomes one of the
/// install strategy; a Role or ClusterRole that is bound to the service account of a deployment becomes its
/// permissions; webhook configurations become webhooks; resources of the CRDs become examples; everything else that OLM
/// can install becomes an object; namespaces are dropped. The definition itself takes precedence: its deployment over
/// one of the same name, its permissions over those of the same service account, its webhooks over all of them, its
/// example or object over one of the same kind and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Manifests {
    /// The file, as a path relative to this file's folder and within the repository, or an https URL.
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
    /// How to show it.
    #[serde(flatten)]
    pub text: CrdText,
}

/// A release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Release {
    /// The version, such as 1.2.3.
    pub version: Version,
    /// The creation time of the operator's image, such as 2023-03-09T12:00:00Z.
    pub created_at: Option<String>,
    /// The minor version of the Kubernetes API that the release was built with: 24 for k8s.io/api 0.24.
    #[schemars(range(min = 18, max = 27))]
    pub kubernetes: Option<u32>,
    /// The version of controller-gen that generated its CRDs.
    pub controller_gen: Option<Version>,
    /// The oldest Kubernetes version that it runs on, such as 1.20.0.
    pub min_kube_version: Option<Version>,
    /// Its images, which override those of all releases.
    #[serde(default)]
    pub images: BTreeMap<String, String>,
    /// The ClusterServiceVersion that it replaces, if the bundle must name it.
    pub replaces: Option<String>,
    /// ClusterServiceVersions that it also upgrades.
    #[serde(default)]
    pub skips: Vec<String>,
    /// The range of versions that it upgrades, such as ">=1.0.0 <1.2.0".
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
