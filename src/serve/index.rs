//! What a catalog answers: tables made once, and the questions that they are asked.
//!
//! Nothing here knows of gRPC, but for the messages. Answers and refusals are those of opm's `pkg/cache`; where opm
//! leaves the order to chance, it is by package, channel and bundle here.

mod link;
mod problem;
mod query;

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

pub use problem::Problem;
pub use query::NotFound;

use super::packed::Packed;
use crate::bundle::Gvk;
use crate::catalog::{self, Catalog, Icon};

/// How many files are read at a time: each costs its text and its values in memory while it is read, and 20 MB take
/// two threads less than a tenth of a second.
const READERS: usize = 2;

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
    /// It could be read, and does not hold together.
    #[error("{}{problem}", place(file))]
    Problem {
        /// The file with the blob that does not fit. Empty where the catalog was not read.
        file: PathBuf,
        /// What does not fit.
        problem: Problem,
    },
    /// The threads that read files could not be started.
    #[error("cannot start the threads that read the catalog")]
    Threads(#[source] rayon::ThreadPoolBuildError),
}

fn place(file: &Path) -> String {
    if file.as_os_str().is_empty() { String::new() } else { format!("{}: ", file.display()) }
}

impl Index {
    /// The index of a catalog.
    ///
    /// # Errors
    /// A catalog that does not hold together, as opm's `declcfg.ConvertToModel` has it. What makes no difference to
    /// the answers is left to validation.
    pub fn build(catalog: &Catalog) -> Result<Self, Error> {
        link::link(&[catalog], pack(&catalog.bundles)?)
    }

    /// The index of the catalog in a file or folder, read as [`Catalog::read`] does, but with no more than a few
    /// files in memory at a time.
    ///
    /// # Errors
    /// Those of [`Catalog::read`] and [`Index::build`]. The first in the order of files is returned.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let read = |file: &PathBuf| -> Result<(Catalog, Vec<Loose>), Error> {
            let mut catalog = Catalog::read(file)?;
            let bundles = pack(catalog.bundles.drain(..))?;
            catalog.others.clear();
            Ok((catalog, bundles))
        };
        let files = catalog::files(path)?;
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(READERS).min(files.len().max(1));
        // A pool of its own: its threads, and the memory they hold on to, are gone when the catalog is read.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(Error::Threads)?;
        let parts: Vec<_> = pool.install(|| files.par_iter().map(read).collect());
        let (catalogs, bundles): (Vec<_>, Vec<_>) = parts.into_iter().collect::<Result<_, _>>()?;
        link::link(&catalogs.iter().collect::<Vec<_>>(), bundles.into_iter().flatten().collect())
    }

    /// How many packages there are.
    #[must_use]
    pub fn package_count(&self) -> usize {
        self.packages.len()
    }

    /// How many bundles there are, each counted once.
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
