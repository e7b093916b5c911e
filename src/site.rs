//! A catalog as a static web site: packages, channels, versions, upgrade graphs, APIs with their fields, and the
//! effects of upgrades.
//!
//! 1. [`write()`] processes the packages in parallel. `model` and `manifests` collect the facts about each, and
//!    `upgrades` its upgrades from [`crate::safety`].
//! 2. `pages` makes the pages, using `parts`, `fields` and `markdown`. `page` is the frame of all pages.
//! 3. `output` writes them next to the site's folder, and then swaps them into place at once.
//!
//! All text of a catalog is foreign. The types in `html` escape all text, and `names` makes safe file names. Pages load
//! nothing from elsewhere, and forbid it with a `Content-Security-Policy`; all except the search can be read without
//! JavaScript. The same catalog makes the same bytes. Long lists are split into pages of bounded size.

mod fields;
mod html;
mod manifests;
mod markdown;
mod model;
mod names;
mod output;
mod page;
mod pages;
mod parts;
mod upgrades;

use std::fmt;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::bundle;
use crate::draw;
use crate::files::Refused;
use crate::limits::Exceeded;
use crate::safety;
use crate::validate::{Context, PackageView};
use crate::words::plural;
use model::Operator;
use output::Output;
use page::{Frame, Page, asset};
use pages::Card;

pub use output::MARK;

/// The input of a site.
#[derive(Clone, Copy, Debug)]
pub struct Source<'s> {
    /// The catalog.
    pub context: &'s Context<'s>,
    /// The facts about its bundles, for the effects of upgrades.
    pub known: &'s safety::Known,
    /// The folder of bundles, `<folder>/<package>/<anything>`, with manifests that the catalog does not contain.
    pub bundles: Option<&'s Path>,
    /// The site's title.
    pub title: &'s str,
}

/// A summary of the written site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// The number of packages.
    pub packages: usize,
    /// The number of versions.
    pub versions: usize,
    /// The number of files.
    pub files: usize,
    /// The size of the files in bytes.
    pub bytes: u64,
}

/// `4 packages, 19 versions, 232 files, 11.5 MB`
impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let packages = plural(self.packages, "package");
        let versions = plural(self.versions, "version");
        // Megabytes with one digit, without floating point numbers.
        let tenths = self.bytes.saturating_add(50_000) / 100_000;
        write!(f, "{packages}, {versions}, {} files, {}.{} MB", self.files, tenths / 10, tenths % 10)
    }
}

/// Why a site could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder contains something that an earlier run did not make.
    #[error("{} was not made by `catalog site`, so {} was not changed", what.display(), place.display())]
    Foreign {
        /// The site's folder.
        place: PathBuf,
        /// The foreign file or folder.
        what: PathBuf,
    },
    /// The folder's path cannot be written to.
    #[error(transparent)]
    Place(#[from] Refused),
    /// A file or folder could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A file or folder could not be written. The site's folder is unchanged.
    #[error("cannot write {}", path.display())]
    Write {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A bundle's folder is not a bundle.
    #[error("cannot read the bundle {}", path.display())]
    Bundle {
        /// The folder.
        path: PathBuf,
        /// The cause.
        source: bundle::Error,
    },
    /// The channels could not be listed.
    #[error(transparent)]
    List(#[from] draw::Error),
    /// The search index could not be written.
    #[error("cannot write the search index")]
    Index(#[from] serde_json::Error),
    /// The site would have too many files.
    #[error("the site has too many files: {0}")]
    Large(Exceeded),
}

/// Writes the site of a catalog to a folder that does not exist, is empty, or only contains an earlier site, according
/// to its file [`MARK`]. `done` is called after each package, from any thread.
///
/// # Errors
/// A folder that contains anything else, files that cannot be read or written, and a site with more files than the
/// limit `site-files`. In these cases the folder is not changed.
pub fn write(source: &Source<'_>, place: &Path, done: &(dyn Fn() + Sync)) -> Result<Written, Error> {
    let output = Output::begin(place)?;
    let frame = Frame { title: source.title };
    for (name, text) in ASSETS {
        output.write(&asset(name), text)?;
    }
    output.write(&asset("style.css"), &format!("{STYLE}\n/* Upgrade graphs. */\n{}", draw::svg_style()))?;
    let packages: Vec<&PackageView<'_>> = source.context.packages.values().collect();
    let shown = packages.par_iter().map(|view| {
        let shown = package(source, view, &output, &frame);
        done();
        shown
    });
    let shown: Vec<(Card, Vec<pages::Found>, usize)> = shown.collect::<Result<_, Error>>()?;
    let (mut cards, mut found, mut versions) = (Vec::new(), Vec::new(), 0);
    for (card, entries, number) in shown {
        cards.push(card);
        found.extend(entries);
        versions += number;
    }
    put(&output, &frame, pages::home(source.title, &cards))?;
    put(&output, &frame, [pages::search()])?;
    output.write(&asset("index.js"), &pages::index(&found)?)?;
    let (files, bytes) = output.finish()?;
    Ok(Written { packages: cards.len(), versions, files, bytes })
}

const STYLE: &str = include_str!("site/assets/style.css");
const ASSETS: [(&str, &str); 2] =
    [("site.js", include_str!("site/assets/site.js")), ("search.js", include_str!("site/assets/search.js"))];

/// Writes all pages of a package.
fn package(
    source: &Source<'_>,
    view: &PackageView<'_>,
    output: &Output,
    frame: &Frame<'_>,
) -> Result<(Card, Vec<pages::Found>, usize), Error> {
    let operator = Operator::new(source, view)?;
    put(output, frame, pages::package(source, &operator))?;
    (0..operator.versions.len()).into_par_iter().try_for_each(|number| {
        put(output, frame, [pages::version(&operator, number)])?;
        put(output, frame, pages::upgrades(&operator, number))?;
        let homes = operator.versions[number].homes.iter().enumerate().filter(|(_, home)| **home == number);
        homes.into_iter().try_for_each(|(place, _)| put(output, frame, pages::definitions(&operator, number, place)))
    })?;
    Ok((Card::new(&operator), pages::entries(&operator), operator.versions.len()))
}

fn put(output: &Output, frame: &Frame<'_>, pages: impl IntoIterator<Item = Page>) -> Result<(), Error> {
    pages.into_iter().try_for_each(|page| {
        let path = page.path.clone();
        output.write(&path, &page.document(frame))
    })
}
