//! `catalog build FROM`: what is there already, without the templates of a repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::bail;
use olm_catalog::build::{self, Assembled, CatalogLayout, Existing, Form, LeftOut};
use olm_catalog::bundle::Bundle;
use olm_catalog::catalog::{Scan, read_text};
use olm_catalog::diagnostic::{Finding, Severity, Sources};
use olm_catalog::files;
use olm_catalog::image::{Entry, PlatformImage, ProgramLayer, Repository, platform_catalog_image};
use olm_catalog::limits::FOLDER_FILES;
use olm_catalog::report;
use olm_catalog::terminal::{self, Progress, Text, escape};
use olm_catalog::validate::select::Selection;
use olm_catalog::validate::{self, Extra};
use olm_catalog::words::{plural, shortened};
use olm_catalog::{errln, outln, text};

use super::Args;
use crate::report::{Found, Output};
use crate::{Outcome, output};

/// The repository in the layout of a catalog without bundles of its own: its references never change.
const ELSEWHERE: &str = "localhost/catalog";

impl Args {
    /// Builds what is at a path, by what it is.
    pub(super) fn build_from(
        &self,
        from: &Path,
        selection: &Selection,
        found: &Found,
        report: &mut report::Build,
    ) -> anyhow::Result<Outcome> {
        if Bundle::is_at(from) {
            return self.single_bundle(from, selection, found, report);
        }
        if let Some(mappings) = build::mappings(from)? {
            return self.mapped(from, &mappings, selection, found, report);
        }
        if let Some(manifest) = package_manifest(from) {
            bail!(
                "{} is a package manifest: OLM replaced this format by bundles in 2020\n\
                 help: `catalog convert {} --to bundles --out bundles` writes its versions as bundles, with a template",
                manifest.display(),
                from.display()
            );
        }
        if self.inline {
            bail!("--inline is for bundle folders: the files of an existing catalog are not changed");
        }
        self.as_it_is(from, selection, found, report)
    }

    /// Builds the image of a catalog with its files as they are.
    fn as_it_is(
        &self,
        from: &Path,
        selection: &Selection,
        found: &Found,
        report: &mut report::Build,
    ) -> anyhow::Result<Outcome> {
        let progress = Progress::spinner("building the catalog");
        let programs = if self.check { None } else { Some(self.programs.local()?) };
        let Existing { files, left_out, scan } = build::existing(from, &self.layout)?;
        warn_left_out(&left_out);
        if files.is_empty() {
            let help = match left_out.iter().any(|left| left.is_template) {
                true => {
                    "\nhelp: `catalog build` renders the templates of the folder channels; `catalog template` prints the catalog of one"
                }
                false => "",
            };
            bail!("{} is not a catalog: no file of it has a blob{help}", from.display());
        }
        if !is_valid(&scan, from, selection, Sources::disk, found)? {
            note_several(from, &scan);
            return Ok(Outcome::Findings);
        }
        let Some(programs) = programs else { return Ok(Outcome::Done) };
        let entries = files.iter().map(|(path, bytes)| Entry::file(path.clone(), bytes.as_slice()));
        let image = self.catalog_image(&programs.layers(&self.registry)?, entries)?;
        let count = plural(files.len(), "file");
        let made = text!("{}: {}, built as {} ({})\n", from.display(), count, are(files.len()), parts(&scan));
        drop(progress);
        self.write(image, Vec::new(), self.named()?, &made, report)
    }

    /// Builds the catalog of a single bundle, and the bundle's image.
    fn single_bundle(
        &self,
        folder: &Path,
        selection: &Selection,
        found: &Found,
        report: &mut report::Build,
    ) -> anyhow::Result<Outcome> {
        let programs = if self.check { None } else { Some(self.programs.local()?) };
        let form = if self.inline { Form::Inline } else { Form::Pinned };
        let repository = match (self.named()?, form) {
            (Some(named), _) => named,
            (None, Form::Inline) => ELSEWHERE.parse()?,
            (None, Form::Pinned) => bail!(
                "no repository is set for the image of the bundle {}: pass --repository REGISTRY/NAME, or --inline to \
                 put the bundle's objects into the catalog image",
                folder.display()
            ),
        };
        let made = build::single(folder, &repository, form)?;
        for (path, parts) in &made.passed_over {
            output::warn_parts(&path.to_string_lossy(), parts);
        }
        let files = made.files()?;
        // Findings are about the catalog that is made, so that is what they show.
        let (mut scan, mut sources) = (Scan::default(), Sources::disk());
        for (path, text) in &files {
            scan.merge(read_text(text, Path::new(path)));
            sources = sources.with(path, text);
        }
        if !is_valid(&scan, Path::new("."), selection, || sources, found)? {
            return Ok(Outcome::Findings);
        }
        let Some(programs) = programs else { return Ok(Outcome::Done) };
        let Assembled { bundles, .. } = made;
        let entries = files.into_iter().map(|(path, text)| Entry::file(path, text.into_bytes()));
        let image = self.catalog_image(&programs.layers(&self.registry)?, entries)?;
        let made = text!("{}: a catalog of this bundle ({})\n", folder.display(), parts(&scan));
        self.write(image, bundles, Some(repository), &made, report)
    }

    /// The repository that is given, or that repository.yaml names.
    pub(super) fn named(&self) -> anyhow::Result<Option<Repository>> {
        match &self.repository {
            Some(given) => Ok(Some(given.clone())),
            None => Ok(build::repository(&self.bundles)?),
        }
    }

    /// The catalog image for the platforms of some programs.
    fn catalog_image<'e>(
        &self,
        programs: &[ProgramLayer],
        entries: impl IntoIterator<Item = Entry<'e>>,
    ) -> anyhow::Result<PlatformImage> {
        let labels = build::labels(&self.bundles)?;
        Ok(platform_catalog_image(programs, entries)?.map(|image| image.with_labels(labels.clone()))?)
    }

    /// Writes the layout, and reports it.
    fn write(
        &self,
        catalog: PlatformImage,
        bundles: Vec<build::BundleImage>,
        named: Option<Repository>,
        made: &Text,
        report: &mut report::Build,
    ) -> anyhow::Result<Outcome> {
        let repository = match &named {
            Some(named) => named.clone(),
            None => ELSEWHERE.parse()?,
        };
        let layout = CatalogLayout { catalog, repository, bundles };
        layout.write(&self.layout)?;
        match self.output {
            _ if self.quiet => outln!("{}", layout.catalog.digest())?,
            Output::Json => {
                self.fill(report, &layout)?;
                report.repository = named.map(|named| named.to_string());
            }
            Output::Text | Output::Github => terminal::out(&(made.clone() + self.images(&layout)?))?,
        }
        Ok(Outcome::Done)
    }
}

/// Warns about files that the image lacks.
fn warn_left_out(left_out: &[LeftOut]) {
    for (is_template, one, many) in
        [(false, "not a file of a catalog", "not files of a catalog"), (true, "a template", "templates")]
    {
        let paths = left_out.iter().filter(|left| left.is_template == is_template);
        let paths: Vec<String> = paths.map(|left| left.path.display().to_string()).collect();
        let (are, what, them) = match paths.len() {
            0 => continue,
            1 => ("is", one, "it"),
            _ => ("are", many, "them"),
        };
        let names = shortened(&paths);
        errln!(
            "warning: {} {} {}, so the image lacks {}; name {} in .indexignore, because opm refuses the folder otherwise",
            names,
            are,
            what,
            them,
            them
        );
    }
}

fn are(files: usize) -> &'static str {
    if files == 1 { "it is" } else { "they are" }
}

fn parts(scan: &Scan) -> String {
    let Scan { catalog, .. } = scan;
    let numbers = [
        plural(catalog.packages.len(), "package"),
        plural(catalog.channels.len(), "channel"),
        plural(catalog.bundles.len(), "bundle"),
    ];
    numbers.join(", ")
}

/// Whether a catalog has no errors. Prints all findings that count, with the texts of `sources`.
pub(super) fn is_valid(
    scan: &Scan,
    root: &Path,
    selection: &Selection,
    sources: impl FnOnce() -> Sources,
    found: &Found,
) -> anyhow::Result<bool> {
    let extra = Extra { targets: selection.targets.clone(), ..Extra::default() };
    let findings: Vec<Finding> = selection.apply(validate::validate_with(scan, root, extra), scan);
    if !findings.is_empty() {
        found.add(&findings, &sources())?;
    }
    Ok(findings.iter().all(|finding| finding.severity == Severity::Warning))
}

/// A package that several folders have: perhaps each of them is a catalog of its own.
fn note_several(from: &Path, scan: &Scan) {
    let mut folders: BTreeMap<&str, Vec<PathBuf>> = BTreeMap::new();
    for package in &scan.catalog.packages {
        if let Ok(within) = package.origin.file().strip_prefix(from)
            && within.iter().count() > 1
            && let Some(folder) = within.iter().next()
        {
            folders.entry(&package.name).or_default().push(from.join(folder));
        }
    }
    for (package, mut places) in folders {
        places.dedup();
        if let [first, .., last] = places.as_slice() {
            let (package, from) = (escape(package), from.display());
            errln!(
                "help: the package {} is in {} and {}. If each folder is a catalog, build one of them: `catalog build {}`. \
                 If {} is one catalog, name the folder to leave out in {}/.indexignore",
                package,
                first.display(),
                last.display(),
                last.display(),
                from,
                from
            );
            return;
        }
    }
}

/// The package manifest in a folder: `<package>.package.yaml`, beside a folder for each version.
fn package_manifest(folder: &Path) -> Option<PathBuf> {
    let files = files::list(folder, &FOLDER_FILES).ok()?;
    files.into_iter().find(|file| file.to_str().is_some_and(|name| name.ends_with(".package.yaml")) && file.is_file())
}
