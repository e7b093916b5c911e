//! A catalog's answers: tables that are built once, and the queries on them.
//!
//! Nothing here depends on gRPC except the messages. Answers and errors are those of opm's `pkg/cache`. If opm's order
//! is random, here it is by package, channel and bundle.

mod custom;
mod link;
mod problem;
mod query;

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

pub use custom::BadQuery;
pub use problem::Problem;
pub use query::NotFound;

use super::packed::Packed;
use crate::bundle::Gvk;
use crate::catalog::{self, Catalog, Icon};

/// A catalog, ready to answer. Tables refer to each other by number.
#[derive(Debug, Default)]
pub struct Index {
    /// By name.
    packages: Vec<Package>,
    /// By name, then by package: `ListBundles` goes by channel first.
    channels: Vec<Channel>,
    /// Channel by channel, by name.
    entries: Vec<Entry>,
    bundles: Vec<Packed>,
    /// The bundles that provide an API, in order.
    providers: BTreeMap<Gvk, Vec<usize>>,
    custom: custom::Blobs,
}

#[derive(Debug)]
struct Package {
    name: String,
    description: String,
    icon: Option<Icon>,
    deprecation: Option<String>,
    default_channel: usize,
    /// By name.
    channels: Vec<usize>,
}

#[derive(Debug)]
struct Channel {
    name: String,
    package: usize,
    deprecation: Option<String>,
    head: usize,
    entries: Range<usize>,
}

#[derive(Debug)]
struct Entry {
    name: String,
    channel: usize,
    bundle: usize,
    replaces: String,
    skips: Vec<String>,
    skip_range: String,
}

/// Why a catalog cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It could not be read.
    #[error(transparent)]
    Read(#[from] catalog::Error),
    /// It could be read, but is not consistent.
    #[error("{}{problem}", place(file))]
    Problem {
        /// The file with the inconsistent blob. Empty if the catalog was not read from files.
        file: PathBuf,
        /// The problem.
        problem: Problem,
    },
}

fn place(file: &Path) -> String {
    if file.as_os_str().is_empty() { String::new() } else { format!("{}: ", file.display()) }
}

impl Index {
    /// The index of a catalog.
    ///
    /// # Errors
    /// A catalog that is not consistent, by the checks of opm's `declcfg.ConvertToModel`. Problems that do not affect
    /// the answers are left to validation.
    pub fn build(catalog: &Catalog) -> Result<Self, Error> {
        let index = link::link(&[catalog], pack(&catalog.bundles)?)?;
        Ok(Self { custom: custom::Blobs::of(&catalog.others), ..index })
    }

    /// The index of the catalog in a file or folder, read like [`Catalog::read`], but one file after another: reading
    /// never needs more memory than the largest file does, and 20 MB take a fifth of a second.
    ///
    /// # Errors
    /// Those of [`Catalog::read`] and [`Index::build`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        let (mut catalogs, mut bundles, mut custom) = (Vec::new(), Vec::new(), custom::Blobs::default());
        for catalog in Catalog::read_each(path)? {
            let mut catalog = catalog?;
            bundles.extend(pack(std::mem::take(&mut catalog.bundles))?);
            custom.add(&std::mem::take(&mut catalog.others));
            catalogs.push(catalog);
        }
        Ok(Self { custom, ..link::link(&catalogs.iter().collect::<Vec<_>>(), bundles)? })
    }

    /// The number of packages.
    #[must_use]
    pub fn package_count(&self) -> usize {
        self.packages.len()
    }

    /// The number of bundles, each counted once.
    #[must_use]
    pub fn bundle_count(&self) -> usize {
        self.bundles.len()
    }
}

/// A bundle that is not yet linked to its package and channels.
#[derive(Debug)]
struct Loose {
    package: String,
    name: String,
    file: PathBuf,
    provided_apis: Vec<Gvk>,
    packed: Packed,
}

fn pack<B: Borrow<catalog::Bundle>>(bundles: impl IntoIterator<Item = B>) -> Result<Vec<Loose>, Error> {
    let pack = |bundle: B| {
        let bundle = bundle.borrow();
        let file = bundle.origin.file().to_owned();
        match Packed::new(bundle) {
            Ok((packed, provided_apis)) => {
                Ok(Loose { package: bundle.package.clone(), name: bundle.name.clone(), file, provided_apis, packed })
            }
            Err(problem) => Err(Error::Problem { file, problem }),
        }
    };
    bundles.into_iter().map(pack).collect()
}
