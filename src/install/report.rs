//! What the installer tells while it works: events as data. Printing them is the program's.

use std::time::Duration;

use serde::Serialize;

use super::cluster::Action;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", tag = "event")]
pub enum Event {
    /// An object was written, or looked at and left.
    Applied {
        /// The object, such as `Subscription dbaas/percona-xtradb-cluster-operator`.
        object: String,
        /// What came of it.
        action: Action,
    },
    /// An object was deleted.
    Deleted {
        /// The object.
        object: String,
    },
    /// Something has not come about yet; told again whenever what is seen changes.
    Waiting {
        /// What is waited for, such as `CatalogSource olm/dbaas-catalog is READY`.
        condition: String,
        /// How it looks now.
        seen: String,
    },
    /// Something came about.
    Met {
        /// What was waited for.
        condition: String,
        /// How long that took.
        #[serde(serialize_with = "tenths")]
        seconds: Duration,
    },
    /// An InstallPlan was approved.
    Approved {
        /// The plan, `<namespace>/<name>`.
        plan: String,
        /// Every bundle that it installs.
        bundles: Vec<String>,
    },
    /// Anything else worth telling.
    Note {
        /// What it is.
        message: String,
    },
}

fn tenths<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((time.as_secs_f64() * 10.0).round() / 10.0)
}

/// Who is told.
pub trait Report: Sync {
    /// Takes an event.
    fn tell(&self, event: Event);
}
