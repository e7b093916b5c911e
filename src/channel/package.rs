//! Renders templates with their local bundles to packages, the first step of `catalog build`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::local::{self, LocalBundle, is_local};
use super::rule;
use super::template::{Error, Template};
use crate::bundle::{Bundle, Contents};
use crate::catalog::{self, Catalog};
use crate::diagnostic::{Finding, Place};
use crate::files as safe;
use crate::limits::FOLDER_FILES;
use crate::render::BoxError;

/// A package that a template made.
#[derive(Clone, Debug)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// The template's file.
    pub template: PathBuf,
    /// Its blobs. The bundles contain their objects; [`Catalog::migrate`] turns these into metadata.
    pub catalog: Catalog,
    /// The local bundles in it, in the order in which the template names them.
    pub bundles: Vec<LocalBundle>,
}

/// The sources of the bundles of templates.
pub struct Sources<'s> {
    /// The root of the repository. Local bundles must be inside it.
    pub root: &'s Path,
    /// Gives the reference of the image that a local bundle becomes, or an empty one if its objects are served from the
    /// catalog. Called once for each bundle of a template, from several threads.
    pub image: &'s (dyn Fn(&Bundle, &Contents) -> Result<String, BoxError> + Sync),
    /// The blob of a bundle image, with its objects.
    pub pull: &'s (dyn Fn(&str) -> Result<catalog::Bundle, BoxError> + Sync),
}

impl fmt::Debug for Sources<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources").field("root", &self.root).finish_non_exhaustive()
    }
}

/// Renders a template.
///
/// # Errors
/// All problems of the template and its bundles.
pub fn render(template: &Template, sources: &Sources<'_>) -> Result<Package, Vec<Finding>> {
    let images = template.images();
    let local: BTreeMap<&str, Result<LocalBundle, BoxError>> = images
        .par_iter()
        .filter(|image| is_local(&image.reference))
        .map(|image| (image.reference.as_str(), local_bundle(&image.reference, template, sources)))
        .collect();
    let catalog = template.render(&|reference| match local.get(reference) {
        Some(Ok(local)) => Ok(local.contents.render(&local.image)?),
        Some(Err(cause)) => Err(Message::of(&**cause).into()),
        None => (sources.pull)(reference),
    })?;
    let name = catalog.package_names().into_iter().find(|name| !name.is_empty()).unwrap_or_default().to_owned();
    let bundles = images.iter().filter_map(|image| local.get(image.reference.as_str())?.as_ref().ok().cloned());
    Ok(Package { name, template: template.file().to_owned(), bundles: bundles.collect(), catalog })
}

/// Renders every template of a folder: its files `<package>.yaml`, `.yml` and `.json`, sorted by package.
///
/// # Errors
/// A folder or file that cannot be read, and all problems of all templates and their bundles.
pub fn render_all(folder: &Path, sources: &Sources<'_>) -> Result<Vec<Package>, Error> {
    let io = |source| Error::Io { path: folder.to_owned(), source };
    let mut files = Vec::new();
    for path in safe::list(folder, &FOLDER_FILES).map_err(io)? {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if !path.is_dir() && ["yaml", "yml", "json"].contains(&extension) {
            // Error messages show lines of it.
            safe::check_inside(sources.root, &path).map_err(|source| Error::Io { path: path.clone(), source })?;
            files.push(path);
        }
    }
    let (mut packages, mut findings) = (Vec::<Package>::new(), Vec::new());
    for file in files {
        let rendered = Template::read(&file).and_then(|template| render(&template, sources).map_err(Error::Findings));
        match rendered {
            Ok(package) => {
                findings.extend(misnamed(&package));
                packages.push(package);
            }
            Err(Error::Findings(found)) => findings.extend(found),
            Err(error) => return Err(error),
        }
    }
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    for pair in packages.windows(2).filter(|pair| pair[0].name == pair[1].name) {
        let message = format!("{} also makes the package {}", pair[0].template.display(), pair[0].name);
        findings.push(Finding::error(rule::PACKAGE, Place::file(&pair[1].template), message));
    }
    if findings.is_empty() { Ok(packages) } else { Err(Error::Findings(findings)) }
}

/// A template's file is named after the package that it makes, so that it is easy to find.
fn misnamed(package: &Package) -> Option<Finding> {
    let stem = package.template.file_stem()?;
    (stem != package.name.as_str()).then(|| {
        let message = format!("the file makes the package {}, so its name must be the package's name", package.name);
        Finding::error(rule::PACKAGE, Place::file(&package.template), message)
    })
}

fn local_bundle(reference: &str, template: &Template, sources: &Sources<'_>) -> Result<LocalBundle, BoxError> {
    let (path, bundle) = local::read(reference, template.file(), sources.root)?;
    let contents = bundle.contents()?;
    let image = (sources.image)(&bundle, &contents)?;
    Ok(LocalBundle { path, bundle, contents, image })
}

/// The message of an error that is reported more than once.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Message(String);

impl Message {
    fn of(error: &(dyn std::error::Error + 'static)) -> Self {
        Self(crate::diagnostic::chain(error))
    }
}
