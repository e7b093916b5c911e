//! Slow and broken connections between the installer and the API server.

use std::time::Duration;

use super::proxy::Fault;
use super::{NEW, Outcome, State, WAIT, at_the_same_time};

/// How long a program without a deadline retries.
const PATIENCE: Duration = Duration::from_secs(120);

/// All of them at the same time, each behind its own proxy: they all finish the installation.
pub(crate) fn bad_ones(state: &State) -> Outcome {
    let mut random = state.random("bad");
    let mut milliseconds = |from: u64, to: u64| Duration::from_millis(from + random.next() % (to - from));
    let faults = [
        ("cut-through", Fault::Cut(milliseconds(300, 900))),
        ("cut", Fault::Cut(milliseconds(300, 900))),
        ("silent-watches", Fault::SilentWatches),
        ("slow", Fault::Slow(4096, milliseconds(5, 20))),
        ("slow-through", Fault::Slow(1024, milliseconds(2, 5))),
        ("lost", Fault::Lost(4)),
        ("half", Fault::Half(5)),
    ];
    let mut runs = Vec::new();
    for (name, fault) in faults {
        let proxy = state.proxy(fault.clone())?;
        let mut place = state.place(name);
        let server = if name.ends_with("through") { proxy.through() } else { proxy.plain() };
        place.kubeconfig = state.cluster.kubeconfig_with(name, Some(&server), None)?;
        runs.push((fault, place.start("install", &["--wait", "60s"])?, place, proxy));
    }
    at_the_same_time(runs, |(fault, program, mut place, _proxy)| {
        let ended = program.ends(WAIT)?;
        ended.with(0).map_err(|error| format!("{fault:?}: {}", super::message(&error)))?;
        place.is_installed(NEW, 1)?;
        place.kubeconfig = state.cluster.kubeconfig().into();
        place.finishes(&ended, "install", &[])
    })
}

/// No answer: it ends at its deadline.
pub(crate) fn silence(state: &State) -> Outcome {
    let proxy = state.proxy(Fault::Silent)?;
    let servers =
        [("plain", proxy.plain()), ("through", proxy.through()), ("nobody", "https://127.0.0.1:1".to_owned())];
    let mut programs = Vec::new();
    for (name, server) in servers {
        let mut place = state.place(name);
        place.kubeconfig = state.cluster.kubeconfig_with(name, Some(&server), None)?;
        programs.push(place.start("install", &["--wait", "6s"])?);
    }
    for program in programs {
        let ended = program.ends(Duration::from_secs(6))?;
        ended.saying(2, &["the API server did not answer for", "help:"])?;
    }
    Ok(())
}

/// A program without a deadline that never gets an answer gives up.
pub(crate) fn patience_ends(state: &State) -> Outcome {
    let proxy = state.proxy(Fault::Silent)?;
    let mut place = state.place("patient");
    place.kubeconfig = state.cluster.kubeconfig_with("patient", Some(&proxy.plain()), None)?;
    place.start("status", &[])?.ends(PATIENCE)?.saying(2, &["the API server did not answer for", "help:"])
}
