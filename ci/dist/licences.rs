//! The licences of the crates in the programs: those of many ask that their text goes with every copy.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use anyhow::Context as _;

use super::crates::{Crate, Crates};

/// The beginnings of the names of files with licences and notices, in lower case.
const NAMES: [&str; 6] = ["license", "licence", "copying", "notice", "unlicense", "copyright"];

/// A list of the crates, and then the texts, each once with the crates that it is of.
pub(crate) fn of(crates: &Crates) -> anyhow::Result<String> {
    let mut list =
        format!("The programs of olm-catalog {} contain these crates, under these licences.\n\n", crates.root.version);
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for one in &crates.others {
        let licence = one.license.as_deref().or(one.license_file.as_ref().map(|_| "see its text below"));
        let licence = licence.with_context(|| format!("the crate {} names no licence", one.name))?;
        let source = one.repository.as_deref().unwrap_or_default();
        writeln!(list, "{} {}: {licence} {source}", one.name, one.version)
            .map(|()| list.truncate(list.trim_end().len()))?;
        list.push('\n');
        for text in texts_of(one)? {
            texts.entry(text).or_default().push(format!("{} {}", one.name, one.version));
        }
    }
    let mut texts: Vec<(Vec<String>, String)> = texts.into_iter().map(|(text, of)| (of, text)).collect();
    texts.sort();
    for (of, text) in texts {
        write!(list, "\n{}\n{}\n\n{text}\n", "=".repeat(80), of.join(", "))?;
    }
    Ok(list)
}

/// The texts in the crate's folder, without what editors change.
fn texts_of(one: &Crate) -> anyhow::Result<Vec<String>> {
    let folder = one.folder();
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        if path.is_file() && NAMES.iter().any(|start| name.starts_with(start)) {
            files.push(path);
        }
    }
    files.sort();
    let text = |path: &std::path::PathBuf| -> anyhow::Result<String> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let lines = String::from_utf8_lossy(&bytes).lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
        Ok(lines.join("\n").trim_matches('\n').to_owned())
    };
    files.iter().map(text).collect()
}
