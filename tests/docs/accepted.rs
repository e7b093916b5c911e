//! The commands in the blocks of the kinds `sh` and `yaml`: the programs accept them. Only what needs no run is
//! checked: verbs, options and their values.

use std::fs;
use std::path::Path;
use std::process::Command;

use libtest_mimic::Failed;

use crate::links;

const PROGRAMS: [(&str, &str); 2] =
    [("catalog", env!("CARGO_BIN_EXE_catalog")), ("install-catalog", env!("CARGO_BIN_EXE_install-catalog"))];

/// Every command of every page, also of the reference, which has the examples of the help.
pub(crate) fn commands_are_accepted() -> Result<(), Failed> {
    let (mut checked, mut bad) = (0, Vec::new());
    for page in links::pages()? {
        for command in commands(&page)? {
            let words = words(&command);
            let Some((_, program)) = PROGRAMS.iter().find(|(name, _)| words[0] == *name) else { continue };
            // `probe` reads its flags itself.
            if words.get(1).is_none_or(|verb| verb == "probe") {
                continue;
            }
            // With --help nothing runs, but what stands before it must be right.
            let output = Command::new(program).args(&words[1..]).arg("--help").output()?;
            checked += 1;
            if !output.status.success() {
                let why = String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or_default().to_owned();
                bad.push(format!("{}: {command}: {why}", page.display()));
            }
        }
    }
    assert!(checked > 100, "only {checked} commands were found");
    if bad.is_empty() { Ok(()) } else { Err(bad.join("\n").into()) }
}

/// The commands of a page, each on one line.
fn commands(page: &Path) -> Result<Vec<String>, Failed> {
    let (mut found, mut inside, mut line) = (Vec::new(), false, String::new());
    for text in fs::read_to_string(page)?.lines() {
        if let Some(kind) = text.trim_start().strip_prefix("```") {
            inside = !inside && matches!(kind, "sh" | "yaml");
            continue;
        }
        if !inside {
            continue;
        }
        match text.strip_suffix('\\') {
            Some(begun) => line += begun,
            None => {
                let whole = std::mem::take(&mut line) + text;
                found.extend(parts(&whole));
            }
        }
    }
    Ok(found)
}

/// The commands of a line: what is between pipes, without the keys of a workflow.
fn parts(line: &str) -> Vec<String> {
    let line = line.trim().trim_start_matches("- ").trim_start_matches("run: ");
    line.split([';', '|']).flat_map(|part| part.split("&&")).map(|part| part.trim().to_owned()).collect()
}

/// The words of a command, as a shell has them, up to a redirection or a comment.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for character in command.chars() {
        match (quote, character) {
            (Some(open), character) if open == character => quote = None,
            (None, '\'' | '"') => quote = Some(character),
            (None, ' ') => words.push(std::mem::take(&mut word)),
            _ => word.push(character),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    let end = words.iter().position(|word| word.starts_with(['>', '#', '<'])).unwrap_or(words.len());
    words.truncate(end);
    if words.is_empty() { vec![String::new()] } else { words }
}
