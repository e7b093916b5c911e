//! The program in the tests' pods: one small static program. It keeps a pod's sandbox alive, answers, sends requests,
//! and inspects its environment.

use std::env;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

/// The time limit for an answer, including retries.
const ANSWER: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match *arguments {
        ["pause"] => loop {
            thread::park();
        },
        ["serve", address, text] => serve(address, text),
        ["fetch", address, text] => fetch(address, text),
        ["root-is-read-only"] => root_is_read_only(),
        _ => Err("usage: pod pause | serve ADDRESS TEXT | fetch ADDRESS TEXT | root-is-read-only".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Answers everyone who connects with a text.
fn serve(address: &str, text: &str) -> Result<(), String> {
    let listener = TcpListener::bind(address).map_err(|error| error.to_string())?;
    for stream in listener.incoming() {
        // A client that has disconnected needs no answer.
        let _ = stream.and_then(|mut stream| stream.write_all(text.as_bytes()));
    }
    Ok(())
}

/// Connects until it gets an answer, and compares it with this text.
fn fetch(address: &str, text: &str) -> Result<(), String> {
    let deadline = Instant::now() + ANSWER;
    loop {
        let mut answer = String::new();
        let read = TcpStream::connect(address).and_then(|mut stream| {
            stream.set_read_timeout(Some(Duration::from_secs(2)))?;
            stream.read_to_string(&mut answer)
        });
        match read {
            Ok(_) if answer == text => return Ok(()),
            Ok(_) => return Err(format!("{address} says {answer:?}, not {text:?}")),
            Err(error) if Instant::now() > deadline => return Err(format!("{address}: {error}")),
            Err(_) => thread::sleep(Duration::from_millis(200)),
        }
    }
}

fn root_is_read_only() -> Result<(), String> {
    match File::create("/file") {
        Err(error) if error.kind() == ErrorKind::ReadOnlyFilesystem => Ok(()),
        other => Err(format!("making a file: {other:?}")),
    }
}
