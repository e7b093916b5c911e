//! The folder to which the site is written.

use std::fs;

use libtest_mimic::{Failed, Trial};

use crate::cli;

const CATALOG: &str = "tests/site/cases/demo/catalog.yaml";

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("output::a_folder_of_the_user_stays", a_folder_of_the_user_stays),
        Trial::test("output::a_site_is_replaced", a_site_is_replaced),
        Trial::test("output::what_cannot_be_read_is_exit_2", what_cannot_be_read_is_exit_2),
    ]
}

fn a_folder_of_the_user_stays() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let mine = folder.path().join("site/sub/mine.txt");
    fs::create_dir_all(mine.parent().unwrap())?;
    fs::write(&mine, "mine")?;
    let out = folder.path().join("site");
    let run = cli::catalog(&["site", CATALOG, "--out", out.to_str().unwrap()], "");
    let told = run.stderr.replace(folder.path().to_str().unwrap(), "");
    assert_eq!(run.status, Some(2));
    assert_eq!(
        told,
        "error: /site/sub/mine.txt was not made by `catalog site`, so /site was not changed\n  \
         help: name an empty folder, or one that does not exist\n"
    );
    assert_eq!(fs::read_to_string(&mine)?, "mine");
    assert_eq!(fs::read_dir(folder.path())?.count(), 1);
    Ok(())
}

fn a_site_is_replaced() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("new/site");
    let run = |title: &str| cli::catalog(&["site", CATALOG, "--out", out.to_str().unwrap(), "--title", title], "");
    assert_eq!(run("First <b>").status, Some(0));
    let first = fs::read_to_string(out.join("index.html"))?;
    assert!(first.contains("<h1>First &lt;b&gt;</h1>"), "{first}");
    let second = run("Second");
    assert_eq!((second.status, second.stdout.as_str()), (Some(0), ""), "{}", second.stderr);
    let told = second.stderr.replace(folder.path().to_str().unwrap(), "");
    assert_eq!(told, "/new/site/index.html: 1 package, 3 versions, 12 files, 0.0 MB\n");
    assert!(fs::read_to_string(out.join("index.html"))?.contains("<h1>Second</h1>"));
    assert_eq!(fs::read_dir(folder.path().join("new"))?.count(), 1);
    let quiet = cli::catalog(&["site", CATALOG, "--out", out.to_str().unwrap(), "--quiet"], "");
    assert_eq!((quiet.status, quiet.stdout.as_str(), quiet.stderr.as_str()), (Some(0), "", ""));
    Ok(())
}

fn what_cannot_be_read_is_exit_2() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("site");
    let run = cli::catalog(&["site", "./gone", "--out", out.to_str().unwrap()], "");
    assert_eq!(run.status, Some(2), "{run:?}");
    let file = folder.path().join("file");
    fs::write(&file, "")?;
    let run = cli::catalog(&["site", CATALOG, "--out", file.to_str().unwrap()], "");
    assert_eq!(run.status, Some(2), "{run:?}");
    assert_eq!(fs::read_dir(folder.path())?.count(), 1);
    Ok(())
}
