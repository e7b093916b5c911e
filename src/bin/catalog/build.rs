//! `catalog build`: the catalog's files, and its images in an OCI layout.

mod existing;
mod mapped;
mod missing;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr as _;

use anyhow::Context as _;
use olm_catalog::build::{self, Assembled, CatalogLayout, Form, From};
use olm_catalog::catalog::{self, Scan};
use olm_catalog::changes::Change;
use olm_catalog::channel;
use olm_catalog::diagnostic::{Finding, Severity, Sources};
use olm_catalog::image::{Artifact as _, Entry, Image, Repository, platform_catalog_image};
use olm_catalog::report::{self, State};
use olm_catalog::terminal::{self, Progress, Text};
use olm_catalog::validate::select::Selection;
use olm_catalog::words::plural;
use olm_catalog::{files, limits};
use olm_catalog::{outln, text};

use crate::client::Registry;
use crate::programs::Programs;
use crate::report::{Found, Output, file, print};
use crate::select::Select;
use crate::{Outcome, folders, output as messages};

/// Build the catalog: its files, and its images in an OCI layout.
///
/// Render the channel templates, with the bundles that they name, to one file per package in the catalog folder, and
/// validate the result. Then build the images of each bundle and of the catalog, without a container engine: the same
/// input gives the same bytes and digests. The network is used only if a template names an image.
///
/// With FROM, build what is there instead, without templates: a file-based catalog goes into the image with its files as
/// they are, and a single bundle becomes a catalog with the channels that its annotations name. For an operator of a
/// repository with the layout of community-operators, write the catalogs that its ci.yaml maps its templates to.
///
/// Exit status: 0 done, 1 the templates or the catalog have errors, or with --check a file differs, 2 could not do it.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A catalog's file or folder, a bundle's folder, or the folder of an operator with a ci.yaml.
    #[arg(value_name = "FROM", conflicts_with_all = ["channels", "catalog"])]
    from: Option<PathBuf>,
    /// The folder of channel templates, one per package [default: channels in the root of the repository].
    #[arg(long, value_name = "DIR", default_value_os_t = folders::channels(), hide_default_value = true)]
    channels: PathBuf,
    /// The folder of bundles. Its repository.yaml names the repository of the images [default: bundles in the root of the
    /// repository].
    #[arg(long, value_name = "DIR", default_value_os_t = folders::bundles(), hide_default_value = true)]
    bundles: PathBuf,
    /// The catalog folder, with one folder per package [default: catalog in the root of the repository].
    #[arg(long, value_name = "DIR", default_value_os_t = folders::catalog(), hide_default_value = true)]
    catalog: PathBuf,
    /// The OCI layout to write [default: target/catalog in the root of the repository].
    #[arg(long, value_name = "DIR", default_value_os_t = folders::images(), hide_default_value = true)]
    layout: PathBuf,
    /// The repository in the image's references to its bundles [default: the one in repository.yaml in the folder of
    /// bundles]. The catalog folder always names the default one.
    #[arg(long, value_name = "REGISTRY/REPOSITORY", value_parser = Repository::from_str)]
    repository: Option<Repository>,
    /// Put the bundles' objects into the catalog image instead of references to their images. A cluster then pulls only
    /// this one image, and OLM unpacks nothing.
    #[arg(long)]
    inline: bool,
    /// Write nothing and build no image. Print how the catalog folder differs from what would be written.
    #[arg(long)]
    check: bool,
    /// Print only the digest of the catalog image, findings and differences.
    #[arg(long, short)]
    quiet: bool,
    /// The output format. docs/schemas/build.json describes the JSON.
    #[arg(long, short, value_name = "FORMAT", default_value = "text", conflicts_with = "quiet")]
    output: Output,
    #[command(flatten)]
    programs: Programs,
    #[command(flatten)]
    registry: Registry,
    #[command(flatten)]
    select: Select,
}

const EXAMPLES: &str = "\
Examples:
  Build the catalog of this repository:
    catalog build

  Build the image of a catalog that exists, with its files as they are:
    catalog build configs

  Build a catalog of the single bundle of a repository:
    catalog build bundle --repository quay.io/me/catalog

  Fail if the catalog folder is not up to date:
    catalog build --check

  Fail on warnings too:
    catalog build --deny warnings

  Build for another registry:
    catalog build --repository quay.io/me/catalog

  Build one image that holds everything:
    catalog build --inline

  Build for nodes of several architectures, with the programs of the published image:
    catalog build --platform linux/amd64,linux/arm64 --program-from quay.io/example/catalog-tool:v1";

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        folders::check()?;
        let (found, mut report) = (Found::new(self.output), report::Build::default());
        let outcome = self.build(&found, &mut report)?;
        if self.output == Output::Json {
            report.findings = found.collected();
            print(&report)?;
        }
        Ok(outcome)
    }

    fn build(&self, found: &Found, report: &mut report::Build) -> anyhow::Result<Outcome> {
        let progress = Progress::spinner("building the catalog");
        let selection = self.select.read()?;
        if let Some(from) = &self.from {
            drop(progress);
            return self.build_from(from, &selection, found, report);
        }
        missing::check(&self.channels)?;
        // If the program cannot run in the image, building is pointless.
        let programs = if self.check { None } else { Some(self.programs.local()?) };
        let default = match (build::repository(&self.bundles)?, &self.repository) {
            (Some(named), _) => named,
            (None, Some(given)) => given.clone(),
            (None, None) => {
                return Err(build::Error::NoRepository { path: self.bundles.join(build::REPOSITORY_FILE) }.into());
            }
        };
        let Some(committed) = self.assemble(&default, Form::Pinned, found)? else { return Ok(Outcome::Findings) };
        let files = self.files(&committed)?;
        let by_hand = self.by_hand(&files)?;
        if !self.is_valid(&files, &by_hand, &selection, found)? {
            return Ok(Outcome::Findings);
        }
        for (folder, parts) in &committed.passed_over {
            messages::warn_parts(&folder.to_string_lossy(), parts);
        }
        let template = |package: &str| self.channels.join(format!("{package}.yaml"));
        let unused = build::unused(&self.bundles, &committed, template)?;
        if !warn(&selection.apply(unused, &Scan::default()), found)? {
            return Ok(Outcome::Findings);
        }
        let changes = self.changes(&files)?;
        let is_changed = |path: &PathBuf| changes.iter().any(|change| change.file == *path);
        let changed = if self.check { State::Different } else { State::Written };
        let state = |path: &PathBuf| if is_changed(path) { changed } else { State::Unchanged };
        let made = files.keys().map(|path| file(path, state(path)));
        report.files = made.chain(by_hand.keys().map(|path| file(path, State::Kept))).collect();
        report.files.sort_by(|a, b| a.path.cmp(&b.path));
        let Some(programs) = programs else {
            changes.iter().try_for_each(|change| found.out_of_date(&change.file, "build"))?;
            if self.output != Output::Json {
                terminal::out(&changes.iter().map(Change::diff).collect())?;
            }
            return Ok(if changes.is_empty() { Outcome::Done } else { Outcome::Findings });
        };
        let repository = self.repository.clone().unwrap_or_else(|| default.clone());
        let form = if self.inline { Form::Inline } else { Form::Pinned };
        let shipped = match form {
            Form::Pinned if repository == default => committed,
            _ => match self.assemble(&repository, form, found)? {
                Some(shipped) => shipped,
                None => return Ok(Outcome::Findings),
            },
        };
        let oversized = shipped.packages.values().flat_map(|catalog| build::oversized(catalog, template));
        if !warn(&selection.apply(oversized.collect(), &Scan::default()), found)? {
            return Ok(Outcome::Findings);
        }
        let entries = shipped.files()?.into_iter().map(|(path, text)| Entry::file(path, text.into_bytes()));
        let inside = |path: &PathBuf| {
            let path = path.strip_prefix(&self.catalog).unwrap_or(path);
            path.to_str().map(str::to_owned).with_context(|| format!("the name of {} is not UTF-8", path.display()))
        };
        let by_hand_entries: Vec<Entry> = by_hand
            .iter()
            .map(|(path, text)| Ok(Entry::file(inside(path)?, text.clone().into_bytes())))
            .collect::<anyhow::Result<_>>()?;
        let entries = entries.chain(by_hand_entries);
        let labels = build::labels(&self.bundles)?;
        let image = platform_catalog_image(&programs.layers(&self.registry)?, entries)?;
        let image = image.map(|image| image.with_labels(labels.clone()))?;
        let layout = CatalogLayout { catalog: image, repository, bundles: shipped.bundles };
        layout.write_with(&self.layout, &self.catalog, &changes)?;
        drop(progress);
        match self.output {
            _ if self.quiet => outln!("{}", layout.catalog.digest())?,
            Output::Json => self.fill(report, &layout)?,
            Output::Text | Output::Github => terminal::out(&self.text(&layout, &files, &by_hand, &changes)?)?,
        }
        Ok(Outcome::Done)
    }

    /// The catalog, or `None` if the templates have errors, which are printed.
    fn assemble(&self, repository: &Repository, form: Form, found: &Found) -> anyhow::Result<Option<Assembled>> {
        let root = channel::root_of(&self.channels.join("template"));
        let pull = |reference: &str| {
            let pulled = self.registry.pull_bundle(reference)?;
            Ok(pulled.bundle.render(reference)?)
        };
        match build::assemble(&From { channels: &self.channels, root: &root, repository, form, pull: &pull }) {
            Ok(assembled) => Ok(Some(assembled)),
            Err(build::Error::Channel(channel::Error::Findings(findings))) => {
                found.add(&findings, &Sources::disk())?;
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The files of the catalog folder, with their text.
    fn files(&self, assembled: &Assembled) -> anyhow::Result<BTreeMap<PathBuf, String>> {
        let files = assembled.files()?;
        Ok(files.into_iter().map(|(path, text)| (self.catalog.join(path), text)).collect())
    }

    /// Whether the catalog has no errors. Prints all findings that count.
    fn is_valid(
        &self,
        files: &BTreeMap<PathBuf, String>,
        by_hand: &BTreeMap<PathBuf, String>,
        selection: &Selection,
        found: &Found,
    ) -> anyhow::Result<bool> {
        let mut scan = Scan::default();
        for (path, text) in files.iter().chain(by_hand) {
            scan.merge(catalog::read_text(text, path));
        }
        let sources =
            || files.iter().chain(by_hand).fold(Sources::disk(), |sources, (path, text)| sources.with(path, text));
        existing::is_valid(&scan, &self.catalog, selection, sources, found)
    }

    /// The files of the catalog folder that no template makes, with their text. They are written by hand, or their
    /// template was removed. They are part of the catalog, and are never changed.
    fn by_hand(&self, files: &BTreeMap<PathBuf, String>) -> anyhow::Result<BTreeMap<PathBuf, String>> {
        if !self.catalog.is_dir() {
            return Ok(BTreeMap::new());
        }
        let mut by_hand = BTreeMap::new();
        for path in catalog::files(&self.catalog)?.into_iter().filter(|path| !files.contains_key(path)) {
            let text = files::read_text(&path, &limits::FILE_BYTES)
                .with_context(|| format!("cannot read {}", path.display()))?;
            by_hand.insert(path, text);
        }
        Ok(by_hand)
    }

    /// How the catalog folder differs from what the templates make. Other files stay as they are.
    fn changes(&self, files: &BTreeMap<PathBuf, String>) -> anyhow::Result<Vec<Change>> {
        let changes =
            files.iter().map(|(path, text)| Change::find(&self.catalog, path, Some(text.clone().into_bytes())));
        Ok(changes.filter_map(Result::transpose).collect::<Result<_, _>>()?)
    }

    fn text(
        &self,
        layout: &CatalogLayout,
        files: &BTreeMap<PathBuf, String>,
        by_hand: &BTreeMap<PathBuf, String>,
        changes: &[Change],
    ) -> anyhow::Result<Text> {
        let mut text = Text::new();
        for path in files.keys() {
            let state = if changes.iter().any(|change| change.file == *path) { "written" } else { "unchanged" };
            text += text!("{}: {}\n", path.display(), state);
        }
        for path in by_hand.keys() {
            text += text!("{}: has no template, kept in the catalog as it is\n", path.display());
        }
        text += match (layout.bundles.len(), self.inline) {
            (_, true) => {
                let remedy = "OLM v1 needs bundle images: build without --inline for it";
                text!("the catalog image contains the bundles; {}\n", remedy)
            }
            (0, false) => "no bundle images were built: the catalog names images that exist elsewhere\n".into(),
            (count, _) => {
                let images = if count == 1 { "bundle image" } else { "bundle images" };
                let (folder, repository) = (self.layout.display(), &layout.repository);
                text!("{} {} in {}, not pushed; the catalog names {}\n", count, images, folder, repository)
            }
        };
        Ok(text + self.images(layout)?)
    }

    /// The images of a layout, the catalog's last.
    fn images(&self, layout: &CatalogLayout) -> anyhow::Result<Text> {
        let mut text = Text::new();
        let width = layout.bundles.iter().map(|bundle| bundle.tag().len()).max().unwrap_or_default();
        for bundle in &layout.bundles {
            text += text!("  {}  {}\n", format!("{:width$}", bundle.tag()), bundle.image.digest());
        }
        let (digest, folder) = (layout.catalog.digest(), self.layout.display());
        let images = layout.catalog.images();
        let megabytes = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
        if !layout.catalog.is_index() {
            let (platform, whole) = (platform(&images[0])?, megabytes(layout.catalog.size()));
            return Ok(text + text!("catalog image ({}, {}) in {}\n{}\n", platform, whole, folder, digest));
        }
        let (count, whole) = (plural(images.len(), "platform"), megabytes(layout.catalog.size()));
        text += text!("catalog image for {} ({}) in {}\n", count, whole, folder);
        for image in images {
            let (platform, part) = (platform(image)?, megabytes(size(image)));
            text += text!("  {:<13}  {:>8}  {}\n", platform, part, image.digest());
        }
        Ok(text + text!("{}\n", digest))
    }

    /// Reports the images.
    fn fill(&self, report: &mut report::Build, layout: &CatalogLayout) -> anyhow::Result<()> {
        report.layout = Some(self.layout.to_string_lossy().into_owned());
        report.repository = Some(layout.repository.to_string());
        let platforms = layout.catalog.images().iter().map(|image| {
            let (platform, digest) = (platform(image)?, image.digest().to_string());
            Ok(report::Platform { platform, digest, size: size(image) })
        });
        report.catalog = Some(report::Catalog {
            digest: layout.catalog.digest().to_string(),
            size: layout.catalog.size(),
            platforms: platforms.collect::<anyhow::Result<_>>()?,
        });
        let bundles = layout.bundles.iter().map(|bundle| report::BundleImage {
            package: bundle.package.clone(),
            version: bundle.version.clone(),
            tag: bundle.tag(),
            reference: bundle.reference(&layout.repository),
            digest: bundle.image.digest().to_string(),
        });
        report.bundles = bundles.collect();
        Ok(())
    }
}

/// Prints findings. True if none of them is an error.
fn warn(findings: &[Finding], found: &Found) -> anyhow::Result<bool> {
    found.add(findings, &Sources::disk())?;
    Ok(findings.iter().all(|finding| finding.severity == Severity::Warning))
}

/// The platform of an image, such as `linux/amd64`.
fn platform(image: &Image) -> anyhow::Result<String> {
    let platform = image.platform()?;
    Ok(format!("{}/{}", platform.os, platform.architecture))
}

/// The download size of the image, in bytes.
fn size(image: &Image) -> u64 {
    image.parts().map(olm_catalog::image::Blob::size).sum()
}
