//! Waiting for named conditions, each with its own deadline.
//!
//! The state is always read again from the API server. Watches only trigger that: a watch that breaks, is slow or is
//! forbidden costs time, but cannot cause a wrong result.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::cluster::Cluster;
use super::error::Error;
use super::evidence::{Evidence, Scope};
use super::explain;
use super::places::Places;
use super::report::{Event, Report};
use super::trouble::{Trouble, one_line};
use super::watches::{LOOK, Watches};

/// The same if nothing is watched.
const LOOK_OFTEN: Duration = Duration::from_secs(1);
/// The least time between two reads: several changes often come together.
const REST: Duration = Duration::from_millis(150);
/// The time without a change after which the cause is looked for.
const STILL: Duration = Duration::from_secs(15);
/// The time limit for finding the cause.
const LOOKED: Duration = Duration::from_secs(30);

/// The state of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look<T> {
    /// The condition is met.
    Met(T),
    /// The condition is not met yet, with its state.
    NotYet(String),
    /// The condition cannot be met any more, with the reason.
    Never(String),
}

/// Waits for one condition after another, with a common deadline.
pub struct Waiter<'w> {
    report: &'w dyn Report,
    end: Instant,
    /// The cluster to check for the cause of a problem.
    place: Option<(Cluster, Places)>,
}

impl<'w> Waiter<'w> {
    /// With a time limit for all conditions together.
    #[must_use]
    pub fn new(report: &'w dyn Report, limit: Duration) -> Self {
        Self { report, end: Instant::now() + limit, place: None }
    }

    /// The same, but it checks the whole installation for the cause if a condition is not met.
    #[must_use]
    pub fn explaining(mut self, cluster: &Cluster, places: Places) -> Self {
        self.place = Some((cluster.clone(), places));
        self
    }

    /// Why a condition is not met, as far as the cluster shows. Errors of this check are ignored.
    async fn troubles(&self) -> Vec<Trouble> {
        let Some((cluster, places)) = &self.place else { return Vec::new() };
        let evidence = async {
            let scope = Scope::of(cluster, places).await?;
            Evidence::gather(cluster, &scope).await
        };
        match timeout(LOOKED, evidence).await {
            Ok(Ok(evidence)) => explain::troubles(&evidence),
            _ => Vec::new(),
        }
    }

    /// The receiver of events.
    #[must_use]
    pub fn report(&self) -> &'w dyn Report {
        self.report
    }

    /// Waits for a condition, with a time limit.
    ///
    /// # Errors
    /// [`Error::NotReady`] if it is not met; any error of reading the state.
    pub async fn until<T>(
        &self,
        condition: &str,
        limit: Duration,
        watches: &Watches,
        mut look: impl AsyncFnMut() -> Result<Look<T>, Error>,
    ) -> Result<T, Error> {
        let start = Instant::now();
        let end = self.end.min(start + limit);
        let mut last = String::new();
        let mut asked = start;
        let mut reported = BTreeSet::new();
        loop {
            let final_ = match look().await? {
                Look::Met(met) => {
                    // A condition that was met from the start is not reported.
                    if !last.is_empty() {
                        self.report.tell(Event::Met { condition: condition.to_owned(), seconds: start.elapsed() });
                    }
                    return Ok(met);
                }
                Look::NotYet(seen) => {
                    let seen = one_line(&seen);
                    if seen != last {
                        asked = Instant::now();
                        last.clone_from(&seen);
                        self.report.tell(Event::Waiting { condition: condition.to_owned(), seen });
                    }
                    false
                }
                Look::Never(why) => {
                    last = one_line(&why);
                    true
                }
            };
            if final_ || Instant::now() >= end {
                return Err(Error::NotReady {
                    condition: condition.to_owned(),
                    waited: start.elapsed(),
                    final_,
                    seen: last,
                    troubles: self.troubles().await,
                });
            }
            // Nothing changes any more: the cluster may show why.
            if asked.elapsed() > STILL {
                // The same state is reported once, and the same problem of several objects in one line.
                for seen in together(&self.troubles().await) {
                    if reported.insert(seen.clone()) {
                        self.report.tell(Event::Waiting { condition: condition.to_owned(), seen });
                    }
                }
                asked = Instant::now();
            }
            sleep(REST).await;
            let pause = if watches.is_empty() { LOOK_OFTEN } else { LOOK };
            let pause = pause.min(end.saturating_duration_since(Instant::now()));
            // Both are fine: something changed, or it is time to read anyway.
            let _ = timeout(pause, watches.changed()).await;
        }
    }
}

/// A line for each message, with the objects that it is about.
fn together(troubles: &[Trouble]) -> Vec<String> {
    let mut lines: Vec<(&str, Vec<&str>)> = Vec::new();
    for trouble in troubles {
        match lines.iter_mut().find(|(message, _)| *message == trouble.message) {
            Some((_, objects)) => objects.push(&trouble.object),
            None => lines.push((&trouble.message, vec![&trouble.object])),
        }
    }
    lines.into_iter().map(|(message, objects)| format!("{}: {message}", objects.join(", "))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_message_of_several_objects_is_one_line() {
        let trouble = |object: &str, message: &str| Trouble {
            object: object.into(),
            message: message.into(),
            help: String::new(),
        };
        let troubles = [
            trouble("Subscription a/x", "constraints not satisfiable"),
            trouble("Pod a/p", "it crashes"),
            trouble("Subscription a/y", "constraints not satisfiable"),
        ];
        assert_eq!(
            together(&troubles),
            ["Subscription a/x, Subscription a/y: constraints not satisfiable", "Pod a/p: it crashes"]
        );
    }
}
