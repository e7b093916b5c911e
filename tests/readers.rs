//! For any bytes, every reader returns without a panic, and with little memory and time.
//!
//! The readers are those of the fuzz targets. Each is called with a few hundred seeded mutations of real input, in a
//! separate process with limited memory. `READERS_CASES` sets the number, and `READERS_SEED` the first seed. Input on
//! which a reader fails is kept in a file.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic and print")]

mod common;
#[path = "../fuzz/readers.rs"]
mod readers;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use common::time;
use flate2::Compression;
use flate2::write::GzEncoder;
use libtest_mimic::{Arguments, Failed, Trial};
use olm_catalog::image::{Entry, Layer, layer};

/// The memory of a process, in KiB: its threads' stacks count, even if they are unused.
const MEMORY: u64 = 2 << 20;
/// The time limit for a single input, in an unoptimized build on a busy machine.
const SLOW: Duration = Duration::from_secs(10);
/// Tokens that are inserted into inputs, from all parsed languages.
const TOKENS: &[&str] = &[
    "\n",
    "\t",
    "  ",
    "- ",
    ": ",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "'",
    "#",
    "&a ",
    "*a",
    "<<: ",
    "!!int ",
    "!!binary ",
    "---\n",
    "...\n",
    "null",
    "~",
    "yes",
    "012",
    "1e999",
    "-1",
    "18446744073709551616",
    "\u{1f980}",
    "\u{feff}",
    "\0",
    "\u{1b}[31m",
    "\r\n",
    "|\n",
    ">-\n",
    "? ",
    "\u{e9}",
    "\\u0000",
    "\\ud800",
    ">=1.0.0 ||",
    "../",
    "/",
    "@sha256:",
    "%2e",
    "${",
    "${images.a}",
    "application/json",
    "Bearer realm=",
    "=",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "{a: {a: {a: {a: {a: {a: {a: {a: ",
    "!",
    "**/",
    "schema: olm.package\n",
    "a: &a [*a, *a]\n",
    "\u{85}",
    "\u{2028}",
];

fn main() -> ExitCode {
    let name = std::env::var("READERS_NAME");
    if let Ok(name) = name {
        run(&name, Path::new(&std::env::var("READERS_INPUT").unwrap()));
        return ExitCode::SUCCESS;
    }
    let mut trials = vec![Trial::test("every_reader_has_a_fuzz_target", every_reader_has_a_fuzz_target)];
    for (name, _) in readers::READERS {
        trials.push(Trial::test(*name, move || survives(name)));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Starts a process that calls a reader.
fn survives(name: &str) -> Result<(), Failed> {
    let input = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("reader-{name}"));
    let script = format!("ulimit -v {MEMORY}; exec \"$0\"");
    let mut command = Command::new("bash");
    command.args(["-c", &script]).arg(std::env::current_exe()?);
    let output =
        command.env("READERS_NAME", name).env("READERS_INPUT", &input).env("RAYON_NUM_THREADS", "2").output()?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr);
    let told: String = told.chars().take(4000).collect();
    Err(format!("{} at the input {}:\n{told}", output.status, input.display()).into())
}

/// Calls a reader with its seeds and their mutations. The current input is in a file.
fn run(name: &str, input: &Path) {
    let number = |variable: &str| std::env::var(variable).ok().and_then(|text| text.parse::<u64>().ok());
    let (cases, seed) = (number("READERS_CASES").unwrap_or(300), number("READERS_SEED").unwrap_or(1));
    let (_, reader) = readers::READERS.iter().find(|(known, _)| *known == name).unwrap();
    let seeds = seeds(name);
    assert!(!seeds.is_empty(), "{name} has no seeds");
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mutations = (0..cases).map(|_| {
        let from = seeds[random.below(seeds.len())].clone();
        mutated(from, &seeds, &mut random)
    });
    for data in seeds.iter().cloned().chain(mutations) {
        fs::write(input, &data).unwrap();
        let before = time::of_process();
        reader(&data);
        let took = time::of_process() - before;
        assert!(took < SLOW, "it took {took:?}");
    }
    fs::remove_file(input).unwrap();
}

/// A xorshift generator: the same numbers everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}

fn mutated(mut data: Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    for _ in 0..=random.below(6) {
        let at = random.below(data.len() + 1);
        let end = (at + 1 + random.below(60)).min(data.len());
        match random.below(7) {
            0 => drop(data.drain(at..end)),
            1 => {
                let token = TOKENS[random.below(TOKENS.len())];
                data.splice(at..at, token.bytes().collect::<Vec<_>>());
            }
            2 => {
                let part = data[at..end].to_vec();
                data.splice(at..at, part);
            }
            3 if at < data.len() => data[at] = random.below(256) as u8,
            4 if at < data.len() => data[at] ^= 1 << random.below(8),
            5 => {
                let other = &seeds[random.below(seeds.len())];
                let start = random.below(other.len());
                let part = &other[start..(start + random.below(200)).min(other.len())];
                data.splice(at..end, part.iter().copied());
            }
            _ => data.truncate(at.max(data.len() / 2)),
        }
    }
    data
}

/// Small files below folders with one of these extensions.
fn files(folders: &[&str], ends: &[&str]) -> Vec<Vec<u8>> {
    let mut open: Vec<PathBuf> =
        folders.iter().map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).collect();
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if ends.iter().any(|end| path.to_str().is_some_and(|path| path.ends_with(end))) {
            found.push(path);
        }
    }
    found.sort();
    let texts = found.iter().map(|path| fs::read(path).unwrap());
    texts.filter(|text| text.len() < 64 << 10).collect()
}

/// Real input for a reader.
fn seeds(name: &str) -> Vec<Vec<u8>> {
    const YAML: &[&str] = &[".yaml", ".json"];
    let texts = |list: &[&str]| list.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>();
    match name {
        "bundle" => bundles(),
        "catalog" => files(&["tests/validate", "tests/serve/answers"], YAML),
        "certificates" => {
            let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
            let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
            texts(&[&format!("{certificate}{key}"), &certificate, &key])
        }
        "credentials" => texts(&[
            r#"{"auths": {"127.0.0.1": {"auth": "YTpodW50ZXIy"}, "a": {"identitytoken": "x"}}, "credsStore": "", "credHelpers": {}}"#,
            r#"{"auths": {"127.0.0.1": {"username": "a", "password": "hunter2"}}}"#,
            "{}",
        ]),
        "definitions" => files(&["tests/crd_diff", "tests/import"], YAML),
        "dump" => files(&["tests/explain", "tests/doctor"], YAML),
        "ignore" => {
            let mut seeds = files(&["tests/indexignore"], &[".indexignore", ".txt"]);
            seeds.extend(texts(&["*\n!b/\n", "/a.yaml\n**/d\n", "[a-b]*\\\n", "#\n\\#\n b \n"]));
            seeds
        }
        "kubeconfig" => {
            let mut seeds = files(&["tests/kubeconfig"], YAML);
            seeds.extend(texts(&[
                "apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts: [{name: a, context: {cluster: a, user: a, namespace: b}}]\n\
                 clusters: [{name: a, cluster: {server: 'https://127.0.0.1:1', certificate-authority-data: YQ==, tls-server-name: a}}]\n\
                 users: [{name: a, user: {token: hunter2, username: a, password: hunter2, client-certificate-data: YQ==, client-key-data: YQ==}}]\n",
            ]));
            seeds
        }
        "layer" => layers(),
        "layout" | "manifest" => texts(&[
            r#"{"schemaVersion": 2, "manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:1111111111111111111111111111111111111111111111111111111111111111", "size": 7, "platform": {"architecture": "amd64", "os": "linux"}, "annotations": {"org.opencontainers.image.ref.name": "a"}}]}"#,
            r#"{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "sha256:1111111111111111111111111111111111111111111111111111111111111111", "size": 7}, "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": "sha256:2222222222222222222222222222222222222222222222222222222222222222", "size": 9}]}"#,
        ]),
        "manifests" => {
            let head = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import/head.yaml")).unwrap();
            let cases = files(&["tests/import"], &["input.yaml"]);
            cases.into_iter().map(|case| [head.clone(), case].concat()).collect()
        }
        "names" => texts(&[
            "quay.io/a/b:1.0@sha256:1111111111111111111111111111111111111111111111111111111111111111",
            "[::1]:5000/a_b/c",
            ">=1.2.3 <2.0.0 || 3.x",
            "1.2.3-rc.1+build.5",
            "file-bytes=2GiB",
            "http://user:hunter2@127.0.0.1:3128",
        ]),
        "operator" => files(&["tests/operator"], &["operator.yaml"]),
        "plugin" => texts(&[
            r#"{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "hunter2", "expirationTimestamp": "2099-01-01T00:00:00Z"}}"#,
            r#"{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"clientCertificateData": "a", "clientKeyData": "b"}}"#,
        ]),
        "registry_answer" => texts(&[
            "Bearer realm=\"http://127.0.0.1:1/token\",service=\"a\",scope=\"repository:a/b:pull\"\n{\"errors\": [{\"code\": \"DENIED\", \"message\": \"no\"}]}",
            "Basic realm=\"a\\\"b\", Bearer realm=x\n<html>no</html>",
        ]),
        "template" => files(&["tests/template", "channels"], &["template.yaml", ".yaml"]),
        "yaml" => files(&["tests/validate", "tests/template", "tests/operator", "tests/yaml_peer"], YAML),
        other => panic!("{other} has no seeds"),
    }
}

/// The bundles of this repository, in the form for the reader.
fn bundles() -> Vec<Vec<u8>> {
    let csv = "apiVersion: operators.coreos.com/v1alpha1\nkind: ClusterServiceVersion\nmetadata: {name: a.v1.0.0, annotations: {alm-examples: '[]'}}\n\
        spec:\n  version: 1.0.0\n  relatedImages: [{name: a, image: b}]\n  customresourcedefinitions:\n    owned: [{name: as.b.c, kind: A, version: v1}]\n\
        \x20 install: {strategy: deployment, spec: {deployments: [{name: a, spec: {template: {spec: {containers: [{image: c}]}}}}]}}\n";
    let crd = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: as.b.c}\n\
        spec: {group: b.c, names: {kind: A, plural: as}, scope: Namespaced, versions: [{name: v1, served: true, storage: true}]}\n";
    let annotations = "annotations:\n  operators.operatorframework.io.bundle.package.v1: a\n  operators.operatorframework.io.bundle.channels.v1: b\n";
    vec![[csv, crd, annotations].join("=====\n").into_bytes()]
}

/// Layers of a bundle's image: compressed, uncompressed, and with items other than files.
fn layers() -> Vec<Vec<u8>> {
    let text = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    let entries = [
        Entry::file("manifests/a.yaml", &text[..]),
        Entry::file("metadata/annotations.yaml", &b"annotations: {}\n"[..]),
    ];
    let Layer { blob, .. } = layer(entries).unwrap();
    let zipped = blob.bytes().unwrap().to_vec();
    let mut plain = tar::Builder::new(Vec::new());
    let mut add = |name: &str, kind: tar::EntryType, link: &str, bytes: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        if !link.is_empty() {
            header.set_link_name(link).unwrap();
        }
        plain.append_data(&mut header, name, bytes).unwrap();
    };
    add("manifests/a.yaml", tar::EntryType::Regular, "", text);
    add("manifests/b.yaml", tar::EntryType::Link, "manifests/a.yaml", b"");
    add("manifests/c.yaml", tar::EntryType::Symlink, "a.yaml", b"");
    add("manifests/.wh.a.yaml", tar::EntryType::Regular, "", b"");
    add(&format!("manifests/{}", "long/".repeat(40)), tar::EntryType::Directory, "", b"");
    let plain = plain.into_inner().unwrap();
    let mut twice = GzEncoder::new(Vec::new(), Compression::fast());
    twice.write_all(&plain).unwrap();
    vec![zipped, plain, twice.finish().unwrap(), b"\x28\xb5\x2f\xfd\x00\x58\x11\x00\x00abc".to_vec()]
}

/// The folder `fuzz` has exactly one target for each reader.
fn every_reader_has_a_fuzz_target() -> Result<(), Failed> {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let names: BTreeSet<String> = readers::READERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let targets: BTreeSet<String> = fs::read_dir(fuzz.join("fuzz_targets"))?
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(targets, names);
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml"))?;
    for name in names {
        let target = fs::read_to_string(fuzz.join(format!("fuzz_targets/{name}.rs")))?;
        assert!(target.contains(&format!("readers::{name}(data)")), "{name}: {target}");
        assert!(manifest.contains(&format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"\n")), "{name}");
    }
    Ok(())
}
