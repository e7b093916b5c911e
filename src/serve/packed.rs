//! A bundle as it is kept: encoded once, what is seldom asked for deflated, nothing twice.

use std::borrow::Cow;

use base64::Engine as _;
use prost::Message as _;
use serde_json::Value;

use super::index::Problem;
use super::properties::Properties;
use super::zip::Zipped;
use super::{api, csv, json};
use crate::catalog::{Bundle, Icon};
use crate::yaml;

/// A bundle, apart from the channels that it is in.
#[derive(Debug)]
pub(super) struct Packed {
    /// What users are told where it is deprecated.
    pub(super) deprecation: Option<String>,
    /// What [`Packed::facts`] returns, encoded.
    facts: Box<[u8]>,
    /// An [`api::Bundle`] with nothing but `object`, encoded.
    objects: Option<Zipped>,
    csv: Csv,
}

/// Where the ClusterServiceVersion is.
#[derive(Debug)]
enum Csv {
    /// Nowhere.
    None,
    /// Among the objects.
    Object(usize),
    /// Here, as JSON, made of its metadata.
    Made(Zipped),
}

impl Packed {
    /// Packs a bundle. The APIs that it provides come with it.
    pub(super) fn new(bundle: &Bundle) -> Result<(Self, Vec<api::GroupVersionKind>), Problem> {
        let in_bundle = || bundle.name.clone();
        let bad_property = |index, message| Problem::Property { bundle: in_bundle(), index, message };
        let properties =
            Properties::parse(&bundle.properties).map_err(|(index, misfit)| bad_property(index, misfit.message))?;
        let [(package, version)] = &properties.packages[..] else {
            return Err(Problem::PackageProperties { bundle: in_bundle(), found: properties.packages.len() });
        };
        if *package != bundle.package {
            let (found, package) = (package.clone(), bundle.package.clone());
            return Err(Problem::PackageMismatch { bundle: in_bundle(), package, found });
        }
        let objects = properties
            .objects
            .iter()
            .map(|(index, value)| object(value).map_err(|message| bad_property(*index, message)));
        let objects = objects.collect::<Result<Vec<_>, _>>()?;
        let csv = match (objects.iter().position(|text| is_csv(text)), &properties.csv_metadata[..]) {
            (_, [_, _, ..]) => return Err(Problem::CsvMetadata { bundle: in_bundle() }),
            (Some(index), _) => Csv::Object(index),
            (None, []) => Csv::None,
            (None, [metadata]) => {
                let csv = csv::from_metadata(metadata, bundle, version);
                let csv = csv.map_err(|misfit| Problem::CsvMisfit { bundle: in_bundle(), message: misfit.message })?;
                Csv::Made(Zipped::new(csv.to_string().as_bytes()))
            }
        };
        let facts = api::Bundle {
            bundle_path: bundle.image.clone(),
            provided_apis: properties.provided_apis,
            required_apis: properties.required_apis,
            version: version.clone(),
            dependencies: properties.dependencies,
            properties: properties.shown,
            ..api::Bundle::default()
        };
        let packed = Self {
            deprecation: None,
            facts: facts.encode_to_vec().into(),
            objects: (!objects.is_empty())
                .then(|| Zipped::new(&api::Bundle { object: objects, ..api::Bundle::default() }.encode_to_vec())),
            csv,
        };
        Ok((packed, facts.provided_apis))
    }

    /// What is the same in every channel, without the manifests.
    pub(super) fn facts(&self) -> api::Bundle {
        api::Bundle::decode(&*self.facts).expect("this was encoded here")
    }

    /// The facts and the manifests.
    pub(super) fn whole(&self, icon: Option<&Icon>, description: &str) -> api::Bundle {
        let mut bundle = self.facts();
        if let Some(objects) = &self.objects {
            bundle.merge(&*objects.unzip()).expect("this was encoded here");
        }
        match &self.csv {
            Csv::None => {}
            Csv::Object(index) => bundle.csv_json.clone_from(&bundle.object[*index]),
            Csv::Made(zipped) => {
                let mut csv: Value = serde_json::from_slice(&zipped.unzip()).expect("this was written here");
                csv::complete(&mut csv, icon, description);
                bundle.csv_json = json::object(&csv);
                if bundle.object.is_empty() {
                    bundle.object.push(bundle.csv_json.clone());
                }
            }
        }
        bundle
    }
}

/// The manifest in an `olm.bundle.object` property: JSON as it is, YAML made JSON.
fn object(property: &Value) -> Result<String, String> {
    let Some(data) = property["data"].as_str() else { return Err("it has no `data`".into()) };
    // As Go's decoder does, which skips line breaks.
    let bare = if data.contains(['\r', '\n']) { Cow::Owned(data.replace(['\r', '\n'], "")) } else { data.into() };
    let bytes = base64::engine::general_purpose::STANDARD.decode(&*bare).map_err(|error| error.to_string())?;
    let text = String::from_utf8(bytes).map_err(|_| "its data is not UTF-8 text".to_owned())?;
    if text.trim_start().starts_with('{') {
        return Ok(text);
    }
    let documents = yaml::read(&text).map_err(|error| format!("its data is no manifest: {error}"))?;
    let document = documents.into_iter().next().ok_or("its data is empty")?;
    Ok(json::object(&document.value))
}

/// Whether a manifest is a ClusterServiceVersion.
fn is_csv(text: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Kind {
        kind: Option<Value>,
    }
    const CSV: &str = "ClusterServiceVersion";
    // Most manifests are large and none: spare them a parser's look.
    text.contains(CSV)
        && match serde_json::from_str::<Kind>(text) {
            Ok(object) => object.kind.is_some_and(|kind| kind == CSV),
            // It may still be YAML in braces.
            Err(_) => yaml::read_one(text).is_ok_and(|object| object["kind"] == CSV),
        }
}
