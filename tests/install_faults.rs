//! `install-catalog` with faults: it ends installed, or with a clear error, and then a second run finishes.
//!
//! Random choices depend on a seed, `$OLM_CATALOG_SEED` or 1, which is printed if a case fails.

#![allow(clippy::unwrap_used, reason = "a test")]

mod cluster;
mod common;
mod faults;
mod olm;

use std::sync::{Arc, OnceLock};

use cluster::Error;
use faults::{Outcome, State, at_once, conflicts, connections, credentials, deleted, killed};
use libtest_mimic::{Arguments, Completion, Failed, Trial};

/// A cluster, from its first case on.
type Lazy = OnceLock<Result<State, Error>>;
type Case = fn(&State) -> Outcome;

/// How many cases run in parallel. Mostly they wait for the program, which waits for the cluster.
const THREADS: usize = 4;

fn main() {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(THREADS);
    // Cases that kill the API server have their own cluster. They take the longest, and start first.
    let alone: [(&str, Case); 2] =
        [("killed::during_each_verb", killed::during_each_verb), ("killed::during_installs", killed::during_installs)];
    let together: [(&str, Case); 11] = [
        ("connections::patience_ends", connections::patience_ends),
        ("deleted::by_somebody", deleted::by_somebody),
        ("deleted::a_plan_before_its_approval", deleted::a_plan_before_its_approval),
        ("credentials::rejected", credentials::rejected),
        ("credentials::revoked_meanwhile", credentials::revoked_meanwhile),
        ("connections::bad_ones", connections::bad_ones),
        ("connections::silence", connections::silence),
        ("at_once::the_same", at_once::the_same),
        ("at_once::of_two_images", at_once::of_two_images),
        ("conflicts::a_field_of_somebody_else", conflicts::a_field_of_somebody_else),
        ("conflicts::a_plan_that_was_touched", conflicts::a_plan_that_was_touched),
    ];
    let shared = Arc::<Lazy>::default();
    let alone = alone
        .into_iter()
        .enumerate()
        .map(|(number, (name, case))| trial(name, case, Arc::default(), format!("install_faults_{}", number + 1)));
    let together =
        together.into_iter().map(|(name, case)| trial(name, case, Arc::clone(&shared), "install_faults".into()));
    let trials = alone.chain(together).collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    // Exiting runs no destructors.
    drop(shared);
    conclusion.exit()
}

/// A case on a cluster, and the name of the folder of its logs.
fn trial(name: &str, case: Case, cluster: Arc<Lazy>, logs: String) -> Trial {
    Trial::ignorable_test(name, move || match cluster.get_or_init(|| State::start(&logs)) {
        Ok(state) => case(state).map(|()| Completion::Completed).map_err(|error| {
            let (said, met) = (error.message().unwrap_or_default(), state.olm.errors());
            format!("seed {}: {said}\nthe player met {met:#?}", state.seed).into()
        }),
        Err(Error::Unavailable(reason)) => Ok(Completion::ignored_with(reason)),
        Err(error @ Error::Failed(_)) => Err(Failed::from(format!("the cluster did not start: {error}"))),
    })
}
