//! Reads files and folders into a [`Catalog`], as opm's `declcfg` does.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::Value;

use super::model::{
    Bundle, Catalog, Channel, DeprecationEntry, Deprecations, Entry, Icon, Origin, Other, Package, Property, Reference,
    RelatedImage, schema,
};
use super::near::Near;
use crate::diagnostic::{Place, Spot};
use crate::files as safe;
use crate::go_json::fields::{Fields, Misfit};
use crate::go_json::shape::{base64, without_breaks};
use crate::limits::{CATALOG_BLOBS, FILE_BYTES};
use crate::validate::Commented;
use crate::yaml::{self, Document, Route, field};

/// Why a catalog could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read.
    #[error("cannot read {}", path.display())]
    Io {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A FIFO, a device or a socket: reading it may never end.
    #[error("{} is not a regular file", path.display())]
    Special {
        /// The path.
        path: PathBuf,
    },
    /// A link in a catalog's folder that leads out of it.
    #[error("{} is a link that leads out of the catalog folder", path.display())]
    Outside {
        /// The path.
        path: PathBuf,
    },
    /// A folder without a single blob.
    #[error("{} has no catalog blobs: no file has a schema, or .indexignore leaves all files out", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// A blob does not match its schema.
    #[error("{0}")]
    Blob(BadBlob),
}

/// A document that is not a blob, or not valid for its schema.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}: {message}", place.file.display(), position(place))]
pub struct BadBlob {
    /// Where.
    pub place: Place,
    /// The problem.
    pub message: String,
    /// Whether the file could not be read at all.
    pub syntax: bool,
}

/// `:line:column`, if that is known.
fn position(place: &Place) -> String {
    match place.spot {
        Spot::Position { line, column } => format!(":{line}:{column}"),
        Spot::File | Spot::Value { .. } => String::new(),
    }
}

/// The result of reading: the blobs that could be read, and the problems of the others.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// The blobs that could be read.
    pub catalog: Catalog,
    /// The problems of the others, in the order of files.
    pub bad: Vec<BadBlob>,
    /// The properties of bundles without any `value`, which opm rejects. In [`Scan::catalog`] their value is null,
    /// which opm accepts.
    pub valueless: Vec<Place>,
    /// The fields whose names are similar to those that OLM defines.
    pub near_misses: Vec<NearMiss>,
    /// The files that have comments about findings.
    pub commented: Vec<Commented>,
}

/// A field that was probably meant to be another one. opm ignores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// Where it is.
    pub place: Place,
    /// Its name.
    pub found: String,
    /// The name that was probably meant.
    pub meant: &'static str,
}

impl Catalog {
    /// Reads a catalog file, or every file of a folder that its `.indexignore` files do not name.
    ///
    /// # Errors
    /// A path that cannot be read, text that is neither YAML nor JSON, and blobs that do not match their schema; see
    /// [`scan`] to get all of these at once.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let catalog = whole(scan(path)?)?;
        if catalog.is_empty() && path.is_dir() {
            return Err(Error::Empty { path: path.to_owned() });
        }
        Ok(catalog)
    }

    /// Whether it has no blob at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.packages.is_empty()
            && self.channels.is_empty()
            && self.bundles.is_empty()
            && self.deprecations.is_empty()
            && self.others.is_empty()
    }

    /// Reads like [`Catalog::read`], but file by file, each on demand, so that only one of them is in memory.
    ///
    /// # Errors
    /// Those of [`Catalog::read`], each with its file.
    pub fn read_each(path: &Path) -> Result<impl Iterator<Item = Result<Self, Error>>, Error> {
        Ok(files(path)?.into_iter().map(|file| whole(scan_file(&file))))
    }

    /// Adds another catalog's blobs.
    pub fn merge(&mut self, other: Self) {
        self.packages.extend(other.packages);
        self.channels.extend(other.channels);
        self.bundles.extend(other.bundles);
        self.deprecations.extend(other.deprecations);
        self.others.extend(other.others);
    }
}

/// Reads like [`Catalog::read`], but continues after a bad file or blob.
///
/// # Errors
/// A path that does not exist, or a folder that cannot be walked.
pub fn scan(path: &Path) -> Result<Scan, Error> {
    let files = files(path)?;
    let scans: Vec<Scan> = files.par_iter().map(|file| scan_file(file)).collect();
    Ok(scans.into_iter().fold(Scan::default(), |mut all, scan| {
        all.merge(scan);
        all
    }))
}

fn whole(scan: Scan) -> Result<Catalog, Error> {
    let Scan { catalog, mut bad, .. } = scan;
    if bad.is_empty() { Ok(catalog) } else { Err(Error::Blob(bad.swap_remove(0))) }
}

/// The files of a catalog, sorted, so that its blobs are in the same order everywhere: the file itself, or those of the
/// folder that no `.indexignore` leaves out.
///
/// # Errors
/// A path that cannot be read, a file that is not a regular file, and a link that leads out of the folder.
pub fn files(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let meta = fs::metadata(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
    if meta.is_dir() {
        return super::walk::files(path);
    }
    if !meta.is_file() {
        return Err(Error::Special { path: path.to_owned() });
    }
    Ok(vec![path.to_owned()])
}

fn scan_file(path: &Path) -> Scan {
    let text =
        safe::read(path, &FILE_BYTES).map_err(|error| format!("the file cannot be read: {error}")).and_then(|bytes| {
            String::from_utf8(bytes).map_err(|error| format!("the file is not UTF-8 text: {}", error.utf8_error()))
        });
    match text {
        Ok(text) => read_text(&text, path),
        Err(message) => {
            let bad = BadBlob { place: Place::file(path), message, syntax: true };
            Scan { bad: vec![bad], ..Scan::default() }
        }
    }
}

/// Reads the blobs of a text. `path` is the file in their origin.
#[must_use]
pub fn read_text(text: &str, path: &Path) -> Scan {
    let file: Arc<Path> = Arc::from(path);
    let mut scan = Scan { commented: Commented::find(text, path).into_iter().collect(), ..Scan::default() };
    match yaml::read(text) {
        Ok(documents) if documents.len() as u64 > CATALOG_BLOBS.get() => scan.bad.push(BadBlob {
            place: Place::file(path),
            message: format!("the file has too many blobs: {}", CATALOG_BLOBS.exceeded()),
            syntax: true,
        }),
        Ok(documents) => {
            for (line, message) in super::stream::refused(text, &documents) {
                scan.bad.push(BadBlob { place: Place::position(path, line, 1), message, syntax: false });
            }
            documents.into_iter().for_each(|document| scan.add(document, &file));
        }
        Err(error) => scan.bad.push(BadBlob {
            place: Place::position(path, error.line, error.column),
            message: error.message,
            syntax: true,
        }),
    }
    scan
}

impl Scan {
    /// Adds the result of another scan.
    pub fn merge(&mut self, other: Self) {
        self.catalog.merge(other.catalog);
        self.bad.extend(other.bad);
        self.valueless.extend(other.valueless);
        self.near_misses.extend(other.near_misses);
        self.commented.extend(other.commented);
    }

    fn add(&mut self, document: Document, file: &Arc<Path>) {
        let origin = Origin::new(Arc::clone(file), document.index);
        let known = self.catalog.bundles.len();
        let valueless = valueless(&document.value);
        let near = super::near::near_misses(&document.value);
        self.near_misses.extend(near.into_iter().map(|Near { route, found, meant }| NearMiss {
            place: origin.place(route),
            found,
            meant,
        }));
        if let Err(misfit) = add(&mut self.catalog, document.value, origin.clone()) {
            self.bad.push(BadBlob { place: origin.place(misfit.route), message: misfit.message, syntax: false });
        }
        // Only those of bundles are checked.
        if self.catalog.bundles.len() > known {
            self.valueless.extend(valueless.into_iter().map(|route| origin.place(route)));
        }
    }
}

/// The properties of a blob that have no value.
fn valueless(blob: &Value) -> Vec<Route> {
    let Some(Value::Array(properties)) = field(blob, "properties") else { return Vec::new() };
    let without = properties.iter().enumerate().filter(|(_, property)| field(property, "value").is_none());
    without.map(|(i, _)| Route::root().key("properties").index(i)).collect()
}

/// Adds one blob to a catalog.
pub(crate) fn add(catalog: &mut Catalog, value: Value, origin: Origin) -> Result<(), Misfit> {
    let root = Route::root;
    let message = |message: &str| Misfit { route: root(), message: message.to_owned() };
    let Value::Object(map) = &value else { return Err(message("a catalog's documents must be mappings")) };
    if let Some(key) = twice(map) {
        return Err(Misfit {
            route: root().key(&key),
            message: format!("the key {key:?} occurs twice, in upper and lower case"),
        });
    }
    // Blobs of other schemas are kept whole: only their names are read.
    let name = |wanted: &str| match map.iter().find(|(key, _)| key.eq_ignore_ascii_case(wanted)) {
        None => Ok(String::new()),
        Some((_, Value::String(text))) => Ok(text.clone()),
        Some((key, other)) => Err(crate::go_json::fields::misfit(root().key(key), "a string", other)),
    };
    match name("schema")?.as_str() {
        "" => return Err(message("the blob has no schema; every blob of a catalog must name one")),
        schema::PACKAGE => catalog.packages.push(package(Fields::new(value, root())?, origin)?),
        schema::CHANNEL => catalog.channels.push(channel(Fields::new(value, root())?, origin)?),
        schema::BUNDLE => catalog.bundles.push(bundle(Fields::new(value, root())?, origin)?),
        schema::DEPRECATIONS => catalog.deprecations.push(deprecations(Fields::new(value, root())?, origin)?),
        other => {
            let (schema, package, name) = (other.to_owned(), name("package")?, name("name")?);
            catalog.others.push(Other { schema, package, name, blob: value, origin });
        }
    }
    Ok(())
}

/// A key that occurs in two spellings that differ only in case.
fn twice(map: &serde_json::Map<String, Value>) -> Option<String> {
    let mut seen = std::collections::HashSet::new();
    map.keys().find(|key| !seen.insert(key.to_lowercase())).cloned()
}

fn package(mut fields: Fields, origin: Origin) -> Result<Package, Misfit> {
    let icon = match fields.value("icon") {
        Value::Null => None,
        value => Some(icon(Fields::new(value, fields.route("icon"))?)?),
    };
    Ok(Package {
        name: fields.string("name")?,
        default_channel: fields.string("defaultChannel")?,
        icon,
        description: fields.string("description")?,
        properties: fields.list("properties", property)?,
        origin,
    })
}

/// An icon, its data base64 without line breaks.
pub(crate) fn icon(mut fields: Fields) -> Result<Icon, Misfit> {
    let base64data = fields.string("base64data")?;
    let bare = without_breaks(&base64data).into_owned();
    if base64(&bare).is_err() {
        let route = fields.route("base64data");
        return Err(Misfit { route, message: "the icon's data is not base64".into() });
    }
    Ok(Icon { base64data: bare, mediatype: fields.string("mediatype")? })
}

fn channel(mut fields: Fields, origin: Origin) -> Result<Channel, Misfit> {
    Ok(Channel {
        name: fields.string("name")?,
        package: fields.string("package")?,
        entries: fields.list("entries", entry)?,
        properties: fields.list("properties", property)?,
        origin,
    })
}

fn entry(value: Value, route: Route) -> Result<Entry, Misfit> {
    let mut fields = Fields::new(value, route)?;
    Ok(Entry {
        name: fields.string("name")?,
        replaces: fields.string("replaces")?,
        skips: fields.list("skips", crate::go_json::fields::string)?,
        skip_range: fields.string("skipRange")?,
    })
}

fn bundle(mut fields: Fields, origin: Origin) -> Result<Bundle, Misfit> {
    Ok(Bundle {
        name: fields.string("name")?,
        package: fields.string("package")?,
        image: fields.string("image")?,
        properties: fields.list("properties", property)?,
        related_images: fields.list("relatedImages", |value, route| {
            let mut fields = Fields::new(value, route)?;
            Ok(RelatedImage { name: fields.string("name")?, image: fields.string("image")? })
        })?,
        origin,
    })
}

fn property(value: Value, route: Route) -> Result<Property, Misfit> {
    let mut fields = Fields::new(value, route)?;
    Ok(Property { kind: fields.string("type")?, value: fields.value("value") })
}

fn deprecations(mut fields: Fields, origin: Origin) -> Result<Deprecations, Misfit> {
    let entries = fields.list("entries", |value, route| {
        let mut fields = Fields::new(value, route)?;
        let mut reference = Fields::new(fields.value("reference"), fields.route("reference"))?;
        Ok(DeprecationEntry {
            reference: Reference { schema: reference.string("schema")?, name: reference.string("name")? },
            message: fields.string("message")?,
        })
    })?;
    Ok(Deprecations { package: fields.string("package")?, entries, origin })
}
