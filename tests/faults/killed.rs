//! The API server is killed and started again while the program works: at moments that follow from the seed, after one
//! of the lines that it prints.

use std::thread::sleep;
use std::time::Duration;

use libtest_mimic::Failed;

use super::program::{Ended, Program};
use super::{DBAAS, NEW, OLD, Outcome, State, VM, WAIT, credentials};
use crate::olm::Random;

/// How a run is disturbed: after so many lines, so long after it, for so long, and whether etcd goes too.
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

    /// Kills, and starts again; false where the program had ended before.
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

/// A run that is disturbed at these moments, and how often it was.
fn disturbed(state: &State, mut program: Program, moments: &[Moment]) -> Result<(Ended, usize), Failed> {
    let mut kills = 0;
    for moment in moments {
        kills += usize::from(moment.comes(state, &mut program)?);
    }
    let ended = program.ends(WAIT)?;
    state.cluster.ready()?;
    Ok((ended, kills))
}

/// Fourteen times during installs, and three times each during an approval and an uninstallation.
pub(crate) fn during_each_verb(state: &State) -> Outcome {
    let mut random = state.random("killed");
    let mut kills = 0;
    for round in 0..7 {
        let mut place = state.place(&format!("killed-{round}"));
        if round % 3 == 2 {
            place.operators.push(VM);
        }
        if round % 2 == 1 {
            // Who a service account is and what it may do, the API server learns only after it has started.
            let account = credentials::account(state, &place.name)?;
            let token = credentials::requested(state, &account)?;
            place.kubeconfig = state.kubeconfig(&place.name, None, Some(&token))?;
        }
        let version = format!("{DBAAS}={OLD}");
        let begin: &[&str] = if round < 3 { &["--version", &version] } else { &[] };
        let installed = if round < 3 { OLD } else { NEW };
        let moments = [Moment::new(&mut random, 0, 7), Moment::new(&mut random, 8, 14)];
        let (ended, times) = disturbed(state, place.start("install", begin)?, &moments)?;
        kills += times;
        place.nothing_half_approved(&[place.bundles(installed)])?;
        place.finishes(&ended, "install", begin)?;
        place.is_installed(installed, 1).map_err(|error| ended.but(&super::message(&error)))?;
        if round < 3 {
            let moments = [Moment::new(&mut random, 0, 5)];
            let (ended, times) = disturbed(state, place.start("approve", &["--all"])?, &moments)?;
            kills += times;
            place.finishes(&ended, "approve", &["--all"])?;
            place.is_installed(NEW, 2).map_err(|error| ended.but(&super::message(&error)))?;
        }
        if round < 3 {
            let moments = [Moment::new(&mut random, 0, 5)];
            let (ended, times) = disturbed(state, place.start("uninstall", &["--namespaces"])?, &moments)?;
            kills += times;
            place.finishes(&ended, "uninstall", &["--namespaces"])?;
            place.is_gone()?;
        }
    }
    // A moment after the end disturbs nothing.
    if kills < 20 { Err(format!("the API server was killed {kills} times only").into()) } else { Ok(()) }
}
