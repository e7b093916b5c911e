//! A catalog as a static web site: packages, channels, versions, upgrade graphs, APIs with their fields, and what upgrades do.
//!
//! 1. [`write()`] goes through the packages in parallel. `model` and `manifests` put together what is known of each, and
//!    `upgrades` what [`crate::safety`] says of its upgrades.
//! 2. `pages` makes the pages of it, of `parts`, `fields` and `markdown`. `page` is the frame of them all.
//! 3. `output` writes them beside the site's folder, and puts them in place at once.
//!
//! All text of a catalog is foreign. `html` has the types that no text gets past, `names` the names of files. Pages load
//! nothing from elsewhere, and forbid it by a `Content-Security-Policy`; all but the search can be read without JavaScript.
//! The same catalog makes the same bytes. Long lists are split into pages of bounded size.

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

/// What a site is made from.
#[derive(Clone, Copy, Debug)]
pub struct Source<'s> {
    /// The catalog.
    pub context: &'s Context<'s>,
    /// What is known of its bundles, for what upgrades do.
    pub known: &'s safety::Known,
    /// The folder of bundles, `<folder>/<package>/<anything>`, whose manifests the catalog does not hold.
    pub bundles: Option<&'s Path>,
    /// The site's title.
    pub title: &'s str,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// How many packages the site shows.
    pub packages: usize,
    /// How many versions.
    pub versions: usize,
    /// How many files it has.
    pub files: usize,
    /// How many bytes these have.
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
    /// The folder has something that was not made by an earlier run.
    #[error("{} was not made by `catalog site`, so {} is left as it is", what.display(), place.display())]
    Foreign {
        /// The site's folder.
        place: PathBuf,
        /// What is there.
        what: PathBuf,
    },
    /// The folder's place is not one to write to.
    #[error(transparent)]
    Place(#[from] Refused),
    /// Something could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Something could not be written. The folder is as it was.
    #[error("cannot write {}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A bundle's folder is not a bundle.
    #[error("cannot read the bundle {}", path.display())]
    Bundle {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: bundle::Error,
    },
    /// The channels could not be listed.
    #[error(transparent)]
    List(#[from] draw::Error),
    /// The search's index could not be made.
    #[error("cannot write the search's index")]
    Index(#[from] serde_json::Error),
    /// The site would have too many files.
    #[error("the site has too many files: {0}")]
    Large(Exceeded),
}

/// Writes the site of a catalog to a folder: one that is not there, is empty, or holds an earlier site alone, as its file
/// [`MARK`] says. `done` is called after each package, from any thread.
///
/// # Errors
/// A folder with anything else in it, what cannot be read or written, and a site with more files than the limit `site-files`.
/// The folder is as it was then.
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
