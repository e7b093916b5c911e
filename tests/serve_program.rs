//! `catalog serve` and `catalog probe` as programs, and other clients.
//!
//! A case of a rejected catalog is a file in `tests/serve/refused`, whose first line has the expected message.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic and print")]

#[path = "common/cases.rs"]
mod cases;
mod common;
#[path = "common/grpc.rs"]
mod grpc;
#[path = "common/program.rs"]
mod program;

use std::fs;
use std::future::pending;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, ExitCode, Output};
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use serde_json::{Value, json};
use tonic_health::ServingStatus;

use common::time;
use program::{PROGRAM, Served, grpcurl};

const CASE: &str = "tests/serve/answers/edges";

fn main() -> ExitCode {
    let mut trials = vec![
        Trial::test("signals_end_it", signals_end_it),
        Trial::test("open_calls_can_end", open_calls_can_end),
        Trial::test("an_address_in_use_is_refused", an_address_in_use_is_refused),
        Trial::test("a_missing_catalog_is_refused", a_missing_catalog_is_refused),
        Trial::test("any_address_is_ipv4_too", any_address_is_ipv4_too),
        Trial::test("probe::serving", probe_serving),
        Trial::test("probe::by_its_own_name", probe_by_its_own_name),
        Trial::test("probe::bad_flags", probe_bad_flags),
        Trial::test("probe::no_connection", probe_no_connection),
        Trial::test("probe::failed_calls", probe_failed_calls),
        Trial::test("probe::not_serving", probe_not_serving),
        Trial::test("probe::a_server_that_says_nothing", probe_a_server_that_says_nothing),
        Trial::ignorable_test("grpcurl::finds_the_services", || with_grpcurl(grpcurl_finds_the_services)),
    ];
    for case in cases::folders("serve/answers") {
        let name = format!("grpcurl::answers::{}", case.file_name().unwrap().display());
        trials.push(Trial::ignorable_test(name, move || with_grpcurl(|grpcurl| grpcurl_answers(grpcurl, &case))));
    }
    let mut refused: Vec<_> = fs::read_dir("tests/serve/refused").unwrap().map(|file| file.unwrap().path()).collect();
    refused.sort();
    for file in refused {
        let name = format!("refused::{}", file.file_stem().unwrap().display());
        trials.push(Trial::test(name, move || is_refused(&file)));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn run(args: &[&str]) -> Output {
    Command::new(PROGRAM).args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Exit status 2, the error on stderr, nothing served.
fn expect_refusal(output: &Output, complaint: &str) -> Result<(), Failed> {
    let (status, stderr) = (output.status.code(), text(&output.stderr));
    if status != Some(2) || !stderr.contains(complaint) || stderr.contains("serving") || !output.stdout.is_empty() {
        return Err(format!("expected exit status 2 and {complaint:?}, found {status:?}:\n{stderr}").into());
    }
    Ok(())
}

fn is_refused(file: &Path) -> Result<(), Failed> {
    let catalog = fs::read_to_string(file)?;
    let complaint = catalog.lines().next().and_then(|line| line.strip_prefix("# ")).ok_or("no complaint")?;
    let output = run(&["serve", file.to_str().unwrap(), "--addr", "127.0.0.1:0"]);
    expect_refusal(&output, complaint)?;
    assert!(text(&output.stderr).contains(&format!("{}:", file.display())), "{}", text(&output.stderr));
    // A catalog that passes this check can be served, unless it is empty: it could be a part of one.
    if file.ends_with("no-package.yaml") {
        return Ok(());
    }
    let validated = run(&["validate", file.to_str().unwrap()]);
    assert!(matches!(validated.status.code(), Some(1 | 2)), "validate: {}", text(&validated.stdout));
    Ok(())
}

fn a_missing_catalog_is_refused() -> Result<(), Failed> {
    expect_refusal(&run(&["serve", "tests/serve/nothing", "--addr", "127.0.0.1:0"]), "tests/serve/nothing")
}

fn an_address_in_use_is_refused() -> Result<(), Failed> {
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let addr = taken.local_addr()?.to_string();
    expect_refusal(&run(&["serve", &format!("{CASE}/catalog"), "--addr", &addr]), &format!("cannot listen on {addr}"))?;
    expect_refusal(&run(&["serve", &format!("{CASE}/catalog"), "--addr", "localhost:1"]), "IP:PORT")
}

fn any_address_is_ipv4_too() -> Result<(), Failed> {
    let served = Served::start_at(Path::new(CASE), ":0")?;
    TcpStream::connect(("127.0.0.1", served.addr.port()))?;
    Ok(())
}

fn signals_end_it() -> Result<(), Failed> {
    for signal in ["TERM", "INT"] {
        let stops = || -> Result<Duration, Failed> {
            let served = Served::start(Path::new(CASE))?;
            let runtime = tokio::runtime::Runtime::new()?;
            let _idle = runtime.block_on(grpc::Client::connect(served.addr));
            let start = Instant::now();
            let (status, stderr) = served.stop(signal)?;
            assert_eq!((status, stderr.lines().last()), (Some(0), Some("stopped")), "{signal}: {stderr}");
            Ok(start.elapsed())
        };
        // A client that stays and asks nothing does not hold it up. Open calls would, for five seconds each time; a busy
        // machine is not as slow every time.
        let mut took = Vec::new();
        while took.len() < 10 && took.last().is_none_or(|last| *last >= Duration::from_secs(4)) {
            took.push(stops()?);
        }
        assert!(took.last().is_some_and(|last| *last < Duration::from_secs(4)), "{signal}: {took:?}");
    }
    Ok(())
}

/// An endless call is cut off after a time, and so is a silent connection.
fn open_calls_can_end() -> Result<(), Failed> {
    let served = Served::start(Path::new(CASE))?;
    let _silent = TcpStream::connect(served.addr)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let (first, second) = runtime.block_on(async {
        let channel = tonic::transport::Channel::from_shared(format!("http://{}", served.addr)).unwrap();
        let mut health = tonic_health::pb::health_client::HealthClient::new(channel.connect().await.unwrap());
        let request = tonic_health::pb::HealthCheckRequest { service: "api.Registry".into() };
        let mut watch = health.watch(request).await.unwrap().into_inner();
        let first = watch.message().await.unwrap().unwrap();
        let stopping = tokio::task::spawn_blocking(move || served.stop("TERM").unwrap());
        let second = watch.message().await.unwrap().unwrap();
        let (status, stderr) = tokio::time::timeout(time::HANGS, stopping).await.expect("it ends").unwrap();
        assert_eq!(status, Some(0), "{stderr}");
        (first, second)
    });
    assert_eq!((first.status().as_str_name(), second.status().as_str_name()), ("SERVING", "NOT_SERVING"));
    Ok(())
}

fn expect_probe(args: &[&str], status: i32, message: &str) -> Result<(), Failed> {
    let output = run(&[&["probe"], args].concat());
    let stderr = text(&output.stderr);
    if output.status.code() != Some(status) || !stderr.contains(message) {
        let found = output.status.code();
        return Err(format!("{args:?}: expected {status} and {message:?}, found {found:?}:\n{stderr}").into());
    }
    Ok(())
}

fn probe_serving() -> Result<(), Failed> {
    let served = Served::start(Path::new(CASE))?;
    let port = served.addr.port();
    expect_probe(&[&format!("-addr=:{port}")], 0, "status: SERVING")?;
    expect_probe(&["-addr", &format!("localhost:{port}"), "-service=api.Registry", "-v"], 0, "status: SERVING")?;
    expect_probe(&["--addr", &served.addr.to_string(), "-connect-timeout", "5s"], 0, "status: SERVING")
}

/// As OLM calls it.
fn probe_by_its_own_name() -> Result<(), Failed> {
    let served = Served::start(Path::new(CASE))?;
    let folder = tempfile::tempdir()?;
    let name = folder.path().join("grpc_health_probe");
    std::os::unix::fs::symlink(PROGRAM, &name)?;
    let output = Command::new(&name).arg(format!("-addr=:{}", served.addr.port())).output()?;
    assert_eq!((output.status.code(), text(&output.stderr).trim()), (Some(0), "status: SERVING"));
    assert_eq!(Command::new(&name).arg("serve").output()?.status.code(), Some(1), "it is the probe alone");
    Ok(())
}

fn probe_bad_flags() -> Result<(), Failed> {
    expect_probe(&[], 1, "-addr not specified")?;
    expect_probe(&["-addr=:1", "-tls"], 1, "unknown flag -tls")?;
    expect_probe(&["-addr=:1", "-rpc-timeout=0s"], 1, "-rpc-timeout must be greater than zero")
}

fn probe_no_connection() -> Result<(), Failed> {
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    time::ends(|| expect_probe(&[&format!("-addr=:{port}"), "-connect-timeout=200ms"], 2, "within 200ms"))
}

fn probe_failed_calls() -> Result<(), Failed> {
    let addr = in_process(Some(ServingStatus::Serving));
    expect_probe(&[&format!("-addr={addr}"), "-service=nothing"], 3, "error: health rpc failed: NotFound")?;
    let bare = in_process(None);
    expect_probe(&[&format!("-addr={bare}")], 3, "does not implement the grpc health protocol")
}

fn probe_not_serving() -> Result<(), Failed> {
    let addr = in_process(Some(ServingStatus::NotServing));
    expect_probe(&[&format!("-addr={addr}")], 4, "service unhealthy (responded with \"NOT_SERVING\")")
}

/// If a connection is accepted but there is no response, the call times out.
fn probe_a_server_that_says_nothing() -> Result<(), Failed> {
    let silent = TcpListener::bind("127.0.0.1:0")?;
    let addr = format!("-addr={}", silent.local_addr()?);
    time::ends(|| expect_probe(&[&addr, "-connect-timeout=200ms", "-rpc-timeout=200ms"], 3, "timeout"))
}

/// Another kind of server, with a health service that reports this status, or without one.
fn in_process(status: Option<ServingStatus>) -> std::net::SocketAddr {
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let (reporter, health) = tonic_health::server::health_reporter();
            if let Some(status) = status {
                reporter.set_service_status("", status).await;
            }
            let reflection = tonic_reflection::server::Builder::configure().build_v1().unwrap();
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            send.send(listener.local_addr().unwrap()).unwrap();
            tonic::transport::Server::builder()
                .add_service(reflection)
                .add_optional_service(status.map(|_| health))
                .serve_with_incoming_shutdown(tonic::transport::server::TcpIncoming::from(listener), pending())
                .await
                .unwrap();
        });
    });
    receive.recv().unwrap()
}

fn with_grpcurl(test: impl FnOnce(&Path) -> Result<(), Failed>) -> Result<Completion, Failed> {
    match grpcurl() {
        Ok(grpcurl) => test(&grpcurl).map(|()| Completion::Completed),
        Err(reason) => Ok(Completion::ignored_with(reason)),
    }
}

fn grpcurl_finds_the_services(grpcurl: &Path) -> Result<(), Failed> {
    let served = Served::start(Path::new(CASE))?;
    let output = Command::new(grpcurl).args(["-plaintext", &served.addr.to_string(), "list"]).output()?;
    let services = text(&output.stdout);
    let expected = [
        "api.ExperimentalRegistry",
        "api.Registry",
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    ];
    assert_eq!(services.lines().collect::<Vec<_>>(), expected, "{}", text(&output.stderr));
    Ok(())
}

/// Go's client gets the same responses, using the description from reflection.
fn grpcurl_answers(grpcurl: &Path, case: &Path) -> Result<(), Failed> {
    let served = Served::start(case)?;
    let mut differences = Vec::new();
    let mut calls = grpc::calls(&fs::read_to_string(case.join("calls.jsonl"))?);
    // Each takes a process, so only some calls per method.
    calls.sort_by(|a, b| a.method.cmp(&b.method));
    let calls = calls.chunk_by(|a, b| a.method == b.method).flat_map(|calls| calls.iter().take(4));
    for call in calls {
        let headers = call.headers.iter().flat_map(|(name, value)| ["-H".to_owned(), format!("{name}: {value}")]);
        let output = Command::new(grpcurl)
            .args(["-plaintext", "-emit-defaults", "-d", &call.request.to_string()])
            .args(headers)
            .args([&served.addr.to_string(), &call.method])
            .output()?;
        let responses = serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>();
        let error = text(&output.stderr).trim_end().to_owned();
        let responses = responses.collect::<Result<Vec<_>, _>>().unwrap_or_else(|error| vec![json!(error.to_string())]);
        differences.extend(call.difference(responses, Some(error).filter(|error| !error.is_empty())));
    }
    assert_eq!(differences, Vec::<String>::new());
    Ok(())
}
