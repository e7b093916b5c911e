//! Writes a [`Catalog`] as text, in opm's order: package by package, each with its channels and bundles by name.

use std::collections::BTreeSet;

use rayon::prelude::*;
use serde::{Serialize, Serializer};

use super::model::{Bundle, Catalog, Channel, Deprecations, Other, Package};
use crate::yaml::{self, WriteError};

/// Any blob, with its schema as first field.
#[derive(Clone, Copy, Debug)]
pub enum Blob<'c> {
    /// An `olm.package` blob.
    Package(&'c Package),
    /// An `olm.channel` blob.
    Channel(&'c Channel),
    /// An `olm.bundle` blob.
    Bundle(&'c Bundle),
    /// An `olm.deprecations` blob.
    Deprecations(&'c Deprecations),
    /// A blob of any other schema.
    Other(&'c Other),
}

impl Blob<'_> {
    /// The blob as a YAML document under a `---`.
    ///
    /// # Errors
    /// A blob that cannot be written as YAML. Blobs that were read always can.
    pub fn to_yaml(self) -> Result<String, WriteError> {
        yaml::to_yaml_stream([self])
    }

    /// The blob as a YAML document under a `---`, byte for byte as opm writes it.
    ///
    /// # Errors
    /// A blob that cannot be written as JSON. Blobs that were read always can.
    pub fn to_go_yaml(self) -> Result<String, WriteError> {
        Ok(format!("---\n{}", yaml::to_go_yaml(&self)?))
    }

    /// The blob as a JSON document, as opm writes it.
    ///
    /// # Errors
    /// A blob that cannot be written as JSON. Blobs that were read always can.
    pub fn to_json(self) -> Result<String, WriteError> {
        yaml::to_json(&self)
    }
}

impl Serialize for Blob<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(tag = "schema")]
        enum Tagged<'c> {
            #[serde(rename = "olm.package")]
            Package(&'c Package),
            #[serde(rename = "olm.channel")]
            Channel(&'c Channel),
            #[serde(rename = "olm.bundle")]
            Bundle(&'c Bundle),
            #[serde(rename = "olm.deprecations")]
            Deprecations(&'c Deprecations),
        }
        match *self {
            Self::Package(package) => Tagged::Package(package).serialize(serializer),
            Self::Channel(channel) => Tagged::Channel(channel).serialize(serializer),
            Self::Bundle(bundle) => Tagged::Bundle(bundle).serialize(serializer),
            Self::Deprecations(deprecations) => Tagged::Deprecations(deprecations).serialize(serializer),
            Self::Other(other) => other.blob.serialize(serializer),
        }
    }
}

impl Catalog {
    /// Every package that a blob names, sorted, with the empty name if a blob names none.
    #[must_use]
    pub fn package_names(&self) -> BTreeSet<&str> {
        let packages = self.packages.iter().map(|package| &package.name);
        let channels = self.channels.iter().map(|channel| &channel.package);
        let bundles = self.bundles.iter().map(|bundle| &bundle.package);
        let deprecations = self.deprecations.iter().map(|deprecations| &deprecations.package);
        let others = self.others.iter().map(|other| &other.package);
        packages.chain(channels).chain(bundles).chain(deprecations).chain(others).map(String::as_str).collect()
    }

    /// Every blob in the order in which it is written.
    #[must_use]
    pub fn blobs(&self) -> Vec<Blob<'_>> {
        // opm sorts a package by its own name, and every other blob by the package that it names. Blobs without a
        // package come last.
        let packages = self.packages.iter().map(|blob| (&*blob.name, 0, "", Blob::Package(blob)));
        let channels = self.channels.iter().map(|blob| (&*blob.package, 1, &*blob.name, Blob::Channel(blob)));
        let bundles = self.bundles.iter().map(|blob| (&*blob.package, 2, &*blob.name, Blob::Bundle(blob)));
        let others = self.others.iter().map(|blob| (&*blob.package, 3, &*blob.schema, Blob::Other(blob)));
        let deprecations = self.deprecations.iter().map(|blob| (&*blob.package, 4, "", Blob::Deprecations(blob)));
        let mut blobs: Vec<_> = packages.chain(channels).chain(bundles).chain(others).chain(deprecations).collect();
        blobs.sort_by_key(|(package, kind, name, _)| (package.is_empty(), *package, *kind, *name));
        blobs.into_iter().map(|(.., blob)| blob).collect()
    }

    /// The catalog as a YAML stream that is easy to read, as `catalog build` writes it into the catalog folder.
    ///
    /// # Errors
    /// A blob that cannot be written as YAML. Blobs that were read always can.
    pub fn to_yaml(&self) -> Result<String, WriteError> {
        self.blobs().into_par_iter().map(Blob::to_yaml).collect()
    }

    /// The catalog as a YAML stream, byte for byte as opm writes it: keys sorted, long lines folded.
    ///
    /// # Errors
    /// A blob that cannot be written as JSON. Blobs that were read always can.
    pub fn to_go_yaml(&self) -> Result<String, WriteError> {
        self.blobs().into_par_iter().map(Blob::to_go_yaml).collect()
    }

    /// The catalog as JSON documents one after another, as opm writes them.
    ///
    /// # Errors
    /// A blob that cannot be written as JSON. Blobs that were read always can.
    pub fn to_json(&self) -> Result<String, WriteError> {
        self.blobs().into_par_iter().map(Blob::to_json).collect()
    }
}
