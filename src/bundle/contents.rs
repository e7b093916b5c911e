//! A bundle's files to what they say.

use serde_json::Value;

use super::properties::check;
use super::{Bundle, Error, MANIFESTS, METADATA};
use crate::catalog::fields::{Fields, Misfit, misfit};
use crate::catalog::{Property, is_csv};
use crate::yaml::{self, Route};

/// The annotations of `metadata/annotations.yaml` that opm reads.
mod annotation {
    pub(super) const PACKAGE: &str = "operators.operatorframework.io.bundle.package.v1";
    pub(super) const CHANNELS: &str = "operators.operatorframework.io.bundle.channels.v1";
    pub(super) const DEFAULT_CHANNEL: &str = "operators.operatorframework.io.bundle.channel.default.v1";
}

/// What a bundle says.
#[derive(Clone, Debug, PartialEq)]
pub struct Contents {
    /// The package that the bundle is a version of.
    pub package: String,
    /// The channels that its annotations name. A file-based catalog does not ask for them.
    pub channels: Vec<String>,
    /// The default channel that its annotations name, or empty.
    pub default_channel: String,
    /// Its manifests, in the order of their files' names. One is its ClusterServiceVersion.
    pub manifests: Vec<Manifest>,
    /// The properties of `metadata/properties.yaml`.
    pub properties: Vec<Property>,
    /// The dependencies of `metadata/dependencies.yaml`.
    pub dependencies: Vec<Property>,
    /// What opm and OLM pass over in its files.
    pub passed_over: Vec<PassedOver>,
    /// Which of the manifests is the ClusterServiceVersion.
    csv: usize,
}

/// A part of a bundle's files that opm and OLM pass over, and so this crate too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PassedOver {
    /// A document that is not the first one of its manifest file.
    Document {
        /// The file's path in the bundle.
        file: String,
        /// The line on which the document begins.
        line: usize,
    },
    /// A metadata file that is neither YAML nor JSON.
    Metadata {
        /// The file's path in the bundle, with the place and the fault: `metadata/dependencies.yaml:3:1: …`.
        fault: String,
    },
}

/// One manifest.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// The file's path in the bundle, such as `manifests/a.yaml`.
    pub file: String,
    /// The Kubernetes object.
    pub object: Value,
}

impl Manifest {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.object["kind"].as_str().unwrap_or_default()
    }

    /// Its API version, such as `apps/v1`.
    #[must_use]
    pub fn api_version(&self) -> &str {
        self.object["apiVersion"].as_str().unwrap_or_default()
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.object["metadata"]["name"].as_str().unwrap_or_default()
    }
}

impl Contents {
    /// The ClusterServiceVersion.
    #[must_use]
    pub fn csv(&self) -> &Manifest {
        &self.manifests[self.csv]
    }

    /// The bundle's name, which is its ClusterServiceVersion's.
    #[must_use]
    pub fn name(&self) -> &str {
        self.csv().name()
    }

    /// The `spec` of the ClusterServiceVersion.
    #[must_use]
    pub fn spec(&self) -> &Value {
        &self.csv().object["spec"]
    }

    /// The version of the operator: `spec.version` of the ClusterServiceVersion.
    #[must_use]
    pub fn version(&self) -> &str {
        self.spec()["version"].as_str().unwrap_or_default()
    }
}

impl Bundle {
    /// Reads what the bundle's files say: every manifest, and the metadata files that say anything to opm, whatever
    /// their names. Of a file with several documents the first one counts, as for opm and OLM; files whose names begin
    /// with a dot are left out.
    ///
    /// opm passes over manifests that it cannot read and over a second ClusterServiceVersion. Here they are errors, as the
    /// operator lacks a part without them. A metadata file that cannot be read is passed over as by opm, if another one
    /// names the package.
    ///
    /// # Errors
    /// Manifests that are not YAML, or whose first document is not an object; none or several ClusterServiceVersions, one
    /// without name or version; metadata without a package.
    pub fn contents(&self) -> Result<Contents, Error> {
        let manifests = self.manifests()?;
        let mut csvs = manifests.iter().enumerate().filter(|(_, manifest)| is_csv(&manifest.object));
        let (csv, manifest) = csvs.next().ok_or(Error::NoCsv)?;
        if let Some((_, second)) = csvs.next() {
            return Err(Error::TwoCsvs { first: manifest.file.clone(), second: second.file.clone() });
        }
        check_csv(manifest)?;
        let metadata = self.metadata()?;
        let mut unread = metadata.unread.into_iter();
        let Some(annotations) = metadata.annotations else {
            return Err(unread.next().unwrap_or(Error::NoPackage { annotation: annotation::PACKAGE }));
        };
        let mut passed_over = self.passed_over();
        passed_over.extend(unread.map(|error| PassedOver::Metadata { fault: error.to_string() }));
        Ok(Contents {
            package: annotations.package,
            channels: annotations.channels.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            default_channel: annotations.default_channel,
            passed_over,
            manifests,
            properties: metadata.properties,
            dependencies: metadata.dependencies,
            csv,
        })
    }

    fn within<'b>(&'b self, folder: &str) -> impl Iterator<Item = (&'b str, &'b [u8])> {
        let prefix = format!("{folder}/");
        self.files.iter().filter_map(move |(file, bytes)| {
            let name = file.strip_prefix(&prefix)?;
            (!name.starts_with('.') && !name.contains('/')).then_some((file.as_str(), bytes.as_slice()))
        })
    }

    fn manifests(&self) -> Result<Vec<Manifest>, Error> {
        let manifest = |(file, bytes): (&str, &[u8])| {
            if str::from_utf8(bytes).is_ok_and(begins_empty) {
                let reason = "its first document is empty, and opm and OLM read only the first; remove the `---`";
                return Err(Error::NoManifest { file: file.to_owned(), reason });
            }
            let object = first_document(file, bytes)?;
            let reason = match &object {
                None => Some("it is empty"),
                Some(object) if !object.is_object() => Some("it is not a mapping"),
                Some(object) if object["kind"].as_str().is_none_or(str::is_empty) => Some("it has no kind"),
                Some(_) => None,
            };
            match (object, reason) {
                (Some(object), None) => Ok(Manifest { file: file.to_owned(), object }),
                (_, reason) => {
                    Err(Error::NoManifest { file: file.to_owned(), reason: reason.unwrap_or("it is empty") })
                }
            }
        };
        self.within(MANIFESTS).map(manifest).collect()
    }

    /// The documents after the first one of each manifest file.
    fn passed_over(&self) -> Vec<PassedOver> {
        let mut passed = Vec::new();
        for (file, bytes) in self.within(MANIFESTS) {
            let documents = str::from_utf8(bytes).ok().and_then(|text| yaml::read(text).ok()).unwrap_or_default();
            let rest = documents.into_iter().skip(1).filter(|document| !document.value.is_null());
            passed.extend(rest.map(|document| PassedOver::Document { file: file.to_owned(), line: document.line }));
        }
        passed
    }

    fn metadata(&self) -> Result<Metadata, Error> {
        let mut metadata = Metadata::default();
        for (file, bytes) in self.within(METADATA) {
            let yaml = [".yaml", ".yml", ".json"].iter().any(|extension| file.ends_with(extension));
            match first_document(file, bytes) {
                Ok(Some(value @ Value::Object(_))) => metadata.add(value).map_err(Error::value(file))?,
                Err(error) if yaml => metadata.unread.push(error),
                // Something else that lies there, such as a picture.
                Ok(_) | Err(_) => {}
            }
        }
        Ok(metadata)
    }
}

/// Whether a text has nothing but comments and empty lines before its first `---`: a document of its own for the
/// decoder of opm and OLM. Source: `YAMLReader.Read` in `pkg/util/yaml/decoder.go` of apimachinery.
fn begins_empty(text: &str) -> bool {
    let mut before = false;
    for line in text.lines() {
        if line.strip_prefix("---").is_some_and(|rest| rest.trim().is_empty()) {
            return before;
        }
        if !line.trim().is_empty() && !line.trim_start().starts_with('#') {
            return false;
        }
        before = true;
    }
    false
}

fn first_document(file: &str, bytes: &[u8]) -> Result<Option<Value>, Error> {
    let text = str::from_utf8(bytes).map_err(|_| Error::NotText { file: file.to_owned() })?;
    let documents = yaml::read(text).map_err(|at| Error::Syntax { file: file.to_owned(), at })?;
    Ok(documents.into_iter().next().map(|document| document.value))
}

/// What everything else asks of a ClusterServiceVersion.
fn check_csv(csv: &Manifest) -> Result<(), Error> {
    let text = |value: &Value, route: Route| match value {
        Value::String(text) if !text.is_empty() => Ok(()),
        Value::String(_) | Value::Null => Err(Misfit { message: format!("{route} is missing"), route }),
        other => Err(misfit(route, "a string", other)),
    };
    let file = Error::value(&csv.file);
    text(&csv.object["metadata"]["name"], Route::root().key("metadata").key("name")).map_err(&file)?;
    text(&csv.object["spec"]["version"], Route::root().key("spec").key("version")).map_err(&file)
}

/// What the metadata files say. Of each part the first file that has it counts.
#[derive(Default)]
struct Metadata {
    annotations: Option<Annotations>,
    properties: Vec<Property>,
    dependencies: Vec<Property>,
    /// Why files could not be read.
    unread: Vec<Error>,
}

struct Annotations {
    package: String,
    channels: String,
    default_channel: String,
}

impl Metadata {
    fn add(&mut self, value: Value) -> Result<(), Misfit> {
        let mut file = Fields::new(value, Route::root())?;
        if self.annotations.is_none() {
            let mut annotations = Fields::new(file.value("annotations"), file.route("annotations"))?;
            let package = annotations.string(annotation::PACKAGE)?;
            let channels = annotations.string(annotation::CHANNELS)?;
            let default_channel = annotations.string(annotation::DEFAULT_CHANNEL)?;
            if !package.is_empty() {
                self.annotations = Some(Annotations { package, channels, default_channel });
            }
        }
        if self.properties.is_empty() {
            self.properties = file.list("properties", typed)?;
        }
        if self.dependencies.is_empty() {
            self.dependencies = file.list("dependencies", typed)?;
        }
        Ok(())
    }
}

/// A property or dependency: a type and a value that fits it.
pub(super) fn typed(value: Value, route: Route) -> Result<Property, Misfit> {
    let mut fields = Fields::new(value, route)?;
    let kind = fields.string("type")?;
    if kind.is_empty() {
        return Err(Misfit { message: format!("{} is missing", fields.route("type")), route: fields.route("type") });
    }
    let property = Property { kind, value: fields.value("value") };
    check(&property, &fields.route("value"))?;
    Ok(property)
}
