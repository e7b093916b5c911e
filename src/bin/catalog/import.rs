//! `catalog import`: an operator's first definition, from released manifests.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use olm_catalog::changes::Change;
use olm_catalog::diagnostic::{Severity, Sources};
use olm_catalog::files;
use olm_catalog::generate::{Import, ImportFile, fetch_manifests, generate};
use olm_catalog::limits::{FOLDER_FILES, MANIFEST_BYTES};
use olm_catalog::operator;
use olm_catalog::{outln, root};
use semver::Version;

use crate::generate::{package_folder, read_definition};
use crate::{Outcome, folders, output};

/// Write an operator's first operator.yaml, from the manifests that its project releases.
///
/// Files from outside the repository are copied next to it. After that, `catalog generate` makes the bundle.
///
/// Exit status: 0 done, 1 the bundle cannot be generated from it yet, 2 could not do it, or an operator.yaml already
/// exists.
#[derive(clap::Args)]
#[command(disable_version_flag = true, after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A file of manifests, its https URL, or a folder of such files.
    #[arg(value_name = "DIR_OR_FILE_OR_URL")]
    manifests: PathBuf,
    /// The package's name.
    #[arg(long)]
    package: String,
    /// The version of the manifests.
    #[arg(long, value_parser = a_version)]
    version: Version,
    /// The folder of bundles, with one folder per package [default: bundles in the root of the repository].
    #[arg(long, value_name = "DIR", default_value_os_t = folders::bundles(), hide_default_value = true)]
    bundles: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  catalog import bundle.yaml --package demo-operator --version 1.0.0
  catalog import deploy/ --package demo-operator --version 1.0.0
  catalog import https://example.com/bundle.yaml --package demo-operator --version 1.0.0";

fn a_version(text: &str) -> Result<Version, String> {
    Version::parse(text).map_err(|why| match text.strip_prefix('v').filter(|rest| Version::parse(rest).is_ok()) {
        Some(rest) => format!("a semantic version does not begin with v; write {rest}"),
        None => why.to_string(),
    })
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        folders::check()?;
        let folder = package_folder(&self.bundles, &self.package)?;
        let definition = folder.join(operator::FILE);
        files::check(&self.bundles, &folder)?;
        if definition.symlink_metadata().is_ok() {
            bail!("{} already exists; change it by hand, or remove it first", definition.display());
        }
        let mut new = Vec::new();
        let mut files = Vec::new();
        let address = self.manifests.to_str().filter(|text| text.contains("://"));
        let sources = if address.is_some() { Vec::new() } else { sources(&self.manifests)? };
        if let Some(url) = address {
            // The URL with its digest, as `generate` reads it.
            let bytes = fetch_manifests(url).map_err(anyhow::Error::msg)?;
            let text = String::from_utf8(bytes).with_context(|| format!("{url} is not UTF-8"))?;
            files.push(ImportFile { name: url.to_owned(), read_from: url.to_owned(), text });
        }
        for file in sources {
            let text = read(&file)?;
            let name = match within(&file, &folder)? {
                Some(name) => name,
                None => {
                    let name = self.copied_name(&file)?;
                    new.push((folder.join(&name), text.clone()));
                    name
                }
            };
            files.push(ImportFile { name, read_from: file.display().to_string(), text });
        }
        let text = Import { package: &self.package, version: &self.version, files }.definition()?;
        if let Some((there, _)) = new.iter().find(|(file, _)| file.symlink_metadata().is_ok()) {
            bail!("{} already exists", there.display());
        }
        new.push((definition.clone(), text));
        for (file, text) in new {
            Change::new_file(&self.bundles, &file, text.into_bytes()).make()?;
            outln!("{}: written", file.display())?;
        }
        let findings = generate(&read_definition(&definition)?)?.findings;
        if !findings.is_empty() {
            output::print_findings(&findings, &Sources::disk());
        }
        let wrong = findings.iter().any(|finding| finding.severity == Severity::Error);
        Ok(if wrong { Outcome::Findings } else { Outcome::Done })
    }

    /// The name of a copy: `manifests-V.yaml`, or a file in the folder `manifests-V` if there are several.
    fn copied_name(&self, file: &Path) -> anyhow::Result<String> {
        if file == self.manifests {
            return Ok(format!("manifests-{}.yaml", self.version));
        }
        let name = file.file_name().and_then(|name| name.to_str());
        let name = name.with_context(|| format!("the name of {} is not UTF-8", file.display()))?;
        Ok(format!("manifests-{}/{name}", self.version))
    }
}

/// The files of manifests, sorted.
fn sources(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
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

fn read(file: &Path) -> anyhow::Result<String> {
    let unread = || format!("cannot read {}", file.display());
    files::read_text(file, &MANIFEST_BYTES).with_context(unread)
}

/// The path of a file from the package's folder, if the file is already in the repository.
fn within(file: &Path, folder: &Path) -> anyhow::Result<Option<String>> {
    let real = |path: &Path| path.canonicalize().with_context(|| format!("cannot read {}", path.display()));
    // The folder may not exist yet: its first existing parent tells where it will be.
    let folder = std::path::absolute(folder).with_context(|| format!("cannot find {}", folder.display()))?;
    let there = folder.ancestors().find(|parent| parent.exists()).unwrap_or(&folder);
    let missing = folder.strip_prefix(there).unwrap_or(Path::new("")).to_owned();
    let (file, folder, here) = (real(file)?, real(there)?.join(missing), real(root::current())?);
    // The repository is that of the current folder, or the package's own folder if that is elsewhere, as for `generate`.
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
