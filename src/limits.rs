//! Limits on what is read, all in one place. `docs/limits.md` lists them; a test compares the two.
//!
//! `catalog --limit NAME=VALUE` changes one for a run. Sizes are in bytes, with KiB, MiB and GiB allowed.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// A limit, by its name.
#[derive(Debug)]
pub struct Limit {
    /// Its name for users.
    pub name: &'static str,
    /// A description.
    pub what: &'static str,
    default: u64,
    value: AtomicU64,
}

macro_rules! limits {
    ($($id:ident $name:literal $default:expr, $what:literal;)*) => {
        $(#[doc = $what] pub static $id: Limit = Limit::new($name, $default, $what);)*
        /// Every limit, by name.
        pub static ALL: &[&Limit] = &[$(&$id),*];
    };
}

// One per line, by name.
#[rustfmt::skip]
limits! {
    BLOB_BYTES "blob-bytes" 512 * MIB, "The bytes of a blob that is held in memory.";
    BUNDLE_BYTES "bundle-bytes" 256 * MIB, "The bytes of all files of a bundle together.";
    BUNDLE_FILES "bundle-files" 10_000, "The files of a bundle.";
    CACHE_BYTES "cache-bytes" 2 * GIB, "The bytes of the cache of pulled images. The least recently used are removed.";
    CATALOG_BLOBS "catalog-blobs" 1_000_000, "The blobs of a catalog's file.";
    CATALOG_BYTES "catalog-bytes" 4 * GIB, "The bytes of all files of a catalog together.";
    CATALOG_DEPTH "catalog-depth" 100, "The nesting depth of a catalog's folders.";
    CATALOG_FILES "catalog-files" 200_000, "The files and folders of a catalog.";
    FILE_BYTES "file-bytes" GIB, "The bytes of a catalog's file, and of standard input.";
    FOLDER_FILES "folder-files" 100_000, "The files of any other folder, such as the folder of templates or manifests.";
    GRAPH_EDGES "graph-edges" 50_000, "The upgrades of a graph that is drawn.";
    GRAPH_ENTRIES "graph-entries" 5_000, "The entries of a graph that is drawn.";
    ICON_BYTES "icon-bytes" 256 * KIB, "The bytes of an operator's icon, which each of its bundles contains.";
    IGNORE_BYTES "ignore-bytes" MIB, "The bytes of an .indexignore file.";
    IGNORE_WORK "ignore-work" 2_000_000_000, "The files of a folder, times the bytes of its .indexignore files.";
    IMAGE_SECONDS "image-seconds" 3600, "The seconds that pulling an image may take, however busy the registry is.";
    MANIFEST_BYTES "manifest-bytes" 16 * MIB, "The bytes of a file of manifests that a project releases.";
    PLACEHOLDER_BYTES "placeholder-bytes" 16 * MIB, "The bytes of all texts with placeholders in a release of operator.yaml.";
    SITE_FILES "site-files" 500_000, "The files of a catalog's site.";
    TEXT_BYTES "text-bytes" 64 * MIB, "The bytes of a file written by hand: operator.yaml, a template, repository.yaml.";
    UPGRADE_EDGES "upgrade-edges" 100_000, "The upgrades of a package that are compared.";
}

// Fixed limits for registries.
/// Bytes of the body of an error response.
pub(crate) const ERROR_BODY: u64 = 64 << 10;
/// Bytes of a file of credentials.
pub(crate) const CREDENTIALS_FILE: u64 = 4 << 20;
/// Bytes of an image's configuration.
pub(crate) const IMAGE_CONFIG: u64 = 8 << 20;
/// Bytes of an image's manifest or index. Registries accept 4 MiB.
pub(crate) const IMAGE_MANIFEST: u64 = 8 << 20;
/// Layers of an image.
pub(crate) const IMAGE_LAYERS: usize = 1000;
/// Entries of all layers of an image.
pub(crate) const IMAGE_ENTRIES: usize = 1_000_000;
/// Links among the files that are read from an image, or on the way to them.
pub(crate) const IMAGE_LINKS: usize = 200;
/// The most passes over the layers of an image, because links may lead to links.
pub(crate) const IMAGE_ROUNDS: usize = 8;
/// Indexes within indexes.
pub(crate) const NESTED_INDEXES: usize = 4;
/// Redirects of one request.
pub(crate) const REDIRECTS: usize = 10;
/// The longest `Retry-After` of a server that is honored.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(60);
/// Bytes of a token server's answer.
pub(crate) const TOKEN: u64 = 1 << 20;

impl Limit {
    const fn new(name: &'static str, default: u64, what: &'static str) -> Self {
        Self { name, what, default, value: AtomicU64::new(default) }
    }

    /// The value in this run.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.value.load(Ordering::Relaxed)
    }

    /// The default value.
    #[must_use]
    pub fn default(&self) -> u64 {
        self.default
    }

    /// Whether its unit is bytes.
    #[must_use]
    pub fn is_size(&self) -> bool {
        self.name.ends_with("-bytes")
    }

    /// The error for input that exceeds a limit.
    #[must_use]
    pub fn exceeded(&self) -> Exceeded {
        Exceeded { name: self.name, value: self.shown(self.get()) }
    }

    fn shown(&self, value: u64) -> String {
        let unit = [(GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB")]
            .into_iter()
            .find(|(unit, _)| value >= *unit && value.is_multiple_of(*unit));
        match unit.filter(|_| self.is_size()) {
            Some((unit, name)) => format!("{} {name}", value / unit),
            None if self.is_size() => format!("{value} bytes"),
            None => value.to_string(),
        }
    }
}

/// Something exceeds a limit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it exceeds the limit {name} of {value}; `--limit {name}=VALUE` raises it")]
pub struct Exceeded {
    name: &'static str,
    value: String,
}

impl From<Exceeded> for std::io::Error {
    fn from(exceeded: Exceeded) -> Self {
        Self::other(exceeded)
    }
}

/// A changed limit: `NAME=VALUE`.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    limit: &'static Limit,
    value: u64,
}

impl Setting {
    /// Applies it to the rest of the run.
    pub fn apply(self) {
        self.limit.value.store(self.value, Ordering::Relaxed);
    }
}

impl std::str::FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').ok_or("it must be NAME=VALUE")?;
        let known = || ALL.iter().map(|limit| limit.name).collect::<Vec<_>>().join(", ");
        let limit = ALL.iter().find(|limit| limit.name == name);
        let limit = *limit.ok_or_else(|| format!("{name:?} is not a limit; the limits are {}", known()))?;
        let digits = value.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match (&value[digits.len()..], limit.is_size()) {
            ("", _) => 1,
            ("KiB", true) => KIB,
            ("MiB", true) => MIB,
            ("GiB", true) => GIB,
            (_, true) => return Err(format!("{value:?} is not a size, such as 512MiB")),
            (_, false) => return Err(format!("{value:?} is not a number")),
        };
        let number = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
        Ok(Self { limit, value: number.ok_or_else(|| format!("{value:?} is not a number"))? })
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.limit.name, self.value)
    }
}

/// The list of limits as `docs/limits.md` has it.
#[must_use]
pub fn document() -> String {
    let mut text = String::from(HEAD);
    for limit in ALL {
        text.push_str(&format!("| `{}` | {} | {} |\n", limit.name, limit.shown(limit.default), limit.what));
    }
    text
}

const HEAD: &str = "\
# Limits

Untrusted input may be made to fill the memory or to never end. Therefore everything that is read has a limit, far above
what real catalogs need. If a limit is too low, `--limit NAME=VALUE` changes it for one run of `catalog`, for example
`catalog --limit file-bytes=2GiB render big.yaml`. Only regular files are read, no pipes or devices.

This file is generated from `src/limits.rs` by `OLM_CATALOG_WRITE=1 cargo test --test limits`.

| limit | default | what it limits |
|---|---|---|
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_name_a_limit_and_a_value() {
        let set = |text: &str| text.parse::<Setting>().map(|setting| setting.to_string());
        assert_eq!(set("file-bytes=2GiB").unwrap(), "file-bytes=2147483648");
        assert_eq!(set("bundle-files=7").unwrap(), "bundle-files=7");
        for bad in
            ["file-bytes", "bytes=1", "file-bytes=2GB", "bundle-files=1KiB", "file-bytes=", "file-bytes=99999999999GiB"]
        {
            set(bad).expect_err(bad);
        }
        assert_eq!(
            TEXT_BYTES.exceeded().to_string(),
            "it exceeds the limit text-bytes of 64 MiB; `--limit text-bytes=VALUE` raises it"
        );
    }

    #[test]
    fn limits_are_sorted_by_name() {
        assert!(ALL.is_sorted_by_key(|limit| limit.name));
    }
}
