//! Registries that reject, hang, disconnect, fail and lie: every push ends in time, reports what happened, and never
//! tags anything incomplete.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;
#[path = "common/distribution.rs"]
mod distribution;
#[path = "common/images.rs"]
mod images;

use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use olm_catalog::build::{Error, Pushed};
use olm_catalog::image::Digest;
use olm_catalog::registry::{self, Client, Options};

use common::time;
use distribution::{Fault, SmallRegistry, free_port};
use images::{catalog, repository, temp, text};

/// The longest silence that the tests wait for.
const TIMEOUT: Duration = Duration::from_secs(1);

fn client() -> Client {
    let backoff = Duration::from_millis(1);
    Client::new(Options { credentials: Vec::new(), timeout: TIMEOUT, backoff, ..Options::default() }).unwrap()
}

/// Pushes a catalog with two bundles. It ends soon in any case.
fn push(registry: &SmallRegistry) -> Result<Pushed, Error> {
    let place = registry.repository("catalog");
    let layout = catalog(temp().path(), &repository(&place), &["1.0.0", "1.1.0"]);
    let target = registry::reference(&format!("{place}:v1")).unwrap();
    time::ends(|| layout.push(&client(), &target, None, &|_, _| {}))
}

fn refused(registry: &SmallRegistry) -> String {
    let error = text(push(registry).unwrap_err());
    assert!(registry.tags().is_empty(), "something got a tag: {:?}", registry.tags());
    error
}

/// The number of requests with a method and a path that contains this.
fn count(registry: &SmallRegistry, method: &str, part: &str) -> usize {
    registry.asked().iter().filter(|asked| asked.starts_with(method) && asked.contains(part)).count()
}

#[test]
fn the_small_registry_works() {
    let registry = SmallRegistry::start(|_, _, _| None);
    let pushed = push(&registry).unwrap();
    assert_eq!((pushed.catalog.sent, pushed.bundles.len()), (4, 2));
    assert_eq!(registry.tags(), ["demo-v1.0.0", "demo-v1.1.0", "v1"]);
    // The catalog's tag is written last, after its manifest by digest.
    let asked = registry.asked();
    let puts: Vec<_> = asked.iter().filter(|asked| asked.starts_with("PUT")).collect();
    assert_eq!(**puts.last().unwrap(), "PUT /v2/catalog/manifests/v1");
    let first_tag = puts.iter().position(|put| put.contains("/manifests/demo-v")).unwrap();
    assert!(puts[first_tag..].iter().all(|put| !put.contains("/blobs/") && !put.contains("sha256:")), "{puts:#?}");
    // A second time: nothing is written.
    push(&registry).unwrap();
    assert_eq!(registry.asked().iter().filter(|asked| asked.starts_with("PUT")).count(), puts.len());
}

#[test]
fn nobody_listens() {
    let port = free_port();
    let target = registry::reference(&format!("127.0.0.1:{port}/catalog:v1")).unwrap();
    let layout = catalog(temp().path(), &repository("a.example/b"), &["1.0.0"]);
    let error = text(layout.push(&client(), &target, None, &|_, _| {}).unwrap_err());
    let expected =
        format!("cannot reach 127.0.0.1:{port} for 127.0.0.1:{port}/catalog: Connection refused (os error 111)");
    assert_eq!(error, expected);
}

#[test]
fn the_registry_hangs_up() {
    let registry = SmallRegistry::start(|_, _, _| Some(Fault::HangUp));
    let error = refused(&registry);
    assert!(error.starts_with(&format!("cannot reach 127.0.0.1:{} for ", registry.port)), "{error}");
    assert_eq!(registry.asked().len(), 4, "it was tried again, and not for ever");
}

#[test]
fn the_registry_does_not_answer() {
    let registry = SmallRegistry::start(|_, _, _| Some(Fault::Hang));
    let error = refused(&registry);
    let place = registry.repository("catalog");
    let expected = format!(
        "127.0.0.1:{} sent nothing about {place} for 1 s; try again, or wait longer with --timeout",
        registry.port
    );
    assert_eq!(error, expected);
    assert_eq!(registry.asked().len(), 1, "silence is not tried again");
}

#[test]
fn the_registry_stops_in_the_middle_of_a_blob() {
    let registry = SmallRegistry::start(|method, path, _| {
        (method == "PUT" && path.contains("/blobs/uploads/")).then_some(Fault::HangInBody)
    });
    assert!(refused(&registry).contains(" sent nothing about "));
}

#[test]
fn tokens_that_end_are_renewed() {
    let registry = SmallRegistry::with_tokens(12);
    push(&registry).unwrap();
    assert_eq!(registry.tags(), ["demo-v1.0.0", "demo-v1.1.0", "v1"]);
    let tokens = count(&registry, "GET", "/token");
    assert!((4..20).contains(&tokens), "one for pulling and one for pushing at first, then some more: {tokens}");
    // A token that is never valid.
    let registry = SmallRegistry::with_tokens(0);
    assert!(refused(&registry).contains(" denied access to "));
}

#[test]
fn errors_of_the_server_are_tried_again() {
    // Each request fails twice, in the two ways of real servers.
    let registry = SmallRegistry::start(|_, path, before| match before {
        _ if path == "/v2/" => None,
        0 => Some(Fault::Status(503, "try later")),
        1 => Some(Fault::Status(429, r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}"#)),
        _ => None,
    });
    push(&registry).unwrap();
    assert_eq!(registry.tags(), ["demo-v1.0.0", "demo-v1.1.0", "v1"]);
}

#[test]
fn a_server_that_keeps_failing_gets_no_tags() {
    for (method, part) in
        [("PUT", "/blobs/uploads/"), ("POST", "/blobs/uploads/"), ("HEAD", "/blobs/"), ("PUT", "/manifests/sha256:")]
    {
        let registry = SmallRegistry::start(move |asked, path, _| {
            (asked == method && path.contains(part)).then_some(Fault::Status(500, "out of\nspirits \u{1b}[31m"))
        });
        let error = refused(&registry);
        assert!(error.contains(" cannot do this for ") && error.contains(": HTTP status 500"), "{error}");
        assert!(!error.contains(['\n', '\u{1b}']), "what a registry says is made harmless: {error:?}");
    }
}

#[test]
fn a_catalog_cannot_be_pushed_to_a_digest() {
    let layout = catalog(temp().path(), &repository("a.example/b"), &[]);
    let digest = Digest::of(b"");
    for target in [format!("localhost:1/x@{digest}"), format!("localhost:1/x:v1@{digest}")] {
        let error = layout.push(&client(), &registry::reference(&target).unwrap(), None, &|_, _| {}).unwrap_err();
        let expected = format!("{target} names an image by digest; name the tag for the catalog instead");
        assert_eq!(text(error), expected);
    }
}

/// All bundles are complete by then, but none has its tag yet.
#[test]
fn the_catalogs_manifest_fails_and_nothing_is_tagged() {
    let place = Arc::new(Mutex::new(String::new()));
    let last = Arc::clone(&place);
    let registry = SmallRegistry::start(move |method, path, _| {
        (method == "PUT" && path.ends_with(&*last.lock().unwrap())).then_some(Fault::Status(500, ""))
    });
    let built = catalog(temp().path(), &repository(&registry.repository("catalog")), &["1.0.0", "1.1.0"]);
    *place.lock().unwrap() = format!("/manifests/{}", built.catalog.digest());
    let error = refused(&registry);
    assert!(error.contains(&format!("{}: HTTP status 500", built.catalog.digest())), "{error}");
    assert_eq!(count(&registry, "PUT", "/manifests/"), 2 + 4, "the bundles' went through, the catalog's was tried");
}

#[test]
fn what_the_registry_refuses_is_not_tried_again() {
    for (status, body, expected) in [
        (400, r#"{"errors":[{"code":"MANIFEST_INVALID","message":"no such thing"}]}"#, "cannot do this for "),
        (413, "<html>too large</html>", "HTTP status 413"),
        (403, r#"{"errors":[{"code":"DENIED","message":"requested access is denied"}]}"#, "does not allow this for "),
        (
            404,
            r#"{"errors":[{"code":"NAME_UNKNOWN","message":"repository not known"}]}"#,
            ": repository not known; create the repository first",
        ),
    ] {
        let registry = SmallRegistry::start(move |method, path, _| {
            (method == "PUT" && path.contains("/manifests/")).then_some(Fault::Status(status, body))
        });
        let error = refused(&registry);
        assert!(error.contains(expected), "{error}");
        // Several can be in progress; none is sent twice.
        let asked: Vec<_> =
            registry.asked().into_iter().filter(|asked| asked.starts_with("PUT /v2/catalog/manifests/")).collect();
        let mut once = asked.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), asked.len(), "{asked:?}");
    }
}

#[test]
fn a_registry_without_locations_works_where_it_can() {
    // Some registries do this for manifests.
    let registry = SmallRegistry::start(|method, path, _| {
        (method == "PUT" && path.contains("/manifests/")).then_some(Fault::NoLocation)
    });
    push(&registry).unwrap();
    assert_eq!(registry.tags().len(), 3);

    let registry = SmallRegistry::start(|method, _, _| (method == "POST").then_some(Fault::NoLocation));
    assert!(refused(&registry).contains("its answer lacks the Location header that the protocol requires"));
}

#[test]
fn a_registry_that_keeps_something_else_is_found_out() {
    let registry = SmallRegistry::start(|method, path, before| {
        (method == "HEAD" && path.ends_with("/manifests/v1") && before == 1)
            .then(|| Fault::Digest(Digest::of(b"other")))
    });
    let error = text(push(&registry).unwrap_err());
    assert!(error.contains("/catalog:v1 was damaged in transfer: it was pushed as sha256:"), "{error}");
    assert!(error.ends_with(&format!("but the registry now has {}", Digest::of(b"other"))), "{error}");
}

#[test]
fn slow_is_not_silent() {
    // Five parts of a blob in much more time than silence may take; each comes well before that.
    const SILENCE: Duration = Duration::from_secs(3);
    let is_first = AtomicBool::new(true);
    let registry = SmallRegistry::start(move |method, path, _| {
        let is_slow = method == "GET" && path.contains("/blobs/") && is_first.swap(false, Ordering::Relaxed);
        is_slow.then_some(Fault::Slow(SILENCE * 3 / 10))
    });
    let (folder, place) = (temp(), registry.repository("catalog"));
    registry.put_image("v1", &catalog(folder.path(), &repository(&place), &["1.0.0"]).catalog);
    let begin = Instant::now();
    let client = Client::new(Options { credentials: Vec::new(), timeout: SILENCE, ..Options::default() }).unwrap();
    client.pull_catalog(&registry::reference(&format!("{place}:v1")).unwrap()).unwrap();
    assert!(begin.elapsed() > SILENCE, "{:?}", begin.elapsed());
}

/// A registry that always sends a little, but never everything.
#[test]
fn slow_ends_too() {
    let registry = SmallRegistry::start(|method, path, _| {
        (method == "GET" && path.contains("/blobs/")).then_some(Fault::Slow(TIMEOUT * 4 / 5))
    });
    let (folder, place) = (temp(), registry.repository("catalog"));
    registry.put_image("v1", &catalog(folder.path(), &repository(&place), &["1.0.0"]).catalog);
    let begin = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_catalog"));
    command.args(["--limit", "image-seconds=2", "render", &format!("{place}:v1")]).env("DOCKER_CONFIG", "/nonexistent");
    let Output { status, stderr, .. } = time::ends(|| command.output().unwrap());
    let (told, took) = (String::from_utf8(stderr).unwrap(), begin.elapsed());
    assert_eq!(status.code(), Some(2), "{told}");
    let why = "it exceeds the limit image-seconds of 2; `--limit image-seconds=VALUE` raises it";
    assert!(told.contains("timed out pulling") && told.contains(why), "{told}");
    assert!(took >= TIMEOUT * 2, "{took:?}");
    assert_eq!(count(&registry, "GET", "/blobs/"), 1, "the first blob takes longer than all may");
}

#[test]
fn downloads_that_fail_halfway_are_tried_again() {
    let registry = SmallRegistry::start(|method, path, before| {
        (method == "GET" && path.contains("/blobs/") && before < 2).then_some(Fault::HangUp)
    });
    let (folder, place) = (temp(), registry.repository("catalog"));
    registry.put_image("v1", &catalog(folder.path(), &repository(&place), &["1.0.0"]).catalog);
    client().pull_catalog(&registry::reference(&format!("{place}:v1")).unwrap()).unwrap();
    assert_eq!(count(&registry, "GET", "/blobs/"), 9, "three blobs, each at the third time");
}

fn program(registry: &str, layout: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_catalog"));
    let target = format!("{registry}/catalog:v1");
    command.args(["push", &target, "--layout", layout, "--timeout", "1"]).env("DOCKER_CONFIG", "/nonexistent");
    command.output().unwrap()
}

#[test]
fn the_program_says_so_and_ends_with_2() {
    let folder = temp();
    let layout = folder.path().join("layout");
    catalog(folder.path(), &repository("a.example/b"), &["1.0.0"]).write(&layout).unwrap();
    let layout = layout.to_str().unwrap();
    let hangs = SmallRegistry::start(|_, _, _| Some(Fault::Hang));
    let refuses = SmallRegistry::start(|_, _, _| Some(Fault::Status(401, "")));
    for (registry, layout, expected) in [
        (format!("127.0.0.1:{}", hangs.port), layout, "sent nothing about 127.0.0.1:"),
        (format!("127.0.0.1:{}", refuses.port), layout, "no credentials for it were found in /nonexistent/config.json"),
        (
            "Wrong!".to_owned(),
            layout,
            "\"Wrong!/catalog:v1\" is not a valid image reference: the repository \"Wrong!/catalog\" must be lower case",
        ),
        (
            "127.0.0.1:1".to_owned(),
            "/nonexistent/layout",
            "/nonexistent/layout is not an OCI layout of a catalog: it has no file oci-layout",
        ),
    ] {
        let out = program(&registry, layout);
        let error = String::from_utf8(out.stderr).unwrap();
        assert_eq!((out.status.code(), out.stdout.len()), (Some(2), 0), "{error}");
        assert!(error.starts_with("error: ") && error.contains(expected) && error.lines().count() == 1, "{error}");
    }
}

/// Files that are being unpacked when a signal ends the program are removed.
#[test]
#[cfg(unix)]
fn a_signal_leaves_nothing_behind() {
    let registry = SmallRegistry::start(|method, path, _| {
        (method == "GET" && path.contains("/blobs/")).then_some(Fault::Slow(Duration::from_millis(400)))
    });
    let (folder, place) = (temp(), registry.repository("catalog"));
    registry.put_image("v1", &catalog(folder.path(), &repository(&place), &["1.0.0"]).catalog);
    for (signal, status) in [("TERM", 143), ("INT", 130)] {
        let temporary = temp();
        let mut command = Command::new(env!("CARGO_BIN_EXE_catalog"));
        command.args(["render", &format!("{place}:v1")]).env("TMPDIR", temporary.path()).stdout(Stdio::null());
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let start = Instant::now();
        while temporary.path().read_dir().unwrap().next().is_none() {
            assert!(start.elapsed() < time::HANGS && child.try_wait().unwrap().is_none());
            std::thread::sleep(Duration::from_millis(10));
        }
        Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status().unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(status));
        assert_eq!(temporary.path().read_dir().unwrap().count(), 0);
    }
}
