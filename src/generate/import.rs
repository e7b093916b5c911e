//! An operator's first definition, from the manifests that its project releases.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use k8s_openapi::api::core::v1::{Container, EnvVar};
use semver::Version;
use serde_json::{Value, json};

use super::Inventory;
use super::crds::is_crd;
use super::csv::words;
use super::manifests::{self, Entry};
use crate::bundle::csv::{ClusterServiceVersion, Deployment, annotation};
use crate::digest::Digest;
use crate::yaml::{self, Route};

/// The input for a definition.
#[derive(Clone, Debug)]
pub struct Import<'a> {
    /// The package's name.
    pub package: &'a str,
    /// The release of the manifests.
    pub version: &'a Version,
    /// The files of manifests.
    pub files: Vec<ImportFile>,
    /// The channels in the bundle's annotations. None stands for `stable`.
    pub channels: Vec<String>,
    /// When its image was made, if that is known.
    pub created_at: Option<String>,
}

/// What is imported.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// What is in the files.
    pub inventory: Inventory,
    /// The images of the deployments, and those that a released bundle names.
    pub images: BTreeMap<String, String>,
    /// The oldest Kubernetes version, which only a released bundle says.
    pub min_kube_version: Option<String>,
    /// When a released bundle's image was made.
    pub created_at: Option<String>,
    /// The icon of a released bundle: its bytes, and the ending of its file.
    pub icon: Option<(Vec<u8>, &'static str)>,
}

/// A file of manifests.
#[derive(Clone, Debug)]
pub struct ImportFile {
    /// Its name in the definition.
    pub name: String,
    /// Its name in messages: where it was read from.
    pub read_from: String,
    /// Its text.
    pub text: String,
}

/// Why a definition cannot be made from manifests.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file is not YAML, or contains something that cannot be used.
    #[error("{0}")]
    Manifests(String),
    /// No CRD was found.
    #[error("{files}: no CustomResourceDefinition found")]
    NoCrd {
        /// The files.
        files: String,
    },
    /// No Deployment was found.
    #[error("{files}: no Deployment found; OLM can run an operator only as a Deployment")]
    NoDeployment {
        /// The files.
        files: String,
    },
    /// The definition cannot be written as YAML.
    #[error("cannot write the definition")]
    Write(#[from] yaml::WriteError),
}

/// The objects of the files, and what is made of them.
struct Parts {
    entries: Vec<Entry>,
    deployments: Vec<Deployment>,
    csv: Option<ClusterServiceVersion>,
}

impl Import<'_> {
    fn parts(&self) -> Result<Parts, ImportError> {
        let mut entries: Vec<Entry> = Vec::new();
        for file in &self.files {
            let found = manifests::objects(&file.text, &file.read_from, &Route::root());
            entries.extend(found.map_err(|wrong| ImportError::Manifests(wrong.message))?);
        }
        let entries = manifests::deduplicated(entries)
            .map_err(|pair| ImportError::Manifests(manifests::differ(&pair.0, &pair.1)))?;
        let deployments = manifests::deployments(&entries).map_err(|wrong| ImportError::Manifests(wrong.message))?;
        let csv = entries.iter().find_map(manifests::csv::read).transpose();
        let csv = csv.map_err(|wrong| ImportError::Manifests(wrong.message))?;
        Ok(Parts { entries, deployments, csv })
    }

    fn names(&self) -> String {
        self.files.iter().map(|file| file.read_from.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// What is in the files.
    ///
    /// # Errors
    /// Manifests that cannot be read, or have no Deployment.
    pub fn imported(&self) -> Result<Imported, ImportError> {
        let Parts { entries, deployments, csv } = self.parts()?;
        if deployments.is_empty() {
            return Err(ImportError::NoDeployment { files: self.names() });
        }
        Ok(Imported {
            inventory: Inventory::of(&entries),
            images: all_images(&deployments, csv.as_ref()),
            min_kube_version: csv.as_ref().and_then(|csv| csv.spec.min_kube_version.clone()),
            created_at: csv.as_ref().and_then(|csv| said(csv, annotation::CREATED_AT)),
            icon: csv.as_ref().and_then(icon),
        })
    }

    /// The text of an `operator.yaml`: facts from the manifests are filled in, the rest is suggested in comments. A released
    /// bundle says more of it itself.
    ///
    /// # Errors
    /// Manifests that cannot be read, or have no CRD or no Deployment.
    pub fn definition(&self) -> Result<String, ImportError> {
        let Parts { entries, deployments, csv } = self.parts()?;
        let crds: Vec<&Entry> = entries.iter().filter(|entry| is_crd(&entry.object)).collect();
        let Some(first) = crds.first() else { return Err(ImportError::NoCrd { files: self.names() }) };
        if deployments.is_empty() {
            return Err(ImportError::NoDeployment { files: self.names() });
        }
        let kinds: BTreeSet<&str> = crds.iter().map(|crd| crd.text("spec/names/kind")).collect();
        let display_name = display_name(self.package);
        let list = kinds.iter().copied().collect::<Vec<_>>().join(", ");
        let plain = json!({
            "package": self.package,
            "displayName": display_name,
            "description": format!("{display_name} provides these custom resources: {list}."),
            "provider": {"name": first.text("spec/group")},
        });
        let channels = if self.channels.is_empty() { vec!["stable".to_owned()] } else { self.channels.clone() };
        let modes = json!({"channels": channels, "installModes": modes(&entries)});
        let files: Vec<Value> = self
            .files
            .iter()
            .map(|file| json!({"manifests": file.name, "sha256": Digest::of(file.text.as_bytes()).hex()}))
            .collect();
        let files = json!({"crds": files});
        let resources: Vec<Value> =
            kinds.iter().map(|kind| json!({"kind": kind, "displayName": words(kind)})).collect();
        let shown = json!({"customResources": resources});
        let images = yaml::to_yaml(&json!({"images": all_images(&deployments, csv.as_ref())}))?;
        let created =
            self.created_at.clone().or_else(|| csv.as_ref().and_then(|csv| said(csv, annotation::CREATED_AT)));
        let oldest = csv.as_ref().and_then(|csv| csv.spec.min_kube_version.clone());
        // As people write it: a version needs no quotes.
        let mut release = format!("version: {}\n", self.version);
        for (key, value) in [("createdAt", created), ("minKubeVersion", oldest)] {
            if let Some(value) = value {
                release.push_str("  ");
                release.push_str(&yaml::to_yaml(&json!({ key: value }))?);
            }
        }
        let mut text = String::new();
        let parts = match &csv {
            Some(csv) => {
                let (plain, modes, shown) = of_bundle(csv, plain, modes, shown);
                [(BUNDLE_HEAD, plain), (BUNDLE_MORE, modes), (CRDS, files), (SHOWN, shown)]
            }
            None => [(HEAD, plain), (MORE, modes), (CRDS, files), (SHOWN, shown)],
        };
        for (hint, part) in parts {
            text.push_str(hint);
            text.push_str(&ordered(&part)?);
        }
        text.push_str(RELEASES);
        text.push_str(&release);
        images.lines().for_each(|line| text.extend(["  ", line, "\n"]));
        Ok(text)
    }
}

/// An annotation that is not empty.
fn said(csv: &ClusterServiceVersion, annotation: &str) -> Option<String> {
    csv.metadata.annotations.as_ref()?.get(annotation).filter(|text| !text.trim().is_empty()).cloned()
}

/// The parts of a definition as a released bundle says them, where it does.
fn of_bundle(
    csv: &ClusterServiceVersion,
    mut plain: Value,
    mut modes: Value,
    mut shown: Value,
) -> (Value, Value, Value) {
    let spec = &csv.spec;
    let mut say = |key: &str, value: Value| {
        let empty = match &value {
            Value::Null => true,
            Value::String(text) => text.trim().is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(map) => map.is_empty() || map.get("name").is_some_and(|name| name == ""),
            _ => false,
        };
        if !empty {
            plain[key] = literal(value);
        }
    };
    say("displayName", spec.display_name.as_str().into());
    say("description", spec.description.as_deref().unwrap_or_default().into());
    say("summary", said(csv, annotation::DESCRIPTION).into());
    say("provider", json!(spec.provider));
    say("maintainers", json!(spec.maintainers));
    say("links", json!(spec.links));
    say("keywords", json!(spec.keywords));
    say("maturity", json!(spec.maturity));
    let capability = said(csv, annotation::CAPABILITIES);
    let known =
        |level: &String| serde_json::from_value::<crate::bundle::csv::Capability>(level.as_str().into()).is_ok();
    say("capabilities", capability.filter(known).into());
    let categories = said(csv, annotation::CATEGORIES).unwrap_or_default();
    let categories = categories.split(',').map(str::trim).filter(|category| !category.is_empty());
    say("categories", categories.collect::<Vec<_>>().into());
    say("repository", said(csv, annotation::REPOSITORY).into());
    say("support", said(csv, annotation::SUPPORT).into());
    if let Some((_, ending)) = icon(csv) {
        say("icon", format!("icon.{ending}").into());
    }
    let supported = spec.install_modes.iter().filter(|mode| mode.supported).map(|mode| mode.kind.as_str());
    let supported: Vec<&str> = supported.collect();
    if !supported.is_empty() {
        modes["installModes"] = json!(supported);
    }
    for resource in shown["customResources"].as_array_mut().into_iter().flatten() {
        let owned = spec.custom_resource_definitions.owned.iter().find(|owned| resource["kind"] == owned.kind);
        let text = owned.and_then(|owned| serde_json::to_value(&owned.text).ok()).unwrap_or_default();
        for (key, value) in text.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
            resource[key] = literal(value.clone());
        }
    }
    (plain, modes, shown)
}

/// Text that looks like a placeholder must stay literal.
fn literal(value: Value) -> Value {
    match value {
        Value::String(text) => text.replace("${", "$${").into(),
        Value::Array(items) => items.into_iter().map(literal).collect(),
        Value::Object(map) => Value::Object(map.into_iter().map(|(key, value)| (key, literal(value))).collect()),
        other => other,
    }
}

/// The first icon, if it is of a known type.
fn icon(csv: &ClusterServiceVersion) -> Option<(Vec<u8>, &'static str)> {
    let icon = csv.spec.icon.first()?;
    let ending = match icon.mediatype.as_str() {
        "image/svg+xml" => "svg",
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/gif" => "gif",
        _ => return None,
    };
    let bytes = base64::engine::general_purpose::STANDARD.decode(icon.base64data.trim()).ok()?;
    Some((bytes, ending))
}

/// The images of deployments, and those that a released bundle names.
fn all_images(deployments: &[Deployment], csv: Option<&ClusterServiceVersion>) -> BTreeMap<String, String> {
    let mut images = images(deployments);
    for related in csv.into_iter().flat_map(|csv| &csv.spec.related_images) {
        let image = related.image.replace("${", "$${");
        if images.values().any(|known| *known == image) {
            continue;
        }
        let name = if related.name.is_empty() { "image" } else { &related.name };
        let mut free = (1..).map(|i| if i == 1 { name.to_owned() } else { format!("{name}-{i}") });
        if let Some(name) = free.find(|name| !images.contains_key(name)) {
            images.insert(name, image);
        }
    }
    images
}

const HEAD: &str = "\
# An operator and its releases. `catalog schema operator` describes all fields.
# Please check the name, the description (Markdown) and the provider: they are guesses.
";
const BUNDLE_HEAD: &str = "\
# An operator and its releases. `catalog schema operator` describes all fields.
";
const BUNDLE_MORE: &str = "
";
const MORE: &str = "\
# summary: What it is, in a sentence.
# icon: icon.svg
# maintainers:
# - {name: Somebody, email: somebody@example.com}
# links:
# - {name: Documentation, url: https://example.com/docs}
# keywords: [database]
# categories: [Database]
# maturity: stable
# capabilities: Basic Install
# repository: https://example.com/source
# containerImage: ${images.NAME}

# The namespaces that it can watch, guessed from its permissions: OwnNamespace, SingleNamespace, MultiNamespace,
# AllNamespaces.
";
const CRDS: &str = "
# What the project releases: CRDs, permissions, deployments. Each file may have `since: 1.2.3` and `until: 1.3.0`.
";
const SHOWN: &str = "
# How consoles show the custom resources.
";
const RELEASES: &str = "
# examples:    # a resource of each kind
releases:
- ";

/// The parts of a definition, in the usual order for readers: JSON mappings here have sorted keys.
fn ordered(part: &Value) -> Result<String, yaml::WriteError> {
    const ORDER: [&str; 18] = [
        "package",
        "displayName",
        "summary",
        "description",
        "icon",
        "provider",
        "maintainers",
        "links",
        "keywords",
        "categories",
        "maturity",
        "capabilities",
        "repository",
        "support",
        "channels",
        "installModes",
        "crds",
        "customResources",
    ];
    let Some(map) = part.as_object() else { return yaml::to_yaml(part) };
    let mut keys: Vec<&String> = map.keys().collect();
    keys.sort_by_key(|key| ORDER.iter().position(|known| known == key));
    keys.into_iter().map(|key| yaml::to_yaml(&json!({ key.as_str(): map[key.as_str()] }))).collect()
}

/// `demo-operator` as `Demo Operator`.
fn display_name(package: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>())
    };
    package.split(['-', '.']).filter_map(capital).collect::<Vec<_>>().join(" ")
}

/// An operator with permissions in the whole cluster can watch all of it, and an operator that converts CRDs must.
fn modes(entries: &[Entry]) -> &'static [&'static str] {
    let whole = entries.iter().any(|entry| {
        entry.object.kind() == "ClusterRoleBinding"
            || (is_crd(&entry.object) && entry.text("spec/conversion/strategy") == "Webhook")
    });
    if whole { &["AllNamespaces"] } else { &["OwnNamespace", "SingleNamespace"] }
}

/// The images of deployments, including those in variables and arguments of their containers, by name.
fn images(deployments: &[Deployment]) -> BTreeMap<String, String> {
    let mut images = BTreeMap::new();
    let mut add = |name: &str, deployment: &str, image: &str| {
        if image.is_empty() || images.values().any(|known| known == image) {
            return;
        }
        let name = if images.contains_key(name) { format!("{deployment}-{name}") } else { name.to_owned() };
        let mut free = (1..).map(|i| if i == 1 { name.clone() } else { format!("{name}-{i}") });
        if let Some(name) = free.find(|name| !images.contains_key(name)) {
            // Text that looks like a placeholder must stay literal.
            images.insert(name, image.replace("${", "$${"));
        }
    };
    for deployment in deployments {
        let Some(pod) = &deployment.spec.template.spec else { continue };
        for container in deployment.containers() {
            let Container { name, image, env, .. } = container;
            add(name, &deployment.name, image.as_deref().unwrap_or_default());
            for EnvVar { name, value, .. } in env.iter().flatten() {
                if let (Some(name), Some(image)) = (name.strip_prefix("RELATED_IMAGE_"), value) {
                    add(&name.to_lowercase().replace('_', "-"), &deployment.name, image);
                }
            }
        }
        for operand in manifests::operand_images(pod) {
            let name = if operand.name.is_empty() { "operand" } else { &operand.name };
            add(name, &deployment.name, &operand.image);
        }
    }
    images
}

#[cfg(test)]
mod tests {
    use super::display_name;

    #[test]
    fn packages_have_names_for_people() {
        assert_eq!(["demo-operator", "demo"].map(display_name), ["Demo Operator", "Demo"]);
    }
}
