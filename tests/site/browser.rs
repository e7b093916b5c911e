//! The site in a real browser, Chromium, from files: it writes nothing to its console, and the search works.

use std::path::Path;
use std::process::Command;

use libtest_mimic::{Failed, Trial};

use crate::Site;

/// A test.
type Check = fn() -> Result<(), Failed>;

const PROGRAM: &str = "chromium";

pub(crate) fn trials() -> Vec<Trial> {
    let is_missing = !Command::new(PROGRAM).arg("--version").output().is_ok_and(|run| run.status.success());
    let all: [(&str, Check); 4] = [
        ("browser::pages_are_quiet", pages_are_quiet),
        ("browser::hostile_pages_are_quiet", hostile_pages_are_quiet),
        ("browser::the_search_finds", the_search_finds),
        ("browser::errors_are_seen", errors_are_seen),
    ];
    let trial = |(name, test)| {
        let trial = Trial::test(name, test);
        if is_missing { trial.with_ignored_flag(true).with_kind("needs chromium") } else { trial }
    };
    all.into_iter().map(trial).collect()
}

/// The page after its scripts have run, and the browser's console output.
fn open(page: &Path, end: &str) -> (String, Vec<String>) {
    let profile = tempfile::tempdir().unwrap();
    let run = Command::new(PROGRAM)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
        .args(["--enable-logging=stderr", "--virtual-time-budget=3000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("file://{}{end}", page.display()))
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (page, log) = (text(&run.stdout), text(&run.stderr));
    assert!(page.contains("</html>"), "{log}");
    (page, log.lines().filter(|line| line.contains("CONSOLE")).map(str::to_owned).collect())
}

fn are_quiet(site: &Site, pages: &[&str]) {
    for page in pages {
        let (_, console) = open(&site.path(page), "");
        assert!(console.is_empty(), "{page}: {console:#?}");
    }
}

/// The first page whose path contains all of these.
fn find<'s>(site: &'s Site, parts: &[&str]) -> &'s str {
    let found = site.files.keys().find(|name| parts.iter().all(|part| name.contains(part)));
    found.unwrap_or_else(|| panic!("no page has {parts:?}"))
}

fn pages_are_quiet() -> Result<(), Failed> {
    let site = Site::of("catalog", "bundles");
    let version = "packages/dbaas-operator/dbaas-operator.v0.1.17";
    let pages = [
        "index.html",
        "packages/percona-server-mongodb-operator/index.html",
        &format!("{version}/index.html"),
        &format!("{version}/upgrades/index.html"),
        find(&site, &["perconaservermongodbs.psmdb", "/v1/2.html"]),
    ];
    are_quiet(&site, &pages);
    let (page, _) = open(&site.path(pages[4]), "");
    assert!(page.contains("Filter fields"), "the script did not run");
    Ok(())
}

fn hostile_pages_are_quiet() -> Result<(), Failed> {
    let site = Site::of_case("hostile");
    // The largest pages have most of the hostile text.
    let mut pages: Vec<&str> = site.files.keys().map(String::as_str).filter(|name| name.ends_with(".html")).collect();
    pages.sort_by_key(|name| std::cmp::Reverse(site.files[*name].len()));
    pages.truncate(8);
    are_quiet(&site, &pages);
    let (page, _) = open(&site.path("search.html"), "?q=evil");
    assert!(page.contains("found</p>") && !page.contains("<b>evil"), "{page}");
    Ok(())
}

fn the_search_finds() -> Result<(), Failed> {
    let site = Site::of("catalog", "bundles");
    for end in ["?q=mongodbbackup+v1", "#q=mongodbbackup%20v1"] {
        let (page, console) = open(&site.path("search.html"), end);
        assert!(console.is_empty(), "{console:#?}");
        assert!(page.contains(">PerconaServerMongoDBBackup v1</a>"), "{page}");
    }
    let (page, _) = open(&site.path("search.html"), "?q=nothing-of-this-name");
    assert!(page.contains(">0 found</p>"), "{page}");
    Ok(())
}

/// A forbidden action on a page is visible in the console: the test above can fail.
fn errors_are_seen() -> Result<(), Failed> {
    let site = Site::of_case("demo");
    let page =
        site.files["index.html"].replace("<main", "<img src=\"https://example.com/a.png\" onerror=\"alert(1)\"><main");
    std::fs::write(site.path("index.html"), page)?;
    let (_, console) = open(&site.path("index.html"), "");
    assert!(console.iter().any(|line| line.contains("Content Security Policy")), "{console:#?}");
    Ok(())
}
