//! The state of an installation.

use kube::ResourceExt;
use schemars::JsonSchema;
use serde::Serialize;

use super::api::{CatalogSource, Subscription};
use super::cluster::Cluster;
use super::error::Error;
use super::olm::{self, Olm};
use super::places::Places;
use super::plan::SUCCEEDED;
use super::state::State;

/// The state of an installation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// OLM.
    pub olm: OlmStatus,
    /// The catalog; `None` if it is not installed.
    pub catalog: Option<CatalogStatus>,
    /// The operators, by namespace and name.
    pub operators: Vec<OperatorStatus>,
}

/// The state of OLM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OlmStatus {
    /// Its namespace.
    pub namespace: Option<String>,
    /// Its version, if it reports one.
    pub version: Option<String>,
    /// `Running`, `Unavailable`, `Partial` or `Absent`.
    pub state: String,
}

/// The state of the catalog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CatalogStatus {
    /// `<namespace>/<name>`.
    pub name: String,
    /// Its image.
    pub image: String,
    /// The state of OLM's connection to it; `READY` if it works.
    pub state: String,
}

/// The state of an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OperatorStatus {
    /// Its package.
    pub operator: String,
    /// Its namespace.
    pub namespace: String,
    /// The channel that it follows; `None` for the package's default.
    pub channel: Option<String>,
    /// The bundle that is installed.
    pub installed: Option<String>,
    /// The phase of the installed bundle: `Succeeded` if it runs, `Deleted` if somebody deleted its
    /// ClusterServiceVersion.
    pub phase: String,
    /// The bundle that waits for installation.
    pub pending: Option<String>,
    /// Deprecations of its package, channel and bundle, in OLM's words.
    pub deprecations: Vec<String>,
}

/// Deprecations of a Subscription's package, channel and bundle. OLM reports them in conditions, since 0.27.
pub(super) fn deprecations(subscription: &Subscription) -> Vec<String> {
    const KINDS: [&str; 3] = ["PackageDeprecated", "ChannelDeprecated", "BundleDeprecated"];
    let conditions = subscription.status.iter().flat_map(|status| &status.conditions);
    conditions
        .filter(|condition| condition.status == "True" && KINDS.contains(&condition.kind.as_str()))
        .filter_map(|condition| condition.message.as_deref().filter(|message| !message.trim().is_empty()))
        .map(|message| format!("{}: {}", subscription.spec.name, message.trim()))
        .collect()
}

/// The phase of a version that somebody deleted.
const DELETED: &str = "Deleted";

impl Status {
    /// Reads the state from the cluster.
    ///
    /// # Errors
    /// If the API server does not answer, or a permission is missing.
    pub async fn read(cluster: &Cluster, places: &Places) -> Result<Self, Error> {
        let olm = Olm::look(cluster, &places.olm_namespace).await?;
        let catalog: Option<CatalogSource> = cluster.get(Some(&places.olm_namespace), &places.catalog).await?;
        let mut operators = Vec::new();
        for (namespace, state) in places.states(cluster).await? {
            let ours = state.subscriptions.iter().filter(|subscription| places.has(subscription));
            operators.extend(ours.map(|subscription| operator(&namespace, subscription, &state)));
        }
        let state = format!("{:?}", olm.state());
        let namespace = olm.namespace.clone().filter(|_| olm.state() != olm::State::Absent);
        Ok(Self {
            olm: OlmStatus { namespace, version: olm.version, state },
            catalog: catalog.map(|catalog| self::catalog(&catalog)),
            operators,
        })
    }

    /// Whether OLM, the catalog and every operator run.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.olm.state == "Running"
            && self.catalog.as_ref().is_some_and(|catalog| catalog.state == "READY")
            && !self.operators.is_empty()
            && self.operators.iter().all(|operator| operator.phase == SUCCEEDED)
    }
}

fn catalog(catalog: &CatalogSource) -> CatalogStatus {
    let connection = catalog.status.as_ref().and_then(|status| status.connection_state.as_ref());
    let state = connection.and_then(|connection| connection.last_observed_state.clone());
    CatalogStatus {
        name: format!("{}/{}", catalog.namespace().unwrap_or_default(), catalog.name_any()),
        image: catalog.spec.image.clone().unwrap_or_default(),
        state: state.unwrap_or_else(|| "not connected".to_owned()),
    }
}

fn operator(namespace: &str, subscription: &Subscription, state: &State) -> OperatorStatus {
    let installed = state.installed(subscription);
    let deleted = state.deleted(subscription);
    OperatorStatus {
        operator: subscription.spec.name.clone(),
        namespace: namespace.to_owned(),
        channel: subscription.spec.channel.clone(),
        deprecations: deprecations(subscription),
        installed: installed.map(str::to_owned),
        phase: match (installed, deleted) {
            (Some(name), _) => state.phase(name).to_owned(),
            (None, Some(_)) => DELETED.to_owned(),
            (None, None) => String::new(),
        },
        pending: state.pending(subscription).filter(|_| deleted.is_none()).map(str::to_owned),
    }
}
