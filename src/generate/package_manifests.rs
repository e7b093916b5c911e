//! Package manifests: the format before bundles, in which `<package>.package.yaml` names the channels, and a folder for each
//! version has its manifests. operator-sdk converted it with `pkgman-to-bundle`.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::bundle::csv::annotation::SKIP_RANGE;
use crate::bundle::{Bundle, MANIFESTS, METADATA, annotation};
use crate::catalog::{Catalog, Channel, Entry, Package, is_csv};
use crate::channel::Converted;
use crate::files;
use crate::limits::{FOLDER_FILES, MANIFEST_BYTES, TEXT_BYTES};
use crate::yaml::{self, WriteError};

/// The end of the name of the file with the channels.
const MANIFEST: &str = ".package.yaml";

/// A package, its versions as bundles, and its channels.
#[derive(Clone, Debug)]
pub struct PackageManifests {
    /// The package.
    pub package: String,
    /// Its bundles by their versions.
    pub bundles: BTreeMap<String, Bundle>,
    default_channel: String,
    /// The entries of each channel, from its head down: names, with their version and what they replace.
    channels: BTreeMap<String, Vec<Member>>,
}

#[derive(Clone, Debug)]
struct Member {
    version: String,
    entry: Entry,
}

/// Why package manifests cannot be converted.
#[derive(Debug, thiserror::Error)]
pub enum PackageManifestsError {
    /// A file or folder could not be read.
    #[error("cannot read {}", path.display())]
    Io {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The folder is not what it should be.
    #[error("{}: {why}", path.display())]
    Bad {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

/// Reads a folder of package manifests.
///
/// # Errors
/// A folder without a `<package>.package.yaml`, files that cannot be read, versions without exactly one
/// ClusterServiceVersion, and channels that name a version that there is none of.
pub fn package_manifests(folder: &Path) -> Result<PackageManifests, PackageManifestsError> {
    let entries = list(folder)?;
    let is_manifest = |path: &&PathBuf| path.to_str().is_some_and(|name| name.ends_with(MANIFEST));
    let file = entries.iter().find(is_manifest);
    let file = file.ok_or_else(|| bad(folder, format!("there is no package manifest (<package>{MANIFEST}) in it")))?;
    let manifest = yaml::read_one(&read_text(file)?).map_err(|error| bad(file, error.to_string()))?;
    let text = |value: &Value, field: &str| match value[field].as_str() {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(bad(file, format!("`{field}` must be a name"))),
    };
    let package = text(&manifest, "packageName")?;
    let mut versions = BTreeMap::new();
    for folder in entries.iter().filter(|path| path.is_dir()) {
        if let Some(version) = version(folder)? {
            versions.insert(version.entry.name.clone(), version);
        }
    }
    let heads = manifest["channels"].as_array().filter(|channels| !channels.is_empty());
    let heads = heads.ok_or_else(|| bad(file, "`channels` must be a list of channels".into()))?;
    let mut channels = BTreeMap::new();
    for channel in heads {
        let (name, head) = (text(channel, "name")?, text(channel, "currentCSV")?);
        if !versions.contains_key(&head) {
            return Err(bad(file, format!("the channel {name} has the head {head}, but no folder has that version")));
        }
        channels.insert(name, members(&versions, head));
    }
    let default_channel = match (manifest["defaultChannel"].as_str(), channels.len()) {
        (Some(named), _) if channels.contains_key(named) => named.to_owned(),
        (None | Some(""), 1) => channels.keys().next().cloned().unwrap_or_default(),
        _ => return Err(bad(file, "`defaultChannel` must be one of the channels".into())),
    };
    let mut bundles = BTreeMap::new();
    for version in versions.into_values() {
        let within = channels.iter().filter(|(_, members)| members.iter().any(|member| member.entry == version.entry));
        let names: Vec<&str> = within.map(|(name, _)| name.as_str()).collect();
        let annotations = annotations(&package, &names.join(","), &default_channel);
        let annotations = yaml::to_yaml(&annotations).map_err(|error| bad(folder, error.to_string()))?;
        let mut files = version.files;
        files.insert(format!("{METADATA}/annotations.yaml"), annotations.into_bytes());
        bundles.insert(version.version, Bundle { files });
    }
    Ok(PackageManifests { package, bundles, default_channel, channels })
}

impl PackageManifests {
    /// The template `olm.template.basic` of its channels. `folder` is the package's folder of bundles, as the template
    /// reaches it.
    ///
    /// # Errors
    /// None in practice.
    pub fn template(&self, folder: &str) -> Result<Converted, WriteError> {
        let (name, default_channel) = (self.package.clone(), self.default_channel.clone());
        let mut catalog =
            Catalog { packages: vec![Package { name, default_channel, ..Package::default() }], ..Catalog::default() };
        let mut versions = BTreeMap::new();
        for (name, members) in &self.channels {
            catalog.channels.push(Channel {
                name: name.clone(),
                package: self.package.clone(),
                entries: members.iter().map(|member| member.entry.clone()).collect(),
                ..Channel::default()
            });
            versions.extend(members.iter().map(|member| (&member.entry.name, &member.version)));
        }
        let mut images: Vec<String> = versions.values().map(|version| format!("{folder}/{version}")).collect();
        images.sort();
        Converted::basic(&catalog, &images)
    }
}

/// The files of a version, as those of a bundle.
struct Version {
    version: String,
    entry: Entry,
    files: BTreeMap<String, Vec<u8>>,
}

/// The version in a folder. None if it has no ClusterServiceVersion.
fn version(folder: &Path) -> Result<Option<Version>, PackageManifestsError> {
    let (mut files, mut found) = (BTreeMap::new(), None);
    for file in list(folder)? {
        let is_data = file.extension().is_some_and(|end| ["yaml", "yml", "json"].iter().any(|known| end == *known));
        if !is_data || file.is_dir() {
            continue;
        }
        files::check_inside(folder, &file)
            .map_err(|source| PackageManifestsError::Io { path: file.clone(), source })?;
        let bytes = files::read(&file, &MANIFEST_BYTES);
        let bytes = bytes.map_err(|source| PackageManifestsError::Io { path: file.clone(), source })?;
        let text = String::from_utf8_lossy(&bytes);
        let object = yaml::read_one(&text).map_err(|error| bad(&file, error.to_string()))?;
        if is_csv(&object) && found.replace(object).is_some() {
            return Err(bad(folder, "it has several ClusterServiceVersions".into()));
        }
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        files.insert(format!("{MANIFESTS}/{name}"), bytes);
    }
    let Some(csv) = found else { return Ok(None) };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (name, version) = (text(&csv["metadata"]["name"]), text(&csv["spec"]["version"]));
    if name.is_empty() || version.is_empty() {
        return Err(bad(folder, "its ClusterServiceVersion must have a name and a version".into()));
    }
    let skips = csv["spec"]["skips"].as_array().map(Vec::as_slice).unwrap_or_default();
    let entry = Entry {
        name,
        replaces: text(&csv["spec"]["replaces"]),
        skips: skips.iter().map(text).collect(),
        skip_range: text(&csv["metadata"]["annotations"][SKIP_RANGE]),
    };
    Ok(Some(Version { version, entry, files }))
}

/// The versions of a channel: its head, and what is replaced from there.
fn members(versions: &BTreeMap<String, Version>, head: String) -> Vec<Member> {
    let (mut members, mut seen, mut next) = (Vec::new(), BTreeSet::new(), head);
    while let Some(Version { version, entry, .. }) = versions.get(&next).filter(|found| seen.insert(&found.entry.name))
    {
        members.push(Member { version: version.clone(), entry: entry.clone() });
        next = entry.replaces.clone();
    }
    members
}

fn annotations(package: &str, channels: &str, default: &str) -> Value {
    json!({"annotations": {
        "operators.operatorframework.io.bundle.mediatype.v1": "registry+v1",
        "operators.operatorframework.io.bundle.manifests.v1": format!("{MANIFESTS}/"),
        "operators.operatorframework.io.bundle.metadata.v1": format!("{METADATA}/"),
        (annotation::PACKAGE): package,
        (annotation::CHANNELS): channels,
        (annotation::DEFAULT_CHANNEL): default,
    }})
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, PackageManifestsError> {
    let list = files::list(folder, &FOLDER_FILES);
    list.map_err(|source| PackageManifestsError::Io { path: folder.to_owned(), source })
}

fn read_text(file: &Path) -> Result<String, PackageManifestsError> {
    let text = files::read_text(file, &TEXT_BYTES);
    text.map_err(|source| PackageManifestsError::Io { path: file.to_owned(), source })
}

fn bad(path: &Path, why: String) -> PackageManifestsError {
    PackageManifestsError::Bad { path: path.to_owned(), why }
}
