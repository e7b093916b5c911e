//! `catalog site`.
//!
//! A case is a folder `tests/site/cases/<case>` with `catalog.yaml`, and optionally `bundles`: the site's files are
//! listed in `files.txt`, and each file below `expected` matches that of the site. `BLESS=1` writes both. All links in
//! every case's site, and in this repository's, have a target.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "site/browser.rs"]
mod browser;
#[path = "common/cases.rs"]
mod cases;
#[path = "common/cli.rs"]
mod cli;
#[path = "site/html.rs"]
mod html;
#[path = "site/output.rs"]
mod output;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    std::env::set_current_dir(env!("CARGO_MANIFEST_DIR")).unwrap();
    let case = |folder: PathBuf| {
        Trial::test(format!("case::{}", folder.file_name().unwrap().display()), move || case(&folder))
    };
    let mut trials: Vec<Trial> = cases::folders("site/cases").into_iter().map(case).collect();
    trials.push(Trial::test("this_repository", this_repository));
    trials.push(Trial::test("hostile_names_stay_inside", hostile_names_stay_inside));
    trials.extend(output::trials());
    trials.extend(browser::trials());
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// A site in a temporary folder, with its files by path.
pub(crate) struct Site {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) files: BTreeMap<String, String>,
}

impl Site {
    /// The site of a catalog, and of the bundles in a folder if it exists.
    pub(crate) fn of(catalog: &str, bundles: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("site");
        let mut arguments = vec!["site", catalog, "--out", out.to_str().unwrap()];
        if Path::new(bundles).is_dir() {
            arguments.extend(["--bundles", bundles]);
        }
        let run = cli::catalog(&arguments, "");
        assert_eq!((run.status, run.stdout.as_str()), (Some(0), ""), "{}", run.stderr);
        let files = read(&out);
        Self { folder, files }
    }

    pub(crate) fn of_case(name: &str) -> Self {
        let case = format!("tests/site/cases/{name}");
        Self::of(&format!("{case}/catalog.yaml"), &format!("{case}/bundles"))
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join("site").join(file)
    }
}

/// All files in a folder. Links can point to their names.
pub(crate) fn read(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

fn case(folder: &Path) -> Result<(), Failed> {
    let site = Site::of_case(folder.file_name().unwrap().to_str().unwrap());
    let list: String = site.files.keys().map(|name| format!("{name}\n")).collect();
    cases::expect_text(&folder.join("files.txt"), &list)?;
    let expected = folder.join("expected");
    if expected.is_dir() {
        for name in read(&expected).keys() {
            let text = site.files.get(name).ok_or_else(|| format!("the site has no {name}"))?;
            cases::expect_text(&expected.join(name), text)?;
        }
    }
    html::check(&site.files)?;
    Ok(())
}

/// The output of `make site`. The same catalog makes the same bytes, in any order of threads.
fn this_repository() -> Result<(), Failed> {
    let site = Site::of("catalog", "bundles");
    html::check(&site.files)?;
    let again = Site::of("catalog", "bundles");
    assert!(site.files == again.files, "the same catalog made another site");
    let largest = site.files.iter().max_by_key(|(_, text)| text.len()).unwrap();
    assert!(largest.1.len() < 1 << 20, "{} has {} bytes", largest.0, largest.1.len());
    // A page without its script still has all of its content.
    let page = "packages/dbaas-operator/dbaas-operator.v0.1.17/upgrades/index.html";
    for text in [".status.version", "existing values are pruned at the next write", "Permissions gained"] {
        assert!(site.files[page].contains(text), "{page} does not say {text:?}");
    }
    Ok(())
}

/// No name leads out of the folder, and no two names are the same file if case is ignored.
fn hostile_names_stay_inside() -> Result<(), Failed> {
    let site = Site::of_case("hostile");
    let entries: Vec<PathBuf> = fs::read_dir(site.folder.path())?.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(entries, [site.path("").components().as_path()]);
    let mut folded = std::collections::BTreeSet::new();
    for name in site.files.keys() {
        assert!(folded.insert(name.to_lowercase()), "{name} is there twice");
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-./".contains(c);
        assert!(name.chars().all(is_plain) && !name.contains(".."), "{name}");
    }
    let pages = site.files.iter().filter(|(name, _)| name.ends_with(".html")).map(|(_, text)| text);
    for text in pages.chain([&site.files["assets/index.js"]]) {
        for character in text.chars().filter(|character| *character != '\n' && *character != '\t') {
            assert!(!olm_catalog::terminal::is_hidden(character), "{character:?} in {text}");
        }
    }
    Ok(())
}
