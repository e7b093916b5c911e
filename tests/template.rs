//! Templates. A case is a folder in tests/template: `template.yaml`, and `expected.yaml` with its result without the
//! bundles' properties, or `errors.txt` with the output. `BLESS=1` writes these. Images named `…/<package>:<version>`
//! are bundles that the test generates; local bundles are in the case's folder. `opm.jsonl` has templates with opm's
//! results.

#[path = "common/cases.rs"]
mod cases;
#[path = "common/cli.rs"]
mod cli;
mod common;
#[path = "common/demo.rs"]
mod demo;

use std::fs;
use std::path::Path;

use libtest_mimic::{Arguments, Failed, Trial};
use olm_catalog::bundle::Bundle;
use olm_catalog::catalog::{self, Catalog};
use olm_catalog::channel::{self, Package, Sources, Template};
use olm_catalog::diagnostic::{self, Finding, text};
use olm_catalog::image::bundle_image;
use olm_catalog::render::BoxError;
use serde_json::{Value, json};

fn main() {
    let mut trials: Vec<Trial> = cases::folders("template")
        .into_iter()
        .map(|folder| Trial::test(format!("case::{}", name(&folder)), move || case(&folder)))
        .collect();
    trials.push(Trial::test("opm::recorded", || recorded(Path::new("tests/template/opm.jsonl"))));
    trials.push(Trial::test("channels::folder", channels_folder));
    trials.push(Trial::test("cli::output", cli_output));
    trials.push(Trial::test("cli::findings", cli_findings));
    trials.extend(golden());
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn name(path: &Path) -> String {
    path.file_stem().expect("a name").to_string_lossy().into_owned()
}

fn pull(reference: &str) -> Result<catalog::Bundle, BoxError> {
    let bundle = demo::bundle_of(reference).ok_or("the registry has no such image")?;
    Ok(bundle.render(reference)?)
}

fn sources(root: &Path) -> Sources<'_> {
    Sources { root, image: &|_, contents| Ok(format!("local/{}@sha256:1", contents.name())), pull: &pull }
}

fn render(template: &str, path: &Path) -> Result<Package, Vec<Finding>> {
    let template = Template::parse(template, path)?;
    channel::render(&template, &sources(path.parent().expect("a folder")))
}

fn case(folder: &Path) -> Result<(), Failed> {
    let path = folder.join("template.yaml");
    let template = fs::read_to_string(&path)?;
    let (file, text) = match render(&template, &path) {
        Ok(mut package) => {
            package.catalog.bundles.iter_mut().for_each(|bundle| bundle.properties.clear());
            ("expected.yaml", package.catalog.to_yaml()?)
        }
        Err(findings) => ("errors.txt", text::render(&findings, &diagnostic::Sources::disk()).plain()),
    };
    let other = folder.join(if file == "errors.txt" { "expected.yaml" } else { "errors.txt" });
    if other.exists() {
        return Err(format!("{} is there, but the outcome is another:\n{text}", other.display()).into());
    }
    cases::expect_text(&folder.join(file), &text)
}

/// The package and channels, which the template determines.
fn package_and_channels(catalog: &Catalog) -> Value {
    let blobs = Catalog { bundles: Vec::new(), ..catalog.clone() };
    json!(blobs.blobs())
}

/// Every line is a template, with the blobs that opm (after v1.73.0) made from it, or its error. Its bundles had no
/// ClusterServiceVersion, so its packages have no description.
fn recorded(path: &Path) -> Result<(), Failed> {
    let lines = fs::read_to_string(path)?;
    let mut wrong = Vec::new();
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line)?;
        let template = line["template"].as_str().expect("a template");
        let wanted = line.get("blobs");
        match (render(template, Path::new("recorded/template.yaml")), wanted) {
            (Ok(package), Some(wanted)) => {
                let mut catalog = package.catalog;
                catalog.packages.iter_mut().for_each(|package| package.description.clear());
                if let Err(error) = cases::expect_equal(&package_and_channels(&catalog), wanted) {
                    wrong.push(format!("{template}\n{}", error.message().unwrap_or_default()));
                }
            }
            (Ok(_), None) => wrong.push(format!("{template}\nopm fails: {}", line["error"])),
            (Err(findings), Some(_)) => wrong.push(format!("{template}\n{findings:?}")),
            (Err(_), None) => {}
        }
    }
    assert!(lines.lines().count() > 50, "too few lines were recorded");
    if wrong.is_empty() { Ok(()) } else { Err(format!("{} wrong\n{}", wrong.len(), wrong.join("\n\n")).into()) }
}

/// A folder of templates, as `catalog build` renders it.
fn channels_folder() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder"))?;
        fs::write(path, text)
    };
    let template = |images: &[&str]| {
        let list: String = images.iter().map(|image| format!("  - image: {image}\n")).collect();
        format!("schema: olm.semver\nstable:\n  bundles:\n{list}")
    };
    for version in ["1.0.0", "1.0.1"] {
        for (path, bytes) in demo::bundle("demo", version).files {
            write(&format!("bundles/demo/{version}/{path}"), &String::from_utf8(bytes)?)?;
        }
    }
    write("channels/other.yaml", &template(&["example.com/other:2.0.0"]))?;
    write("channels/demo.yaml", &template(&["../bundles/demo/1.0.1", "../bundles/demo/1.0.0"]))?;
    write("channels/README.md", "no template")?;
    let packages = channel::render_all(&folder.path().join("channels"), &sources(folder.path()))?;
    assert_eq!(packages.iter().map(|package| package.name.as_str()).collect::<Vec<_>>(), ["demo", "other"]);
    let bundles: Vec<_> = packages[0].bundles.iter().map(|b| (b.path.to_str(), b.image.as_str())).collect();
    assert_eq!(
        bundles,
        [
            (Some("bundles/demo/1.0.1"), "local/demo.v1.0.1@sha256:1"),
            (Some("bundles/demo/1.0.0"), "local/demo.v1.0.0@sha256:1")
        ]
    );
    let images: Vec<_> = packages[0].catalog.bundles.iter().map(|bundle| bundle.image.as_str()).collect();
    assert_eq!(images, ["local/demo.v1.0.0@sha256:1", "local/demo.v1.0.1@sha256:1"]);
    assert!(packages[1].bundles.is_empty());

    // All errors in all of them are reported at once.
    write("channels/more.yaml", &template(&["example.com/other:3.0.0"]))?;
    write("channels/none.yaml", "schema: olm.semver\n")?;
    let channel::Error::Findings(findings) =
        channel::render_all(&folder.path().join("channels"), &sources(folder.path())).expect_err("three are wrong")
    else {
        return Err("the files can be read".into());
    };
    let mut rules: Vec<_> = findings.iter().map(|finding| (name(&finding.place.file), finding.rule)).collect();
    rules.sort();
    let expected = [("more", "template-package"), ("none", "template-empty"), ("other", "template-package")]
        .map(|(a, b)| (a.to_owned(), b));
    assert_eq!(rules, expected);
    Ok(())
}

/// The program pins local bundles by the digests that their images will have, and includes their objects if no
/// repository is given.
fn cli_output() -> Result<(), Failed> {
    let file = "tests/template/semver-local/template.yaml";
    let printed = |options: &[&str]| {
        let run = cli::catalog(&[&["template", "semver", file], options].concat(), "");
        assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{options:?}");
        catalog::read_text(&run.stdout, Path::new("printed")).catalog
    };
    let bundle = Bundle::read(Path::new("tests/template/semver-local/bundles/0.1.0"))?;
    let pinned = printed(&["--repository", "example.com/catalog", "--migrate-level", "all"]);
    let image = format!("example.com/catalog@{}", bundle_image(&bundle)?.digest());
    assert_eq!(pinned.bundles[0].image, image);
    let mut blob = bundle.render(&image)?;
    blob.migrate(catalog::MigrateLevel::All)?;
    assert_eq!(pinned.bundles[0], blob);
    assert_eq!(pinned, printed(&["--repository", "example.com/catalog", "--migrate-level", "all", "-o", "yaml"]));
    let inline = printed(&["--migrate-level", "all"]);
    assert_eq!(inline.bundles[0], bundle.render("")?);
    assert_eq!(inline.packages[0].description, "The local operator 0.2.0.");
    Ok(())
}

/// Errors are printed on standard error, with the exit status for findings, and nothing else is printed.
fn cli_findings() -> Result<(), Failed> {
    let local = "tests/template/semver-local/template.yaml";
    let text = fs::read_to_string("tests/template/error-fields/template.yaml")?;
    for (arguments, input, message) in [
        (["semver", "tests/template/error-empty/template.yaml", "-oyaml"], "", "template.yaml:1:1"),
        (["basic", local, "-oyaml"], "", "the template has the schema olm.semver, not olm.template.basic"),
        ([local, "-oyaml", "--root=tests/render"], "", "is outside the repository"),
        (["semver", "-", "-oyaml"], &text, "standard input:3:1"),
    ] {
        let run = cli::catalog(&[&["template"], &arguments[..]].concat(), input);
        assert_eq!((run.status, run.stdout.as_str()), (Some(1), ""), "{arguments:?} {}", run.stderr);
        assert!(run.stderr.contains(message), "{}", run.stderr);
    }
    let run = cli::catalog(&["template", "semver", "tests/template/nowhere.yaml"], "");
    assert_eq!((run.status, run.stdout.as_str()), (Some(2), ""));
    assert!(run.stderr.contains("cannot read tests/template/nowhere.yaml"), "{}", run.stderr);
    Ok(())
}

fn golden() -> Vec<Trial> {
    let Some(shared) = common::shared() else {
        return vec![common::without_data("golden")];
    };
    let folder = shared.join("golden/semver");
    let mut templates: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    templates.sort();
    assert!(!templates.is_empty());
    let trial = |path: std::path::PathBuf| {
        Trial::test(format!("golden::{}", name(&path)), move || {
            let expected: Value = serde_json::from_str(&fs::read_to_string(path.with_extension("expected.json"))?)?;
            match render(&fs::read_to_string(&path)?, &path) {
                Ok(package) => {
                    if expected["exit"] != 0 {
                        return Err(format!("opm fails: {}", expected["message"]).into());
                    }
                    cases::expect_equal(&package_and_channels(&package.catalog), &expected["package_and_channels"])
                }
                Err(findings) if expected["exit"] == 0 => Err(format!("{findings:?}").into()),
                Err(_) => Ok(()),
            }
        })
    };
    templates.into_iter().map(trial).collect()
}
