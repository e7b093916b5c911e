//! Cases that share a cluster: without one, all of them are ignored for the same reason.

use std::sync::Arc;

use libtest_mimic::{Completion, Failed, Trial};

use super::Error;

/// The shared part, or why the cases are ignored. A failed start ends the test.
pub(crate) fn or_reason<T>(started: Result<T, Error>) -> Result<T, String> {
    match started {
        Ok(started) => Ok(started),
        Err(Error::Unavailable(reason)) => Err(reason),
        Err(error @ Error::Failed(_)) => panic!("the cluster did not start: {error}"),
    }
}

/// A case on the shared part.
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
