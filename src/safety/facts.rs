//! What counts of a bundle in an upgrade.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::rules::{self, Rule};
use super::webhooks::Webhook;
use crate::bundle::{self, Contents};
use crate::catalog::{Bundle, is_csv, property};
use crate::crd::{Crd, Digest};
use crate::diagnostic::Place;
use crate::yaml::Route;

/// How much is known of a bundle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// Nothing but its name and images: the catalog has neither its manifests nor their metadata.
    #[default]
    Nothing,
    /// The part of its ClusterServiceVersion that `olm.csv.metadata` holds: install modes, but no definitions,
    /// permissions or webhooks.
    Metadata,
    /// All its manifests.
    Manifests,
}

/// What counts of a bundle in an upgrade. It is read once, and compared with others by [`super::step`].
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The bundle's name, which is that of its ClusterServiceVersion.
    pub name: String,
    /// How much of what follows is known.
    pub content: Content,
    /// Its CustomResourceDefinitions by name, without texts.
    pub definitions: BTreeMap<String, Definition>,
    /// The rules of its service accounts: `permissions` and `clusterPermissions`.
    pub rules: Vec<Rule>,
    /// Its webhooks.
    pub(super) webhooks: Vec<Webhook>,
    /// The install modes that it supports.
    pub install_modes: BTreeSet<String>,
    /// The images that it runs, without the bundle's own.
    pub images: BTreeSet<String>,
    /// The names of its Deployments.
    pub deployments: BTreeSet<String>,
    /// The manifests that cannot be read: why. What is in them is unknown.
    pub unreadable: Vec<String>,
}

/// A CustomResourceDefinition of a bundle.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The definition, without texts.
    pub crd: Arc<Crd>,
    /// What tells it from others of its name: equal ones have the same.
    pub(super) digest: Digest,
    /// Where it was read. None where it was made, not read.
    pub place: Option<Place>,
}

impl Facts {
    /// The facts of a bundle of a catalog: of the manifests in its `olm.bundle.object` properties, or else of its
    /// `olm.csv.metadata`.
    #[must_use]
    pub fn of_bundle(bundle: &Bundle) -> Self {
        let mut facts = Self::named(&bundle.name);
        for (index, object) in bundle.indexed_objects() {
            let place = || bundle.origin.place(Route::root().key("properties").index(index).key("value"));
            match object {
                Ok(object) => facts.add(object, Some(place())),
                Err(error) => facts.unreadable.push(error.to_string()),
            }
        }
        facts.add_blob(bundle);
        facts
    }

    /// What the catalog's blob says beside the manifests.
    pub(crate) fn add_blob(&mut self, bundle: &Bundle) {
        for property in bundle.properties.iter().filter(|property| property.kind == property::CSV_METADATA) {
            if self.content == Content::Nothing {
                self.content = Content::Metadata;
                self.install_modes = install_modes(&property.value);
            }
        }
        let related = bundle.related_images.iter().map(|related| &related.image);
        self.images.extend(related.filter(|image| !image.is_empty()).cloned());
        self.images.remove(&bundle.image);
    }

    /// The facts of a bundle's folder, with the package that it names.
    ///
    /// # Errors
    /// A folder that is not a bundle.
    pub fn of_folder(folder: &Path) -> Result<(String, Self), bundle::Error> {
        let contents = bundle::Bundle::read(folder)?.contents()?;
        let package = contents.package.clone();
        Ok((package, Self::of_contents(contents, |file| Place::value(folder.join(file), 0, Route::root()))))
    }

    /// The facts of a bundle's files. `place` says where a file is.
    #[must_use]
    pub fn of_contents(contents: Contents, place: impl Fn(&str) -> Place) -> Self {
        let mut facts = Self::named(contents.name());
        for manifest in contents.manifests {
            let place = place(&manifest.file);
            facts.add(manifest.object, Some(place));
        }
        facts
    }

    /// The facts of a ClusterServiceVersion alone.
    #[must_use]
    pub fn of_csv(csv: Value) -> Self {
        let mut facts = Self::named(csv["metadata"]["name"].as_str().unwrap_or_default());
        facts.add(csv, None);
        facts.content = Content::Manifests;
        facts
    }

    pub(crate) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Adds a manifest of the bundle.
    pub(crate) fn add(&mut self, object: Value, place: Option<Place>) {
        if is_csv(&object) {
            self.content = Content::Manifests;
            self.add_csv(&object["spec"]);
        } else if object["kind"] == "CustomResourceDefinition" {
            match Crd::from_manifest(object) {
                Ok(crd) => {
                    let crd = crd.without_texts();
                    let digest = crd.digest();
                    let definition = Definition { crd: Arc::new(crd), digest, place };
                    self.definitions.entry(definition.crd.name.clone()).or_insert(definition);
                }
                Err(missing) => self.unreadable.push(format!("a CustomResourceDefinition without {missing}")),
            }
        }
    }

    fn add_csv(&mut self, spec: &Value) {
        let install = &spec["install"]["spec"];
        self.rules = rules::of(install);
        self.webhooks = items(&spec["webhookdefinitions"]).map(Webhook::new).collect();
        self.install_modes = install_modes(spec);
        self.images.extend(images(spec));
        let names = items(&install["deployments"]).filter_map(|deployment| deployment["name"].as_str());
        self.deployments = names.map(str::to_owned).collect();
    }
}

fn install_modes(spec: &Value) -> BTreeSet<String> {
    let supported = items(&spec["installModes"]).filter(|mode| mode["supported"] == true);
    supported.filter_map(|mode| mode["type"].as_str().map(str::to_owned)).collect()
}

/// The images of the containers of its Deployments, and those that it lists.
fn images(spec: &Value) -> impl Iterator<Item = String> {
    let pods = items(&spec["install"]["spec"]["deployments"]).map(|deployment| &deployment["spec"]["template"]["spec"]);
    let containers = pods.flat_map(|pod| items(&pod["containers"]).chain(items(&pod["initContainers"])));
    let images = containers.chain(items(&spec["relatedImages"])).filter_map(|item| item["image"].as_str());
    images.filter(|image| !image.is_empty()).map(str::to_owned)
}

/// The items of a list; none of anything else.
pub(super) fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
