//! What the rules need from the manifests of the bundles in a catalog. They are most of a catalog's bytes, so they are
//! read once, for all rules.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::catalog::{Bundle, property};
use crate::go_json::shape;
use crate::safety::Facts;
use crate::yaml::{self, Route, field};

/// The manifests of one bundle.
#[derive(Debug, Default)]
pub struct Objects {
    /// The `olm.bundle.object` properties whose data is not a manifest: the index of the property, and the reason.
    pub unreadable: Vec<(usize, String)>,
    /// The facts in its ClusterServiceVersion, or in the `olm.csv.metadata` property if it has that instead.
    pub csv: Csv,
    /// Its CustomResourceDefinitions.
    pub definitions: Vec<Definition>,
    /// The size in bytes of all its manifests as JSON text, which is how an InstallPlan holds them. `None` if the
    /// bundle has an image: OLM takes its manifests from there.
    pub quoted_bytes: usize,
}

/// The facts in a ClusterServiceVersion.
#[derive(Debug, Default)]
pub struct Csv {
    /// Its `spec.minKubeVersion`, or empty.
    pub min_kube_version: String,
    /// Its annotation `olm.skipRange`.
    pub skip_range: Option<String>,
    /// Whether it owns APIServices.
    pub owns_api_services: bool,
}

/// A CustomResourceDefinition.
#[derive(Debug)]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// Its `apiVersion`.
    pub api_version: String,
    /// The places where its schemas have a property named `-`: the parent property, or empty at the top.
    pub dashes: BTreeSet<String>,
}

impl Objects {
    /// Reads the manifests of a bundle, and the facts about them that matter for upgrades. These are only needed for
    /// bundles that are compared: definitions use much memory.
    #[must_use]
    pub fn new(bundle: &Bundle, is_compared: bool) -> (Self, Facts) {
        let (mut objects, mut facts) = (Self::default(), Facts::named(&bundle.name));
        for (index, property) in bundle.properties.iter().enumerate() {
            match property.kind.as_str() {
                property::BUNDLE_OBJECT => {
                    let facts = is_compared.then_some(&mut facts);
                    objects.add_object(bundle, index, &property.value, facts);
                }
                property::CSV_METADATA => objects.csv.add(&property.value["annotations"], &property.value),
                _ => {}
            }
        }
        facts.unreadable.extend(objects.unreadable.iter().map(|(_, why)| why.clone()));
        facts.add_blob(bundle);
        (objects, facts)
    }

    fn add_object(&mut self, bundle: &Bundle, index: usize, property: &Value, facts: Option<&mut Facts>) {
        let is_inline = bundle.image.is_empty();
        let data = field(property, "data").and_then(Value::as_str);
        // Data that is not valid base64 is reported together with its type.
        let Some(bytes) = data.and_then(|data| shape::base64(data).ok()) else { return };
        let len = |text: &str| if is_inline { quoted_len(text) } else { 0 };
        let why = match String::from_utf8(bytes).map(|text| (len(&text), yaml::read(&text))) {
            Ok((_, Ok(documents))) if documents.is_empty() => "it is empty".to_owned(),
            Ok((len, Ok(documents))) => {
                self.quoted_bytes += len;
                let Some(document) = documents.into_iter().next() else { return };
                self.add_manifest(&document.value);
                if let Some(facts) = facts {
                    let place = bundle.origin.place(Route::root().key("properties").index(index).key("value"));
                    facts.add(document.value, Some(place));
                }
                return;
            }
            Ok((_, Err(error))) => error.to_string(),
            Err(_) => "it is not UTF-8 text".to_owned(),
        };
        self.unreadable.push((index, why));
    }

    fn add_manifest(&mut self, manifest: &Value) {
        match manifest["kind"].as_str() {
            Some("ClusterServiceVersion") => self.csv.add(&manifest["metadata"]["annotations"], &manifest["spec"]),
            Some("CustomResourceDefinition") => self.definitions.push(Definition::new(manifest)),
            _ => {}
        }
    }
}

impl Csv {
    fn add(&mut self, annotations: &Value, spec: &Value) {
        if let Some(version) = spec["minKubeVersion"].as_str() {
            version.clone_into(&mut self.min_kube_version);
        }
        if let Some(range) = annotations["olm.skipRange"].as_str() {
            self.skip_range = Some(range.to_owned());
        }
        // The property names this differently from the ClusterServiceVersion.
        let owned = |definitions: &Value| definitions["owned"].as_array().is_some_and(|owned| !owned.is_empty());
        self.owns_api_services |= owned(&spec["apiservicedefinitions"]) || owned(&spec["apiServiceDefinitions"]);
    }
}

impl Definition {
    fn new(manifest: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let versions = manifest["spec"]["versions"].as_array().into_iter().flatten();
        let schemas = versions.map(|version| &version["schema"]).chain([&manifest["spec"]["validation"]]);
        let dashes = schemas.flat_map(|schema| dashes(&schema["openAPIV3Schema"])).collect();
        Self { name: text(&manifest["metadata"]["name"]), api_version: text(&manifest["apiVersion"]), dashes }
    }
}

/// The properties that contain a property `-`.
fn dashes(schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![("", schema)];
    while let Some((name, schema)) = open.pop() {
        for (inner, property) in schema["properties"].as_object().into_iter().flatten() {
            if inner == "-" {
                found.push(name.to_owned());
            }
            open.push((inner, property));
        }
        let within = [&schema["items"], &schema["additionalProperties"]];
        open.extend(within.into_iter().filter(|value| value.is_object()).map(|value| (name, value)));
    }
    found
}

/// The length in bytes of a text as a JSON string.
fn quoted_len(text: &str) -> usize {
    text.bytes().map(|byte| if matches!(byte, b'"' | b'\\' | b'\n' | b'\t' | b'\r') { 2 } else { 1 }).sum::<usize>() + 2
}
