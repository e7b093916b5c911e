//! YAML and JSON are read and written as Go's programs do it: `yaml_peer/main.go` parses mutations of real and of small
//! texts with apimachinery's decoder, and each must have the same values here, or be rejected here too. It writes these
//! values with `sigs.k8s.io/yaml`, and here they must have the same bytes.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use olm_catalog::yaml;
use serde_json::Value;

/// The number of mutations. `YAML_PEER_CASES` sets another one.
const CASES: usize = 100_000;
/// The maximum length of a mutated text.
const LONGEST: usize = 1500;

/// Tokens that mutations insert.
const PIECES: [&str; 64] = [
    "\n",
    " ",
    "  ",
    "\t",
    ":",
    ": ",
    "-",
    "- ",
    "---\n",
    "---",
    "...\n",
    "#",
    " #c",
    "?",
    "? ",
    ",",
    "[",
    "]",
    "{",
    "}",
    "&a ",
    "*a",
    "<<: ",
    "<<: *a\n",
    "'",
    "\"",
    "''",
    "\\",
    "\\n",
    "\\u0041",
    "\\ud83d\\ude00",
    "\\x",
    "|",
    ">",
    "|-\n",
    ">+\n",
    "|2",
    "!",
    "!!str ",
    "!!binary ",
    "!!int ",
    "!!float ",
    "%",
    "@",
    "`",
    "~",
    "08",
    "1.0",
    "0x1",
    "1e3",
    "null",
    "true",
    "y",
    "=",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    "\u{a0}",
    "é",
    "😀",
    "\r\n",
    "\r",
    "\u{7f}",
    "\u{1}",
];

/// Numbers that follow from a seed (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % end as u64).unwrap()
    }
}

/// Texts of real manifests and of the small ones, cut to documents of some hundred characters.
fn seeds() -> Vec<String> {
    let small = fs::read_to_string("tests/yaml_peer/seeds.yaml").unwrap();
    let mut seeds: Vec<String> = small.split("---\n").map(str::to_owned).collect();
    // The small ones count more: they contain unusual features that real ones rarely have.
    seeds = seeds.iter().cycle().take(seeds.len() * 8).cloned().collect();
    let mut files: Vec<PathBuf> =
        ["bundles", "channels"].iter().flat_map(|folder| files_of(Path::new(folder))).collect();
    if let Some(shared) = common::shared() {
        files.extend(files_of(&shared.join("manifests")));
        files.extend(files_of(&shared.join("corpus")));
    }
    files.sort();
    for file in files {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        // A few windows of each, because a whole file of a megabyte shows no more.
        for window in 0..6 {
            let start = lines.len() * window / 6;
            let mut part = String::new();
            for line in &lines[start..] {
                if part.len() + line.len() > LONGEST {
                    break;
                }
                part += line;
            }
            seeds.push(part);
        }
    }
    seeds.retain(|seed| !seed.trim().is_empty());
    seeds
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_of(&path));
        } else if path.extension().is_some_and(|it| it == "yaml" || it == "yml" || it == "json") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Up to three changes of a text: inserted, removed or moved pieces, and indented or doubled lines.
fn mutated(random: &mut Random, seed: &str) -> String {
    let mut text: Vec<char> = seed.chars().collect();
    for _ in 0..random.below(4) {
        let at = random.below(text.len() + 1);
        match random.below(7) {
            0 | 1 => drop(text.splice(at..at, PIECES[random.below(PIECES.len())].chars())),
            2 if at < text.len() => drop(text.remove(at)),
            3 if at < text.len() => {
                let piece: Vec<char> = PIECES[random.below(PIECES.len())].chars().collect();
                text.splice(at..=at, piece);
            }
            4 => {
                let end = (at + random.below(12)).min(text.len());
                let part: Vec<char> = text[at..end].to_vec();
                let to = random.below(text.len() + 1);
                text.splice(to..to, part);
            }
            5 => {
                let start = text[..at].iter().rposition(|c| *c == '\n').map_or(0, |line| line + 1);
                text.splice(start..start, " ".repeat(random.below(4)).chars());
            }
            _ => text.truncate(at),
        }
    }
    text.into_iter().collect()
}

/// Builds the peer. None if there is no suitable Go.
fn peer() -> Option<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let program = std::env::current_dir().unwrap().join(target).join("yaml-peer");
    let mut command = Command::new("go");
    command.args(["build", "-trimpath", "-o"]).arg(&program).arg(".").current_dir("tests/yaml_peer");
    command.env("GOFLAGS", "-mod=readonly -buildvcs=false").env("GOTOOLCHAIN", "local").env("CGO_ENABLED", "0");
    let built = command.output().ok()?;
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    Some(program)
}

/// Whether two values are equal. Go omits a fraction of zero.
fn same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(a), Value::Number(b)) => a == b || (a.as_f64() == b.as_f64() && (a.is_f64() || b.is_f64())),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

/// A value that is written differently from Go.
fn written_differently(answer: &Value) -> Option<String> {
    let values = answer.get("values")?.as_array()?.iter().zip(answer["yaml"].as_array()?);
    values.into_iter().find_map(|(value, theirs)| {
        // Go cannot read its own JSON if characters are escaped in two halves.
        if theirs.as_str().is_some_and(|text| text.starts_with("error: ")) {
            return None;
        }
        let ours = yaml::to_go_yaml(value).unwrap();
        (Some(ours.as_str()) != theirs.as_str()).then(|| format!("Go writes {theirs}, this {ours:?}"))
    })
}

/// The kind of a difference; none if there is none.
fn difference(text: &str, answer: &Value) -> Option<String> {
    let ours = yaml::read(text);
    match (ours, answer) {
        (Err(_), Value::String(_)) => None,
        (Ok(documents), Value::Object(answer)) => {
            let theirs = answer["values"].as_array().unwrap();
            // A document without a value does not count here.
            let theirs: Vec<&Value> = theirs.iter().filter(|value| !value.is_null()).collect();
            let is_same = documents.len() == theirs.len()
                && documents.iter().zip(&theirs).all(|(ours, theirs)| same(&ours.value, theirs));
            (!is_same).then(|| {
                format!(
                    "another value: Go has {theirs:?}, this {:?}",
                    documents.iter().map(|d| &d.value).collect::<Vec<_>>()
                )
            })
        }
        (Ok(documents), Value::String(why)) => Some(format!(
            "Go refuses it ({why}), this reads {:?}",
            documents.iter().map(|d| &d.value).collect::<Vec<_>>()
        )),
        (Ok(_), answer) => panic!("the peer answers {answer}"),
        (Err(error), answer) => Some(format!("Go reads {answer}, this refuses it ({error})")),
    }
}

#[test]
fn texts_are_read_and_written_as_by_go() {
    let Some(peer) = peer() else {
        return common::skipped("Go is not installed");
    };
    let cases = std::env::var("YAML_PEER_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(CASES);
    let mut random = Random(20_261_126);
    let seeds = seeds();
    let mut texts = seeds.clone();
    for _ in 0..cases {
        let seed = random.below(seeds.len());
        texts.push(mutated(&mut random, &seeds[seed]));
    }
    let mut child = Command::new(peer).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = BufWriter::new(child.stdin.take().unwrap());
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut found: BTreeMap<usize, (String, String)> = BTreeMap::new();
    let (mut read, mut refused) = (0, 0);
    std::thread::scope(|scope| {
        let texts = &texts;
        scope.spawn(move || {
            for text in texts {
                input.write_all(&u32::try_from(text.len()).unwrap().to_le_bytes()).unwrap();
                input.write_all(text.as_bytes()).unwrap();
            }
        });
        for (number, (text, line)) in texts.iter().zip(lines).enumerate() {
            let answer: Value = serde_json::from_str(&line.unwrap()).unwrap();
            *if answer.is_string() { &mut refused } else { &mut read } += 1;
            if let Some(kind) = difference(text, &answer).or_else(|| written_differently(&answer)) {
                found.insert(number, (text.clone(), kind));
            }
        }
    });
    child.wait().unwrap();
    assert_eq!(read + refused, texts.len());
    println!("{read} read, {refused} refused, {} different", found.len());
    let shown: Vec<String> = found
        .values()
        .take(30)
        .map(|(text, kind)| format!("{text:?}\n  {}", kind.chars().take(600).collect::<String>()))
        .collect();
    assert!(found.is_empty(), "{} of {} differ:\n{}", found.len(), texts.len(), shown.join("\n"));
    assert!(read > cases / 10 && refused > cases / 10, "both kinds of texts are tried");
}
