//! What is imported: files, folders, URLs, standard input, and released bundles.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use olm_catalog::bundle::{Bundle, Contents};
use olm_catalog::digest::Digest;
use olm_catalog::files;
use olm_catalog::generate::fetch_manifests;
use olm_catalog::limits::{FOLDER_FILES, MANIFEST_BYTES};
use olm_catalog::render::{self, Target};
use olm_catalog::yaml;
use olm_catalog::{registry, root};

use crate::client::Registry;

/// A file of manifests that is imported.
pub(super) struct Source {
    /// Its name in messages.
    pub(super) read_from: String,
    pub(super) text: String,
    pub(super) from: From,
}

/// Where a file comes from.
pub(super) enum From {
    /// The web. The definition names the URL.
    Url(String),
    /// A file on this machine, and its name in the folder that was named.
    File { path: PathBuf, in_folder: Option<String> },
    /// Something that is no file of its own: standard input, a bundle.
    Copy,
}

/// What the sources are, and what a released bundle says beside its manifests.
#[derive(Default)]
pub(super) struct Sources {
    pub(super) files: Vec<Source>,
    pub(super) channels: Vec<String>,
    /// The version that a bundle says, with its name in messages.
    pub(super) version: Option<(String, String)>,
}

impl Sources {
    /// Reads everything that is named. `digests` are those that the sources must have, in their order.
    pub(super) fn read(named: &[String], digests: &[String], registry: &Registry) -> anyhow::Result<Self> {
        let mut sources = Self::default();
        for one in named {
            sources.add(one, registry)?;
        }
        if !digests.is_empty() {
            if digests.len() != sources.files.len() {
                let (digests, files) = (digests.len(), sources.files.len());
                bail!("there are {digests} --sha256 for {files} files; give one for each file, in their order");
            }
            for (source, expected) in sources.files.iter().zip(digests) {
                let digest = Digest::of(source.text.as_bytes());
                if digest.hex() != expected {
                    bail!("the digest of {} is {}, not {expected}", source.read_from, digest.hex());
                }
            }
        }
        Ok(sources)
    }

    fn add(&mut self, named: &str, registry: &Registry) -> anyhow::Result<()> {
        if named == "-" {
            let text = files::read_from(io::stdin(), &MANIFEST_BYTES).context("cannot read standard input")?;
            self.files.push(Source { read_from: "standard input".to_owned(), text, from: From::Copy });
            return Ok(());
        }
        if named.contains("://") {
            let bytes = fetch_manifests(named).map_err(anyhow::Error::msg)?;
            let text = String::from_utf8(bytes).with_context(|| format!("{named} is not UTF-8"))?;
            self.files.push(Source { read_from: named.to_owned(), text, from: From::Url(named.to_owned()) });
            return Ok(());
        }
        match render::target(named) {
            Ok(Target::Bundle) => {
                let contents = Bundle::read(Path::new(named))?.contents()?;
                self.bundle(named, contents)
            }
            // Not an image, but a file that is missing.
            Ok(Target::Image) if !named.contains(['/', ':', '@']) || is_file_name(named) => {
                bail!("cannot read {named}: it does not exist")
            }
            Ok(Target::Image) => {
                let pulled = registry.client()?.pull_bundle(&registry::reference(named)?);
                let pulled =
                    pulled.with_context(|| format!("no file or folder {named} exists, so it was read as an image"))?;
                let contents = pulled.bundle.contents()?;
                self.bundle(named, contents)
            }
            Ok(Target::Path) | Err(_) => self.folder_or_file(Path::new(named)),
        }
    }

    /// A released bundle, as one file: its manifests with the ClusterServiceVersion.
    fn bundle(&mut self, named: &str, contents: Contents) -> anyhow::Result<()> {
        crate::output::warn_passed_over(named, &contents);
        self.version = Some((named.to_owned(), contents.version().to_owned()));
        self.channels.clone_from(&contents.channels);
        let text = yaml::to_yaml_stream(contents.manifests.iter().map(|manifest| &manifest.object))?;
        self.files.push(Source { read_from: named.to_owned(), text, from: From::Copy });
        Ok(())
    }

    fn folder_or_file(&mut self, path: &Path) -> anyhow::Result<()> {
        for file in files_of(path)? {
            let unread = || format!("cannot read {}", file.display());
            let text = files::read_text(&file, &MANIFEST_BYTES).with_context(unread)?;
            let in_folder = match file == path {
                true => None,
                false => {
                    let name = file.file_name().and_then(|name| name.to_str());
                    Some(name.with_context(|| format!("the name of {} is not UTF-8", file.display()))?.to_owned())
                }
            };
            let read_from = file.display().to_string();
            self.files.push(Source { read_from, text, from: From::File { path: file, in_folder } });
        }
        Ok(())
    }

    /// The names of copies: `manifests-V.yaml`, or files in the folder `manifests-V` if there are several.
    pub(super) fn copied_names(&self, version: &semver::Version) -> anyhow::Result<Vec<String>> {
        let single = match self.files.as_slice() {
            [Source { from: From::File { in_folder, .. }, .. }] => in_folder.is_none(),
            [_] => true,
            _ => false,
        };
        if single {
            return Ok(vec![format!("manifests-{version}.yaml")]);
        }
        let mut names = Vec::new();
        for (i, source) in self.files.iter().enumerate() {
            let own = match &source.from {
                From::File { in_folder: Some(name), .. } => Some(name.clone()),
                From::File { path, .. } => path.file_name().and_then(|name| name.to_str()).map(str::to_owned),
                From::Url(_) | From::Copy => None,
            };
            let name = format!("manifests-{version}/{}", own.unwrap_or_else(|| format!("{}.yaml", i + 1)));
            if names.contains(&name) {
                bail!("two of the files have the name of {}; give one of them another name", source.read_from);
            }
            names.push(name);
        }
        Ok(names)
    }
}

fn is_file_name(named: &str) -> bool {
    let ending = Path::new(named).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    ["yaml", "yml", "json"].contains(&ending)
}

/// The files of manifests, sorted.
fn files_of(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let unread = || format!("cannot read {}", path.display());
    if !fs::metadata(path).with_context(unread)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for file in files::list(path, &FOLDER_FILES).with_context(unread)? {
        let manifests = file.extension().is_some_and(|end| end == "yaml" || end == "yml" || end == "json");
        // A kustomization is not a Kubernetes object of the operator.
        if manifests && !file.is_dir() && file.file_stem().is_none_or(|stem| stem != "kustomization") {
            files::check_inside(path, &file).with_context(|| format!("cannot read {}", file.display()))?;
            found.push(file);
        }
    }
    if found.is_empty() {
        bail!("{} contains no .yaml, .yml or .json file", path.display());
    }
    Ok(found)
}

/// The path of a file from the package's folder, if the file is already in the repository.
pub(super) fn within(file: &Path, folder: &Path) -> anyhow::Result<Option<String>> {
    let real = |path: &Path| path.canonicalize().with_context(|| format!("cannot read {}", path.display()));
    // The folder may not exist yet: its first existing parent tells where it will be.
    let folder = std::path::absolute(folder).with_context(|| format!("cannot find {}", folder.display()))?;
    let there = folder.ancestors().find(|parent| parent.exists()).unwrap_or(&folder);
    let missing = folder.strip_prefix(there).unwrap_or(Path::new("")).to_owned();
    let (file, folder, here) = (real(file)?, real(there)?.join(missing), real(root::current())?);
    // The repository is the current folder, or the package's own folder if that is elsewhere, as for `generate`.
    let root = if folder.starts_with(&here) { here } else { folder.clone() };
    if !file.starts_with(&root) {
        return Ok(None);
    }
    let common = folder.ancestors().find(|parent| file.starts_with(parent)).unwrap_or(&root);
    let up = folder.strip_prefix(common).map_or(0, |rest| rest.components().count());
    let down = file.strip_prefix(common).unwrap_or(&file);
    let path: PathBuf = std::iter::repeat_n("..", up).map(Path::new).chain([down]).collect();
    Ok(path.to_str().map(str::to_owned))
}
