//! The commands that a page shows, with what they print.
//!
//! In a block of the kind `console`, each line that begins with `$ catalog` is a command, and the lines below are its
//! output. A line `…` stands for any lines, and `…` at the end of a line for its rest. Digests, sizes of images, ports
//! and times are not compared. A block after a paragraph that ends with the name of a file and a colon is written to
//! that file.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use libtest_mimic::Failed;

use crate::cases::expect_text;
use crate::distribution::{DockerRegistry, free_port};
use crate::images::{AMD64, LOAD, elf};

/// The registry that pages name.
const REGISTRY: &str = "localhost:5000";
/// The address that pages serve at.
const ADDRESS: &str = "127.0.0.1:50051";

/// Runs the commands of a page in a folder, and compares what they print. With a registry, the page is a tutorial: its
/// files are written, and images are pushed to it.
pub(crate) fn check(page: &Path, folder: &Path, registry: Option<&DockerRegistry>) -> Result<(), Failed> {
    let text = fs::read_to_string(page)?;
    let mut told = String::new();
    let (mut lines, mut paragraph, mut commands) = (text.lines().peekable(), "", 0);
    while let Some(line) = lines.next() {
        told += &format!("{line}\n");
        let Some(kind) = line.strip_prefix("```") else {
            paragraph = if line.is_empty() { paragraph } else { line };
            continue;
        };
        let mut block = Vec::new();
        while let Some(line) = lines.next_if(|line| *line != "```") {
            block.push(line);
        }
        if kind == "console" {
            commands += block.iter().filter(|line| line.starts_with("$ catalog")).count();
            told += &run_block(&block, folder, registry)?;
        } else {
            told.extend(block.iter().map(|line| format!("{line}\n")));
            if let Some(file) = file_of(paragraph).filter(|_| registry.is_some() && kind != "text") {
                let path = folder.join(file);
                fs::create_dir_all(path.parent().unwrap())?;
                let text = block.join("\n") + "\n";
                fs::write(path, text.replace(REGISTRY, &place_of(registry)))?;
            }
        }
        told += &format!("{}\n", lines.next().unwrap_or_default());
    }
    assert!(commands > 0, "{} shows nothing", page.display());
    expect_text(page, &told)
}

/// The file that a paragraph introduces.
fn file_of(paragraph: &str) -> Option<&str> {
    let (_, file) = paragraph.strip_suffix("`:")?.rsplit_once('`')?;
    Some(file)
}

/// The block, with what the commands print now where that differs.
fn run_block(block: &[&str], folder: &Path, registry: Option<&DockerRegistry>) -> Result<String, Failed> {
    let mut told = String::new();
    let mut rest = block;
    while let Some((line, after)) = rest.split_first() {
        let shown = after.iter().take_while(|line| !line.starts_with("$ ")).count();
        let (expected, next) = after.split_at(shown);
        rest = next;
        told += &format!("{line}\n");
        let command = line.strip_prefix("$ catalog ").ok_or_else(|| format!("{line:?} is not run by this test"))?;
        let printed = masked(&run(command, folder, registry)?);
        let printed: Vec<&str> = printed.lines().collect();
        let wanted = masked(&expected.join("\n"));
        let same = matches(&wanted.lines().collect::<Vec<_>>(), &printed);
        let lines = if same { expected } else { &printed[..] };
        told.extend(lines.iter().map(|line| format!("{line}\n")));
    }
    Ok(told)
}

/// What a command prints, on both outputs.
fn run(command: &str, folder: &Path, registry: Option<&DockerRegistry>) -> Result<String, Failed> {
    let mut output = tempfile::tempfile()?;
    let (place, address) = (place_of(registry), format!("127.0.0.1:{}", free_port()));
    let mut arguments: Vec<String> = command
        .split_whitespace()
        .map(|word| {
            if registry.is_some() { word.replace(REGISTRY, &place).replace(ADDRESS, &address) } else { word.to_owned() }
        })
        .collect();
    let program = tempfile::NamedTempFile::new()?;
    if arguments[0] == "build" {
        fs::write(program.path(), elf(AMD64, LOAD, false))?;
        arguments.extend(["--program".into(), program.path().display().to_string()]);
    }
    let mut run = Command::new(env!("CARGO_BIN_EXE_catalog"));
    run.current_dir(folder).args(&arguments).env("NO_COLOR", "1").env("COLUMNS", "100").stdin(Stdio::null());
    let mut child = run.stdout(output.try_clone()?).stderr(output.try_clone()?).spawn()?;
    match arguments[0].as_str() {
        "serve" => serves(&mut child, &output)?,
        _ => drop(child.wait()?),
    }
    output.rewind()?;
    let mut printed = String::new();
    output.read_to_string(&mut printed)?;
    Ok(if place.is_empty() { printed } else { printed.replace(&place, REGISTRY).replace(&address, ADDRESS) })
}

/// The registry that is used instead of the one that pages name.
fn place_of(registry: Option<&DockerRegistry>) -> String {
    registry.map(|registry| registry.repository("").trim_end_matches('/').to_owned()).unwrap_or_default()
}

/// Waits until a server says that it serves, and ends it.
fn serves(child: &mut Child, output: &File) -> Result<(), Failed> {
    let begin = Instant::now();
    while output.metadata()?.len() == 0 && child.try_wait()?.is_none() {
        assert!(begin.elapsed() < Duration::from_secs(30), "it does not serve");
        thread::sleep(Duration::from_millis(20));
    }
    // The line is written at once.
    let _ = child.kill();
    child.wait()?;
    Ok(())
}

/// Text without what differs from run to run: digests, sizes of images and times.
fn masked(text: &str) -> String {
    let words = |line: &str| {
        let parts: Vec<&str> = line.split(' ').collect();
        let mut masked: Vec<String> = parts.iter().map(|word| without_digest(word)).collect();
        for i in 1..parts.len() {
            let number = parts[i - 1].trim_matches('(').starts_with(|c: char| c.is_ascii_digit());
            if number && (parts[i].starts_with("MB)") || parts[i] == "ms") {
                masked[i - 1] = if parts[i] == "ms" { "1".into() } else { "7.5".into() };
            }
        }
        masked.join(" ")
    };
    text.lines().map(|line| words(line) + "\n").collect()
}

fn without_digest(word: &str) -> String {
    let Some((before, digest)) = word.split_once("sha256:") else { return word.to_owned() };
    let rest = digest.trim_start_matches(|c: char| c.is_ascii_hexdigit() || c == '…');
    format!("{before}sha256:…{rest}")
}

/// Whether lines are as a page shows them.
fn matches(shown: &[&str], printed: &[&str]) -> bool {
    match (shown, printed) {
        ([], []) => true,
        (["…", rest @ ..], _) => (0..=printed.len()).any(|skipped| matches(rest, &printed[skipped..])),
        ([line, shown @ ..], [real, printed @ ..]) => {
            let same = match line.strip_suffix('…') {
                Some(start) => real.starts_with(start),
                None => line == real,
            };
            same && matches(shown, printed)
        }
        _ => false,
    }
}
