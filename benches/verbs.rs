//! `make bench`: time and memory of the program's verbs.
//!
//! Each verb runs several times (`BENCH_RUNS`, default 7), on this repository and on the catalog of `../shared/corpus`
//! if it exists. With `BENCH_AGAINST=<another catalog program>` that program runs in turn with ours, so that both see
//! the same machine. The time is wall-clock time, from start to exit; for `serve` until the line that reports that it
//! serves. The memory is the maximum resident size of the process, sampled every millisecond. Nothing is asserted,
//! because machines differ.
#![allow(clippy::print_stdout, reason = "the table is for people")]

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Result, Seek as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A measurement.
struct Case {
    name: String,
    arguments: Vec<OsString>,
    /// Whether the program runs until it is stopped.
    serves: bool,
    /// Its output, which is removed before each run.
    writes: Option<PathBuf>,
}

/// One run: its duration, and the maximum resident KiB.
struct Run {
    time: Duration,
    memory: u64,
}

/// Why a program failed: its last output.
struct Failed(String);

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::env::set_current_dir(root)?;
    let ours = std::env::var_os("BENCH_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_catalog").into());
    let programs: Vec<OsString> = [Some(ours), std::env::var_os("BENCH_AGAINST")].into_iter().flatten().collect();
    let runs = std::env::var("BENCH_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(7).max(1);
    for (letter, program) in ('A'..).zip(&programs) {
        println!("{letter} = {}", program.display());
    }
    println!("{:<42} {:>8} {:>8} {:>8} {:>9}", format!("{runs} runs, seconds"), "min", "median", "max", "MiB");
    let scratch = tempfile::tempdir()?;
    for case in cases(root, &scratch.path().join("built"))? {
        // In turn, so that other load on the machine affects both.
        let mut measured: Vec<Vec<std::result::Result<Run, Failed>>> = programs.iter().map(|_| Vec::new()).collect();
        for _ in 0..runs {
            for (program, measured) in programs.iter().zip(&mut measured) {
                measured.push(case.run(program)?);
            }
        }
        for (letter, runs) in ('A'..).zip(measured) {
            // If one program fails, the other one and the rest still count.
            let told = runs.into_iter().collect::<std::result::Result<Vec<Run>, Failed>>();
            let told = told.map_or_else(|Failed(why)| format!("failed: {why}"), |runs| summary(&runs));
            println!("{:<42} {told}", format!("{letter} {}", case.name));
        }
    }
    Ok(())
}

/// `built` is a folder to build in.
fn cases(root: &Path, built: &Path) -> Result<Vec<Case>> {
    let case = |name: &str, arguments: &[&str], paths: &[&Path]| Case {
        name: name.to_owned(),
        arguments: arguments.iter().map(OsString::from).chain(paths.iter().map(Into::into)).collect(),
        serves: arguments[0] == "serve",
        writes: None,
    };
    let mut build =
        case("build", &["build", "--catalog"], &[&built.join("catalog"), Path::new("--layout"), &built.join("layout")]);
    build.writes = Some(built.to_owned());
    let mut cases = vec![case("generate --check", &["generate", "--check", "--quiet"], &[]), build];
    let corpus: PathBuf = std::env::var_os("OLM_CATALOG_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let corpus = corpus.join("corpus/catalogs/community-v4.16");
    for (name, path) in [("repository", Path::new("catalog")), ("community-v4.16", corpus.as_path())] {
        if !path.is_dir() {
            println!("({name} is left out: {} is not there)", path.display());
            continue;
        }
        let named = |verb: &str| format!("{verb} ({name})");
        cases.extend([
            case(&named("validate"), &["validate", "--quiet"], &[path]),
            case(&named("list"), &["list"], &[path]),
            case(&named("graph -o svg"), &["graph", "-o", "svg"], &[path]),
            case(&named("diff with itself"), &["diff"], &[path, path]),
            case(&named("upgrades --all"), &["upgrades", "--all"], &[path]),
            case(&named("render -o yaml"), &["render", "-o", "yaml"], &[path]),
            case(&named("render -o json"), &["render", "-o", "json"], &[path]),
            case(&named("serve, until it serves"), &["serve", "--addr", "127.0.0.1:0"], &[path]),
        ]);
    }
    Ok(cases)
}

impl Case {
    fn run(&self, program: &OsString) -> Result<std::result::Result<Run, Failed>> {
        if let Some(folder) = self.writes.as_ref().filter(|folder| folder.exists()) {
            fs::remove_dir_all(folder)?;
        }
        // A file, because a pipe would have to be read while the process runs.
        let mut said = tempfile::tempfile()?;
        let mut command = Command::new(program);
        command.args(&self.arguments).stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(if self.serves { Stdio::piped() } else { said.try_clone()?.into() });
        let start = Instant::now();
        let mut child = command.spawn()?;
        if let Some(stderr) = child.stderr.take() {
            let mut line = String::new();
            BufReader::new(stderr).read_line(&mut line)?;
            let run = Run { time: start.elapsed(), memory: peak(&child) };
            child.kill()?;
            child.wait()?;
            return Ok(if line.starts_with("serving on ") { Ok(run) } else { Err(Failed(line.trim_end().to_owned())) });
        }
        let mut memory = 0;
        let status = loop {
            memory = peak(&child).max(memory);
            match child.try_wait()? {
                Some(status) => break status,
                None => thread::sleep(Duration::from_millis(1)),
            }
        };
        let run = Run { time: start.elapsed(), memory };
        // 1 means findings, as in a catalog that is not ours.
        if matches!(status.code(), Some(0 | 1)) {
            return Ok(Ok(run));
        }
        let mut text = String::new();
        said.rewind()?;
        said.read_to_string(&mut text)?;
        Ok(Err(Failed(text.lines().last().map_or_else(|| status.to_string(), str::to_owned))))
    }
}

/// The maximum resident KiB of a process so far; 0 if it has ended.
fn peak(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn summary(runs: &[Run]) -> String {
    let mut times: Vec<f64> = runs.iter().map(|run| run.time.as_secs_f64()).collect();
    times.sort_by(f64::total_cmp);
    let (min, median, max) = (times[0], times[times.len() / 2], times[times.len() - 1]);
    let memory = runs.iter().map(|run| run.memory).max().unwrap_or(0);
    format!("{min:>8.3} {median:>8.3} {max:>8.3} {:>9}", memory.div_ceil(1024))
}
