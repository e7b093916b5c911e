//! What `install-catalog` does on a cluster: OLM, the catalog, the subscriptions, and upgrades that a user accepts.
//!
//! 1. [`options`]: what is to be installed.
//! 2. [`objects`]: the objects that say so, of the types in [`api`].
//! 3. [`kubeconfig`]: which cluster is meant. [`cluster`]: where they are written, by [`tls`] and maybe through a [`proxy`].
//! 4. [`olm`]: whether OLM is there, and putting it there.
//! 5. [`before`]: what is in the way.
//! 6. [`packages`]: what the catalog has, once it is served.
//! 7. [`state`] and [`plan`]: what OLM makes of it, and what to approve.
//! 8. [`wait`]: until it runs.
//! 9. [`evidence`]: all that takes part, and [`explain`]: why something does not come about.
//!
//! [`run`] goes this way. Of what was installed, in its [`places`], [`status`] says how it is, [`upgrades`] what waits,
//! and [`uninstall`] takes it away.
//! [`labels`] is what the catalog's image says of itself, [`list`] what a catalog has, [`gitops`] the objects for a repository.
//! [`rbac`] is what it may do for that, [`job`] how it runs in the cluster itself. [`report`] is what is told meanwhile, [`error`] what stops it.

pub mod api;
pub mod before;
pub mod cluster;
pub mod error;
pub mod evidence;
pub mod explain;
pub mod gitops;
pub mod job;
pub mod kubeconfig;
pub mod labels;
pub mod list;
pub mod objects;
pub mod olm;
pub mod options;
pub mod packages;
pub mod places;
pub mod plan;
pub mod pod_security;
pub mod proxy;
pub mod rbac;
pub mod report;
pub mod run;
pub mod state;
pub mod status;
pub mod tls;
pub mod uninstall;
pub mod upgrades;
pub mod wait;
