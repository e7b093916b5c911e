//! Makes the files of a release, for `make dist`. The same sources and programs give the same bytes.
#![allow(clippy::print_stdout, reason = "a tool of this repository")]

// The tests use it too.
#[path = "release.rs"]
mod release;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Parser;

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
    let files = match Args::parse() {
        Args::Archive { target, programs, out } => release::archive(&target, &programs, &out)?,
        Args::Index { out, url: None, .. } => {
            println!("no krew manifests: DIST_URL does not name the address of the archives");
            release::index(&out, None)?
        }
        Args::Index { out, url: Some(url), homepage } => {
            let homepage = homepage.filter(|homepage| !homepage.is_empty()).context("name the --homepage too")?;
            release::index(&out, Some((&url, &homepage)))?
        }
    };
    for file in files {
        println!("{}", file.display());
    }
    Ok(())
}
