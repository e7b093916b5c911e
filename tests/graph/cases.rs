//! The output for people: the cases of `tests/graph/cases`, and the pictures and texts of `docs/graphs.md`.
//!
//! A case is a folder with `catalog.yaml` or `catalog.json`. The output of `catalog graph` is in `graph.txt`,
//! `graph.mmd`, `graph.dot` and `graph.svg`, and that of `catalog list` in `list.txt`. `BLESS=1` writes them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use libtest_mimic::Failed;

use crate::cases::{expect_shown, expect_text, folders};
use crate::cli;
use crate::xml;

const FORMATS: [(&str, &str); 4] =
    [("text", "graph.txt"), ("mermaid", "graph.mmd"), ("dot", "graph.dot"), ("svg", "graph.svg")];

pub(crate) fn all_good(results: impl IntoIterator<Item = Result<(), Failed>>) {
    let bad: Vec<String> = results
        .into_iter()
        .filter_map(Result::err)
        .map(|error| error.message().unwrap_or_default().to_owned())
        .collect();
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

fn catalog_of(case: &Path) -> String {
    let file = ["catalog.yaml", "catalog.json"].map(|name| case.join(name)).into_iter().find(|path| path.exists());
    file.expect("a catalog").to_str().expect("a UTF-8 path").to_owned()
}

pub(crate) fn printed(arguments: &[&str]) -> String {
    let run = cli::catalog(arguments, "");
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    run.stdout
}

#[test]
fn graphs_are_drawn_as_before() {
    let draw = |case: &PathBuf| {
        let catalog = catalog_of(case);
        FORMATS.map(|(format, file)| {
            let printed = printed(&["graph", &catalog, "-o", format]);
            if format == "svg" {
                xml::elements(&printed)?;
            }
            expect_text(&case.join(file), &printed)
        })
    };
    all_good(folders("graph/cases").iter().flat_map(draw));
}

#[test]
fn catalogs_are_listed_as_before() {
    let list = |case: &PathBuf| {
        let catalog = catalog_of(case);
        let name = Path::new(&catalog).file_name().expect("a name").to_str().expect("UTF-8");
        let mut told = String::new();
        for options in [&[][..], &["--versions"], &["-o", "json"]] {
            told += &format!("$ catalog {}\n", [&["list", name], options].concat().join(" "));
            told += &printed(&[&["list", catalog.as_str()], options].concat());
            told += "\n";
        }
        expect_text(&case.join("list.txt"), &told)
    };
    all_good(folders("graph/cases").iter().map(list));
}

/// The pictures of this repository's operators, which the documentation shows.
#[test]
fn the_documentation_has_the_pictures_of_today() {
    let packages = fs::read_dir("catalog").expect("the catalog").map(|entry| entry.expect("an entry").file_name());
    let packages: Vec<String> = packages.map(|name| name.into_string().expect("UTF-8")).collect();
    assert_eq!(packages.len(), 4);
    let pictures = packages.iter().map(|package| {
        let picture = printed(&["graph", "catalog", "--package", package, "-o", "svg"]);
        expect_text(&Path::new("docs/graphs").join(format!("{package}.svg")), &picture)
    });
    all_good(pictures);
    let kept = fs::read_dir("docs/graphs").expect("the pictures").count();
    assert_eq!(kept, packages.len(), "docs/graphs has a picture of a package that is gone");
}

/// Each block of the documentation that begins with `$ catalog` matches the program's output.
#[test]
fn the_documentation_shows_what_is_printed() {
    all_good([expect_shown(Path::new("docs/graphs.md"), printed)]);
}

#[test]
fn what_is_not_there_is_named() {
    let catalog = "tests/graph/cases/skips/catalog.yaml";
    for (arguments, message) in [
        (&["graph", catalog, "--package", "x"][..], "error: the catalog has no package \"x\"; it has \"demo\"\n"),
        (&["list", catalog, "--package", "dmo"], "error: the catalog has no package \"dmo\"; did you mean \"demo\"?\n"),
        (
            &["graph", catalog, "--channel", "stabel"],
            "error: the catalog has no channel \"stabel\"; did you mean \"stable\"?\n",
        ),
        (
            &["list", catalog, "--channel", "x"],
            "error: the catalog has no channel \"x\"; it has \"candidate\" and \"stable\"\n",
        ),
        (&["graph", "./nowhere"], "error: ./nowhere does not exist\n"),
        (
            &["list", "tests/render/full"],
            "error: tests/render/full has no packages and no channels\n  help: name a catalog's file, folder or image, not a bundle's\n",
        ),
        (
            &["--limit", "graph-entries=4", "graph", catalog],
            "error: the graph is too large: it exceeds the limit graph-entries of 4; `--limit graph-entries=VALUE` raises it; \
             use --package or --channel to draw less\n",
        ),
        (
            &["--limit", "graph-edges=5", "graph", catalog, "--format", "svg"],
            "error: the graph is too large: it exceeds the limit graph-edges of 5; `--limit graph-edges=VALUE` raises it; \
             use --package or --channel to draw less\n",
        ),
    ] {
        let run = cli::catalog(arguments, "");
        let told = run.stderr.lines().filter(|line| !line.starts_with("warning:")).map(|line| format!("{line}\n"));
        assert_eq!((run.status, run.stdout.as_str(), told.collect::<String>().as_str()), (Some(2), "", message));
    }
    // A part of a catalog that is too large can be drawn.
    printed(&["--limit", "graph-entries=4", "graph", catalog, "--channel", "candidate"]);
}

#[test]
fn a_catalog_comes_from_standard_input_too() {
    let catalog = "tests/graph/cases/skips/catalog.yaml";
    let run = cli::catalog(&["graph", "-", "--channel", "candidate"], &fs::read_to_string(catalog).expect("a catalog"));
    assert_eq!(run.stdout, printed(&["graph", catalog, "--channel", "candidate"]));
}

#[test]
fn graphviz_draws_every_case() {
    if Command::new("dot").arg("-V").output().is_err() {
        return crate::common::skipped("Graphviz is not installed");
    }
    for case in folders("graph/cases") {
        let file = fs::File::open(case.join("graph.dot")).expect("a graph");
        let dot = Command::new("dot").arg("-Tsvg").stdin(file).stdout(Stdio::piped()).stderr(Stdio::piped()).output();
        let output = dot.expect("Graphviz starts");
        assert!(output.status.success() && output.stderr.is_empty(), "{}: {output:?}", case.display());
    }
}
