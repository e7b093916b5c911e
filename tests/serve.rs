//! The registry API, over a real connection: every call gets opm's response.
//!
//! A case is a folder in `tests/serve/answers`: the catalog in `catalog/`, and calls with opm's responses in
//! `calls.jsonl`, one per line. The same is done for the recorded calls of the shared data.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic and print")]

#[path = "common/cases.rs"]
mod cases;
mod common;
#[path = "common/grpc.rs"]
mod grpc;

use std::collections::BTreeMap;
use std::fs;
use std::future::pending;
use std::io::Read as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use olm_catalog::catalog::{Catalog, read_text, scan};
use olm_catalog::diagnostic::Severity;
use olm_catalog::serve::{Index, api, serve};
use olm_catalog::validate::validate;
use prost::Message;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use grpc::{Call, Client};

/// The catalogs with recorded calls, and the methods that were called.
const RECORDED: [&str; 2] = ["upstream", "upstream-csv-metadata"];
const METHODS: [&str; 11] = [
    "api.Registry/ListPackages",
    "api.Registry/GetPackage",
    "api.Registry/GetBundle",
    "api.Registry/GetBundleForChannel",
    "api.Registry/GetChannelEntriesThatReplace",
    "api.Registry/GetBundleThatReplaces",
    "api.Registry/GetChannelEntriesThatProvide",
    "api.Registry/GetLatestChannelEntriesThatProvide",
    "api.Registry/GetDefaultBundleThatProvides",
    "api.Registry/ListBundles",
    "grpc.health.v1.Health/Check",
];

fn main() -> ExitCode {
    let mut trials = vec![
        Trial::test("the_api_has_opms_names_and_numbers", the_api_has_opms_names_and_numbers),
        Trial::test("many_clients_get_the_same_answers", many_clients_get_the_same_answers),
        Trial::test("health_knows_the_services", health_knows_the_services),
        Trial::test("no_bundle_is_too_large", no_bundle_is_too_large),
        Trial::test("what_is_valid_is_served", what_is_valid_is_served),
        Trial::ignorable_test("recorded::what_opm_takes_is_served", || match common::shared() {
            Some(shared) => what_opm_accepts_is_served(&shared).map(|()| Completion::Completed),
            None => Ok(Completion::ignored_with(common::NO_DATA)),
        }),
    ];
    for case in cases::folders("serve/answers") {
        let name = format!("answers::{}", case.file_name().unwrap().display());
        trials.push(Trial::test(name, move || answers(&case)));
    }
    for recorded in RECORDED {
        for method in METHODS {
            let short = method.rsplit('/').next().unwrap();
            trials.push(Trial::ignorable_test(format!("recorded::{recorded}::{short}"), || match common::shared() {
                Some(shared) => check_recorded(&shared, recorded, method).map(|()| Completion::Completed),
                None => Ok(Completion::ignored_with(common::NO_DATA)),
            }));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}

/// Serves an index until the tests end.
fn start(index: Index) -> SocketAddr {
    runtime().block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        tokio::spawn(async move { serve(index, listener, pending()).await.unwrap() });
        addr
    })
}

fn check(addr: SocketAddr, calls: &[Call]) -> Result<(), Failed> {
    let differences = runtime().block_on(async {
        let mut client = Client::connect(addr).await;
        let mut differences = Vec::new();
        for call in calls {
            let (responses, error) = client.call_with(&call.method, &call.request, &call.headers).await;
            differences.extend(call.difference(responses, error));
        }
        differences
    });
    let all = calls.len();
    match differences.len() {
        0 => Ok(()),
        wrong => Err(format!("{wrong} of {all} answers are wrong:\n{}", differences.join("\n")).into()),
    }
}

fn answers(case: &Path) -> Result<(), Failed> {
    let index = Index::read(&case.join("catalog"))?;
    let same = Index::build(&Catalog::read(&case.join("catalog"))?)?;
    let list = |index: &Index| (0..index.entry_count()).map(|number| index.listed(number)).collect::<Vec<_>>();
    assert_eq!(list(&index), list(&same), "an index is the same however it is made");
    check(start(index), &grpc::calls(&fs::read_to_string(case.join("calls.jsonl"))?))
}

/// The calls of one method, compared for the catalog with which they were recorded.
fn check_recorded(shared: &Path, name: &'static str, method: &str) -> Result<(), Failed> {
    static SERVED: OnceLock<BTreeMap<&str, (SocketAddr, Vec<Call>)>> = OnceLock::new();
    let served = SERVED.get_or_init(|| {
        let served = |name| {
            let catalog = if name == "upstream" { upstream(shared) } else { migrated(shared) };
            let calls = unzip(&shared.join(format!("golden/grpc/{name}.jsonl.gz")));
            (name, (start(Index::build(&catalog).unwrap()), grpc::calls(&calls)))
        };
        RECORDED.into_iter().map(served).collect()
    });
    let (addr, calls) = &served[name];
    let calls: Vec<_> = calls.iter().filter(|call| call.method == method).cloned().collect();
    assert!(!calls.is_empty(), "{method} was called");
    check(*addr, &calls)
}

fn upstream(shared: &Path) -> Catalog {
    let mut catalog = Catalog::default();
    for package in fs::read_dir(shared.join("upstream")).unwrap() {
        let file: PathBuf = package.unwrap().path().join("catalog.yaml");
        if file.is_file() {
            catalog.merge(Catalog::read(&file).unwrap());
        }
    }
    catalog
}

fn migrated(shared: &Path) -> Catalog {
    let file = shared.join("golden/render/upstream-bundle-object-to-csv-metadata.json.gz");
    let scan = read_text(&unzip(&file), &file);
    assert!(scan.bad.is_empty());
    scan.catalog
}

fn unzip(path: &Path) -> String {
    let mut text = String::new();
    flate2::read::GzDecoder::new(fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text
}

fn many_clients_get_the_same_answers() -> Result<(), Failed> {
    const CLIENTS: usize = 32;
    const CALLS: usize = 20;
    let case = Path::new("tests/serve/answers/edges");
    let addr = start(Index::read(&case.join("catalog"))?);
    let calls: Arc<[Call]> = grpc::calls(&fs::read_to_string(case.join("calls.jsonl"))?).into();
    let differences = runtime().block_on(async {
        let mut clients = JoinSet::new();
        for number in 0..CLIENTS {
            let calls = Arc::clone(&calls);
            clients.spawn(async move {
                let mut client = Client::connect(addr).await;
                let mut differences = Vec::new();
                // Each client starts at another call, so that all methods are called at the same time.
                for call in calls.iter().cycle().skip(number * 7).take(CALLS) {
                    let (responses, error) = client.call(&call.method, &call.request).await;
                    differences.extend(call.difference(responses, error));
                }
                differences
            });
        }
        clients.join_all().await.concat()
    });
    assert_eq!(differences, Vec::<String>::new());
    Ok(())
}

fn health_knows_the_services() -> Result<(), Failed> {
    let addr = start(Index::read(Path::new("tests/serve/answers/edges/catalog"))?);
    let health = |service: &str, responses| Call {
        method: "grpc.health.v1.Health/Check".into(),
        request: serde_json::json!({"service": service}),
        headers: BTreeMap::new(),
        responses,
        error: None,
    };
    let serving = || vec![serde_json::json!({"status": "SERVING"})];
    check(
        addr,
        &[
            health("", serving()),
            health("api.Registry", serving()),
            // opm gives this response for any service.
            health("api.Nothing", serving()),
        ],
    )
}

/// A bundle of 6 MB is sent, although requests of 5 MB are rejected.
fn no_bundle_is_too_large() -> Result<(), Failed> {
    let large = "x".repeat(6 << 20);
    let text = format!(
        "{{schema: olm.package, name: a, defaultChannel: b}}\n---\n\
        {{schema: olm.channel, package: a, name: b, entries: [{{name: a.v1}}]}}\n---\n\
        {{schema: olm.bundle, package: a, name: a.v1, image: c, properties: [\
        {{type: olm.package, value: {{packageName: a, version: 1.0.0}}}}, {{type: large, value: {large}}}]}}\n"
    );
    let scan = read_text(&text, Path::new("large.yaml"));
    let addr = start(Index::build(&scan.catalog)?);
    let value = runtime().block_on(async {
        let mut client = Client::connect(addr).await;
        let request = serde_json::json!({"pkgName": "a", "channelName": "b", "csvName": "a.v1"});
        let (responses, error) = client.call("api.Registry/GetBundle", &request).await;
        assert_eq!(error, None);
        let request = serde_json::json!({"name": "x".repeat(5 << 20)});
        let (_, error) = client.call("api.Registry/GetPackage", &request).await;
        assert!(error.as_ref().is_some_and(|error| error.contains("Code: OutOfRange")), "{error:?}");
        responses[0]["properties"][1]["value"].clone()
    });
    assert_eq!(value.as_str().map(str::len), Some((6 << 20) + 2));
    Ok(())
}

/// Every catalog without errors can be served, and no other one.
fn what_is_valid_is_served() -> Result<(), Failed> {
    let (mut served, mut refused, mut wrong) = (0, 0, Vec::new());
    for rule in cases::folders("validate") {
        for case in fs::read_dir(&rule)? {
            let case = case?.path();
            let scan = scan(&case)?;
            let findings = validate(&scan, &case);
            let valid = scan.bad.is_empty() && !findings.iter().any(|finding| finding.severity == Severity::Error);
            match Index::read(&case) {
                Ok(_) if valid => served += 1,
                Ok(_) => {}
                Err(error) if valid => wrong.push(format!("{}: {error}", case.display())),
                Err(_) => refused += 1,
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(served > 20 && refused > 20, "{served} served, {refused} refused");
    Ok(())
}

/// Every catalog that opm accepts can be served.
fn what_opm_accepts_is_served(shared: &Path) -> Result<(), Failed> {
    let (mut served, mut wrong) = (0, Vec::new());
    for case in fs::read_dir(shared.join("golden/validate"))? {
        let case = case?.path();
        let expected: serde_json::Value = serde_json::from_str(&fs::read_to_string(case.join("expected.json"))?)?;
        if expected["validate_exit"] == 0 {
            let files = ["catalog.yaml", "catalog.json"].map(|name| case.join(name));
            let catalog = files.into_iter().find(|file| file.is_file()).ok_or("no catalog")?;
            served += 1;
            wrong.extend(Index::read(&catalog).err().map(|error| format!("{}: {error}", case.display())));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(served > 10, "{served} served");
    Index::read(&shared.join("corpus/catalogs/community-v4.16"))?;
    Ok(())
}

/// The compared parts of a message description.
mod description {
    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Set {
        #[prost(message, repeated, tag = "1")]
        pub(super) files: Vec<File>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct File {
        #[prost(string, tag = "2")]
        pub(super) package: String,
        #[prost(message, repeated, tag = "4")]
        pub(super) messages: Vec<Struct>,
        #[prost(message, repeated, tag = "6")]
        pub(super) services: Vec<Service>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Struct {
        #[prost(string, tag = "1")]
        pub(super) name: String,
        #[prost(message, repeated, tag = "2")]
        pub(super) fields: Vec<Field>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Field {
        #[prost(string, tag = "1")]
        pub(super) name: String,
        #[prost(int32, tag = "3")]
        pub(super) number: i32,
        #[prost(int32, tag = "4")]
        pub(super) label: i32,
        #[prost(int32, tag = "5")]
        pub(super) kind: i32,
        #[prost(string, tag = "6")]
        pub(super) type_name: String,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Service {
        #[prost(string, tag = "1")]
        pub(super) name: String,
        #[prost(message, repeated, tag = "2")]
        pub(super) methods: Vec<Method>,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Method {
        #[prost(string, tag = "1")]
        pub(super) name: String,
        #[prost(string, tag = "2")]
        pub(super) input: String,
        #[prost(string, tag = "3")]
        pub(super) output: String,
        #[prost(bool, tag = "6")]
        pub(super) server_streaming: bool,
    }
}

/// The wire format is opm's: `tests/serve/api.txt` lists its messages, fields, numbers and methods.
fn the_api_has_opms_names_and_numbers() -> Result<(), Failed> {
    const REPEATED: i32 = 3;
    const STRING: i32 = 9;
    let set = description::Set::decode(api::FILE_DESCRIPTOR_SET)?;
    let mut lines = Vec::new();
    let short = |name: &str| name.trim_start_matches(".api.").trim_start_matches('.').to_owned();
    assert_eq!(set.files.iter().map(|file| &*file.package).collect::<Vec<_>>(), ["google.protobuf", "api"]);
    for file in set.files.iter().filter(|file| file.package == "api") {
        for message in &file.messages {
            if message.fields.is_empty() {
                lines.push(message.name.clone());
            }
            for field in &message.fields {
                let repeated = if field.label == REPEATED { "repeated " } else { "" };
                let kind = if field.kind == STRING { "string".into() } else { short(&field.type_name) };
                lines.push(format!("{}.{} {} {repeated}{kind}", message.name, field.name, field.number));
            }
        }
        for service in &file.services {
            for method in &service.methods {
                let stream = if method.server_streaming { "stream " } else { "" };
                let (input, output) = (short(&method.input), short(&method.output));
                lines.push(format!("{}/{} {input} {stream}{output}", service.name, method.name));
            }
        }
    }
    lines.sort();
    cases::expect_text(Path::new("tests/serve/api.txt"), &(lines.join("\n") + "\n"))
}
