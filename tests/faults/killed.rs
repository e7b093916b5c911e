//! The API server is killed and restarted while the program works: at moments derived from the seed, after one of the
//! lines that it prints.

use std::thread::sleep;
use std::time::Duration;

use libtest_mimic::Failed;

use super::program::Program;
use super::{DBAAS, NEW, OLD, Outcome, Place, State, VM, WAIT, credentials};
use crate::olm::Random;

/// The fault of a run: after how many lines, after which delay, for how long, and whether etcd is killed too.
struct Moment {
    lines: usize,
    after: Duration,
    down: Duration,
    etcd: bool,
}

impl Moment {
    /// Within these lines.
    fn new(random: &mut Random, from: usize, to: usize) -> Self {
        let mut below = |limit: usize| (random.next() % limit as u64) as usize;
        Self {
            lines: from + below(to - from),
            after: Duration::from_millis(below(200) as u64),
            down: Duration::from_millis(below(600) as u64),
            etcd: below(4) == 0,
        }
    }

    /// Kills and restarts; false if the program had ended before.
    fn comes(&self, state: &State, program: &mut Program) -> Result<bool, Failed> {
        program.lines(self.lines)?;
        sleep(self.after);
        if !program.runs()? {
            return Ok(false);
        }
        let programs: &[&str] = if self.etcd { &["kube-apiserver", "etcd"] } else { &["kube-apiserver"] };
        for name in programs {
            state.cluster.kill(name)?;
        }
        program.note(&format!("{} killed for {:?}", programs.join(" and "), self.down));
        sleep(self.down);
        for name in programs.iter().rev() {
            state.cluster.start_again(name)?;
        }
        Ok(true)
    }
}

/// A run with faults at these moments, which finishes; returns their number. Then the last of these versions runs, with
/// one approval for each.
fn disturbed(
    place: &Place<'_>,
    verb: &str,
    more: &[&str],
    versions: &[&str],
    moments: &[Moment],
) -> Result<usize, Failed> {
    let mut program = place.start(verb, more)?;
    let mut kills = 0;
    for moment in moments {
        kills += usize::from(moment.comes(place.state, &mut program)?);
    }
    let ended = program.ends(WAIT)?;
    place.state.cluster.ready()?;
    if let ("install", [version]) = (verb, versions) {
        place.nothing_half_approved(&[place.bundles(version)])?;
    }
    place.finishes(&ended, verb, more)?;
    if let Some(version) = versions.last() {
        place.is_installed(version, versions.len()).map_err(|error| ended.but(&super::message(&error)))?;
    }
    Ok(kills)
}

/// Six times during installs, and three times each during their upgrade and their uninstallation.
pub(crate) fn during_each_verb(state: &State) -> Outcome {
    until_killed(state, "verbs", 12, |place, random| {
        let version = format!("{DBAAS}={OLD}");
        let mut kills = install(place, random, &["--version", &version], OLD)?;
        kills += disturbed(place, "approve", &["--all"], &[OLD, NEW], &[Moment::new(random, 0, 5)])?;
        kills += disturbed(place, "uninstall", &["--namespaces"], &[], &[Moment::new(random, 0, 5)])?;
        place.is_removed()?;
        Ok(kills)
    })
}

/// Eight times during installs.
pub(crate) fn during_installs(state: &State) -> Outcome {
    until_killed(state, "installs", 8, |place, random| install(place, random, &[], NEW))
}

fn install(place: &Place<'_>, random: &mut Random, more: &[&str], version: &str) -> Result<usize, Failed> {
    let moments = [Moment::new(random, 0, 7), Moment::new(random, 8, 14)];
    disturbed(place, "install", more, &[version], &moments)
}

/// Rounds in separate namespaces until there were enough kills: a moment after the end has no effect.
fn until_killed(
    state: &State,
    case: &str,
    times: usize,
    round: impl Fn(&Place<'_>, &mut Random) -> Result<usize, Failed>,
) -> Outcome {
    let mut random = state.random(case);
    let (mut kills, mut number) = (0, 0);
    while kills < times {
        if number == times {
            return Err(format!("the API server was killed {kills} times only").into());
        }
        let mut place = state.place(&format!("{case}-{number}"));
        if number % 3 == 2 {
            place.operators.push(VM);
        }
        if number % 2 == 1 {
            // The API server learns about service accounts and permissions only after it has started.
            let account = credentials::account(state, &place.name)?;
            place.kubeconfig = credentials::kubeconfig(state, &account)?;
        }
        kills += round(&place, &mut random)?;
        number += 1;
    }
    Ok(())
}
