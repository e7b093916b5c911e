//! Where on the cluster an installation is.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Namespace;
use kube::ResourceExt;

use super::api::Subscription;
use super::before::is_ours;
use super::cluster::Cluster;
use super::error::Error;
use super::objects::PART_OF;
use super::options::Options;
use super::state::State;

/// Where an installation is.
#[derive(Clone, Debug)]
pub struct Places {
    /// The CatalogSource's name.
    pub catalog: String,
    /// The namespace of OLM, and of the CatalogSource.
    pub olm_namespace: String,
    /// The namespace of the operators; with isolated operators that of the databases.
    pub namespace: String,
}

impl Options {
    /// Where it is to be installed.
    #[must_use]
    pub fn places(&self) -> Places {
        Places {
            catalog: self.catalog.clone(),
            olm_namespace: self.olm_namespace.clone(),
            namespace: self.namespace.clone(),
        }
    }
}

impl Places {
    /// The namespaces that may have operators: the one that was named, and those that are labelled as part of the
    /// catalog, as an installation with isolated operators makes them.
    ///
    /// # Errors
    /// No answer, a missing permission.
    pub async fn namespaces(&self, cluster: &Cluster) -> Result<Vec<String>, Error> {
        let labelled: Vec<Namespace> = cluster.list(None, &format!("{PART_OF}={}", self.catalog)).await?;
        let mut names: BTreeSet<String> = labelled.iter().map(ResourceExt::name_any).collect();
        names.insert(self.namespace.clone());
        Ok(names.into_iter().collect())
    }

    /// What OLM has in each of them.
    ///
    /// # Errors
    /// No answer, a missing permission.
    pub async fn states(&self, cluster: &Cluster) -> Result<Vec<(String, State)>, Error> {
        let mut states = Vec::new();
        for namespace in self.namespaces(cluster).await? {
            let state = State::read(cluster, &namespace).await?;
            states.push((namespace, state));
        }
        Ok(states)
    }

    /// Whether a Subscription is of this installation.
    #[must_use]
    pub fn has(&self, subscription: &Subscription) -> bool {
        is_ours(subscription, &self.catalog)
    }
}
