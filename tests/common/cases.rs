//! The common part of tests whose cases are files.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use serde_json::Value;

/// The folders of a topic's cases, sorted. Their paths are relative, so that output about them is the same on every
/// machine: cargo runs tests in the project's folder.
pub(crate) fn folders(topic: &str) -> Vec<PathBuf> {
    let topic = Path::new("tests").join(topic);
    let entries = fs::read_dir(&topic).unwrap_or_else(|error| panic!("{}: {error}", topic.display()));
    let mut folders: Vec<_> =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// The lines of a file of JSON lines, in the folder of the tests.
pub(crate) fn json_lines(file: &str) -> Vec<Value> {
    let path = Path::new("tests").join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

/// Compares text with a file's content. With `BLESS=1` the file is written instead.
pub(crate) fn expect_text(path: &Path, text: &str) -> Result<(), Failed> {
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, text)?;
    }
    let expected = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    if expected == text {
        return Ok(());
    }
    let diff = similar::TextDiff::from_lines(expected.as_str(), text);
    Err(format!("{} is different:\n{}", path.display(), diff.unified_diff().context_radius(3)).into())
}

/// Compares a document with the program's output: each block that begins with `$ catalog`. With `BLESS=1` the document
/// is written instead.
pub(crate) fn expect_shown(path: &Path, printed: impl Fn(&[&str]) -> String) -> Result<(), Failed> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let (mut told, mut shown, mut skip) = (String::new(), 0, false);
    for line in text.lines() {
        skip &= line != "```";
        if !skip {
            told += &format!("{line}\n");
        }
        if let Some(command) = line.strip_prefix("$ catalog ") {
            told += &printed(&command.split_whitespace().collect::<Vec<_>>());
            (shown, skip) = (shown + 1, true);
        }
    }
    assert!(shown > 0, "{} shows nothing", path.display());
    expect_text(path, &told)
}

/// Compares two values and reports the first difference.
pub(crate) fn expect_equal(found: &Value, expected: &Value) -> Result<(), Failed> {
    difference(found, expected, String::new()).map_or(Ok(()), |text| Err(text.into()))
}

fn difference(found: &Value, expected: &Value, at: String) -> Option<String> {
    match (found, expected) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<_> = a.keys().chain(b.keys()).collect();
            keys.into_iter().find_map(|key| {
                let value = |map: &serde_json::Map<String, Value>| map.get(key).cloned().unwrap_or(Value::Null);
                difference(&value(a), &value(b), format!("{at}.{key}"))
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().find_map(|(i, (a, b))| difference(a, b, format!("{at}[{i}]")))
        }
        _ if found == expected => None,
        _ => Some(format!("{at}: found {}\nexpected {}", cut(found), cut(expected))),
    }
}

fn cut(value: &Value) -> String {
    value.to_string().chars().take(500).collect()
}
