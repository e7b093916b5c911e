//! `catalog import`: releases of an operator, from the manifests or the bundle that its project releases.

mod next;
mod source;

use std::path::{Component, Path, PathBuf};

use anyhow::bail;
use olm_catalog::channel::is_local;
use olm_catalog::diagnostic::{Severity, Sources as Texts};
use olm_catalog::digest::Digest;
use olm_catalog::files;
use olm_catalog::generate::{Import, ImportFile, generate, keep_manifests};
use olm_catalog::maintain::{Channels, Outcome as Done};
use olm_catalog::operator::{self, Operator};
use semver::Version;

use self::source::{From, Sources, within};
use crate::client::Registry;
use crate::edits::{self, Edits, in_file};
use crate::generate::package_folder;
use crate::{Outcome, folders, output};

/// Add a release of an operator, from the manifests or the bundle that its project releases.
///
/// The first import writes operator.yaml. Each later one adds a release to it: the manifests are copied and pinned by their
/// digest, and what they replace ends with `until`. Comments and the order of the file stay. Then it shows what the release
/// changes for users: CustomResourceDefinitions, permissions, webhooks, Deployments and images. With --channel, the version is
/// added at the head of channels, too. After that, `catalog generate` makes the bundle.
///
/// Exit status: 0 done, 1 the bundle cannot be generated from it yet, 2 could not do it.
#[derive(clap::Args)]
#[command(disable_version_flag = true, after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Files of manifests, their https URLs, folders of such files, a bundle's folder or image, or `-` for standard input.
    #[arg(required = true, value_name = "SOURCE")]
    sources: Vec<String>,
    /// The package's name.
    #[arg(long)]
    package: String,
    /// The version of the manifests.
    #[arg(long, value_parser = a_version)]
    version: Version,
    /// The SHA-256 digest that a file must have. May be given several times, once for each file. Without it, the digest of
    /// the file is pinned.
    #[arg(long, value_name = "DIGEST", value_parser = a_digest)]
    sha256: Vec<String>,
    /// Add the version at the head of this channel. May be given several times.
    #[arg(long, value_name = "CHANNEL")]
    channel: Vec<String>,
    /// The creation time of the operator's image, such as 2023-03-09T12:00:00Z.
    #[arg(long, value_name = "TIME")]
    created_at: Option<String>,
    /// Write nothing. Show how the files would change.
    #[arg(long)]
    dry_run: bool,
    /// The folder of bundles, with one folder per package [default: bundles in the root of the repository].
    #[arg(long, value_name = "DIR", default_value_os_t = folders::bundles(), hide_default_value = true)]
    bundles: PathBuf,
    /// The folder of channel templates, one per package [default: channels in the root of the repository].
    #[arg(long, value_name = "DIR", default_value_os_t = folders::channels(), hide_default_value = true)]
    channels: PathBuf,
    #[command(flatten)]
    registry: Registry,
}

const EXAMPLES: &str = "\
Examples:
  catalog import bundle.yaml --package demo-operator --version 1.0.0
  catalog import deploy/ --package demo-operator --version 1.1.0 --channel stable
  catalog import https://example.com/1.1.0/bundle.yaml --package demo-operator --version 1.1.0 --dry-run
  kustomize build config/default | catalog import - --package demo-operator --version 1.2.0
  catalog import quay.io/example/demo-bundle:v1.2.0 --package demo-operator --version 1.2.0";

pub(crate) fn a_version(text: &str) -> Result<Version, String> {
    Version::parse(text).map_err(|why| match text.strip_prefix('v').filter(|rest| Version::parse(rest).is_ok()) {
        Some(rest) => format!("a semantic version does not begin with v; write {rest}"),
        None => why.to_string(),
    })
}

fn a_digest(text: &str) -> Result<String, String> {
    let hex = text.strip_prefix("sha256:").unwrap_or(text).to_lowercase();
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if hex.len() == 64 && hex.bytes().all(digit) { Ok(hex) } else { Err("expected 64 hexadecimal digits".to_owned()) }
}

/// The files of a release in the repository.
struct Files {
    /// The name of each in the definition, and its digest.
    pins: Vec<(String, String)>,
    /// The copies to write.
    new: Vec<(PathBuf, Vec<u8>)>,
    /// Files from the web, which are kept where `generate` finds them, and the repository.
    kept: Vec<Vec<u8>>,
    root: PathBuf,
}

impl Files {
    fn copies(&self, root: &Path, edits: &mut Edits) -> anyhow::Result<()> {
        self.new.iter().try_for_each(|(file, bytes)| edits.copy(root, file, bytes.clone()))
    }

    /// Caches what was downloaded.
    fn keep(&self) -> anyhow::Result<()> {
        self.kept.iter().try_for_each(|bytes| keep_manifests(bytes, &self.root).map_err(anyhow::Error::msg))
    }
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        folders::check()?;
        let folder = package_folder(&self.bundles, &self.package)?;
        let definition = folder.join(operator::FILE);
        files::check(&self.bundles, &folder)?;
        let sources = Sources::read(&self.sources, &self.sha256, &self.registry)?;
        if let Some((bundle, version)) =
            sources.version.as_ref().filter(|(_, version)| *version != self.version.to_string())
        {
            bail!("{bundle} is a bundle of version {version}, not {}", self.version);
        }
        let is_first = definition.symlink_metadata().is_err();
        let files = self.files(&sources, &folder, is_first)?;
        let named = sources.files.iter().zip(&files.pins);
        let import_files = named.map(|(source, (name, _))| ImportFile {
            name: name.clone(),
            read_from: source.read_from.clone(),
            text: source.text.clone(),
        });
        let import = Import {
            package: &self.package,
            version: &self.version,
            files: import_files.collect(),
            channels: if self.channel.is_empty() { sources.channels.clone() } else { self.made_channels() },
            created_at: self.created_at.clone(),
        };
        if is_first { self.first(&definition, files, &import) } else { next::run(&self, &definition, &files, &import) }
    }

    /// The first operator.yaml.
    fn first(&self, definition: &Path, files: Files, import: &Import<'_>) -> anyhow::Result<Outcome> {
        let text = import.definition()?;
        let imported = import.imported()?;
        let mut edits = Edits::default();
        files.copies(&self.bundles, &mut edits)?;
        if let Some((bytes, ending)) = imported.icon {
            let icon = definition.with_file_name(format!("icon.{ending}"));
            edits.copy(&self.bundles, &icon, bytes)?;
        }
        edits.text(&self.bundles, definition, text.clone())?;
        let notes = self.channels(&mut edits)?;
        edits.finish(self.dry_run)?;
        edits::tell(&notes);
        if self.dry_run {
            return Ok(Outcome::Done);
        }
        files.keep()?;
        let findings = generate(&Operator::parse(&text, definition)?)?.findings;
        if !findings.is_empty() {
            output::print_findings(&findings, &Texts::disk());
        }
        let wrong = findings.iter().any(|finding| finding.severity == Severity::Error);
        Ok(if wrong { Outcome::Findings } else { Outcome::Done })
    }

    /// Where the files of the release are. Those of the first release stay where they are if that is in the repository. Those
    /// of later ones are copied: a file that changes with every release cannot be that of two of them.
    fn files(&self, sources: &Sources, folder: &Path, is_first: bool) -> anyhow::Result<Files> {
        let copied = sources.copied_names(&self.version)?;
        let root = olm_catalog::channel::root_of(&folder.join(operator::FILE));
        let mut files = Files { pins: Vec::new(), new: Vec::new(), kept: Vec::new(), root };
        for (source, copy) in sources.files.iter().zip(copied) {
            let bytes = source.text.clone().into_bytes();
            let digest = Digest::of(&bytes).hex().to_owned();
            let there = match &source.from {
                From::Url(url) => {
                    files.kept.push(bytes.clone());
                    Some(url.clone())
                }
                From::File { path, .. } if is_first => within(path, folder)?,
                From::File { .. } | From::Copy => None,
            };
            let name = there.unwrap_or_else(|| {
                files.new.push((folder.join(&copy), bytes));
                copy
            });
            files.pins.push((name, digest));
        }
        Ok(files)
    }

    /// The channels that the version is added to, as the catalog calls them.
    fn made_channels(&self) -> Vec<String> {
        let made = |channel: &String| match channel.as_str() {
            "candidate" | "fast" | "stable" => format!("{channel}-v{}", self.version.major),
            _ => channel.clone(),
        };
        self.channel.iter().map(made).collect()
    }

    /// Adds the version to the channels that are named. Returns what else was done.
    fn channels(&self, edits: &mut Edits) -> anyhow::Result<Vec<String>> {
        if self.channel.is_empty() {
            return Ok(Vec::new());
        }
        let reference = self.reference();
        let Some((file, mut channels)) = edits::template(&self.channels, &self.package)? else {
            let file = self.channels.join(format!("{}.yaml", self.package));
            edits.text(
                &self.channels,
                &file,
                Channels::first(&self.package, &self.channel, &self.version, &reference),
            )?;
            return Ok(Vec::new());
        };
        let mut notes = Vec::new();
        for channel in &self.channel {
            match channels.add(channel, &self.version, &reference).map_err(|error| in_file(&file, error))? {
                Done::Changed => {}
                Done::Unchanged => {
                    notes.push(format!("{} already has {} in channel {channel}", file.display(), self.version))
                }
            }
        }
        notes.append(&mut channels.notes);
        edits.text(&self.channels, &file, channels.text().to_owned())?;
        Ok(notes)
    }

    /// The bundle's folder from the folder of channels.
    fn reference(&self) -> String {
        let plain = |path: &Path| -> Vec<String> {
            let parts = path.components().filter(|part| !matches!(part, Component::CurDir));
            parts.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect()
        };
        let (from, mut to) = (plain(&self.channels), plain(&self.bundles));
        to.extend([self.package.clone(), self.version.to_string()]);
        let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
        let parts = from[common..].iter().map(|_| "..".to_owned()).chain(to[common..].iter().cloned());
        let path = parts.collect::<Vec<_>>().join("/");
        if is_local(&path) { path } else { format!("./{path}") }
    }
}
