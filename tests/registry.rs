//! `catalog push` and pulling, with Debian's docker-registry as the registry and skopeo as another client. If they are
//! not installed, the tests are reported as skipped.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic and print")]

#[path = "common/distribution.rs"]
mod distribution;
#[path = "common/images.rs"]
mod images;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, ExitCode, Output};

use libtest_mimic::{Arguments, Completion, Trial};
use olm_catalog::build::CatalogLayout;
use olm_catalog::image::{Digest, Entry, Layout, bundle_image, catalog_image};
use olm_catalog::registry::{self, Client, Options};
use serde_json::Value;

use distribution::{DockerRegistry, installed};
use images::{bundle, catalog, program, repository, temp, text, tree};

/// `user` with the password `correct-horse`.
const HTPASSWD: &str = "user:$2y$05$BRsfFDezBRzZMGGRQzpU4eLa.Lolf9hZ9BHREdSlP39mxVnKfkvPu\n";
const PASSWORD: &str = "correct-horse";

type Test = fn() -> Option<()>;

fn main() -> ExitCode {
    let tests: [(&str, Test); 10] = [
        ("what_is_pushed_is_what_was_built", what_is_pushed_is_what_was_built),
        ("a_second_push_sends_nothing", a_second_push_sends_nothing),
        ("a_changed_catalog_sends_what_changed", a_changed_catalog_sends_what_changed),
        ("a_push_elsewhere_changes_the_references", a_push_elsewhere_changes_the_references),
        ("references_can_name_a_mirror_that_has_the_bundles", references_can_name_a_mirror_that_has_the_bundles),
        ("passwords_are_asked_for_and_never_shown", passwords_are_asked_for_and_never_shown),
        ("credential_helpers_are_asked", credential_helpers_are_asked),
        ("bundles_and_catalogs_are_pulled", bundles_and_catalogs_are_pulled),
        ("docker_images_are_pulled", docker_images_are_pulled),
        ("proxies_are_not_for_this_machine", proxies_are_not_for_this_machine),
    ];
    let missing: Vec<_> = ["docker-registry", "skopeo"].into_iter().filter(|program| !installed(program)).collect();
    let trial = |(name, test): (&'static str, Test)| {
        let missing = missing.clone();
        Trial::ignorable_test(name, move || match missing.as_slice() {
            [] => Ok(test().map_or_else(
                || Completion::ignored_with("docker-registry does not start"),
                |()| Completion::Completed,
            )),
            missing => Ok(Completion::ignored_with(format!("not installed: {}", missing.join(", ")))),
        })
    };
    libtest_mimic::run(&Arguments::from_args(), tests.into_iter().map(trial).collect()).exit_code()
}

/// `catalog push` without the user's own credentials.
fn push(arguments: &[&str], environment: &[(&str, &Path)]) -> Output {
    let nowhere = Path::new("/nonexistent");
    let mut command = Command::new(env!("CARGO_BIN_EXE_catalog"));
    command.arg("push").args(arguments).env("DOCKER_CONFIG", nowhere).env("HOME", nowhere);
    for name in ["XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "REGISTRY_AUTH_FILE"] {
        command.env_remove(name);
    }
    command.envs(environment.iter().copied()).output().unwrap()
}

fn pushed(arguments: &[&str]) -> Value {
    let out = push(&[arguments, &["-o", "json"]].concat(), &[]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(out.stderr.is_empty(), "nothing on standard error without a terminal");
    serde_json::from_slice(&out.stdout).unwrap()
}

fn stderr(out: &Output) -> String {
    assert_eq!(out.status.code(), Some(2));
    assert!(out.stdout.is_empty());
    String::from_utf8(out.stderr.clone()).unwrap()
}

fn skopeo(arguments: &[&str]) -> Vec<u8> {
    let out = Command::new("skopeo").arg("--insecure-policy").args(arguments).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    out.stdout
}

fn client() -> Client {
    Client::new(Options { credentials: Vec::new(), ..Options::default() }).unwrap()
}

/// Writes the layout of a catalog for a repository, and returns its path.
fn layout(folder: &Path, built_for: &str, versions: &[&str]) -> (CatalogLayout, String) {
    let layout = catalog(folder, &repository(built_for), versions);
    let path = folder.join("layout");
    layout.write(&path).unwrap();
    (layout, path.to_str().unwrap().to_owned())
}

fn what_is_pushed_is_what_was_built() -> Option<()> {
    let (registry, folder) = (DockerRegistry::start(None)?, temp());
    let place = registry.repository("deep/er/catalog");
    let (built, path) = layout(folder.path(), &place, &["1.0.0", "1.1.0+build.5"]);
    let result = pushed(&[&format!("{place}:v1"), "--layout", &path]);
    let digest = built.catalog.digest().as_str();
    assert_eq!(result["catalog"]["digest"], digest);
    assert_eq!(result["catalog"]["reference"], format!("{place}@{digest}"));
    assert_eq!(result["relocatedFrom"], Value::Null);
    assert_eq!(result["bundles"][1]["tag"], "demo-v1.1.0_build.5");
    assert_eq!(registry.tags("deep/er/catalog"), ["demo-v1.0.0", "demo-v1.1.0_build.5", "v1"]);

    // Another client sees the same bytes, by tag and by digest.
    let raw = skopeo(&["inspect", "--tls-verify=false", "--raw", &format!("docker://{place}:v1")]);
    assert_eq!(Digest::of(&raw).as_str(), digest);
    let inspected: Value =
        serde_json::from_slice(&skopeo(&["inspect", "--tls-verify=false", &format!("docker://{place}:demo-v1.0.0")]))
            .unwrap();
    assert_eq!(inspected["Digest"], built.bundles[0].image.digest().as_str());
    assert_eq!(inspected["Architecture"], "amd64");
    assert_eq!(inspected["Labels"]["operators.operatorframework.io.bundle.package.v1"], "demo");

    // It copies the blobs of the layout, byte for byte.
    let blobs = |folder: &Path| -> BTreeMap<_, _> {
        tree(folder).into_iter().filter(|(path, _)| path.starts_with("blobs")).collect()
    };
    let copy = folder.path().join("copy");
    for (i, tag) in ["v1", "demo-v1.0.0", "demo-v1.1.0_build.5"].into_iter().enumerate() {
        let (from, to) = (format!("docker://{place}:{tag}"), format!("oci:{}:{i}", copy.display()));
        skopeo(&["copy", "--src-tls-verify=false", &from, &to]);
    }
    assert_eq!(blobs(&copy), blobs(Path::new(&path)));

    // Other programs can read the layout itself.
    let from = format!("oci:{path}:demo-v1.0.0");
    let inspected: Value = serde_json::from_slice(&skopeo(&["inspect", &from])).unwrap();
    assert_eq!(inspected["Digest"], built.bundles[0].image.digest().as_str());
    Some(())
}

fn a_second_push_sends_nothing() -> Option<()> {
    let (registry, folder) = (DockerRegistry::start(None)?, temp());
    let place = registry.repository("catalog");
    let (_, path) = layout(folder.path(), &place, &["1.0.0", "1.1.0"]);
    let (target, layout) = (format!("{place}:v1"), ["--layout", &path]);
    let first = pushed(&[&[&*target], &layout[..]].concat());
    let counts = |image: &Value| (image["sent"].as_u64().unwrap(), image["skipped"].as_u64().unwrap());
    assert_eq!(counts(&first["catalog"]), (4, 0));
    assert!(first["bundles"].as_array().unwrap().iter().all(|bundle| counts(bundle) == (3, 0)));
    let second = pushed(&[&[&*target], &layout[..]].concat());
    assert_eq!(counts(&second["catalog"]), (0, 4));
    assert!(second["bundles"].as_array().unwrap().iter().all(|bundle| counts(bundle) == (0, 3)));
    assert_eq!(second["catalog"]["digest"], first["catalog"]["digest"]);

    let out = push(&[&[&*target], &layout[..]].concat(), &[]);
    let lines = String::from_utf8(out.stdout).unwrap();
    let digest = first["catalog"]["digest"].as_str().unwrap();
    assert!(lines.ends_with(&format!("{target}\n    {digest}, already there\n")), "{lines}");
    let out = push(&[&[&*target, "--quiet"], &layout[..]].concat(), &[]);
    assert_eq!(String::from_utf8(out.stdout).unwrap(), format!("{place}@{digest}\n"));
    Some(())
}

fn a_changed_catalog_sends_what_changed() -> Option<()> {
    let (registry, folder) = (DockerRegistry::start(None)?, temp());
    let place = registry.repository("catalog");
    let target = format!("{place}:v1");
    let (_, path) = layout(folder.path(), &place, &["1.0.0"]);
    let first = pushed(&[&target, "--layout", &path]);
    let (_, path) = layout(folder.path(), &place, &["1.0.0", "2.0.0"]);
    let second = pushed(&[&target, "--layout", &path]);
    assert_eq!(second["bundles"][0]["sent"], 0);
    assert_eq!(second["bundles"][1]["sent"], 3);
    // The program's layer exists already; the catalog's files, the configuration and the manifest are new.
    assert_eq!((&second["catalog"]["sent"], &second["catalog"]["skipped"]), (&3.into(), &1.into()));
    assert_eq!(second["catalog"]["replaced"], first["catalog"]["digest"]);
    assert_eq!(second["bundles"][0]["replaced"], Value::Null);
    Some(())
}

fn a_push_elsewhere_changes_the_references() -> Option<()> {
    let (registry, folder) = (DockerRegistry::start(None)?, temp());
    let place = registry.repository("elsewhere");
    let (built, path) = layout(folder.path(), "built.example/for/catalog", &["1.0.0"]);
    let result = pushed(&[&format!("{place}:v1"), "--layout", &path]);
    let there = catalog(folder.path(), &repository(&place), &["1.0.0"]);
    assert_eq!(result["catalog"]["digest"], there.catalog.digest().as_str(), "as if it was built for there");
    assert_eq!(result["bundles"][0]["digest"], built.bundles[0].image.digest().as_str());
    assert_eq!(result["relocatedFrom"], "built.example/for/catalog");

    let out = push(&[&format!("{place}:v1"), "--layout", &path], &[]);
    let lines = String::from_utf8(out.stdout).unwrap();
    let changed = format!(
        "The references to the bundles named built.example/for/catalog and were changed. Before that, the catalog's \
         digest was {}.",
        built.catalog.digest()
    );
    assert!(lines.ends_with(&format!("{changed}\n")), "{lines}");

    // The images in the catalog exist.
    let pulled = client().pull_catalog(&registry::reference(&format!("{place}:v1")).unwrap()).unwrap();
    let yaml = fs::read_to_string(pulled.path().join("demo/catalog.yaml")).unwrap();
    let named = yaml.lines().find_map(|line| line.strip_prefix("image: ")).unwrap();
    assert!(named.starts_with(&format!("{place}@sha256:")));
    assert_eq!(client().pull_bundle(&registry::reference(named).unwrap()).unwrap().bundle, bundle("1.0.0"));
    // The layout is unchanged.
    assert_eq!(CatalogLayout::read(Path::new(&path)).unwrap().catalog.digest(), built.catalog.digest());
    Some(())
}

fn references_can_name_a_mirror_that_has_the_bundles() -> Option<()> {
    let (registry, folder) = (DockerRegistry::start(None)?, temp());
    let (place, mirror) = (registry.repository("catalog"), registry.repository("mirror"));
    let (built, path) = layout(folder.path(), &place, &["1.0.0", "1.1.0"]);
    let arguments = [&*format!("{place}:v1"), "--layout", &path, "--repository", &mirror];
    let error = stderr(&push(&arguments, &[]));
    let digest = built.bundles[0].image.digest();
    assert!(
        error.contains(&format!(
            "the catalog would name {mirror}, which lacks demo-v1.0.0 ({digest}) and demo-v1.1.0 ("
        )),
        "{error}"
    );
    assert!(registry.tags("catalog").is_empty(), "nothing got a tag");

    for tag in ["demo-v1.0.0", "demo-v1.1.0"] {
        let (from, to) = (format!("oci:{path}:{tag}"), format!("docker://{mirror}:{tag}"));
        skopeo(&["copy", "--dest-tls-verify=false", &from, &to]);
    }
    let result = pushed(&arguments);
    let there = catalog(folder.path(), &repository(&mirror), &["1.0.0", "1.1.0"]);
    assert_eq!(result["catalog"]["digest"], there.catalog.digest().as_str());
    assert_eq!(result["catalog"]["reference"], format!("{place}@{}", there.catalog.digest()));
    Some(())
}

fn passwords_are_asked_for_and_never_shown() -> Option<()> {
    use base64::Engine as _;
    let (registry, folder) = (DockerRegistry::start(Some(HTPASSWD))?, temp());
    let place = registry.repository("catalog");
    let host = format!("127.0.0.1:{}", registry.port);
    let (_, path) = layout(folder.path(), &place, &["1.0.0"]);
    let arguments = [&*format!("{place}:v1"), "--layout", &path];
    let config = folder.path().join("config.json");
    let with = |password: &str| {
        let auth = base64::engine::general_purpose::STANDARD.encode(format!("user:{password}"));
        fs::write(&config, format!(r#"{{"auths": {{"{host}": {{"auth": "{auth}"}}}}}}"#)).unwrap();
        let out = push(&arguments, &[("DOCKER_CONFIG", folder.path())]);
        let all = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        assert!(!all.contains(password) && !all.contains(&auth), "the password is shown: {all}");
        out
    };
    let error = stderr(&push(&arguments, &[("DOCKER_CONFIG", folder.path())]));
    let none = format!("error: {host} denied access to {place}: ");
    assert!(error.starts_with(&none), "{error}");
    let none = format!(
        " or /nonexistent/.config/containers/auth.json; `docker login {host}` or `podman login {host}` writes new ones\n",
    );
    let looked =
        format!("no credentials for it were found in {}/config.json or /run/containers/", folder.path().display());
    assert!(error.ends_with(&none) && error.contains(&looked), "{error}");

    let error = stderr(&with("wrong-horse"));
    let wrong = format!("it rejected the credentials in {}; `docker login", config.display());
    assert!(error.contains(&wrong), "{error}");
    assert!(registry.tags("catalog").is_empty());
    assert!(with(PASSWORD).status.success());
    assert_eq!(registry.tags("catalog"), ["demo-v1.0.0", "v1"]);

    // Podman's file, if it is named, and its entries for a part of a registry.
    let auth = base64::engine::general_purpose::STANDARD.encode(format!("user:{PASSWORD}"));
    let file = folder.path().join("auth.json");
    fs::write(&file, format!(r#"{{"auths": {{"{place}": {{"auth": "{auth}"}}, "{host}": {{"auth": "eDp5"}}}}}}"#))
        .unwrap();
    assert!(push(&arguments, &[("REGISTRY_AUTH_FILE", &file)]).status.success());

    for (text, why) in [
        ("{", "it is not JSON"),
        (
            &*format!(r#"{{"auths": {{"{host}": {{"auth": "!"}}}}}}"#),
            &*format!("the `auth` of {host} is not NAME:PASSWORD in base64"),
        ),
    ] {
        fs::write(&config, text).unwrap();
        let error = stderr(&push(&arguments, &[("DOCKER_CONFIG", folder.path())]));
        assert_eq!(error, format!("error: cannot get the credentials for {host} from {}: {why}\n", config.display()));
    }
    Some(())
}

fn credential_helpers_are_asked() -> Option<()> {
    let (registry, folder) = (DockerRegistry::start(Some(HTPASSWD))?, temp());
    let place = registry.repository("catalog");
    let host = format!("127.0.0.1:{}", registry.port);
    let (_, path) = layout(folder.path(), &place, &["1.0.0"]);
    let config = folder.path().join("config.json");
    let helper = folder.path().join("docker-credential-test");
    let search = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let with = |script: &str, config_text: &str| {
        fs::write(&helper, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&helper, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(&config, config_text).unwrap();
        let arguments = [&*format!("{place}:v1"), "--layout", &path, "--timeout", "3"];
        push(&arguments, &[("DOCKER_CONFIG", folder.path()), ("PATH", Path::new(&search))])
    };
    let store = r#"{"credsStore": "test"}"#;
    let good = format!(r#"[ "$(cat)" = "{host}" ] && echo '{{"Username":"user","Secret":"{PASSWORD}"}}'"#);
    let for_host = format!(r#"{{"credHelpers": {{"{host}": "test"}}}}"#);
    assert!(with(&good, store).status.success());
    assert!(with(&good, &for_host).status.success());

    let read = "cat >/dev/null;";
    let error = stderr(&with(&format!("{read} echo credentials not found in native keychain; exit 1"), store));
    assert!(error.contains("no credentials for it were found in"), "{error}");
    let error = stderr(&with(&format!("{read} echo s3cret; echo s3cret >&2; exit 1"), store));
    assert!(error.ends_with("its helper program docker-credential-test failed\n"), "{error}");
    assert!(!error.contains("s3cret"), "{error}");
    let error = stderr(&with(&format!("{read} echo s3cret"), &for_host));
    assert!(error.ends_with("docker-credential-test did not print valid credentials\n"), "{error}");
    let error = stderr(&with("", r#"{"credsStore": "none"}"#));
    assert!(error.ends_with("its helper program docker-credential-none cannot run\n"), "{error}");
    let error = stderr(&with("exec sleep 6", store));
    assert!(error.ends_with("its helper program docker-credential-test did not answer within 3 seconds\n"), "{error}");
    Some(())
}

fn bundles_and_catalogs_are_pulled() -> Option<()> {
    let (registry, folder) = (DockerRegistry::start(None)?, temp());
    let place = registry.repository("catalog");
    let (built, path) = layout(folder.path(), &place, &["1.0.0"]);
    pushed(&[&format!("{place}:v1"), "--layout", &path]);
    let client = client();
    let reference = |text: &str| registry::reference(&format!("{place}{text}")).unwrap();

    let digest = built.bundles[0].image.digest();
    for text in [":demo-v1.0.0", &format!("@{digest}")] {
        let pulled = client.pull_bundle(&reference(text)).unwrap();
        assert_eq!(pulled.bundle, bundle("1.0.0"));
        assert_eq!(pulled.digest, *digest);
        assert_eq!(pulled.labels["operators.operatorframework.io.bundle.channels.v1"], "stable");
    }
    let pulled = client.pull_catalog(&reference(":v1")).unwrap();
    let files = tree(&pulled.path());
    assert_eq!(files.keys().collect::<Vec<_>>(), [Path::new("demo/catalog.yaml")]);
    assert!(files.values().all(|bytes| String::from_utf8_lossy(bytes).contains(&format!("image: {place}@{digest}"))));
    let kept = pulled.path();
    drop(pulled);
    assert!(!kept.exists(), "the files go with what was pulled");

    let error = text(client.pull_bundle(&reference(":v1")).unwrap_err());
    assert_eq!(error, format!("{place}:v1 cannot be used: it is a catalog, but a bundle is needed here"));
    let error = text(client.pull_catalog(&reference(":demo-v1.0.0")).unwrap_err());
    assert_eq!(error, format!("{place}:demo-v1.0.0 cannot be used: it is a bundle, but a catalog is needed here"));
    for missing in [":none".to_owned(), format!("@{}", Digest::of(b"none"))] {
        let error = text(client.pull(&reference(&missing)).unwrap_err());
        let expected =
            format!("{place}{missing} does not exist: the registry has no such image, or you have no access to it: ");
        assert!(error.starts_with(&expected), "{error}");
    }
    let elsewhere = registry::reference(&registry.repository("none:v1")).unwrap();
    assert!(text(client.pull(&elsewhere).unwrap_err()).contains("does not exist"));
    Some(())
}

/// Docker's older manifests and layers, as skopeo writes them, are equivalent.
fn docker_images_are_pulled() -> Option<()> {
    let (registry, folder) = (DockerRegistry::start(None)?, temp());
    let place = registry.repository("docker");
    let images = [
        (bundle_image(&bundle("1.0.0")).unwrap(), "bundle"),
        (catalog_image(&program(folder.path()), [Entry::file("a/catalog.yaml", b"schema: x")]).unwrap(), "catalog"),
    ];
    for (image, tag) in images {
        let path = folder.path().join(tag);
        let name = BTreeMap::from([("org.opencontainers.image.ref.name".to_owned(), "x".to_owned())]);
        Layout::write(&path, &[(&image, name)]).unwrap();
        let (from, to) = (format!("oci:{}:x", path.display()), format!("docker://{place}:{tag}"));
        skopeo(&["copy", "--dest-tls-verify=false", "--format", "v2s2", &from, &to]);
    }
    let client = client();
    let raw = skopeo(&["inspect", "--tls-verify=false", "--raw", &format!("docker://{place}:bundle")]);
    assert!(String::from_utf8_lossy(&raw).contains("vnd.docker.image.rootfs.diff.tar.gzip"));
    let pulled = client.pull_bundle(&registry::reference(&format!("{place}:bundle")).unwrap()).unwrap();
    assert_eq!((pulled.bundle, pulled.digest), (bundle("1.0.0"), Digest::of(&raw)));
    let pulled = client.pull_catalog(&registry::reference(&format!("{place}:catalog")).unwrap()).unwrap();
    assert_eq!(tree(&pulled.path()), BTreeMap::from([("a/catalog.yaml".into(), b"schema: x".to_vec())]));
    Some(())
}

fn proxies_are_not_for_this_machine() -> Option<()> {
    let (registry, folder) = (DockerRegistry::start(None)?, temp());
    let place = registry.repository("catalog");
    let (_, path) = layout(folder.path(), &place, &[]);
    let nobody = Path::new("http://127.0.0.1:1");
    let proxies = [("HTTP_PROXY", nobody), ("http_proxy", nobody), ("ALL_PROXY", nobody)];
    let out = push(&[&format!("{place}:v1"), "--layout", &path], &proxies);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    Some(())
}
