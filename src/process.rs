//! External programs that provide credentials: plugins of kubeconfigs, and credential helpers of registries. Their
//! output is a secret, and their output size and run time are limited.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use std::{io, thread};

/// The interval between checks whether the program has ended.
const LOOK: Duration = Duration::from_millis(10);

/// How long to wait for its output after it has ended: one of its children may keep it open.
const REST: Duration = Duration::from_secs(2);

/// Why a program returned nothing.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It could not be started.
    Start(io::Error),
    /// Waiting for it failed.
    Wait(io::Error),
    /// It did not end in time and was stopped.
    Late,
    /// It printed too much and was stopped.
    Large,
}

/// Runs a program to its end, and returns its standard output. `input` is written to its standard input; without it,
/// the command's own setting is kept.
///
/// # Errors
/// A program that cannot be started, prints more than `most` bytes, or takes longer than `patience`.
pub(crate) fn run(
    command: &mut Command,
    input: Option<&str>,
    most: u64,
    patience: Duration,
) -> Result<(ExitStatus, Vec<u8>), Failure> {
    if input.is_some() {
        command.stdin(Stdio::piped());
    }
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(Failure::Start)?;
    if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input.map(str::to_owned)) {
        // A program that does not read its input may still answer.
        thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    }
    let output = read(&mut child, most);
    let ended = wait(&mut child, &output, Instant::now() + patience);
    if ended.is_err() {
        let _ = child.kill();
        let _ = child.wait();
    }
    let (status, output) = ended?;
    if output.len() as u64 > most { Err(Failure::Large) } else { Ok((status, output)) }
}

/// Reads the output on another thread, up to one byte over the limit.
fn read(child: &mut Child, most: u64) -> Receiver<Vec<u8>> {
    let (send, receive) = channel();
    let stdout = child.stdout.take();
    thread::spawn(move || {
        let mut output = Vec::new();
        if let Some(stdout) = stdout {
            // The bytes before an error are still used.
            let _ = stdout.take(most + 1).read_to_end(&mut output);
        }
        let _ = send.send(output);
    });
    receive
}

fn wait(child: &mut Child, output: &Receiver<Vec<u8>>, end: Instant) -> Result<(ExitStatus, Vec<u8>), Failure> {
    loop {
        if let Some(status) = child.try_wait().map_err(Failure::Wait)? {
            return Ok((status, output.recv_timeout(REST).unwrap_or_default()));
        }
        if Instant::now() >= end {
            return Err(Failure::Late);
        }
        thread::sleep(LOOK);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn sh(script: &str, input: Option<&str>, seconds: u64) -> Result<(Option<i32>, Vec<u8>), Failure> {
        let mut command = Command::new("sh");
        let ended = run(command.args(["-c", script]), input, 10, Duration::from_secs(seconds));
        ended.map(|(status, output)| (status.code(), output))
    }

    #[test]
    fn what_is_printed_and_how_it_ends_is_told() {
        assert_eq!(sh("cat; exit 3", Some("abc"), 60).unwrap(), (Some(3), b"abc".to_vec()));
        assert_eq!(sh("echo a", Some("not read"), 60).unwrap(), (Some(0), b"a\n".to_vec()));
    }

    #[test]
    fn endless_programs_are_stopped() {
        assert!(matches!(sh("exec sleep 60", None, 0), Err(Failure::Late)));
        // It ends because nobody reads from the pipe any more.
        assert!(matches!(sh("exec yes", None, 60), Err(Failure::Large)));
        let none = run(&mut Command::new("/nowhere/at-all"), None, 10, Duration::from_secs(1));
        assert!(matches!(none, Err(Failure::Start(error)) if error.kind() == io::ErrorKind::NotFound));
    }
}
