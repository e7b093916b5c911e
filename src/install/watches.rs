//! Watches of kinds of objects. They only trigger a read of the state: a watch that breaks, is slow or is forbidden
//! costs time, but cannot cause a wrong result.

use std::sync::Arc;
use std::time::Duration;

use kube::Resource;
use kube::api::{Api, ApiResource, DynamicObject, WatchParams};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_stream::StreamExt;

use super::cluster::Cluster;

/// The time without an event after which the state is read again.
pub(super) const LOOK: Duration = Duration::from_secs(5);
/// How long a watch is kept before it is opened again, in seconds.
const HELD: u32 = 290;

/// The kinds whose changes trigger another read.
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

    /// Also watches a kind, in one namespace or in the whole cluster.
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

    /// Whether nothing is watched.
    pub(super) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Waits for the next change.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
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
