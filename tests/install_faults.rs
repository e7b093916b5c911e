//! `install-catalog` where things go wrong: it ends installed, or with a clear error, and then a second run finishes.
//!
//! What is random follows from a seed, `$OLM_CATALOG_SEED` or 1, which is printed where a case fails.

#![allow(clippy::unwrap_used, reason = "a test")]

mod cluster;
mod common;
mod faults;
mod olm;

use std::sync::Arc;

use faults::{Outcome, State, at_once, conflicts, connections, credentials, deleted, killed};
use libtest_mimic::{Arguments, Completion, Trial};

type Case = fn(&State) -> Outcome;

fn main() {
    let mut arguments = Arguments::from_args();
    // The processes of the cluster end with the thread that starts them.
    arguments.test_threads = Some(1);
    let state = Arc::new(if arguments.list { Err("only listed".to_owned()) } else { State::start() });
    let cases: [(&str, Case); 12] = [
        ("conflicts::a_field_of_somebody_else", conflicts::a_field_of_somebody_else),
        ("conflicts::a_plan_that_was_touched", conflicts::a_plan_that_was_touched),
        ("credentials::not_taken", credentials::not_taken),
        ("credentials::revoked_meanwhile", credentials::revoked_meanwhile),
        ("deleted::by_somebody", deleted::by_somebody),
        ("deleted::a_plan_before_its_approval", deleted::a_plan_before_its_approval),
        ("at_once::the_same", at_once::the_same),
        ("at_once::of_two_images", at_once::of_two_images),
        ("connections::bad_ones", connections::bad_ones),
        ("connections::silence", connections::silence),
        ("killed::during_each_verb", killed::during_each_verb),
        ("connections::patience_ends", connections::patience_ends),
    ];
    let trials = cases.map(|(name, case)| {
        let state = Arc::clone(&state);
        Trial::ignorable_test(name, move || match &*state {
            Ok(state) => case(state).map(|()| Completion::Completed).map_err(|error| {
                let (said, met) = (error.message().unwrap_or_default(), state.olm.errors());
                format!("seed {}: {said}\nthe player met {met:#?}", state.seed).into()
            }),
            Err(reason) => Ok(Completion::ignored_with(reason)),
        })
    });
    let conclusion = libtest_mimic::run(&arguments, trials.into());
    // The exit runs no destructors.
    drop(state);
    conclusion.exit()
}
