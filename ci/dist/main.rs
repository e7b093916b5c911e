//! Makes the files of a release, for `make dist`: an archive for a platform, and then the checksums and krew manifests
//! of all archives. The same sources and programs give the same bytes.
#![allow(clippy::print_stdout, reason = "a tool of this repository")]

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
use clap::Parser;

use archive::{Archive, SHELLS};
use crates::Crates;

/// The programs of the project.
const PROGRAMS: [&str; 2] = ["catalog", "install-catalog"];
const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Parser)]
enum Args {
    /// Write the archive of a platform and its SBOM.
    Archive {
        /// The platform, by Rust's name.
        #[arg(long)]
        target: String,
        /// The folder of the programs.
        #[arg(long)]
        programs: PathBuf,
        /// The folder to write to.
        #[arg(long)]
        out: PathBuf,
    },
    /// Write the checksums of all files of a folder, and the krew manifests of its archives.
    Index {
        #[arg(long)]
        out: PathBuf,
        /// The address of the folder on the web, which krew downloads from. Without it there are no krew manifests.
        #[arg(long)]
        url: Option<String>,
        /// The home page that the krew manifests name.
        #[arg(long, requires = "url")]
        homepage: Option<String>,
    },
}

fn main() -> anyhow::Result<()> {
    match Args::parse() {
        Args::Archive { target, programs, out } => archive(&target, &programs, &out),
        Args::Index { out, url, homepage } => {
            if let Some(url) = url.filter(|url| !url.is_empty()) {
                let homepage = homepage.filter(|homepage| !homepage.is_empty()).context("name the --homepage too")?;
                for (name, manifest) in krew::manifests(&out, &url, &homepage)? {
                    write(&out.join(name), manifest.as_bytes())?;
                }
            } else {
                println!("no krew manifests: DIST_URL does not name the address of the archives");
            }
            write(&out.join(sums::FILE), sums::of_folder(&out)?.as_bytes())
        }
    }
}

fn archive(target: &str, programs: &Path, out: &Path) -> anyhow::Result<()> {
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
    write(&out.join(format!("{name}.tar.gz")), &archive.bytes()?)?;
    write(&out.join(format!("{name}.cdx.json")), sbom.as_bytes())
}

/// What a program prints.
fn run(command: &mut Command) -> anyhow::Result<Vec<u8>> {
    let output = command.output().with_context(|| format!("cannot run {}", command.get_program().display()))?;
    if !output.status.success() {
        bail!("{command:?} ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.stdout)
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    olm_catalog::files::replace(path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    println!("{}", path.display());
    Ok(())
}
