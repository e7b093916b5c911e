//! What `install-catalog` does on a cluster: OLM, the catalog, the subscriptions, and upgrades that a user accepts.
//!
//! 1. [`options`]: what to install.
//! 2. [`objects`]: the objects for these options, of the types in [`api`].
//! 3. [`kubeconfig`]: the cluster to use. [`cluster`]: all requests to it, over [`tls`] and possibly through a
//!    [`proxy`].
//! 4. [`olm`]: checks whether OLM is installed, and installs it.
//! 5. [`before`]: checks for conflicts before anything is written.
//! 6. [`packages`]: the packages of the catalog, once it is served.
//! 7. [`state`] and [`plan`]: OLM's reaction, and the InstallPlan to approve.
//! 8. [`wait`]: waits until everything runs.
//! 9. [`evidence`]: all objects of an installation, and [`explain`]: why something fails.
//!
//! [`run`] goes through these steps. For an existing installation in its [`places`], [`status`] shows its state,
//! [`upgrades`] shows and approves upgrades, and [`uninstall`] removes it. [`labels`] reads the labels of the catalog
//! image, [`list`] lists the contents of a catalog, [`gitops`] orders the objects for a repository. [`rbac`] has the
//! permissions that all of this needs, [`job`] runs it in the cluster itself. [`report`] has the progress events,
//! [`error`] the errors, [`trouble`] the problems of an installation, [`marks`] the labels of the installer's objects,
//! and [`watches`] triggers another read when objects change.

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
pub mod marks;
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
pub mod trouble;
pub mod uninstall;
pub mod upgrades;
pub mod wait;
pub mod watches;
