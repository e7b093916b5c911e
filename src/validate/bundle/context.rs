//! The input of the rules: a bundle whose files were read once.

use std::path::Path;

use serde_json::Value;

use super::{Node, Options};
use crate::bundle::{self, Bundle, Contents, Layout, Manifest, Parsed, PassedOver};
use crate::catalog::is_csv;
use crate::diagnostic::Place;
use crate::safety::Facts;
use crate::yaml::Route;

/// The API versions of CustomResourceDefinitions that opm reads.
pub(super) const CRDS: [&str; 2] = ["apiextensions.k8s.io/v1", "apiextensions.k8s.io/v1beta1"];

/// A bundle, as the rules see it.
#[derive(Debug)]
pub struct Context<'b> {
    /// Its folder, or whatever places name instead.
    pub root: &'b Path,
    /// The selected rules.
    pub options: &'b Options,
    /// Its files.
    pub bundle: &'b Bundle,
    /// Entries of the folder that are not files of a bundle.
    pub layout: Layout,
    /// The readable manifests, in the order of their file names.
    pub manifests: Vec<Manifest>,
    /// The documents after the first one of each manifest file.
    pub passed_over: Vec<PassedOver>,
    /// The readable metadata files, by name.
    pub metadata: Vec<(String, Value)>,
    /// The reasons why other files cannot be read.
    pub unread: Vec<bundle::Error>,
    /// The reasons why opm and `catalog build` cannot make a catalog from it.
    pub rejected: Vec<bundle::Error>,
    /// The index of the ClusterServiceVersion in the manifests, if there is exactly one.
    csv: Option<usize>,
    /// The package that its annotations name, or empty.
    pub package: String,
    /// Its name, where opm and OLM can read it.
    name: Option<String>,
}

impl<'b> Context<'b> {
    /// Reads every file once.
    #[must_use]
    pub fn new(bundle: &'b Bundle, root: &'b Path, options: &'b Options) -> Self {
        let Parsed { manifests, passed_over, metadata } = bundle.parse();
        let (manifests, mut unread) = separate(manifests);
        let is_whole = unread.is_empty();
        let mut name = None;
        let (metadata, more) = separate(metadata);
        unread.extend(more);
        let mut package = String::new();
        let (manifests, rejected) =
            match Contents::assemble(manifests, Vec::new(), metadata.iter().cloned().map(Ok).collect()) {
                Err((error, manifests)) => (manifests, vec![error]),
                Ok(contents) => {
                    let rejected = rejected(&contents);
                    name = is_whole.then(|| contents.name().to_owned());
                    package = contents.package;
                    (contents.manifests, rejected)
                }
            };
        let mut csvs = manifests.iter().enumerate().filter(|(_, manifest)| is_csv(&manifest.object)).map(|(i, _)| i);
        let csv = csvs.next().filter(|_| csvs.next().is_none());
        let layout = Layout::default();
        Self { root, options, bundle, layout, manifests, passed_over, metadata, unread, rejected, csv, package, name }
    }

    /// The facts about the bundle that count in an upgrade, if its files make a bundle.
    pub(super) fn facts(self) -> Option<Facts> {
        let name = self.name.filter(|_| self.layout.missing.is_empty())?;
        let (root, texts) = (self.root, !self.options.targets.is_empty());
        let place = |file: &str| Place::value(root.join(file), 0, Route::root());
        Some(Facts::of_manifests(&name, self.manifests, place, texts))
    }

    /// The place of a file of the bundle.
    #[must_use]
    pub fn file(&self, file: &str) -> Place {
        Place::file(self.root.join(file))
    }

    /// The place of a value of a file of the bundle.
    #[must_use]
    pub fn place(&self, file: &str, route: Route) -> Place {
        Place::value(self.root.join(file), 0, route)
    }

    /// The manifests.
    pub fn objects(&self) -> impl Iterator<Item = Node<'_>> {
        self.manifests.iter().map(|manifest| Node::document(self.root, &manifest.file, &manifest.object))
    }

    /// The manifests of a kind.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = Node<'_>> {
        self.objects().filter(move |object| object.get("kind").text() == kind)
    }

    /// The CustomResourceDefinitions, including v1beta1 ones.
    pub fn crds(&self) -> impl Iterator<Item = Node<'_>> {
        self.of_kind("CustomResourceDefinition").filter(|crd| CRDS.contains(&crd.get("apiVersion").text()))
    }

    /// The ClusterServiceVersion, if there is exactly one.
    #[must_use]
    pub fn csv(&self) -> Option<Node<'_>> {
        let manifest = &self.manifests[self.csv?];
        Some(Node::document(self.root, &manifest.file, &manifest.object))
    }

    /// The values of a list in the `spec` of the ClusterServiceVersion, such as `install.spec.deployments`.
    #[must_use]
    pub fn spec(&self, path: &str) -> Vec<Node<'_>> {
        self.csv().into_iter().flat_map(|csv| csv.get("spec").at(path).items()).collect()
    }

    /// The deployments of the ClusterServiceVersion.
    #[must_use]
    pub fn deployments(&self) -> Vec<Node<'_>> {
        self.spec("install.spec.deployments")
    }

    /// The containers of the deployments, and with `init` also their init containers.
    #[must_use]
    pub fn containers(&self, init: bool) -> Vec<Node<'_>> {
        let lists: &[&str] = if init { &["initContainers", "containers"] } else { &["containers"] };
        let pods = self.deployments().into_iter().map(|deployment| deployment.at("spec.template.spec"));
        pods.flat_map(|pod| lists.iter().flat_map(move |list| pod.get(list).items().collect::<Vec<_>>())).collect()
    }

    /// The rules of the ClusterServiceVersion's permissions, and whether each applies to the whole cluster.
    #[must_use]
    pub fn permissions(&self) -> Vec<(bool, Node<'_>)> {
        let lists = [(false, "install.spec.permissions"), (true, "install.spec.clusterPermissions")];
        let mut rules = Vec::new();
        for (cluster, list) in lists {
            let of_list = self.spec(list).into_iter().flat_map(|permission| permission.get("rules").items());
            rules.extend(of_list.map(|rule| (cluster, rule)));
        }
        rules
    }

    /// An annotation of the ClusterServiceVersion.
    #[must_use]
    pub fn csv_annotation(&self, name: &str) -> Option<Node<'_>> {
        let annotation = self.csv()?.at("metadata.annotations").entry(name);
        (!annotation.is_null()).then_some(annotation)
    }

    /// The `annotations` of the metadata file with the bundle's annotations, which is the first that has any.
    #[must_use]
    pub fn annotations(&self) -> Option<Node<'_>> {
        self.metadata
            .iter()
            .map(|(file, value)| Node::document(self.root, file, value).get("annotations"))
            .find(|annotations| annotations.value.is_object())
    }

    /// The values of a list in the metadata files, such as `dependencies`: those of the first file that has any.
    #[must_use]
    pub fn metadata_list(&self, key: &str) -> Vec<Node<'_>> {
        let files = self.metadata.iter().map(|(file, value)| Node::document(self.root, file, value));
        let mut lists = files.map(|file| file.get(key).items().collect::<Vec<_>>());
        lists.find(|list| !list.is_empty()).unwrap_or_default()
    }
}

/// What cannot be told of a bundle whose parts can be read.
fn rejected(contents: &Contents) -> Vec<bundle::Error> {
    let properties = contents.declared_properties().err();
    let images = contents.related_images("").err();
    properties.into_iter().chain(images).collect()
}

fn separate<T>(results: Vec<Result<T, bundle::Error>>) -> (Vec<T>, Vec<bundle::Error>) {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(value) => good.push(value),
            Err(error) => bad.push(error),
        }
    }
    (good, bad)
}
