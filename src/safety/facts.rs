//! The facts about a bundle that matter in an upgrade.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::rules::{self, Rule};
use super::webhooks::Webhook;
use crate::bundle::{self, Contents, Manifest};
use crate::catalog::{Bundle, is_csv, property};
use crate::crd::{Crd, Digest};
use crate::diagnostic::Place;
use crate::yaml::Route;

/// How much is known about a bundle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// Only its name and images: the catalog has neither its manifests nor their metadata.
    #[default]
    Nothing,
    /// Only the part of its ClusterServiceVersion in `olm.csv.metadata`: install modes, but no definitions,
    /// permissions or webhooks.
    Metadata,
    /// All its manifests.
    Manifests,
}

/// The facts about a bundle that matter in an upgrade. They are read once, and compared by [`super::step`].
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The bundle's name, which is that of its ClusterServiceVersion.
    pub name: String,
    /// How much of the following is known.
    pub content: Content,
    /// Its CustomResourceDefinitions by name, without texts.
    pub definitions: BTreeMap<String, Definition>,
    /// The permissions of its service accounts: `permissions` and `clusterPermissions`.
    pub rules: Vec<Rule>,
    /// Its webhooks.
    pub(super) webhooks: Vec<Webhook>,
    /// The install modes that it supports.
    pub install_modes: BTreeSet<String>,
    /// The images that it runs, without the bundle's own.
    pub images: BTreeSet<String>,
    /// The names of its Deployments.
    pub deployments: BTreeSet<String>,
    /// Why manifests could not be read. Their content is unknown.
    pub unreadable: Vec<String>,
    /// Whether definitions are kept with their texts.
    pub(super) keeps_texts: bool,
}

/// A CustomResourceDefinition of a bundle.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The definition, without texts.
    pub crd: Arc<Crd>,
    /// The definition with its texts, if they are kept.
    pub(crate) with_texts: Option<Arc<Crd>>,
    /// A digest of the definition, equal for equal definitions.
    pub(super) digest: Digest,
    /// The place from which it was read. `None` if it was generated.
    pub place: Option<Place>,
}

impl Facts {
    /// The facts about a bundle of a catalog: from the manifests in its `olm.bundle.object` properties, or else from
    /// its `olm.csv.metadata`.
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

    /// The facts in the catalog's blob in addition to the manifests.
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

    /// The facts about a bundle's folder, with the package that it names.
    ///
    /// # Errors
    /// A folder that is not a bundle.
    pub fn of_folder(folder: &Path) -> Result<(String, Self), bundle::Error> {
        let contents = bundle::Bundle::read(folder)?.contents()?;
        let package = contents.package.clone();
        Ok((package, Self::of_contents(contents, |file| Place::value(folder.join(file), 0, Route::root()))))
    }

    /// The facts about a bundle's files. `place` returns the place of a file.
    #[must_use]
    pub fn of_contents(contents: Contents, place: impl Fn(&str) -> Place) -> Self {
        let name = contents.name().to_owned();
        Self::of_manifests(&name, contents.manifests, place, false)
    }

    /// The facts of a bundle's manifests. With `texts`, its definitions are kept with their texts too.
    pub(crate) fn of_manifests(
        name: &str,
        manifests: Vec<Manifest>,
        place: impl Fn(&str) -> Place,
        texts: bool,
    ) -> Self {
        let mut facts = Self { keeps_texts: texts, ..Self::named(name) };
        for manifest in manifests {
            let place = place(&manifest.file);
            facts.add(manifest.object, Some(place));
        }
        facts
    }

    /// The facts in a ClusterServiceVersion alone.
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
                    let with_texts = self.keeps_texts.then(|| Arc::new(crd.clone()));
                    let crd = crd.without_texts();
                    let digest = crd.digest();
                    let definition = Definition { crd: Arc::new(crd), with_texts, digest, place };
                    self.definitions.entry(definition.crd.name.clone()).or_insert(definition);
                }
                Err(missing) => self.unreadable.push(format!("a CustomResourceDefinition has no {missing}")),
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

/// The items of a list; none of any other value.
pub(super) fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
