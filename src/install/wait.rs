//! Waiting for named conditions, each with a deadline of its own.
//!
//! What counts is always read anew. Watches only say when to look again: a watch that breaks, is slow or is forbidden
//! costs time, never the truth.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use kube::Resource;
use kube::api::{Api, ApiResource, DynamicObject, WatchParams};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_stream::StreamExt;

use super::cluster::Cluster;
use super::error::Error;
use super::evidence::{Evidence, Scope};
use super::explain::{self, Trouble, one_line};
use super::places::Places;
use super::report::{Event, Report};

/// How long nothing may be heard before one looks again.
const LOOK: Duration = Duration::from_secs(5);
/// The same where nothing is watched.
const LOOK_OFTEN: Duration = Duration::from_secs(1);
/// The least time between two looks: several changes often come together.
const REST: Duration = Duration::from_millis(150);
/// How long nothing may change before one looks for why.
const STILL: Duration = Duration::from_secs(15);
/// How long looking for why may take.
const LOOKED: Duration = Duration::from_secs(30);
/// How long a watch is held before it is opened anew, in seconds.
const HELD: u32 = 290;

/// How a condition looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look<T> {
    /// It has come about.
    Met(T),
    /// It has not, and looks like this.
    NotYet(String),
    /// It will not come about by itself, and why.
    Never(String),
}

/// The kinds whose changes say when to look again.
#[derive(Default)]
pub struct Watches {
    changed: Arc<Notify>,
    tasks: JoinSet<()>,
}

impl Watches {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Watches a kind too, in one namespace or where it has none.
    #[must_use]
    pub fn on<K: Resource<DynamicType = ()>>(mut self, cluster: &Cluster, namespace: Option<&str>) -> Self {
        let kind = ApiResource::erase::<K>(&());
        let api: Api<DynamicObject> = match namespace {
            Some(namespace) => Api::namespaced_with(cluster.client(), namespace, &kind),
            None => Api::all_with(cluster.client(), &kind),
        };
        self.tasks.spawn(watch(api, Arc::clone(&self.changed)));
        self
    }
}

async fn watch(api: Api<DynamicObject>, changed: Arc<Notify>) {
    let parameters = WatchParams::default().timeout(HELD).disable_bookmarks();
    loop {
        if let Ok(events) = api.watch_metadata(&parameters, "0").await {
            let mut events = std::pin::pin!(events);
            while let Some(Ok(_)) = events.next().await {
                changed.notify_one();
            }
        }
        sleep(LOOK).await;
    }
}

/// Waits for one thing after the other, until a common end.
pub struct Waiter<'w> {
    report: &'w dyn Report,
    end: Instant,
    /// Whom to ask why something does not come about.
    place: Option<(Cluster, Places)>,
}

impl<'w> Waiter<'w> {
    /// All conditions together have this long.
    #[must_use]
    pub fn new(report: &'w dyn Report, limit: Duration) -> Self {
        Self { report, end: Instant::now() + limit, place: None }
    }

    /// The same, but it looks at the whole installation for why something does not come about.
    #[must_use]
    pub fn explaining(mut self, cluster: &Cluster, places: Places) -> Self {
        self.place = Some((cluster.clone(), places));
        self
    }

    /// Why something does not come about, as far as the cluster knows. Whatever is wrong with looking is no news here.
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

    /// Who is told.
    #[must_use]
    pub fn report(&self) -> &'w dyn Report {
        self.report
    }

    /// Waits for a condition, for this long at most.
    ///
    /// # Errors
    /// [`Error::NotReady`] where it does not come about; what looking itself fails of.
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
        let mut told = BTreeSet::new();
        loop {
            let final_ = match look().await? {
                Look::Met(met) => {
                    // What was so from the start is not news.
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
            // It stands still: the cluster may know why.
            if asked.elapsed() > STILL {
                // What stays so is told once, and what is the same for several objects in one line.
                for seen in together(&self.troubles().await) {
                    if told.insert(seen.clone()) {
                        self.report.tell(Event::Waiting { condition: condition.to_owned(), seen });
                    }
                }
                asked = Instant::now();
            }
            sleep(REST).await;
            let pause = if watches.tasks.is_empty() { LOOK_OFTEN } else { LOOK };
            let pause = pause.min(end.saturating_duration_since(Instant::now()));
            // Both are right: something changed, or it is time to look anyway.
            let _ = timeout(pause, watches.changed.notified()).await;
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
