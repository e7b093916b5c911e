//! Holds each input against the rules of its kind.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use olm_catalog::bundle::Bundle;
use olm_catalog::catalog::{self, Scan};
use olm_catalog::channel::{self, Template};
use olm_catalog::diagnostic::{Finding, Place, Sources};
use olm_catalog::files;
use olm_catalog::generate;
use olm_catalog::limits::FILE_BYTES;
use olm_catalog::operator::{self, Operator};
use olm_catalog::registry::{self, Pulled, PulledCatalog};
use olm_catalog::safety::Facts;
use olm_catalog::validate::bundle::{self, Options};
use olm_catalog::validate::input::Input;
use olm_catalog::validate::select::Selection;
use olm_catalog::validate::{self, Extra, comments};
use rayon::prelude::*;

use crate::client::Registry;
use crate::diff::Published;

/// What inputs are held against.
pub(super) struct How<'h> {
    pub(super) options: &'h Options,
    pub(super) selection: &'h Selection,
    pub(super) published: &'h Published,
    pub(super) registry: &'h Registry,
}

/// What was checked, and what was found.
#[derive(Default)]
pub(super) struct Checked {
    pub(super) findings: Vec<Finding>,
    /// What was found, and is in the baseline.
    pub(super) known: Vec<Finding>,
    /// The texts of images; those of files are on the disk.
    pub(super) sources: Sources,
    /// The files and folders that were looked at.
    pub(super) roots: Vec<PathBuf>,
    /// What could not be read.
    pub(super) unread: Vec<anyhow::Error>,
    pub(super) count: Count,
}

/// How much was checked.
#[derive(Default)]
pub(super) struct Count {
    /// Packages, channels and bundles of catalogs, where there is any catalog.
    pub(super) catalog: Option<[usize; 3]>,
    pub(super) bundle_folders: usize,
    pub(super) bundle_images: usize,
    pub(super) operators: usize,
    pub(super) templates: usize,
}

impl Checked {
    /// Checks all inputs.
    pub(super) fn all(&mut self, inputs: &BTreeSet<Input>, how: &How<'_>) {
        let mut catalogs = Vec::new();
        let mut bundles = Vec::new();
        for input in inputs {
            self.roots.extend(input.path().map(Path::to_owned));
            match input {
                Input::Catalog(path) => catalogs.push(path.as_path()),
                Input::Bundle(path) => bundles.push(path.as_path()),
                Input::Operator(path) => self.operator(path, how),
                Input::Template(path) => self.template(path, how),
                Input::Image(reference) => self.image(reference, how),
            }
        }
        // A catalog has no manifests of bundles with images: those of the folders beside it count. Each folder is read
        // once.
        let with_facts = !catalogs.is_empty();
        let mut checked: Vec<_> = bundles.par_iter().map(|path| bundle(path, with_facts, how.options)).collect();
        let facts = checked.iter_mut().filter_map(|checked| {
            let (checked, facts) = checked.as_mut().ok()?;
            Some((checked.package.clone(), facts.take()?))
        });
        let facts = facts.collect();
        self.catalogs(&catalogs, facts, how);
        self.bundles(&bundles, checked, how);
    }

    /// Several paths make one catalog. The bundle folders beside it may have the manifests that it does not contain.
    fn catalogs(&mut self, paths: &[&Path], bundles: Vec<(String, Facts)>, how: &How<'_>) {
        let mut scan: Option<Scan> = None;
        for path in paths {
            match catalog::scan(path) {
                Ok(found) => scan.get_or_insert_default().merge(found),
                Err(error) => self.unread.push(error.into()),
            }
        }
        if let (Some(scan), Some(root)) = (scan, paths.first()) {
            self.scan(&scan, root, bundles, how);
        }
    }

    fn scan(&mut self, scan: &Scan, root: &Path, bundles: Vec<(String, Facts)>, how: &How<'_>) {
        // Without all files of the catalog, nobody knows what is gone.
        let published = match self.unread.is_empty() {
            true => how.published.findings(scan, root, how.registry),
            false => Ok(None),
        };
        let published = published.unwrap_or_else(|error| {
            self.unread.push(error);
            None
        });
        let extra = Extra { targets: how.selection.targets.clone(), published, bundles };
        let findings = validate::validate_with(scan, root, extra);
        self.findings.extend(how.selection.apply(findings, scan));
        let catalog = &scan.catalog;
        let [packages, channels, bundles] = self.count.catalog.get_or_insert_default();
        *packages += catalog.packages.len();
        *channels += catalog.channels.len();
        *bundles += catalog.bundles.len();
        match scan.bad.iter().filter(|bad| bad.syntax).count() {
            0 => {}
            1 => self.unread.push(anyhow!("a file of the catalog could not be read")),
            number => self.unread.push(anyhow!("{number} files of the catalog could not be read")),
        }
    }

    fn bundles(&mut self, paths: &[&Path], checked: Vec<CheckedBundle>, how: &How<'_>) {
        for (path, checked) in paths.iter().zip(checked) {
            self.count.bundle_folders += 1;
            match checked.with_context(|| format!("cannot check the bundle {}", path.display())) {
                Ok((checked, _)) => self.add(checked.findings, Some(&checked.package), how),
                Err(error) => self.unread.push(error),
            }
        }
    }

    /// Adds what counts of the findings about something else than a catalog.
    fn add(&mut self, found: Vec<Finding>, package: Option<&str>, how: &How<'_>) {
        self.findings.extend(how.selection.apply_to(found, package));
    }

    /// An operator's definition is right where its bundles can be made.
    fn operator(&mut self, path: &Path, how: &How<'_>) {
        self.count.operators += 1;
        let found = match Operator::read(path) {
            Ok(operator) => match generate::generate(&operator) {
                Ok(made) => return self.add(made.findings, operator.package_name(), how),
                Err(error) => Err(anyhow::Error::from(error)),
            },
            Err(operator::Error::Yaml { path, source }) => {
                let place = Place::position(path, source.line, source.column);
                let finding = Finding::error(operator::rule::SCHEMA, place, source.message);
                Ok(vec![finding.help("correct the line; the file is not valid YAML")])
            }
            Err(error) => Err(error.into()),
        };
        match found {
            Ok(found) => self.add(found, None, how),
            Err(error) => self.unread.push(error),
        }
    }

    /// A template is rendered where all of its bundles are folders: no images are pulled to check it.
    fn template(&mut self, path: &Path, how: &How<'_>) {
        self.count.templates += 1;
        let root = channel::root_of(path);
        let sources = channel::Sources {
            root: &root,
            image: &|_, _| Ok(String::new()),
            pull: &|reference| Err(format!("{reference} is not a folder").into()),
        };
        let checked = Template::read(path).map(|template| {
            let local = template.images().iter().all(|image| channel::is_local(&image.reference));
            let mut findings = match local.then(|| channel::render(&template, &sources)) {
                Some(Err(findings)) => findings,
                Some(Ok(_)) | None => Vec::new(),
            };
            comments::apply(template.commented.as_slice(), &mut findings, |_| true);
            findings
        });
        match checked {
            Ok(found) | Err(channel::Error::Findings(found)) => self.add(found, None, how),
            Err(error) => self.unread.push(error.into()),
        }
    }

    fn image(&mut self, reference: &str, how: &How<'_>) {
        let pull = || -> anyhow::Result<Pulled> { Ok(how.registry.client()?.pull(&registry::reference(reference)?)?) };
        match pull() {
            Ok(Pulled::Bundle(pulled)) => {
                self.count.bundle_images += 1;
                let checked = bundle::check(&pulled.bundle, Path::new(reference), how.options);
                self.add(checked.findings, Some(&checked.package), how);
                self.keep(reference, &pulled.bundle);
            }
            Ok(Pulled::Catalog(pulled)) => self.catalog_image(reference, &pulled, how),
            Err(error) => self.unread.push(error),
        }
    }

    /// Keeps the texts of a bundle that has no folder.
    fn keep(&mut self, reference: &str, bundle: &Bundle) {
        for (file, bytes) in &bundle.files {
            if let Ok(text) = str::from_utf8(bytes) {
                self.sources = std::mem::take(&mut self.sources).with(Path::new(reference).join(file), text);
            }
        }
    }

    /// The files of an image are in a folder that is soon gone: places name the image instead.
    fn catalog_image(&mut self, reference: &str, pulled: &PulledCatalog, how: &How<'_>) {
        let folder = pulled.path();
        let scan = match catalog::scan(&folder).with_context(|| format!("cannot read the catalog of {reference}")) {
            Ok(scan) => scan,
            Err(error) => return self.unread.push(error),
        };
        let before = self.findings.len();
        self.scan(&scan, &folder, Vec::new(), how);
        let mut named = BTreeSet::new();
        for finding in &mut self.findings[before..] {
            let places =
                std::iter::once(&mut finding.place).chain(finding.related.iter_mut().map(|other| &mut other.place));
            for place in places {
                let Ok(inner) = place.file.strip_prefix(&folder) else { continue };
                let inner = inner.to_owned();
                place.file =
                    if inner.as_os_str().is_empty() { reference.into() } else { Path::new(reference).join(&inner) };
                named.insert(inner);
            }
        }
        for file in named {
            let text = files::read_text(&folder.join(&file), &FILE_BYTES).unwrap_or_default();
            self.sources = std::mem::take(&mut self.sources).with(Path::new(reference).join(file), text);
        }
    }
}

/// What is found in a bundle's folder, and its facts where they are asked for and it can be read.
type CheckedBundle = Result<(bundle::Checked, Option<Facts>), olm_catalog::bundle::Error>;

fn bundle(folder: &Path, with_facts: bool, options: &Options) -> CheckedBundle {
    match with_facts {
        true => bundle::check_folder_with_facts(folder, options),
        false => Ok((bundle::check_folder(folder, options)?, None)),
    }
}
