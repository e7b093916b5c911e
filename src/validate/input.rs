//! The kinds of input at a path: a catalog, a bundle, the definition of an operator, a template, an image, or a
//! repository of these.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use crate::bundle::{Bundle, MANIFESTS};
use crate::channel::schema;
use crate::files;
use crate::limits::{CATALOG_DEPTH, CATALOG_FILES};
use crate::operator;
use crate::render::{self, Target};
use crate::validate::select::{CONFIG_FILE, File, Folders};

/// Something to validate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Input {
    /// A catalog's file or folder.
    Catalog(PathBuf),
    /// A bundle's folder.
    Bundle(PathBuf),
    /// An `operator.yaml`.
    Operator(PathBuf),
    /// A template's file.
    Template(PathBuf),
    /// An image, of a catalog or a bundle.
    Image(String),
}

/// Why the kind of an input is unknown.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not an existing path, and cannot be an image.
    #[error("{0} does not exist")]
    NoPath(String),
    /// A file or folder cannot be read.
    #[error("cannot read {}", path.display())]
    Io {
        /// What cannot be read.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// How much of a file is read to find its kind: nearly always that is enough; otherwise more is read.
const HEADS: [u64; 2] = [4 << 10, 64 << 10];

impl Input {
    /// The inputs at a path or image reference. A folder is a bundle if it has manifests and metadata, or a
    /// ClusterServiceVersion among its manifests; a repository if it has non-empty `bundles` or `channels` folders, or
    /// bundles and operators further down; and a catalog otherwise.
    ///
    /// # Errors
    /// Paths that do not exist or cannot be read.
    pub fn recognise(path: &Path) -> Result<Vec<Self>, Error> {
        let target = match path.to_str() {
            Some(reference) => render::target(reference).map_err(|_| Error::NoPath(reference.to_owned()))?,
            // No image has such a name.
            None => Target::Path,
        };
        match target {
            Target::Bundle => Ok(vec![Self::Bundle(path.to_owned())]),
            Target::Image => Ok(vec![Self::Image(path.to_string_lossy().into_owned())]),
            Target::Path if path.is_dir() => Ok(folder(path)?.into_iter().map(Self::without_dot).collect()),
            Target::Path => Ok(vec![file(path).unwrap_or_else(|| Self::Catalog(path.to_owned()))]),
        }
    }

    /// Its file or folder; none for an image.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Catalog(path) | Self::Bundle(path) | Self::Operator(path) | Self::Template(path) => Some(path),
            Self::Image(_) => None,
        }
    }

    /// The same without `./` before its path, because code hosts know the files of a repository that way.
    fn without_dot(mut self) -> Self {
        if let Self::Catalog(path) | Self::Bundle(path) | Self::Operator(path) | Self::Template(path) = &mut self
            && let Ok(rest) = path.strip_prefix(".")
            && !rest.as_os_str().is_empty()
        {
            *path = rest.to_owned();
        }
        self
    }
}

fn folder(path: &Path) -> Result<Vec<Input>, Error> {
    if has_csv(path)? {
        return Ok(vec![Input::Bundle(path.to_owned())]);
    }
    let mut found = Vec::new();
    // The folders of a repository that this program fills: nothing else in it is looked at.
    let config = path.join(CONFIG_FILE);
    let folders = if config.is_file() { File::read(&config).map(File::into_folders).ok() } else { None };
    let Folders { bundles, channels, catalog, .. } = folders.unwrap_or_default();
    for folder in [bundles, channels].map(|folder| path.join(folder)).into_iter().filter(|folder| folder.is_dir()) {
        found.extend(walk(&folder)?);
    }
    if path.join(&catalog).is_dir() {
        found.push(Input::Catalog(path.join(catalog)));
    }
    // A catalog can have a package named `catalog`; then the folders next to it are not inputs.
    if found.iter().all(|input| matches!(input, Input::Catalog(_))) {
        // Reading it as a catalog will report what cannot be walked.
        found = walk(path).unwrap_or_default();
    }
    if found.iter().all(|input| matches!(input, Input::Catalog(_))) {
        return Ok(vec![Input::Catalog(path.to_owned())]);
    }
    found.sort();
    Ok(found)
}

/// All inputs below a folder that git does not ignore: bundles, operators, templates, and files named like catalogs.
fn walk(root: &Path) -> Result<Vec<Input>, Error> {
    let mut found = Vec::new();
    let mut bundle: Option<PathBuf> = None;
    let depth = usize::try_from(CATALOG_DEPTH.get()).unwrap_or(usize::MAX);
    let mut walk = WalkBuilder::new(root);
    walk.require_git(false).git_global(false).git_exclude(false).ignore(false).max_depth(Some(depth));
    walk.sort_by_file_name(Ord::cmp);
    for (seen, entry) in walk.build().enumerate() {
        if seen as u64 > CATALOG_FILES.get() {
            return Err(Error::Io { path: root.to_owned(), source: CATALOG_FILES.exceeded().into() });
        }
        let entry = entry.map_err(|error| {
            let source = error.into_io_error().unwrap_or_else(|| io::Error::other("the folder cannot be walked"));
            Error::Io { path: root.to_owned(), source }
        })?;
        let path = entry.path();
        // Nothing inside a bundle is another input.
        if bundle.as_ref().is_some_and(|bundle| path.starts_with(bundle)) {
            continue;
        }
        if entry.file_type().is_some_and(|kind| kind.is_dir()) {
            if Bundle::is_at(path) {
                bundle = Some(path.to_owned());
                found.push(Input::Bundle(path.to_owned()));
            }
        } else if entry.file_type().is_some_and(|kind| kind.is_file()) {
            found.extend(file(path));
        }
    }
    Ok(found)
}

/// The kind of a file, by its name or the schema at its start.
fn file(path: &Path) -> Option<Input> {
    let name = path.file_name()?.to_str()?;
    let (stem, extension) = name.rsplit_once('.')?;
    if !matches!(extension, "yaml" | "yml" | "json") {
        return None;
    }
    let schema = HEADS.iter().find_map(|head| schema_at(path, *head));
    match schema.as_deref() {
        Some(schema) if schema::ALL.contains(&schema) => Some(Input::Template(path.to_owned())),
        // A catalog's file can have any name.
        None if name == operator::FILE => Some(Input::Operator(path.to_owned())),
        _ if matches!(stem, "catalog" | "index") => Some(Input::Catalog(path.to_owned())),
        _ => None,
    }
}

/// The schema that the first document of a file names near its start.
pub(crate) fn schema_at(path: &Path, head: u64) -> Option<String> {
    schema_of(&start(path, head)).map(str::to_owned)
}

/// The start of a file's text: at most so many bytes, up to the end of a line; empty if it cannot be read.
fn start(path: &Path, length: u64) -> String {
    let read = || -> io::Result<Vec<u8>> {
        let mut start = Vec::new();
        let read = files::open(path)?.take(length).read_to_end(&mut start)?;
        if let Some(end) = memchr::memrchr(b'\n', &start).filter(|_| read as u64 == length) {
            start.truncate(end);
        }
        Ok(start)
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).into_owned()
}

/// The schema in the first document of a text, if it is YAML in block style or JSON.
fn schema_of(text: &str) -> Option<&str> {
    let bare = |line: &str| line.split('#').next().unwrap_or_default().trim_end().to_owned();
    let mut lines = text.lines().skip_while(|line| matches!(&*bare(line), "" | "---"));
    lines.by_ref().take_while(|line| line.trim_end() != "---").find_map(|line| {
        let (key, value) = line.split_once(':')?;
        // In YAML a key of the document is not indented; in JSON it is quoted.
        let json = || key.trim_start_matches(['{', ' ', '\t']).trim_end().strip_prefix('"')?.strip_suffix('"');
        let key = json().unwrap_or(key.trim_end());
        let value = value.split(['#', ',', '}']).next().unwrap_or_default();
        key.eq_ignore_ascii_case("schema").then(|| value.trim().trim_matches(['"', '\'']))
    })
}

/// Whether a folder has manifests, one of which looks like a ClusterServiceVersion: a bundle without metadata.
fn has_csv(path: &Path) -> Result<bool, Error> {
    let manifests = path.join(MANIFESTS);
    if !manifests.is_dir() {
        return Ok(false);
    }
    let io = |source| Error::Io { path: manifests.clone(), source };
    for entry in fs::read_dir(&manifests).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.contains("clusterserviceversion") && path.is_file() {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_the_current_folder_have_no_dot() {
        for (path, shown) in [("./a/b", "a/b"), (".", "."), ("a/./b", "a/./b"), ("../a", "../a"), ("/a", "/a")] {
            assert_eq!(Input::Bundle(path.into()).without_dot(), Input::Bundle(shown.into()));
        }
    }

    #[test]
    fn the_schema_is_at_the_start() {
        for (text, schema) in [
            ("schema: olm.semver\n", Some("olm.semver")),
            (
                "---\n# a comment\nstable:\n  bundles: []\nschema: \"olm.template.basic\" # so\n",
                Some("olm.template.basic"),
            ),
            ("{\"schema\": \"olm.semver\", \"stable\": {}}", Some("olm.semver")),
            ("{\n  \"stable\": {},\n  \"schema\": \"olm.semver\"\n}", Some("olm.semver")),
            ("name: a\n---\nschema: olm.semver\n", None),
            ("spec:\n  schema: olm.semver\n", None),
            ("Schema: olm.semver\nStable: {}\n", Some("olm.semver")),
            ("", None),
        ] {
            assert_eq!(schema_of(text), schema, "{text}");
        }
    }
}
