//! What to install, and where.

mod parse;
mod together;

use std::collections::BTreeMap;
use std::time::Duration;

pub use parse::{Amount, Env, For, Label};
pub use together::{CATALOG_POD, EVERY_OPERATOR, Settings, together};

use super::api::Toleration;

/// The name of the CatalogSource, and the field owner of everything that the installer writes.
pub const CATALOG: &str = "dbaas-catalog";

/// What to install, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The catalog's image.
    pub image: String,
    /// The CatalogSource's name.
    pub catalog: String,
    /// The catalog's name in user interfaces.
    pub display_name: Option<String>,
    /// The catalog's publisher.
    pub publisher: Option<String>,
    /// The Secrets in OLM's namespace for pulling the images of the catalog and its bundles.
    pub pull_secrets: Vec<String>,
    /// Where the catalog's pod runs. Of its resources, OLM sets only the memory request.
    pub catalog_pod: Placement,
    /// The PriorityClass of the catalog's pod.
    pub priority_class: Option<String>,
    /// The namespace of the operators.
    pub namespace: String,
    /// The namespace of OLM, and of the CatalogSource.
    pub olm_namespace: String,
    /// The operators: their packages' names.
    pub operators: Vec<Operator>,
    /// Who approves upgrades.
    pub approval: Approval,
    /// Which namespaces the operators watch.
    pub watch: Watch,
    /// Whether each operator gets its own namespace, so that upgrades are approved one by one.
    pub isolate: bool,
    /// How often OLM asks the registry for a newer catalog under the same tag.
    pub poll: Duration,
}

/// One operator to subscribe to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operator {
    /// Its package.
    pub package: String,
    /// The channel; the package's default one if there is none.
    pub channel: Option<String>,
    /// The version to install first; the channel's head if there is none.
    pub version: Option<String>,
    /// Environment variables of its pods, by name.
    pub env: BTreeMap<String, String>,
    /// Where its pods run, and their resources.
    pub placement: Placement,
}

/// Where pods run, and their resources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    /// The labels that a node must have.
    pub node_selector: BTreeMap<String, String>,
    /// The node taints that they tolerate.
    pub tolerations: Vec<Toleration>,
    /// The requests of each container, by resource: Kubernetes quantities, such as `100m` of `cpu`.
    pub requests: BTreeMap<String, String>,
    /// The limits of each container, likewise.
    pub limits: BTreeMap<String, String>,
}

/// Who approves upgrades.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Approval {
    /// A user, with `install-catalog approve`.
    #[default]
    Manual,
    /// OLM itself, immediately.
    Automatic,
}

impl Approval {
    /// The value in a Subscription.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "Manual",
            Self::Automatic => "Automatic",
        }
    }
}

/// Which namespaces the operators watch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Watch {
    /// Only the namespace of the operators.
    #[default]
    Own,
    /// All of them.
    All,
}
