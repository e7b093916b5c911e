//! `catalog init`: a new repository.

use std::path::{Path, PathBuf};

use olm_catalog::changes::Change;
use olm_catalog::maintain::starter;
use olm_catalog::{errln, files, limits::TEXT_BYTES, outln};

use crate::Outcome;

/// Write the files of a repository in which a catalog is made.
///
/// These are the settings of the catalog, a workflow that checks it in every pull request, and with --package an operator that
/// `catalog generate` and `catalog build` accept as it is. Files that exist are left as they are, so this works in an existing
/// repository, too.
///
/// Exit status: 0 done, 2 could not do it.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The folder of the repository.
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// Write an operator with this package name, too. If the project releases manifests, use `catalog import` instead.
    #[arg(long, value_parser = package_name)]
    package: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  catalog init
  catalog init --package demo-operator
  catalog init catalogs/demo --package demo-operator";

/// The name of a package: OLM uses it as the value of a label, and in names of objects.
fn package_name(name: &str) -> Result<String, String> {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = [name.bytes().next(), name.bytes().last()].into_iter().all(|byte| byte.is_some_and(inner));
    let valid = ends && name.len() <= 63 && name.bytes().all(|byte| inner(byte) || byte == b'-' || byte == b'.');
    if valid { Ok(name.to_owned()) } else { Err("use lower-case letters, digits, `-` and `.`".to_owned()) }
}

/// Whether a .gitignore has the folder in which images are built.
fn ignores_target(file: &Path) -> bool {
    let text = files::read_text(file, &TEXT_BYTES).unwrap_or_default();
    text.lines().any(|line| line.trim().trim_matches('/') == "target")
}

impl Args {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let files = starter::files(self.package.as_deref());
        for (name, _) in &files {
            files::check(&self.folder, &self.folder.join(name))?;
        }
        let is_here = self.folder.as_os_str() == ".";
        for (name, text) in files {
            let file = if is_here { PathBuf::from(&name) } else { self.folder.join(&name) };
            if file.symlink_metadata().is_ok() {
                outln!("{}: exists, left as it is", file.display())?;
                if name == ".gitignore" && !ignores_target(&file) {
                    errln!("note: add /target/ to {}: images and downloads are kept there", file.display());
                }
                continue;
            }
            let root = if is_here { Path::new("") } else { &self.folder };
            Change::new_file(root, &file, text.into_bytes()).make()?;
            outln!("{}: written", file.display())?;
        }
        outln!("\nnext:")?;
        if !is_here {
            outln!("  cd {}", self.folder.display())?;
        }
        if self.package.is_none() {
            outln!("  catalog import MANIFESTS --package NAME --version 1.0.0 --channel stable")?;
        }
        for command in ["generate", "build", "validate ."] {
            outln!("  catalog {}", command)?;
        }
        Ok(Outcome::Done)
    }
}
