//! Cases that share a cluster: where there is none, all of them are left out for its reason.

use std::sync::Arc;

use libtest_mimic::{Completion, Failed, Trial};

use super::Error;

/// What was started, or why the cases are left out. What should have started and did not ends the test.
pub(crate) fn or_reason<T>(started: Result<T, Error>) -> Result<T, String> {
    match started {
        Ok(started) => Ok(started),
        Err(Error::Unavailable(reason)) => Err(reason),
        Err(error @ Error::Failed(_)) => panic!("the cluster did not start: {error}"),
    }
}

/// A case on what was started for all of them.
pub(crate) fn trial<S: Send + Sync + 'static>(
    name: impl Into<String>,
    state: &Arc<Result<S, String>>,
    case: impl FnOnce(&S) -> Result<Completion, Failed> + Send + 'static,
) -> Trial {
    let state = Arc::clone(state);
    Trial::ignorable_test(name, move || match &*state {
        Ok(state) => case(state),
        Err(reason) => Ok(Completion::ignored_with(reason)),
    })
}
