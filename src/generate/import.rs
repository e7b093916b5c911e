//! An operator's first definition, from the manifests that its project releases.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{Container, EnvVar};
use semver::Version;
use serde_json::{Value, json};

use super::crds::is_crd;
use super::csv::words;
use super::manifests::{self, Entry};
use crate::bundle::csv::Deployment;
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

impl Import<'_> {
    /// The text of an `operator.yaml`: facts from the manifests are filled in, the rest is suggested in comments.
    ///
    /// # Errors
    /// Manifests that cannot be read, or have no CRD or no Deployment.
    pub fn definition(&self) -> Result<String, ImportError> {
        let mut entries: Vec<Entry> = Vec::new();
        for file in &self.files {
            let found = manifests::objects(&file.text, &file.read_from, &Route::root());
            entries.extend(found.map_err(|wrong| ImportError::Manifests(wrong.message))?);
        }
        let entries = manifests::deduplicated(entries)
            .map_err(|pair| ImportError::Manifests(manifests::differ(&pair.0, &pair.1)))?;
        let names = || self.files.iter().map(|file| file.read_from.as_str()).collect::<Vec<_>>().join(", ");
        let crds: Vec<&Entry> = entries.iter().filter(|entry| is_crd(&entry.object)).collect();
        let Some(first) = crds.first() else { return Err(ImportError::NoCrd { files: names() }) };
        let deployments: Result<Vec<Deployment>, _> = manifests::deployments(&entries).collect();
        let deployments = deployments.map_err(|wrong| ImportError::Manifests(wrong.message))?;
        if deployments.is_empty() {
            return Err(ImportError::NoDeployment { files: names() });
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
        let modes = json!({"channels": ["stable"], "installModes": modes(&entries)});
        let files: Vec<Value> = self
            .files
            .iter()
            .map(|file| json!({"manifests": file.name, "sha256": Digest::of(file.text.as_bytes()).hex()}))
            .collect();
        let files = json!({"crds": files});
        let resources: Vec<Value> =
            kinds.iter().map(|kind| json!({"kind": kind, "displayName": words(kind)})).collect();
        let shown = json!({"customResources": resources});
        let version = json!({"version": self.version.to_string()});
        let images = yaml::to_yaml(&json!({"images": images(&deployments)}))?;
        let mut text = String::new();
        for (hint, part) in [(HEAD, plain), (MORE, modes), (CRDS, files), (SHOWN, shown), (RELEASES, version)] {
            text.push_str(hint);
            text.push_str(&ordered(&part)?);
        }
        images.lines().for_each(|line| text.extend(["  ", line, "\n"]));
        Ok(text)
    }
}

const HEAD: &str = "\
# An operator and its releases. `catalog schema operator` describes all fields.
# Please check the name, the description (Markdown) and the provider: they are guesses.
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
    const ORDER: [&str; 8] =
        ["package", "displayName", "description", "provider", "channels", "installModes", "crds", "customResources"];
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
