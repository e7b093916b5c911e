//! The cache of pulled images, and what `--verbose` shows: against a registry that notes every request.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "common/distribution.rs"]
mod distribution;
#[path = "common/images.rs"]
mod images;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use distribution::{Fault, SmallRegistry};
use images::{bundle, temp, tree};
use olm_catalog::image::{Entry, bundle_image, catalog_image};
use serde_json::Value;

/// `catalog` with a cache in a folder, and nothing else of whoever runs the test.
fn catalog(cache: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_catalog"));
    command.args(arguments).env_remove("HOME").env("DOCKER_CONFIG", "/nonexistent");
    for name in ["XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "REGISTRY_AUTH_FILE", "OLM_CATALOG_NO_CACHE"] {
        command.env_remove(name);
    }
    command.env("XDG_CACHE_HOME", cache).output().unwrap()
}

fn stdout(out: &Output) -> String {
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout.clone()).unwrap()
}

fn stderr(out: &Output) -> String {
    String::from_utf8(out.stderr.clone()).unwrap()
}

/// The requests about the repository. Whether the registry speaks TLS is another question.
fn asked(registry: &SmallRegistry) -> Vec<String> {
    registry.asked().into_iter().filter(|asked| asked.contains("/v2/demo/")).collect()
}

/// A registry with a bundle and a catalog, and the reference of the bundle by digest.
fn registry() -> (SmallRegistry, String) {
    let (folder, registry) = (temp(), SmallRegistry::start(|_, _, _| None));
    let image = bundle_image(&bundle("1.0.0")).unwrap();
    registry.put_image("v1", &image);
    let pinned = registry.repository(&format!("demo@{}", image.digest()));
    let yaml = format!(
        "schema: olm.package\nname: demo\ndefaultChannel: stable\n---\nschema: olm.channel\npackage: demo\nname: stable\n\
         entries:\n- name: demo.v1.0.0\n---\nschema: olm.bundle\npackage: demo\nname: demo.v1.0.0\nimage: {pinned}\n\
         properties:\n- type: olm.package\n  value: {{packageName: demo, version: 1.0.0}}\n"
    );
    let configs = [Entry::file("demo/catalog.yaml", yaml.into_bytes())];
    registry.put_image("catalog", &catalog_image(&images::program(folder.path()), configs).unwrap());
    (registry, pinned)
}

#[test]
fn what_has_a_digest_is_pulled_once() {
    let ((registry, pinned), cache) = (registry(), temp());
    let first = stdout(&catalog(cache.path(), &["render", &pinned]));
    let before = asked(&registry).len();
    assert!(before > 2, "{:?}", asked(&registry));
    assert_eq!(stdout(&catalog(cache.path(), &["render", &pinned])), first);
    for arguments in [&["validate", &pinned][..], &["render", "-o", "json", &pinned]] {
        // The bundle has defects, which are found.
        let out = catalog(cache.path(), arguments);
        assert!(out.status.code() < Some(2) && !out.stdout.is_empty(), "{}", stderr(&out));
    }
    assert_eq!(asked(&registry).len(), before, "the registry is asked nothing");
    // Not even by another name of the registry that does not exist.
    let elsewhere = pinned.replace("127.0.0.1:", "registry.invalid:");
    stdout(&catalog(cache.path(), &["render", &elsewhere]));

    assert_eq!(stdout(&catalog(cache.path(), &["render", "--no-cache", &pinned])), first);
    assert_eq!(asked(&registry).len(), 2 * before);

    // `plan` reads bundles by digest.
    let tag = registry.repository("demo:catalog");
    let plan = ["plan", &tag, "--package", "demo"];
    let out = catalog(cache.path(), &plan);
    assert!(out.status.code() < Some(2), "{}", stderr(&out));
    let before = asked(&registry).len();
    catalog(cache.path(), &plan);
    let new = asked(&registry).split_off(before);
    assert_eq!(new, ["HEAD /v2/demo/manifests/catalog"], "a tag is asked for its digest alone");
}

#[test]
fn a_build_from_a_warm_cache_needs_no_registry() {
    let ((registry, pinned), cache, folder) = (registry(), temp(), temp());
    fs::create_dir_all(folder.path().join("channels")).unwrap();
    fs::create_dir_all(folder.path().join("bundles")).unwrap();
    fs::write(folder.path().join("bundles/repository.yaml"), "repository: registry.example/catalog\n").unwrap();
    let template =
        format!("schema: olm.semver\ngenerateMajorChannels: true\nstable:\n  bundles:\n  - image: {pinned}\n");
    fs::write(folder.path().join("channels/demo.yaml"), template).unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (channels, bundles, files) = (at("channels"), at("bundles"), at("catalog"));
    let check = ["build", "--check", "--channels", &channels, "--bundles", &bundles, "--catalog", &files];
    let out = catalog(cache.path(), &check);
    assert_eq!(out.status.code(), Some(1), "{}", stderr(&out));
    let before = asked(&registry).len();
    let again = catalog(cache.path(), &check);
    assert_eq!((again.status.code(), &again.stdout), (Some(1), &out.stdout));
    assert_eq!(asked(&registry).len(), before);
}

#[test]
fn a_moved_tag_gives_the_new_image() {
    let ((registry, _), cache) = (registry(), temp());
    let tag = registry.repository("demo:v1");
    let first = stdout(&catalog(cache.path(), &["render", "-oyaml", &tag]));
    registry.put_image("v1", &bundle_image(&bundle("2.0.0")).unwrap());
    let second = stdout(&catalog(cache.path(), &["render", "-oyaml", &tag]));
    assert!(first.contains("name: demo.v1.0.0") && second.contains("name: demo.v2.0.0"), "{second}");
    // The message for a missing tag is the registry's.
    let missing = stderr(&catalog(cache.path(), &["render", &registry.repository("demo:none")]));
    assert!(missing.contains("demo:none does not exist") && missing.ends_with(": unknown\n"), "{missing}");
}

#[test]
fn damaged_content_is_pulled_again() {
    let ((registry, pinned), cache) = (registry(), temp());
    let first = stdout(&catalog(cache.path(), &["render", &pinned]));
    let blobs = cache.path().join("olm-catalog/blobs/sha256");
    for (path, bytes) in tree(&blobs) {
        fs::write(blobs.join(path), &bytes[..bytes.len() / 2]).unwrap();
    }
    let before = asked(&registry).len();
    let out = catalog(cache.path(), &["-v", "render", &pinned]);
    assert_eq!(stdout(&out), first);
    assert!(
        stderr(&out).contains("the cached content is damaged, and is pulled again digest=sha256:"),
        "{}",
        stderr(&out)
    );
    assert_eq!(asked(&registry).len(), 2 * before);
    assert!(tree(&blobs).len() >= 3);
}

#[test]
fn without_a_cache_everything_works() {
    let ((registry, pinned), folder) = (registry(), temp());
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let out = catalog(&file, &["-v", "render", &pinned]);
    let (text, log) = (stdout(&out), stderr(&out));
    assert_eq!(log.matches("the cache cannot be written, and is not used folder=").count(), 1, "{log}");
    assert_eq!(stdout(&catalog(Path::new("relative"), &["render", &pinned])), text, "no home, and no absolute path");
    assert!(!Path::new("relative").exists());
    let before = asked(&registry).len();
    assert_eq!(before % 2, 0, "twice the same requests");
}

#[test]
fn several_processes_share_a_cache() {
    let ((_registry, pinned), cache) = (registry(), temp());
    let outputs: Vec<String> = std::thread::scope(|scope| {
        let runs: Vec<_> =
            (0..6).map(|_| scope.spawn(|| stdout(&catalog(cache.path(), &["render", &pinned])))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert!(outputs.windows(2).all(|pair| pair[0] == pair[1]));
    let files = tree(&cache.path().join("olm-catalog"));
    assert!(files.keys().all(|path| !path.display().to_string().contains(".partial-")), "{:?}", files.keys());
    assert_eq!(files.len(), 4, "a manifest, a configuration, a layer, and the tag of the folder");
}

#[test]
fn the_cache_is_shown_and_cleaned() {
    let ((registry, pinned), cache) = (registry(), temp());
    let folder = cache.path().join("olm-catalog");
    assert_eq!(stdout(&catalog(cache.path(), &["cache", "dir"])), format!("{}\n", folder.display()));
    assert_eq!(
        stdout(&catalog(cache.path(), &["cache", "clean"])),
        format!("{}: removed 0 files, 0.0 MB\n", folder.display())
    );
    stdout(&catalog(cache.path(), &["render", &pinned]));
    let text = stdout(&catalog(cache.path(), &["cache", "clean"]));
    assert_eq!(text, format!("{}: removed 3 files, 0.0 MB\n", folder.display()));
    assert!(!folder.exists());
    // A limit of the size.
    stdout(&catalog(cache.path(), &["--limit", "cache-bytes=0", "render", &pinned]));
    assert!(tree(&folder).keys().all(|path| path.ends_with("CACHEDIR.TAG")), "{:?}", tree(&folder).keys());
    drop(registry);
}

#[test]
fn the_log_has_requests_and_no_secrets() {
    let cache = temp();
    let registry = SmallRegistry::with_tokens(2);
    let image = bundle_image(&bundle("1.0.0")).unwrap();
    registry.put_image("v1", &image);
    let tag = registry.repository("demo:v1");
    let log = stderr(&catalog(cache.path(), &["-v", "render", &tag]));
    assert!(log.contains("request ") && log.contains("method=HEAD") && log.contains("status=401"), "{log}");
    assert!(log.contains("/v2/demo/manifests/v1") && log.contains(" bytes="), "{log}");
    for secret in ["Bearer", "token-", "scope=", "service=", "?"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
    assert!(!log.contains("from the cache"), "{log}");
    assert!(!log.contains("read file="), "only with -vv: {log}");

    let log = stderr(&catalog(cache.path(), &["render", &tag, "-vv", "--log-format", "json"]));
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let events = |name: &str| lines.iter().filter(|line| line["event"] == name).count();
    assert!(events("request") > 0 && events("from the cache") == 3 && events("read") > 0, "{log}");
    let request = lines.iter().find(|line| line["event"] == "request" && line["status"] == 200).unwrap();
    assert!(request["ms"].is_u64() && request["elapsedMs"].is_u64(), "{request}");
    assert!(request["url"].as_str().unwrap().starts_with("http://127.0.0.1:"));

    // Without -v, nothing.
    assert_eq!(stderr(&catalog(cache.path(), &["render", &tag])), "");
}

#[test]
fn retries_are_logged() {
    let cache = temp();
    let registry = SmallRegistry::start(|_, path, before| {
        (path.contains("/manifests/") && before == 0).then_some(Fault::Status(503, ""))
    });
    registry.put_image("v1", &bundle_image(&bundle("1.0.0")).unwrap());
    let log = stderr(&catalog(cache.path(), &["-v", "render", &registry.repository("demo:v1")]));
    assert!(log.contains("the request failed and is tried again about="), "{log}");
}
