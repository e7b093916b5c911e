//! From an empty folder to a catalog that answers queries: two releases of each of thirteen real operators.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Completion, Failed};
use olm_catalog::serve::api;
use olm_catalog::serve::api::registry_client::RegistryClient;
use olm_catalog::yaml;
use serde_json::{Value, json};

use crate::cli::{self, Run};
use crate::distribution::{DockerRegistry, installed};
use crate::program::Served;
use crate::{common, images};

/// The operators in the folder of real data, with their versions and made-up next ones.
const OPERATORS: [(&str, &str, &str); 13] = [
    ("cnpg", "1.20.2", "1.20.3"),
    ("contour", "1.33.0", "1.34.0"),
    ("hco", "1.18.0", "1.18.1"),
    ("kyverno", "1.9.5", "1.10.0"),
    ("litmus", "2.14.0", "2.15.0"),
    ("longhorn", "1.10.0", "1.10.1"),
    ("metallb", "0.15.3", "0.15.4"),
    ("psmdb", "1.16.0", "1.17.0"),
    ("pxc", "1.15.0", "1.16.0"),
    ("rook", "1.19.0", "1.20.0"),
    ("strimzi", "0.47.0", "0.48.0"),
    ("vitess", "2.16.0", "2.17.0"),
    ("volcano", "1.13.0", "1.14.0"),
];

/// The field that every next version has more.
const FIELD: &str = "addedInTheNextVersion";

pub(crate) fn run() -> Result<Completion, Failed> {
    let Some(manifests) = common::shared().map(|shared| shared.join("manifests")).filter(|it| it.is_dir()) else {
        return Ok(Completion::ignored_with("needs the folder shared"));
    };
    if !installed("docker-registry") {
        return Ok(Completion::ignored_with("not installed: docker-registry"));
    }
    let manifests = fs::canonicalize(manifests)?;
    let (folder, next) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let root = folder.path();
    let catalog = |arguments: &[&str]| cli::catalog_in(root, arguments);
    let init = done(catalog(&["init"]))?;
    assert!(
        init.ends_with(
            "\nnext:\n  catalog import MANIFESTS --package NAME --version 1.0.0 --channel stable\n  \
                            catalog generate\n  catalog build\n  catalog validate .\n"
        ),
        "{init}"
    );
    for (package, first, second) in OPERATORS {
        let released = manifests.join(package);
        let made_up = next.path().join(package);
        make_next(&released, &made_up)?;
        for (version, source) in [(first, &released), (second, &made_up)] {
            let source = source.to_str().ok_or("the path is not UTF-8")?;
            let arguments = ["import", source, "--package", package, "--version", version, "--channel", "stable"];
            let told = done(catalog(&arguments))?;
            if version == second {
                let name = format!("\n{package}.v{first} -> {package}.v{second}: ");
                assert!(told.contains(&name) && told.contains("  images\n"), "{told}");
            }
        }
    }
    done(catalog(&["generate", "--quiet"]))?;
    // What is generated is complete, and nothing is left to do.
    done(catalog(&["generate", "--quiet", "--check"]))?;
    for (package, first, second) in OPERATORS {
        let has = |version: &str| -> Result<bool, Failed> {
            Ok(crds(&root.join("bundles").join(package).join(version))?.contains(FIELD))
        };
        assert_eq!((has(first)?, has(second)?), (false, true), "{package}");
    }
    let program = images::temp();
    let _ = images::program(program.path());
    let program = program.path().join("program");
    let program = program.to_str().ok_or("the path is not UTF-8")?;
    done(catalog(&["build", "--quiet", "--program", program]))?;
    done(catalog(&["validate", "catalog"]))?;
    // The folder of hco lacks the deployments of two of its webhooks, which is the only thing that is wrong in all of them.
    let validated = catalog(&["validate", ".", "-o", "json"]);
    let findings: Vec<Value> = serde_json::from_str(&validated.stdout)?;
    let errors = findings.iter().filter(|finding| finding["severity"] == "error");
    let unexpected: Vec<&Value> = errors
        .filter(|finding| {
            let known = finding["file"].as_str().is_some_and(|file| file.contains("bundles/hco/"));
            !known || finding["rule"] != "webhook"
        })
        .collect();
    assert_eq!(unexpected, Vec::<&Value>::new());

    let registry = DockerRegistry::start(None).ok_or("docker-registry does not start")?;
    let reference = format!("{}:v1", registry.repository("team/catalog"));
    let pushed: Value = serde_json::from_str(&done(catalog(&["push", &reference, "-o", "json"]))?)?;
    assert_eq!(pushed["bundles"].as_array().map(Vec::len), Some(2 * OPERATORS.len()));
    // What is served is what the registry has.
    let rendered = done(catalog(&["render", &reference]))?;
    import_a_released_bundle(root, &rendered, OPERATORS[6])?;
    fs::create_dir(root.join("pulled"))?;
    fs::create_dir(root.join("pulled/catalog"))?;
    fs::write(root.join("pulled/catalog/catalog.yaml"), rendered)?;
    let served = Served::start(&root.join("pulled"))?;
    let heads = heads(&format!("http://{}", served.addr))?;
    let expected = OPERATORS.map(|(package, _, second)| (package.to_owned(), format!("{package}.v{second}")));
    assert_eq!(heads, BTreeMap::from(expected));
    Ok(Completion::Completed)
}

/// A bundle's image is imported elsewhere, and what is generated from it installs the same.
fn import_a_released_bundle(root: &Path, rendered: &str, operator: (&str, &str, &str)) -> Result<(), Failed> {
    let (package, version, _) = operator;
    let blobs = yaml::read(rendered)?;
    let blob = blobs.iter().find(|blob| blob.value["name"] == format!("{package}.v{version}"));
    let image = blob.and_then(|blob| blob.value["image"].as_str()).ok_or("the bundle has no image")?;
    let elsewhere = tempfile::tempdir()?;
    let arguments = ["import", image, "--package", package, "--version", version, "--channel", "stable"];
    done(cli::catalog_in(elsewhere.path(), &arguments))?;
    done(cli::catalog_in(elsewhere.path(), &["generate", "--quiet"]))?;
    let spec = |root: &Path| -> Result<Value, Failed> {
        let folder = root.join("bundles").join(package).join(version).join("manifests");
        let csv = fs::read_to_string(folder.join(format!("{package}.clusterserviceversion.yaml")))?;
        let mut spec = yaml::read_one(&csv)?["spec"].take();
        // Only the names of images may be others.
        for related in spec["relatedImages"].as_array_mut().into_iter().flatten() {
            related["name"] = Value::Null;
        }
        Ok(spec)
    };
    assert_eq!(spec(elsewhere.path())?, spec(root)?);
    Ok(())
}

fn done(run: Run) -> Result<String, Failed> {
    match run.status {
        Some(0) => Ok(run.stdout),
        status => Err(format!("exit status {status:?}: {}{}", run.stdout, run.stderr).into()),
    }
}

/// The next version of an operator: its images have other tags, and a CRD has a field more.
fn make_next(from: &Path, to: &Path) -> Result<(), Failed> {
    fs::create_dir(to)?;
    let mut files: Vec<PathBuf> = fs::read_dir(from)?.map(|entry| Ok(entry?.path())).collect::<Result<_, Failed>>()?;
    files.sort();
    let mut seen = BTreeSet::new();
    for file in files {
        let mut documents: Vec<Value> =
            yaml::read(&fs::read_to_string(&file)?)?.into_iter().map(|document| document.value).collect();
        for object in &mut documents {
            match object["kind"].as_str().unwrap_or_default() {
                "Deployment" => tag(&mut object["spec"]["template"]["spec"]),
                "CustomResourceDefinition" if seen.is_empty() => {
                    for version in object["spec"]["versions"].as_array_mut().into_iter().flatten() {
                        let schema = &mut version["schema"]["openAPIV3Schema"]["properties"];
                        schema[FIELD] = json!({"type": "string"});
                        seen.insert(FIELD);
                    }
                }
                _ => {}
            }
        }
        let name = file.file_name().ok_or("no name")?;
        fs::write(to.join(name), yaml::to_yaml_stream(&documents)?)?;
    }
    assert!(!seen.is_empty(), "{}: no CRD", from.display());
    Ok(())
}

fn tag(pod: &mut Value) {
    for list in ["containers", "initContainers"] {
        for container in pod[list].as_array_mut().into_iter().flatten() {
            if let Some(image) = container["image"].as_str() {
                let plain = image.split('@').next().unwrap_or_default();
                container["image"] = if plain[plain.rfind('/').unwrap_or(0)..].contains(':') {
                    format!("{plain}-next").into()
                } else {
                    format!("{plain}:next").into()
                };
            }
        }
    }
}

/// The text of all CRDs of a bundle.
fn crds(bundle: &Path) -> Result<String, Failed> {
    let mut text = String::new();
    for entry in fs::read_dir(bundle.join("manifests"))? {
        let manifest = fs::read_to_string(entry?.path())?;
        if manifest.contains("kind: CustomResourceDefinition\n") {
            text += &manifest;
        }
    }
    Ok(text)
}

/// The head of each package's default channel, as a client of the catalog sees it.
fn heads(address: &str) -> Result<BTreeMap<String, String>, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut client = RegistryClient::connect(address.to_owned()).await?;
        let mut packages = client.list_packages(api::ListPackageRequest {}).await?.into_inner();
        let mut heads = BTreeMap::new();
        while let Some(package) = packages.message().await? {
            let asked = api::GetPackageRequest { name: package.name.clone() };
            let found = client.get_package(asked).await?.into_inner();
            assert_eq!(found.channels.len(), 1, "{}", package.name);
            heads.insert(package.name, found.channels[0].csv_name.clone());
        }
        Ok(heads)
    })
}
