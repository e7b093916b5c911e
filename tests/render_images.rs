//! Rendering and validating images: a pulled image gives the same result as its files on disk.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "common/cli.rs"]
mod cli;
#[path = "common/distribution.rs"]
mod distribution;
#[path = "common/images.rs"]
mod images;
mod proxies;

use std::fs;
use std::path::Path;

use olm_catalog::bundle::Bundle;
use olm_catalog::catalog::Catalog;
use olm_catalog::image::{Entry, bundle_image, catalog_image};

use distribution::SmallRegistry;
use proxies::{Answer, Proxy};

const FULL: &str = "tests/render/full";

/// A registry with the bundle of tests/render/full, with made-up bundles, and with a catalog.
fn registry(catalog: &str) -> SmallRegistry {
    let registry = SmallRegistry::start(|_, _, _| None);
    registry.put_image("full", &bundle_image(&Bundle::read(Path::new(FULL)).unwrap()).unwrap());
    for version in ["1.0.0", "1.0.1", "1.1.0"] {
        registry.put_image(version, &bundle_image(&images::bundle(version)).unwrap());
    }
    let folder = images::temp();
    let configs = [Entry::file("demo/catalog.yaml", catalog.as_bytes().to_vec())];
    registry.put_image("catalog", &catalog_image(&images::program(folder.path()), configs).unwrap());
    registry
}

fn run(arguments: &[&str]) -> String {
    let run = cli::catalog(arguments, "");
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    run.stdout
}

#[test]
fn a_bundle_image_renders_as_its_folder() {
    let registry = registry("schema: olm.package\nname: demo\n");
    let image = registry.repository("demo:full");
    for level in ["none", "all"] {
        let level = ["--migrate-level", level];
        // The folder and the image have a file with two documents; both report that the second one is ignored.
        let told = |arguments: &[&str]| {
            let run = cli::catalog(&[arguments, &level[..]].concat(), "");
            assert_eq!(
                (run.status, run.stderr.matches("read only the first document").count()),
                (Some(0), 1),
                "{run:?}"
            );
            run.stdout
        };
        let folder = told(&["render", "--image-ref-template", &image, FULL]);
        assert_eq!(told(&["render", &image]), folder);
    }
}

#[test]
fn a_catalog_image_renders_as_its_files() {
    let bundle = images::bundle("1.0.0").render("example.com/demo:1").unwrap();
    let catalog = Catalog { bundles: vec![bundle], ..Catalog::default() }.to_json().unwrap();
    let registry = registry(&catalog);
    assert_eq!(run(&["render", &registry.repository("demo:catalog")]), catalog);
}

#[test]
fn a_catalog_image_is_listed_and_drawn_as_its_files() {
    let files = "tests/graph/cases/skips/catalog.yaml";
    let registry = registry(&fs::read_to_string(files).unwrap());
    let image = registry.repository("demo:catalog");
    for arguments in [&["list"][..], &["list", "--versions", "-o", "json"], &["graph"], &["graph", "-o", "svg"]] {
        let told = |reference: &str| run(&[arguments, &[reference]].concat());
        assert_eq!(told(&image), told(files), "{arguments:?}");
    }
}

#[test]
fn catalog_images_are_compared_and_named_in_places() {
    let old = fs::read_to_string("tests/published/cases/pruned/old.yaml").unwrap();
    let new = fs::read_to_string("tests/published/cases/pruned/new.yaml").unwrap();
    let (old, new) = (registry(&old), registry(&new));
    let (old, new) = (old.repository("demo:catalog"), new.repository("demo:catalog"));
    assert_eq!(run(&["diff", &old, &old]), "no differences, no findings\n");
    let diff = cli::catalog(&["diff", &old, &new, "-o", "json"], "");
    let place = format!("\"file\": \"{new}/demo/catalog.yaml\"");
    assert_eq!((diff.status, diff.stdout.matches(&place).count()), (Some(1), 2), "{diff:?}");
    let file = "tests/published/cases/pruned/new.yaml";
    let validated = cli::catalog(&["validate", file, "--published", &old], "");
    let folder = cli::catalog(&["validate", file, "--published", "tests/published/cases/pruned/old.yaml"], "");
    assert_eq!((validated.status, &validated.stdout), (Some(1), &folder.stdout));
}

#[test]
fn a_plan_reads_the_manifests_of_images() {
    let registry = registry("schema: olm.package\nname: demo\n");
    let mut catalog = "schema: olm.package\nname: demo\ndefaultChannel: stable\n---\nschema: olm.channel\npackage: demo\nname: stable\nentries:\n- name: demo.v1.1.0\n  replaces: demo.v1.0.0\n- name: demo.v1.0.0\n".to_owned();
    for version in ["1.0.0", "1.1.0", "9.9.9"] {
        let image = registry.repository(&format!("demo:{version}"));
        catalog += &format!(
            "---\nschema: olm.bundle\npackage: demo\nname: demo.v{version}\nimage: {image}\nproperties:\n- type: olm.package\n  value: {{packageName: demo, version: {version}}}\n"
        );
    }
    let plan = |options: &[&str]| cli::catalog(&[&["plan", "-", "--package", "demo"], options].concat(), &catalog);
    let known = plan(&["--from", "1.0.0"]);
    assert_eq!((known.status, known.stderr.as_str()), (Some(0), ""));
    assert!(known.stdout.contains("demo.v1.0.0 -> demo.v1.1.0 by replaces: safe\n  nothing changes"), "{known:?}");
    let unknown = plan(&["--from", "1.0.0", "--no-pull"]);
    assert!(unknown.status == Some(0) && unknown.stdout.contains("by replaces: partly unknown\n"), "{unknown:?}");
    // Each image is requested once.
    assert_eq!(registry.asked().iter().filter(|asked| asked.ends_with("/manifests/1.1.0")).count(), 1);
    let gone = plan(&["--from", "9.9.9"]);
    assert!(
        gone.status == Some(2) && gone.stderr.contains("help: use --bundles to read them from folders"),
        "{gone:?}"
    );
}

#[test]
fn a_template_accepts_images_and_folders() {
    let registry = registry("schema: olm.package\nname: demo\n");
    let folder = images::temp();
    let local = folder.path().join("bundles/1.2.0");
    for (path, bytes) in images::bundle("1.2.0").files {
        let path = local.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let images: String = ["1.1.0", "1.0.0", "1.0.1"]
        .map(|version| format!("  - image: {}\n", registry.repository(&format!("demo:{version}"))))
        .concat();
    let template = folder.path().join("demo.yaml");
    let text = format!(
        "schema: olm.semver\ngenerateMajorChannels: true\nstable:\n  bundles:\n{images}  - image: ./bundles/1.2.0\n"
    );
    fs::write(&template, text).unwrap();
    let options = ["--repository", "example.com/demo", "--migrate-level", "all", "-o", "json"];
    let printed = run(&[&["template", "semver", template.to_str().unwrap()], &options[..]].concat());
    let catalog = olm_catalog::catalog::read_text(&printed, Path::new("printed")).catalog;
    let entries = &catalog.channels[0].entries;
    assert_eq!(
        entries.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(),
        ["demo.v1.0.0", "demo.v1.0.1", "demo.v1.1.0", "demo.v1.2.0"]
    );
    assert_eq!((entries[3].replaces.as_str(), entries[2].replaces.as_str()), ("demo.v1.1.0", "demo.v1.0.1"));
    let image = |name: &str| catalog.bundles.iter().find(|bundle| bundle.name == name).unwrap().image.clone();
    assert_eq!(image("demo.v1.1.0"), registry.repository("demo:1.1.0"));
    assert!(image("demo.v1.2.0").starts_with("example.com/demo@sha256:"));
    // Each image is requested once.
    assert_eq!(registry.asked().iter().filter(|asked| asked.ends_with("/manifests/1.1.0")).count(), 1);
}

#[test]
fn what_is_no_catalog_says_why() {
    let registry = registry("schema: olm.package\nname: [demo]\n");
    for (tag, message) in [
        ("catalog", "cannot read the catalog of {}: demo/catalog.yaml: name must be a string, not a list"),
        ("none", "{} does not exist"),
    ] {
        let image = registry.repository(&format!("demo:{tag}"));
        let run = cli::catalog(&["render", &image], "");
        assert_eq!((run.status, run.stdout.as_str()), (Some(2), ""));
        assert!(run.stderr.contains(&message.replace("{}", &image)), "{}", run.stderr);
    }
    let template = images::temp();
    let file = template.path().join("demo.yaml");
    let image = registry.repository("demo:catalog");
    fs::write(&file, format!("schema: olm.semver\nfast:\n  bundles:\n  - image: {image}\n")).unwrap();
    let run = cli::catalog(&["template", "semver", file.to_str().unwrap()], "");
    assert_eq!((run.status, run.stdout.as_str()), (Some(1), ""));
    assert!(run.stderr.contains("it is a catalog, but a bundle is needed here"), "{}", run.stderr);
    assert!(run.stderr.contains("demo.yaml:4:12"), "{}", run.stderr);
}

#[test]
fn the_kind_of_an_image_is_detected() {
    let registry = registry("schema: olm.package\nname: demo\n");
    let (bundle, catalog) = (registry.repository("demo:1.0.0"), registry.repository("demo:catalog"));
    let run = cli::catalog(&["validate", &bundle], "");
    assert_eq!((run.status, run.stderr.as_str()), (Some(1), ""), "{}", run.stdout);
    assert!(run.stdout.contains("error[csv-fields]: spec.displayName is missing"), "{}", run.stdout);
    // The line of a file that is only in the image.
    let file = format!("{bundle}/manifests/demo.clusterserviceversion.yaml");
    assert!(run.stdout.contains(&format!("--> {file}:5:3")), "{}", run.stdout);
    assert!(run.stdout.contains("5 |   version: 1.0.0"), "{}", run.stdout);
    assert!(run.stdout.ends_with("(1 bundle image)\n"), "{}", run.stdout);
    let run = cli::catalog(&["validate", &catalog], "");
    assert_eq!((run.status, run.stderr.as_str()), (Some(1), ""), "{}", run.stdout);
    assert!(run.stdout.contains(&format!("--> {catalog}/demo/catalog.yaml:2:7")), "{}", run.stdout);
    assert!(run.stdout.contains("2 | name: demo"), "{}", run.stdout);
    assert!(run.stdout.ends_with("(1 package, 0 channels, 0 bundles)\n"), "{}", run.stdout);
    let none = registry.repository("demo:none");
    let run = cli::catalog(&["validate", &none], "");
    assert_eq!(run.status, Some(2));
    assert!(run.stdout.contains("nothing was checked") && run.stderr.contains("does not exist"), "{run:?}");
}

#[test]
fn a_registry_is_asked_through_a_proxy_of_the_environment() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let answer = Answer::Status("403 Forbidden");
    let proxy = runtime.block_on(Proxy::start(answer, Some(("user", "secret")), ([127, 0, 0, 1], 1).into()));
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_catalog"));
    command.args(["render", "registry.example/demo:1"]).env_remove("NO_PROXY").env_remove("no_proxy");
    let output = command.env("HTTPS_PROXY", proxy.url("http", "user:secret")).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && told.contains("registry.example"), "{told}");
    assert!(!told.contains("secret"), "{told}");
    assert!(told.contains("through the proxy of the environment (HTTPS_PROXY, "), "{told}");
    proxy.was_asked_for(&["registry.example:443"]);
}
