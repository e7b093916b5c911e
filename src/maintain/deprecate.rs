//! Deprecations: the `olm.deprecations` blob of a package.
//! Source: <https://olm.operatorframework.io/docs/reference/file-based-catalogs/#olmdeprecations-early-adopter>.

use semver::Version;

use super::channels::{Channels, Kind, Outcome};
use super::names::{version_of_name, version_of_reference};
use super::{Error, Part::*};
use crate::yaml::edit::{Edit, Item};

/// A part of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The package itself.
    Package,
    /// A channel, by the name that it has in the catalog.
    Channel(String),
    /// A version.
    Version(Version),
}

impl Channels {
    /// Deprecates a part, with a message for its users. The message of a deprecated part is replaced.
    ///
    /// # Errors
    /// A part that the template does not have, and text that cannot be edited.
    pub fn deprecate(&mut self, part: &Part, message: &str) -> Result<Outcome, Error> {
        if message.trim().is_empty() {
            return Err(Error::Cannot("the message is empty".to_owned()));
        }
        let (schema, name) = self.reference(part)?;
        let mut reference = vec![("schema".to_owned(), Item::from(schema))];
        reference.extend(name.as_deref().map(|name| ("name".to_owned(), Item::from(name))));
        let entry = Item::map([("reference", Item::Map(reference)), ("message", message.into())]);
        let known = self.blobs_of("olm.deprecations").into_iter().next();
        let Some((document, route, blob)) = known else {
            let package = self.package.clone();
            self.add_blob(&Item::map([
                ("schema", Item::from("olm.deprecations")),
                ("package", package.into()),
                ("entries", Item::List(vec![entry])),
            ]))?;
            return Ok(Outcome::Changed);
        };
        let entries = blob["entries"].as_array().cloned().unwrap_or_default();
        let same = |it: &serde_json::Value| {
            let reference = &it["reference"];
            reference["schema"] == schema
                && reference["name"].as_str().filter(|name| !name.is_empty()) == name.as_deref()
        };
        let route = route.key("entries");
        match entries.iter().position(same) {
            Some(at) if entries[at]["message"] == message => return Ok(Outcome::Unchanged),
            Some(at) => self.write(document, route.index(at), "message", message)?,
            None => self.insert(document, route, entries.len(), entry)?,
        }
        Ok(Outcome::Changed)
    }

    /// The schema and the name of a part, which must be there.
    fn reference(&self, part: &Part) -> Result<(&'static str, Option<String>), Error> {
        match part {
            Package => Ok(("olm.package", None)),
            Channel(name) => {
                let mut known = self.written_channels();
                if self.kind() == Kind::Semver {
                    known.extend(self.made_channels());
                    known.sort();
                    known.dedup();
                }
                if !known.contains(name) {
                    return Err(Error::Channel { channel: name.clone(), known });
                }
                Ok(("olm.channel", Some(name.clone())))
            }
            Version(version) => Ok(("olm.bundle", Some(self.bundle(version)?))),
        }
    }

    /// The name of a version's bundle, which must be in the template.
    pub(super) fn bundle(&self, version: &semver::Version) -> Result<String, Error> {
        let of_version = |name: &String| version_of_name(&self.package, name).as_ref() == Some(version);
        let written = self.entry_names();
        if let Some(name) = written.iter().find(|name| of_version(name)) {
            return Ok(name.clone());
        }
        let references = self.references();
        let versions: Vec<_> = references.iter().filter_map(|it| version_of_reference(it)).collect();
        if self.kind() == Kind::Semver && versions.contains(version) {
            return Ok(self.name(version));
        }
        let mut known: Vec<String> = versions.iter().map(|version| self.name(version)).chain(written).collect();
        known.sort();
        known.dedup();
        Err(Error::NoVersion { name: self.name(version), known })
    }

    /// The names of all entries of channels that are written out.
    fn entry_names(&self) -> Vec<String> {
        let channels = self.blobs_of("olm.channel").into_iter();
        let entries = channels.flat_map(|(.., blob)| blob["entries"].as_array().cloned().unwrap_or_default());
        entries.filter_map(|entry| entry["name"].as_str().map(str::to_owned)).collect()
    }

    /// A version that goes is not deprecated any more: opm rejects the deprecation of a bundle that does not exist.
    pub(super) fn forget_deprecation(&mut self, name: &str) -> Result<(), Error> {
        let found = self.blobs_of("olm.deprecations").into_iter().find_map(|(document, route, blob)| {
            let entries = blob["entries"].as_array()?;
            let at = entries.iter().position(|entry| entry["reference"]["name"] == name)?;
            Some((document, route, at, entries.len()))
        });
        match found {
            None => Ok(()),
            Some((document, route, _, 1)) if !route.0.is_empty() => self.edit(document, &Edit::Remove(route)),
            Some((.., 1)) => {
                self.notes.push(format!("remove the olm.deprecations of {name}: nothing else is deprecated"));
                Ok(())
            }
            Some((document, route, at, _)) => self.edit(document, &Edit::Remove(route.key("entries").index(at))),
        }
    }
}
