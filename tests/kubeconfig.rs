//! The cluster that `install-catalog` contacts, its identity, and its messages about failures: with small servers
//! (`kubeconfig/server.py`) and certificates from openssl.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;
#[path = "kubeconfig/place.rs"]
mod place;

use std::fs;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use common::time;
use place::{Place, Run, Server, openssl};
use serde_json::json;

/// The output of `status` on a cluster without OLM.
const ASKED: &str = "OLM      is not installed";

fn config(server: &str, cluster: serde_json::Value, user: serde_json::Value) -> String {
    let mut cluster = cluster;
    cluster["server"] = server.into();
    json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": user}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
    })
    .to_string()
}

/// It got a response from the server: 1, because there is no OLM.
fn asked(run: &Run) {
    assert!(run.code == Some(1) && run.text.contains(ASKED), "{run:?}");
}

/// It prints this once, and ends with 2.
fn says(run: &Run, words: &[&str]) {
    assert_eq!(run.code, Some(2), "{run:?}");
    for word in words {
        assert_eq!(run.text.matches(word).count(), 1, "{word:?} once: {run:?}");
    }
    assert!(!run.text.contains("panicked") && !run.text.contains("Error("), "{run:?}");
}

#[test]
fn lists_of_files() {
    let (place, server) = (Place::new(), Server::start("ok", &[]));
    place.write("good", &config(&server.url("http"), json!({}), json!({"token": "abc"})));
    place.write("empty", r#"{"apiVersion": "v1", "kind": "Config", "current-context": "", "contexts": null}"#);
    place.write("other", &config("http://127.0.0.1:1", json!({}), json!({"token": "other"})));
    for list in ["good:gone", "gone:good", "empty:good", ":good:", "good:other"] {
        asked(&place.with_list(list, &["status"]));
    }
    assert!(server.requests().iter().all(|request| request.starts_with("Bearer abc\t")));
    says(&place.with_list("gone:gone-too", &["status"]), &["no file of $KUBECONFIG exists"]);
    says(&place.run(&["status", "--kubeconfig", "gone"]), &["cannot read gone: no such file or directory"]);
    says(&place.with_list("empty", &["status"]), &["has no current context"]);
    says(&place.with_list("good", &["status", "--context", "nobody"]), &["no context \"nobody\"", "help: contexts: c"]);
    says(&place.run(&["status"]), &["no cluster is configured", "this is not a pod"]);
}

#[test]
fn a_kubeconfig_that_is_named_is_never_left_for_the_pods_cluster() {
    let (place, pod) = (Place::new(), Server::start("ok", &[]));
    place.write("syntax", "users: [{");
    place.write(
        "unknown",
        &config("http://127.0.0.1:1", json!({}), json!({}))
            .replace("\"current-context\":\"c\"", "\"current-context\":\"d\""),
    );
    place.write("ca", &config("https://127.0.0.1:1", json!({"certificate-authority": "gone.crt"}), json!({})));
    let words = [
        ("syntax", "syntax:1:"),
        ("unknown", "no context \"d\""),
        ("ca", "gone.crt, which cannot be read: no such file"),
    ];
    for (file, word) in words {
        says(&place.in_pod(&pod, file, &["status"]), &[word]);
    }
    says(&place.in_pod(&pod, "gone", &["status"]), &["no file of $KUBECONFIG exists"]);
    assert_eq!(pod.requests(), Vec::<String>::new());
}

#[test]
fn tokens() {
    let (place, server) = (Place::new(), Server::start("ok", &[]));
    place.write("token", "abc\n");
    for user in [json!({"token": "abc\n"}), json!({"token": " abc "}), json!({"tokenFile": "token"})] {
        place.write("c", &config(&server.url("http"), json!({}), user));
        asked(&place.with_list("c", &["status"]));
    }
    let agent = format!("install-catalog/{}", env!("CARGO_PKG_VERSION"));
    let requests = server.requests();
    assert!(!requests.is_empty() && requests.iter().all(|it| *it == format!("Bearer abc\t{agent}\t")), "{requests:?}");
    asked(&place.with_list("c", &["status", "--as", "jane"]));
    assert!(server.requests().iter().all(|it| it.ends_with("\tjane")));
    place.write("c", &config(&server.url("http"), json!({}), json!({"username": "me", "password": "pass"})));
    asked(&place.with_list("c", &["status"]));
    assert!(server.requests().iter().all(|it| it.starts_with("Basic bWU6cGFzcw==\t")));
    place.write("c", &config(&server.url("http"), json!({}), json!({"token": "a\u{1}b"})));
    says(
        &place.with_list("c", &["status"]),
        &["users[0].user.token contains a character that is not allowed in a token"],
    );
    // A token is used if the file next to it cannot be read.
    place.write("c", &config(&server.url("http"), json!({}), json!({"token": "abc", "tokenFile": "gone"})));
    asked(&place.with_list("c", &["status"]));
    place.write("c", &config(&server.url("http"), json!({}), json!({"token": "old", "tokenFile": "token"})));
    asked(&place.with_list("c", &["status"]));
    assert!(server.requests().iter().all(|it| it.starts_with("Bearer abc\t")));
    place.write("c", &config(&server.url("http"), json!({}), json!({"tokenFile": "empty"})));
    place.write("empty", "\n");
    says(&place.with_list("c", &["status"]), &["cannot read the token file", "empty: it has no token"]);
}

#[test]
fn addresses() {
    let (place, server) = (Place::new(), Server::start("ok", &[]));
    place.write("c", &config(&server.url("http").replace("http://", ""), json!({}), json!({})));
    asked(&place.with_list("c", &["status"]));
    for (address, word) in [
        ("tcp://127.0.0.1:1", "has the scheme tcp"),
        ("https://127.0.0.1:99999", "invalid port number"),
        ("https://", "clusters[0].cluster.server is not a valid address"),
        ("http://u:secret@127.0.0.1:1", "contains a user or password"),
    ] {
        place.write("c", &config(address, json!({}), json!({})));
        let run = place.with_list("c", &["status"]);
        says(&run, &[word]);
        assert!(!run.text.contains("secret"), "{run:?}");
    }
}

/// Errors that end it at once, each in under two seconds; a busy machine can take longer, but never the former 90 s.
#[test]
fn final_failures_end_at_once() {
    let place = Place::new();
    let ends = |words: &[&str]| {
        let run = time::within(Duration::from_secs(80), || place.with_list("c", &["status"]));
        says(&run, words);
    };
    place.write("c", &config("http://127.0.0.1:1", json!({}), json!({})));
    ends(&["the API server did not answer for", "connection refused", "(http://127.0.0.1:1)"]);
    place.write("c", &config("https://no-such-host.invalid:6443", json!({}), json!({})));
    ends(&["(https://no-such-host.invalid:6443)"]);
    for (mode, word) in [
        ("500", "failed calling webhook"),
        ("403", "cannot list resource"),
        ("404", "this is not a Kubernetes API server"),
        ("401", "the API server rejected the credentials"),
    ] {
        let server = Server::start(mode, &[]);
        place.write("c", &config(&server.url("http"), json!({}), json!({"token": "secret"})));
        ends(&[word]);
    }
}

/// A server that never answers is given up after the user's time limit; one that fails later is reported at once.
#[test]
fn servers_that_stop() {
    let place = Place::new();
    let mute = Server::start("mute", &[]);
    place.write("c", &config(&mute.url("http"), json!({}), json!({})));
    let run = time::ends(|| place.with_list("c", &["status", "--request-timeout", "1s"]));
    says(&run, &["did not answer for", "it sent no answer"]);
    let later = Server::start("500-later", &[]);
    place.write("c", &config(&later.url("http"), json!({}), json!({})));
    says(&place.with_list("c", &["status"]), &["the disk is full"]);
}

#[test]
fn a_longer_time_is_used() {
    let place = Place::new();
    place.write("c", &config("http://127.0.0.1:1", json!({}), json!({})));
    let start = Instant::now();
    let run = place.with_list("c", &["status", "--request-timeout", "3s"]);
    says(&run, &["did not answer for"]);
    assert!(start.elapsed() >= Duration::from_secs(2), "{:?}", start.elapsed());
    // Meanwhile it prints something.
    assert!(run.text.contains("waiting    until the API server http://127.0.0.1:1 answers"), "{run:?}");
}

#[test]
fn certificates() {
    let place = Place::new();
    if !openssl(&place, "version") {
        return common::skipped("openssl is not installed");
    }
    for command in [
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=ca -days 30",
        "req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.crt -subj /CN=other -days 30",
        // As in Docker's and many other instructions: self-signed, and marked as an authority.
        "req -x509 -newkey rsa:2048 -nodes -keyout self.key -out self.crt -subj /CN=self -days 30 -addext subjectAltName=IP:127.0.0.1",
        "req -newkey rsa:2048 -nodes -keyout leaf.key -out leaf.csr -subj /CN=leaf -addext subjectAltName=IP:127.0.0.1",
        "x509 -req -in leaf.csr -CA ca.crt -CAkey ca.key -CAcreateserial -copy_extensions copy -out leaf.crt -days 30",
        "req -newkey rsa:2048 -nodes -keyout named.key -out named.csr -subj /CN=n -addext subjectAltName=DNS:other.example",
        "x509 -req -in named.csr -CA ca.crt -CAkey ca.key -CAcreateserial -copy_extensions copy -out named.crt -days 30",
        // Without extensions it is of X.509 version 1.
        "req -newkey rsa:2048 -nodes -keyout v1.key -out v1.csr -subj /CN=v1",
        "x509 -req -in v1.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out v1.crt -days 30",
        "ecparam -genkey -name secp521r1 -noout -out p521.key",
        "req -new -key p521.key -out p521.csr -subj /CN=p521",
        "x509 -req -in p521.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out p521.crt -days 30",
        "pkcs8 -topk8 -nocrypt -in p521.key -out p521-pkcs8.key",
    ] {
        assert!(openssl(&place, command), "openssl {command}");
    }
    let start = |name: &str, client: Option<&str>| {
        let path = |file: String| place.path(&file).display().to_string();
        let mut files = vec![path(format!("{name}.crt")), path(format!("{name}.key"))];
        files.extend(client.map(|file| path(file.to_owned())));
        Server::start("ok", &files)
    };
    let status = |server: &Server, authority: &str, user: serde_json::Value| {
        place.write("c", &config(&server.url("https"), json!({"certificate-authority": authority}), user));
        place.with_list("c", &["status"])
    };
    // The authority is the server's own certificate, marked as an authority or signed by another one.
    let own = start("self", None);
    asked(&status(&own, "self.crt", json!({})));
    says(&status(&own, "other.crt", json!({})), &["signed by an authority that is not in the kubeconfig"]);
    let leaf = start("leaf", None);
    asked(&status(&leaf, "leaf.crt", json!({})));
    asked(&status(&leaf, "ca.crt", json!({})));
    // Base64 with line breaks, as tools that wrap write it.
    let wrapped = place.base64("ca.crt", 76);
    place.write("c", &config(&leaf.url("https"), json!({"certificate-authority-data": wrapped}), json!({})));
    asked(&place.with_list("c", &["status"]));
    // Clients' certificates that rustls alone would reject.
    let mutual = start("leaf", Some("ca.crt"));
    for (certificate, key) in [("v1.crt", "v1.key"), ("p521.crt", "p521.key"), ("p521.crt", "p521-pkcs8.key")] {
        asked(&status(&mutual, "ca.crt", json!({"client-certificate": certificate, "client-key": key})));
    }
    // Permanent errors are reported at once, with the reason.
    says(&status(&leaf, "other.crt", json!({})), &["signed by an authority that is not in the kubeconfig"]);
    let named = start("named", None);
    says(&status(&named, "ca.crt", json!({})), &["the server's certificate is for another name"]);
    // A trusted certificate does not excuse a wrong name.
    says(&status(&named, "named.crt", json!({})), &["the server's certificate is for another name"]);
    place.write(
        "c",
        &config(
            &named.url("https"),
            json!({"certificate-authority": "ca.crt", "tls-server-name": "other.example"}),
            json!({}),
        ),
    );
    asked(&place.with_list("c", &["status"]));
    says(&status(&leaf, "ca.key", json!({})), &["has no certificate in PEM form"]);
    says(
        &status(&mutual, "ca.crt", json!({"client-certificate": "v1.crt", "client-key": "ca.crt"})),
        &["the client key of the user \"u\" cannot be used"],
    );
    says(
        &status(&mutual, "ca.crt", json!({"client-certificate": "v1.crt"})),
        &["has a client certificate but no client-key"],
    );
    let plain = Server::start("ok", &[]);
    place.write("c", &config(&plain.url("https"), json!({}), json!({})));
    says(&place.with_list("c", &["status"]), &["the server does not speak TLS"]);
}

fn plugin(script: &str) -> serde_json::Value {
    json!({"exec": {
        "apiVersion": "client.authentication.k8s.io/v1", "command": "/bin/sh", "interactiveMode": "Never",
        "args": ["-c", script, "--oidc-client-secret=ARGSECRET"], "env": [{"name": "KEY", "value": "ENVSECRET"}],
    }})
}

#[test]
fn plugins() {
    let place = Place::new();
    let credential = |token: &str| {
        format!(
            r#"echo run >> runs; printf '%s' '{{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{{"token":"{token}"}}}}'"#
        )
    };
    let runs = || {
        let runs = fs::read_to_string(place.path("runs")).unwrap_or_default().lines().count();
        let _ = fs::remove_file(place.path("runs"));
        runs
    };
    let server = Server::start("ok", &[]);
    place.write("c", &config(&server.url("http"), json!({}), plugin(&credential("tok\\n"))));
    asked(&place.with_list("c", &["status"]));
    assert!(server.requests().iter().all(|it| it.starts_with("Bearer tok\t")));
    assert_eq!(runs(), 1, "once for a command");
    // A new token is requested once after a rejected one.
    let once = Server::start("401-once", &[]);
    place.write("c", &config(&once.url("http"), json!({}), plugin(&credential("tok"))));
    asked(&place.with_list("c", &["status"]));
    assert_eq!(runs(), 2);
    let never = Server::start("401", &[]);
    place.write("c", &config(&never.url("http"), json!({}), plugin(&credential("tok"))));
    says(&place.with_list("c", &["status"]), &["the API server rejected the credentials"]);
    assert_eq!(runs(), 2);
    let failures = [
        ("echo OUTSECRET; exit 3", "failed with exit status 3"),
        ("echo OUTSECRET", "did not print an ExecCredential"),
        ("kill -9 $$", "was killed"),
        ("yes OUTSECRET", "printed more than 1 MiB"),
        (
            r#"printf '%s' '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"a\u0001OUTSECRET"}}'"#,
            "did not print an ExecCredential",
        ),
    ];
    for (script, word) in failures {
        place.write("c", &config(&server.url("http"), json!({}), plugin(script)));
        let run = place.with_list("c", &["status", "--request-timeout", "5s"]);
        let word = if script.starts_with("yes") { "the credential plugin" } else { word };
        says(&run, &["the credential plugin sh of the user \"u\"", word]);
        assert!(!run.text.contains("SECRET"), "{run:?}");
    }
    place.write("c", &config(&server.url("http"), json!({}), plugin("exec sleep 60")));
    let run = time::within(Duration::from_secs(50), || place.with_list("c", &["status", "--request-timeout", "1s"]));
    says(&run, &["did not end within 1 s and was stopped"]);
    let mut gone = plugin("");
    gone["exec"]["command"] = "no-such-plugin".into();
    gone["exec"]["installHint"] = "get it from example.com".into();
    place.write("c", &config(&server.url("http"), json!({}), gone));
    says(
        &place.with_list("c", &["status"]),
        &["the credential plugin no-such-plugin of the user \"u\" was not found", "help: get it from example.com"],
    );
    // The plugin also gets the authority's certificates if they come from a file.
    let made = openssl(
        &place,
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=x -keyout ca.key -out ca.crt",
    );
    assert!(made, "openssl makes a certificate");
    let mut told = plugin(&format!("printf %s \"$KUBERNETES_EXEC_INFO\" > info; {}", credential("tok")));
    told["exec"]["provideClusterInfo"] = true.into();
    place.write("c", &config(&server.url("http"), json!({"certificate-authority": "ca.crt"}), told));
    asked(&place.with_list("c", &["status"]));
    let info: serde_json::Value = serde_json::from_str(&fs::read_to_string(place.path("info")).unwrap()).unwrap();
    let data = BASE64_STANDARD.encode(fs::read(place.path("ca.crt")).unwrap());
    assert_eq!(info["spec"]["cluster"]["certificate-authority-data"], data);
    let mut vague = plugin("true");
    vague["exec"].as_object_mut().unwrap().remove("interactiveMode");
    place.write("c", &config(&server.url("http"), json!({}), vague));
    says(&place.with_list("c", &["status"]), &["has no interactiveMode"]);
    let mut asks = plugin("true");
    asks["exec"]["interactiveMode"] = "Always".into();
    place.write("c", &config(&server.url("http"), json!({}), asks));
    says(&place.with_list("c", &["status"]), &["standard input is not a terminal"]);
}

#[test]
fn answers_are_bounded() {
    let place = Place::new();
    for (mode, word) in [
        ("410", "too old"),
        ("410-later", "too old"),
        ("endless-pages", "the list does not end within"),
        ("empty-pages", "the list does not end within"),
        ("fat-pages", "the list does not end within"),
        ("endless-body", "the answer is larger than 256 MiB"),
    ] {
        let server = Server::start(mode, &[]);
        place.write("c", &config(&server.url("http"), json!({}), json!({})));
        // `doctor` lists objects, and notes what it cannot read.
        let verb: &[&str] = if mode == "endless-body" { &["status"] } else { &["uninstall", "--wait", "60s"] };
        let run = place.with_list("c", verb);
        says(&run, &[word]);
        assert!(run.peak_mib < 1500, "{mode}: {} MiB", run.peak_mib);
    }
}

/// Every verb, with every mistake, and a secret in every field: it is in no output.
#[test]
fn no_secret_is_printed() {
    let (place, server) = (Place::new(), Server::start("401", &[]));
    place.write("token", "FILESECRET\n");
    let users = [
        json!({"token": "TOKENSECRET"}),
        json!({"username": "u", "password": "PASSWORDSECRET"}),
        json!({"client-certificate-data": "Q0VSVFNFQ1JFVA==", "client-key-data": "KEYSECRET/////"}),
        json!({"tokenFile": "token"}),
        json!({"auth-provider": {"name": "gcp", "config": {"access-token": "PROVIDERSECRET"}}}),
        plugin("echo OUTSECRET; exit 1"),
    ];
    let verbs: [&[&str]; 6] = [
        &["status"],
        &["doctor"],
        &["upgrades"],
        &["approve", "--all", "--yes", "--wait", "1s"],
        &["uninstall", "--wait", "1s"],
        &["install", "--image", "registry.example/x:1", "--operators", "x", "--no-image-labels", "--wait", "1s"],
    ];
    let mut files: Vec<String> = Vec::new();
    for user in &users {
        let whole = config(&server.url("http"), json!({"proxy-url": "http://u:PROXYSECRET@:1"}), user.clone());
        let direct = config(&server.url("http"), json!({}), user.clone());
        // Truncated, of a wrong type, with an indentation error.
        files.extend([
            whole[..whole.len() - 7].to_owned(),
            whole.replace("\"token\":\"", "\"token\":[\""),
            whole,
            direct,
        ]);
    }
    files.push(
        "apiVersion: v1\nusers:\n- name: u\n  user:\n    token: TOKENSECRET\n   password: PASSWORDSECRET\n".into(),
    );
    files.push("users: [{name: u, user: {token: TOKENSECRET, x: [}}]\n".into());
    files.push("users:\n- name: u\n  user: TOKENSECRET\n".into());
    files.push("TOKENSECRET".into());
    files.push("users: TOKENSECRET\n".into());
    for (number, file) in files.iter().enumerate() {
        place.write("c", file);
        for level in ["error", "trace"] {
            // Each mistake with one verb, and each verb with some mistakes.
            let run = place.with("c", &[("RUST_LOG", level), ("RUST_BACKTRACE", "1")], verbs[number % verbs.len()]);
            assert!(!run.text.contains("SECRET") && !run.text.contains("S0VZU0VDUkVU"), "{file}: {run:?}");
            assert_eq!(run.code, Some(2), "{file}: {run:?}");
        }
    }
}

#[test]
fn signals_end_it_at_once() {
    for (signal, status) in [("INT", 130), ("TERM", 143)] {
        let place = Place::new();
        place.write("c", &config("http://127.0.0.1:1", json!({}), json!({})));
        let mut child = place.command("c", &["status", "--request-timeout", "60s"]).spawn().unwrap();
        // It has its handlers once it prints what it waits for.
        std::thread::sleep(Duration::from_secs(3));
        let kill = std::process::Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status();
        assert!(kill.unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(status));
    }
}
