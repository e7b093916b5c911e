//! Catalogs as other projects lay them out: `tests/layouts/<case>` is copied, and the commands of its `run.txt` run in the
//! copy, twice in two folders, with the same output. `BLESS=1` writes the output below them.
//!
//! `$ cd` goes to a folder of the copy, `$ cat` shows a file of it, and `$ ls` the files below a folder.
//! `$ image` reads the built image back: its files must have the bytes of those that it was built from, and it is served.
//! `links`, if there is one, has a link and its target in each line; the folder `hidden` is moved to the first of them.

#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "common/cases.rs"]
mod cases;
#[path = "common/cli.rs"]
mod cli;
#[path = "common/images.rs"]
mod images;

use std::fs;
use std::io::Read as _;
use std::path::Path;

use flate2::read::GzDecoder;
use libtest_mimic::{Arguments, Failed, Trial};
use olm_catalog::build::CatalogLayout;
use olm_catalog::image::Artifact as _;
use olm_catalog::serve::Index;

/// The pages of the documentation for those who come from elsewhere, and the cases in which their examples run.
const PAGES: [(&str, &[&str]); 3] = [
    ("from-opm.md", &["02-configs"]),
    ("from-operator-sdk.md", &["07-bundle", "08-package-manifests"]),
    ("from-a-dockerfile.md", &["01-indexignore"]),
];

fn main() {
    let case = |folder: std::path::PathBuf| {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        Trial::test(name, move || run(&folder))
    };
    let mut trials: Vec<Trial> = cases::folders("layouts").into_iter().map(case).collect();
    for (page, folders) in PAGES {
        trials.push(Trial::test(page, || shown(page, folders)));
        trials.push(Trial::test(format!("{page} commands"), || accepted(page)));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn run(case: &Path) -> Result<(), Failed> {
    let (first, again) = (transcript(case)?, transcript(case)?);
    assert_eq!(first, again, "the same files give the same image in any folder");
    cases::expect_text(&case.join("run.txt"), &without_digests(&first))
}

/// The examples of a page print what it shows. `BLESS=1` writes it.
fn shown(page: &str, folders: &[&str]) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    for case in folders {
        copy(&Path::new("tests/layouts").join(case), folder.path())?;
    }
    fs::write(folder.path().join("program"), images::elf(images::AMD64, images::LOAD, false))?;
    let printed = |arguments: &[&str]| {
        let run = cli::catalog_in(folder.path(), arguments);
        without_digests(&format!("{}{}", run.stdout, run.stderr))
    };
    cases::expect_shown(&Path::new("docs").join(page), printed)
}

/// The program has every command and option that the tables of a page name.
fn accepted(page: &str) -> Result<(), Failed> {
    let text = fs::read_to_string(Path::new("docs").join(page))?;
    let rows = text.lines().filter(|line| line.starts_with('|'));
    let named = rows.flat_map(|row| row.split('`').skip(1).step_by(2)).filter(|cell| cell.starts_with("catalog "));
    let mut count = 0;
    for command in named {
        let mut arguments: Vec<&str> = command.split_whitespace().skip(1).collect();
        arguments.push("--help");
        let run = cli::catalog(&arguments, "");
        assert_eq!(run.status, Some(0), "{command}: {}", run.stderr);
        count += 1;
    }
    assert!(count > 3, "{page} names {count} commands");
    Ok(())
}

/// What the commands of a case print.
fn transcript(case: &Path) -> Result<String, Failed> {
    let folder = tempfile::tempdir()?;
    copy(case, folder.path())?;
    fs::write(folder.path().join("program"), images::elf(images::AMD64, images::LOAD, false))?;
    let (mut told, mut built, mut here) = (String::new(), None, folder.path().to_owned());
    for command in fs::read_to_string(case.join("run.txt"))?.lines().filter_map(|line| line.strip_prefix("$ ")) {
        told += &format!("$ {command}\n");
        let words: Vec<&str> = command.split(' ').collect();
        match words[..] {
            ["cat", name] => told += &fs::read_to_string(folder.path().join(name))?,
            ["ls", name] => {
                for file in images::tree(&folder.path().join(name)).keys() {
                    told += &format!("{}\n", file.display());
                }
            }
            ["cd", name] => here = folder.path().join(name),
            ["image"] => told += &image(folder.path(), built.as_deref())?,
            ["catalog", ref arguments @ ..] => {
                let run = cli::catalog_in(&here, arguments);
                let status = run.status.ok_or("the program was killed")?;
                told += &format!("{}{}exit status: {status}\n", run.stdout, run.stderr);
                if arguments[0] == "build" {
                    built = arguments.last().map(|from| (*from).to_owned());
                }
            }
            _ => return Err(format!("{command} is not a command of these tests").into()),
        }
        told.push('\n');
    }
    Ok(told)
}

/// The files in the image's catalog, and whether they are those that were named.
fn image(folder: &Path, built: Option<&str>) -> Result<String, Failed> {
    let layout = CatalogLayout::read(&folder.join("target/catalog"))?;
    let layer = layout.catalog.images()[0].layers().last().ok_or("no layer")?.open()?;
    let configs = tempfile::tempdir()?;
    let mut told = String::new();
    for entry in tar::Archive::new(GzDecoder::new(layer)).entries()? {
        let mut entry = entry?;
        let path = entry.path()?.strip_prefix("configs")?.to_owned();
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        let source = folder.join(built.unwrap_or_default());
        let source = if source.is_file() { source } else { source.join(&path) };
        if source.exists() {
            assert!(fs::read(&source)? == bytes, "{} is in the image as it is", source.display());
        }
        told += &format!("  configs/{}{}\n", path.display(), if source.exists() { "" } else { " (made)" });
        let to = configs.path().join(path);
        fs::create_dir_all(to.parent().ok_or("a folder")?)?;
        fs::write(to, bytes)?;
    }
    let index = Index::read(configs.path())?;
    told += &format!("  serves {} packages, {} bundles\n", index.package_count(), index.bundle_count());
    let valid = cli::catalog_in(configs.path(), &["validate", ".", "-q"]);
    assert_eq!(valid.status, Some(0), "{}{}", valid.stdout, valid.stderr);
    // A push changes only references to bundles of its own.
    let moved = layout.relocated(&images::repository("registry.example.com/elsewhere"))?;
    assert_eq!(moved.digest() == layout.catalog.digest(), layout.bundles.is_empty());
    for bundle in &layout.bundles {
        told += &format!("  bundle {}\n", bundle.tag());
    }
    Ok(told)
}

fn copy(from: &Path, to: &Path) -> Result<(), Failed> {
    for (path, bytes) in images::tree(from) {
        if path != Path::new("run.txt") && path != Path::new("links") {
            let to = to.join(path);
            fs::create_dir_all(to.parent().ok_or("a folder")?)?;
            fs::write(to, bytes)?;
        }
    }
    let links = fs::read_to_string(from.join("links")).unwrap_or_default();
    for line in links.lines() {
        let (link, target) = line.split_once(' ').ok_or("a link and its target")?;
        let link = to.join(link);
        fs::create_dir_all(link.parent().ok_or("a folder")?)?;
        if target == "hidden" {
            fs::rename(to.join(target), link)?;
        } else {
            std::os::unix::fs::symlink(target, link)?;
        }
    }
    Ok(())
}

/// Digests depend on the version of the compressor.
fn without_digests(text: &str) -> String {
    let mut parts = text.split("sha256:");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        out += if part.len() - rest.len() == 64 { "sha256:…" } else { &part[..part.len() - rest.len()] };
        out += rest;
    }
    out
}
