//! Parses a bundle's files.

use serde_json::Value;

use super::metadata::{Metadata, annotation};
use super::{Bundle, Error, MANIFESTS, METADATA};
use crate::catalog::{Property, is_csv};
use crate::go_json::fields::{Misfit, misfit};
use crate::yaml::{self, Document, Route};

/// The contents of a bundle.
#[derive(Clone, Debug, PartialEq)]
pub struct Contents {
    /// The package that the bundle is a version of.
    pub package: String,
    /// The channels that its annotations name. A file-based catalog does not use them.
    pub channels: Vec<String>,
    /// The default channel that its annotations name, or empty.
    pub default_channel: String,
    /// Its manifests, in the order of their files' names. One is its ClusterServiceVersion.
    pub manifests: Vec<Manifest>,
    /// The properties of `metadata/properties.yaml`.
    pub properties: Vec<Property>,
    /// The dependencies of `metadata/dependencies.yaml`.
    pub dependencies: Vec<Property>,
    /// The parts of its files that opm and OLM ignore.
    pub passed_over: Vec<PassedOver>,
    /// The index of the ClusterServiceVersion among the manifests.
    csv: usize,
}

/// A part of a bundle's files that opm and OLM ignore, and that this crate therefore ignores too.
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
    /// Parses the bundle's files: every manifest, and the metadata files that opm uses, whatever their names. In a file
    /// with several documents only the first one counts, as for opm and OLM. Files whose names begin with a dot are
    /// left out.
    ///
    /// opm ignores manifests that it cannot read, and a second ClusterServiceVersion. Here they are errors, because the
    /// operator lacks a part without them. A metadata file that cannot be read is ignored as in opm, if another one
    /// names the package.
    ///
    /// # Errors
    /// Manifests that are not YAML, or whose first document is not an object; none or several ClusterServiceVersions, one
    /// without name or version; metadata without a package.
    pub fn contents(&self) -> Result<Contents, Error> {
        let Parsed { manifests, passed_over, metadata } = self.parse();
        let manifests = manifests.into_iter().collect::<Result<_, _>>()?;
        Contents::assemble(manifests, passed_over, metadata).map_err(|(error, _)| error)
    }

    /// Reads every file once. Problems are reported file by file.
    pub(crate) fn parse(&self) -> Parsed {
        let mut parsed = Parsed::default();
        for (file, bytes) in self.within(MANIFESTS) {
            match documents(file, bytes) {
                Ok(documents) => parsed.add(file, bytes, documents),
                Err(error) => parsed.manifests.push(Err(error)),
            }
        }
        for (file, bytes) in self.within(METADATA) {
            let yaml = [".yaml", ".yml", ".json"].iter().any(|extension| file.ends_with(extension));
            match documents(file, bytes).map(|documents| documents.into_iter().next().map(|document| document.value)) {
                Ok(Some(value @ Value::Object(_))) => parsed.metadata.push(Ok((file.to_owned(), value))),
                Err(error) if yaml => parsed.metadata.push(Err(error)),
                // Some other file, such as a picture.
                Ok(_) | Err(_) => {}
            }
        }
        parsed
    }

    fn within<'b>(&'b self, folder: &str) -> impl Iterator<Item = (&'b str, &'b [u8])> {
        let prefix = format!("{folder}/");
        self.files.iter().filter_map(move |(file, bytes)| {
            let name = file.strip_prefix(&prefix)?;
            (!name.starts_with('.') && !name.contains('/')).then_some((file.as_str(), bytes.as_slice()))
        })
    }
}

/// A bundle's files, each read or not.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// The manifests, in the order of their files' names.
    pub(crate) manifests: Vec<Result<Manifest, Error>>,
    /// The documents after the first one of each manifest file.
    pub(crate) passed_over: Vec<PassedOver>,
    /// The metadata files that are mappings, by name.
    pub(crate) metadata: Vec<Result<(String, Value), Error>>,
}

impl Parsed {
    fn add(&mut self, file: &str, bytes: &[u8], documents: Vec<Document>) {
        let no_manifest = |reason| Error::NoManifest { file: file.to_owned(), reason };
        if str::from_utf8(bytes).is_ok_and(begins_empty) {
            let reason = "its first document is empty, and opm and OLM read only the first one; remove the `---`";
            self.manifests.push(Err(no_manifest(reason)));
            return;
        }
        let mut documents = documents.into_iter();
        self.manifests.push(match documents.next().map(|document| document.value) {
            None => Err(no_manifest("it is empty")),
            Some(object) if !object.is_object() => Err(no_manifest("it is not a mapping")),
            Some(object) if object["kind"].as_str().is_none_or(str::is_empty) => Err(no_manifest("it has no kind")),
            Some(object) => Ok(Manifest { file: file.to_owned(), object }),
        });
        let rest = documents.filter(|document| !document.value.is_null());
        self.passed_over
            .extend(rest.map(|document| PassedOver::Document { file: file.to_owned(), line: document.line }));
    }
}

impl Contents {
    /// Combines the files.
    ///
    /// # Errors
    /// The requirements of [`Bundle::contents`] that this bundle does not meet, with the manifests.
    pub(crate) fn assemble(
        manifests: Vec<Manifest>,
        mut passed_over: Vec<PassedOver>,
        metadata: Vec<Result<(String, Value), Error>>,
    ) -> Result<Self, (Error, Vec<Manifest>)> {
        let read = || {
            let csv = only_csv(&manifests)?;
            check_csv(&manifests[csv])?;
            let (metadata, unread) = Metadata::of(metadata)?;
            let mut unread = unread.into_iter();
            let Some(annotations) = metadata.annotations else {
                return Err(unread.next().unwrap_or(Error::NoPackage { annotation: annotation::PACKAGE }));
            };
            passed_over.extend(unread.map(|error| PassedOver::Metadata { fault: error.to_string() }));
            Ok((csv, annotations, metadata.properties, metadata.dependencies))
        };
        match read() {
            Err(error) => Err((error, manifests)),
            Ok((csv, annotations, properties, dependencies)) => Ok(Self {
                package: annotations.package,
                channels: annotations.channels.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
                default_channel: annotations.default_channel,
                passed_over,
                manifests,
                properties,
                dependencies,
                csv,
            }),
        }
    }
}

/// The index of the ClusterServiceVersion among the manifests.
fn only_csv(manifests: &[Manifest]) -> Result<usize, Error> {
    let mut csvs = manifests.iter().enumerate().filter(|(_, manifest)| is_csv(&manifest.object));
    let (csv, first) = csvs.next().ok_or(Error::NoCsv)?;
    match csvs.next() {
        Some((_, second)) => Err(Error::TwoCsvs { first: first.file.clone(), second: second.file.clone() }),
        None => Ok(csv),
    }
}

/// Whether a text has only comments and empty lines before its first `---`: these are a separate document for the
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

fn documents(file: &str, bytes: &[u8]) -> Result<Vec<Document>, Error> {
    let text = str::from_utf8(bytes).map_err(|_| Error::NotText { file: file.to_owned() })?;
    yaml::read(text).map_err(|at| Error::Syntax { file: file.to_owned(), at })
}

/// The fields that every ClusterServiceVersion must have.
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
