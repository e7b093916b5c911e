//! What is to be installed, and where.

mod parse;
mod together;

use std::collections::BTreeMap;
use std::time::Duration;

pub use parse::{Amount, Env, For, Label};
pub use together::{CATALOG_POD, EVERY_OPERATOR, Settings, together};

use super::api::Toleration;

/// The name of the CatalogSource, and the field owner of everything that the installer writes.
pub const CATALOG: &str = "dbaas-catalog";

/// What is to be installed, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The catalog's image.
    pub image: String,
    /// The CatalogSource's name.
    pub catalog: String,
    /// What user interfaces call the catalog.
    pub display_name: Option<String>,
    /// Who publishes the catalog.
    pub publisher: Option<String>,
    /// The Secrets of OLM's namespace with which the catalog's image and those of its bundles are pulled.
    pub pull_secrets: Vec<String>,
    /// Where the catalog's pod runs. Of its resources OLM sets the request of memory alone.
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
    /// Whether each operator gets a namespace of its own, so that upgrades are approved one by one.
    pub isolate: bool,
    /// How often OLM asks the registry for a newer catalog under the same tag.
    pub poll: Duration,
}

/// One operator to subscribe to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operator {
    /// Its package.
    pub package: String,
    /// The channel; the package's default one where there is none.
    pub channel: Option<String>,
    /// The version to begin with; the channel's head where there is none.
    pub version: Option<String>,
    /// Environment variables of its pods, by name.
    pub env: BTreeMap<String, String>,
    /// Where its pods run, and what they get.
    pub placement: Placement,
}

/// Where pods run, and what they get.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    /// The labels that a node must have.
    pub node_selector: BTreeMap<String, String>,
    /// The taints of nodes that do not keep them off.
    pub tolerations: Vec<Toleration>,
    /// What each container asks for, by resource: Kubernetes' quantities, such as `100m` of `cpu`.
    pub requests: BTreeMap<String, String>,
    /// What each container may use at most, likewise.
    pub limits: BTreeMap<String, String>,
}

/// Who approves upgrades.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Approval {
    /// A user, with `install-catalog approve`.
    #[default]
    Manual,
    /// OLM itself, at once.
    Automatic,
}

impl Approval {
    /// As a Subscription says it.
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
    /// The namespace of the operators alone.
    #[default]
    Own,
    /// All of them.
    All,
}
