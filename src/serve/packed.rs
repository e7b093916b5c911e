//! A bundle in its stored form: encoded once, with rarely needed parts compressed, and nothing stored twice.

use prost::Message as _;
use serde::Deserialize as _;
use serde_json::Value;

use super::index::Problem;
use super::properties::Properties;
use super::zip::Zipped;
use super::{api, csv};
use crate::bundle::Gvk;
use crate::catalog::{self, Bundle, Icon};
use crate::yaml;

/// A bundle, apart from the channels that it is in.
#[derive(Debug)]
pub(super) struct Packed {
    /// The deprecation message, if it is deprecated.
    pub(super) deprecation: Option<String>,
    /// What [`Packed::facts`] returns, encoded.
    facts: Box<[u8]>,
    /// An encoded [`api::Bundle`] with only the field `object`.
    objects: Option<Zipped>,
    csv: Csv,
}

/// The place of the ClusterServiceVersion.
#[derive(Debug)]
enum Csv {
    /// Nowhere.
    None,
    /// Among the objects.
    Object(usize),
    /// Here, as JSON, created from its metadata.
    Made(Zipped),
}

impl Packed {
    /// Packs a bundle. Also returns the APIs that it provides.
    pub(super) fn new(bundle: &Bundle) -> Result<(Self, Vec<Gvk>), Problem> {
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
            (None, [(index, metadata)]) => {
                let csv = csv::from_metadata(metadata, bundle, version);
                let csv = csv.map_err(|misfit| bad_property(*index, misfit.message))?;
                Csv::Made(Zipped::new(csv.to_string().as_bytes()))
            }
        };
        let facts = api::Bundle {
            bundle_path: bundle.image.clone(),
            provided_apis: properties.provided_apis.iter().map(message).collect(),
            required_apis: properties.required_apis.iter().map(message).collect(),
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
        Ok((packed, properties.provided_apis))
    }

    /// The fields that are the same in every channel, without the manifests.
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
                let text = zipped.unzip();
                let mut text = serde_json::Deserializer::from_slice(&text);
                // The value may be as deep as Go allows.
                text.disable_recursion_limit();
                let mut csv = Value::deserialize(&mut text).expect("this was written here");
                csv::complete(&mut csv, icon, description);
                bundle.csv_json = yaml::to_compact_json(&csv);
                if bundle.object.is_empty() {
                    bundle.object.push(bundle.csv_json.clone());
                }
            }
        }
        bundle
    }
}

fn message(api: &Gvk) -> api::GroupVersionKind {
    let Gvk { group, version, kind } = api.clone();
    api::GroupVersionKind { group, version, kind, plural: String::new() }
}

/// The manifest in an `olm.bundle.object` property: JSON unchanged, YAML converted to JSON.
fn object(property: &Value) -> Result<String, String> {
    let text = catalog::object_text(property)?;
    if text.trim_start().starts_with('{') {
        return Ok(text);
    }
    let documents = yaml::read(&text).map_err(|error| format!("its data is not a manifest: {error}"))?;
    let document = documents.into_iter().next().ok_or("its data is empty")?;
    Ok(yaml::to_compact_json(&document.value))
}

/// Whether a manifest is a ClusterServiceVersion.
fn is_csv(text: &str) -> bool {
    // Most manifests are large and are not one: they are excluded without parsing.
    text.contains("ClusterServiceVersion")
        && yaml::read(text).is_ok_and(|documents| documents.first().is_some_and(|first| catalog::is_csv(&first.value)))
}
