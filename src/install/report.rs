//! The installer's progress, as events. The program prints them.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::cluster::Action;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", tag = "event")]
pub enum Event {
    /// An object was written, or found unchanged.
    Applied {
        /// The object, such as `Subscription dbaas/percona-xtradb-cluster-operator`.
        object: String,
        /// The result.
        action: Action,
    },
    /// An object was deleted.
    Deleted {
        /// The object.
        object: String,
    },
    /// A condition is not met yet. Sent again whenever its state changes.
    Waiting {
        /// The condition, such as `CatalogSource olm/dbaas-catalog is READY`.
        condition: String,
        /// Its current state.
        seen: String,
    },
    /// A condition was met.
    Met {
        /// The condition.
        condition: String,
        /// The time that it took.
        #[serde(serialize_with = "tenths")]
        #[schemars(with = "f64")]
        seconds: Duration,
    },
    /// An InstallPlan was approved.
    Approved {
        /// The plan, `<namespace>/<name>`.
        plan: String,
        /// Every bundle that it installs.
        bundles: Vec<String>,
    },
    /// Any other message.
    Note {
        /// The message.
        message: String,
    },
}

fn tenths<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((time.as_secs_f64() * 10.0).round() / 10.0)
}

/// The receiver of events.
pub trait Report: Sync {
    /// Receives an event.
    fn tell(&self, event: Event);
}
