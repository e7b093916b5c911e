//! The files of a release: an archive for a platform, and then the checksums and krew manifests of all archives.

mod archive;
mod crates;
mod krew;
mod licences;
mod sbom;
mod sums;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use archive::{Archive, SHELLS};
use crates::Crates;

/// The programs of the project.
const PROGRAMS: [&str; 2] = ["catalog", "install-catalog"];
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Writes the archive of a platform, by Rust's name, from its programs, and its SBOM. Returns the files.
pub(crate) fn archive(target: &str, programs: &Path, out: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let crates = Crates::of_target(target)?;
    let sbom = sbom::of(&crates, target)?;
    let name = format!("olm-catalog-{VERSION}-{target}");
    let mut archive = Archive::new(&name);
    let pages = tempfile::tempdir()?;
    for program in PROGRAMS {
        let file = programs.join(program);
        archive.program(program, fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?);
        run(Command::new(&file).arg("man").arg(pages.path()))?;
        for (shell, prefix, suffix) in SHELLS {
            let script = run(Command::new(&file).args(["completions", shell]))?;
            archive.file(format!("completions/{prefix}{program}{suffix}"), script);
        }
    }
    for page in fs::read_dir(pages.path())? {
        let page = page?;
        let name = page.file_name().into_string().ok().context("a manual page has a name that is not UTF-8")?;
        archive.file(format!("man/man1/{name}"), fs::read(page.path())?);
    }
    for file in ["LICENSE", "README.md", "CHANGELOG.md"] {
        archive.file(file, fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(file))?);
    }
    archive.file("THIRD-PARTY.txt", licences::of(&crates)?);
    archive.file("sbom.cdx.json", sbom.clone());
    let archive = write(out.join(format!("{name}.tar.gz")), &archive.bytes()?)?;
    Ok(vec![archive, write(out.join(format!("{name}.cdx.json")), sbom.as_bytes())?])
}

/// Writes the checksums of all files of a folder, and the krew manifests of its archives if the folder's address on the web
/// and the project's home page are known. Returns the files.
pub(crate) fn index(out: &Path, web: Option<(&str, &str)>) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    if let Some((url, homepage)) = web {
        for (name, manifest) in krew::manifests(out, url, homepage)? {
            files.push(write(out.join(name), manifest.as_bytes())?);
        }
    }
    files.push(write(out.join(sums::FILE), sums::of_folder(out)?.as_bytes())?);
    Ok(files)
}

/// What a program prints.
fn run(command: &mut Command) -> anyhow::Result<Vec<u8>> {
    let output = command.output().with_context(|| format!("cannot run {}", command.get_program().display()))?;
    if !output.status.success() {
        bail!("{command:?} ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.stdout)
}

fn write(path: PathBuf, bytes: &[u8]) -> anyhow::Result<PathBuf> {
    olm_catalog::files::replace(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}
