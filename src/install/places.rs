//! The place of an installation on the cluster.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Namespace;
use kube::ResourceExt;

use super::api::{OperatorGroup, Subscription};
use super::cluster::Cluster;
use super::error::Error;
use super::marks::{INSTALLATION, PART_OF, is_ours, selector};
use super::options::Options;
use super::state::State;

/// The place of an installation.
#[derive(Clone, Debug)]
pub struct Places {
    /// The CatalogSource's name.
    pub catalog: String,
    /// The namespace of OLM, and of the CatalogSource.
    pub olm_namespace: String,
    /// The namespace of the operators, or, with isolated operators, the namespace of the databases.
    pub namespace: String,
    /// Whether only the installation in this namespace is meant, as opposed to those in all namespaces.
    pub only: bool,
}

impl Options {
    /// The place to install to.
    #[must_use]
    pub fn places(&self) -> Places {
        Places {
            catalog: self.catalog.clone(),
            olm_namespace: self.olm_namespace.clone(),
            namespace: self.namespace.clone(),
            only: true,
        }
    }
}

impl Places {
    /// The namespaces that may have operators: the given one, and those of its isolated operators. If none was given,
    /// those of every installation of the catalog.
    ///
    /// # Errors
    /// If the API server does not answer, or a permission is missing.
    pub async fn namespaces(&self, cluster: &Cluster) -> Result<Vec<String>, Error> {
        let labelled: Vec<Namespace> = cluster.list(None, &format!("{PART_OF}={}", self.catalog)).await?;
        let mut names: BTreeSet<String> = labelled.iter().map(ResourceExt::name_any).collect();
        names.extend(self.subscribed(cluster).await?);
        names.insert(self.namespace.clone());
        if !self.only {
            return Ok(names.into_iter().collect());
        }
        let mut ours = Vec::new();
        for name in names {
            if name == self.namespace || self.installation(cluster, &labelled, &name).await? == self.namespace {
                ours.push(name);
            }
        }
        Ok(ours)
    }

    /// The installations of the catalog, each by the namespace that it was given with `--namespace`, sorted.
    ///
    /// # Errors
    /// If the API server does not answer, or a permission is missing.
    pub async fn installations(&self, cluster: &Cluster) -> Result<Vec<String>, Error> {
        let labelled: Vec<Namespace> = cluster.list(None, &format!("{PART_OF}={}", self.catalog)).await?;
        let mut names: BTreeSet<String> = labelled.iter().map(ResourceExt::name_any).collect();
        names.extend(self.subscribed(cluster).await?);
        let mut installations = BTreeSet::new();
        for name in names {
            installations.insert(self.installation(cluster, &labelled, &name).await?);
        }
        Ok(installations.into_iter().collect())
    }

    /// The namespaces with Subscriptions of the installer. None without the permission to list them in all namespaces.
    async fn subscribed(&self, cluster: &Cluster) -> Result<BTreeSet<String>, Error> {
        match cluster.list::<Subscription>(None, &selector(&self.catalog)).await {
            Ok(found) => Ok(found.iter().filter_map(ResourceExt::namespace).collect()),
            Err(Error::Forbidden { .. }) => Ok(BTreeSet::new()),
            Err(error) => Err(error),
        }
    }

    /// The installation that a namespace belongs to: from its annotation, or else from the OperatorGroup that the
    /// installer created there, whose target is the namespace of the databases.
    async fn installation(&self, cluster: &Cluster, labelled: &[Namespace], name: &str) -> Result<String, Error> {
        let namespace = labelled.iter().find(|namespace| namespace.name_any() == name);
        if let Some(installation) = namespace.and_then(|namespace| namespace.annotations().get(INSTALLATION)) {
            return Ok(installation.clone());
        }
        let groups = match cluster.list::<OperatorGroup>(Some(name), &selector(&self.catalog)).await {
            Ok(groups) => groups,
            Err(Error::Forbidden { .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        let targets = groups.iter().filter_map(|group| match group.spec.target_namespaces.as_deref() {
            Some([target]) => Some(target.clone()),
            _ => None,
        });
        Ok(targets.into_iter().next().unwrap_or_else(|| name.to_owned()))
    }

    /// OLM's objects in each of them.
    ///
    /// # Errors
    /// If the API server does not answer, or a permission is missing.
    pub async fn states(&self, cluster: &Cluster) -> Result<Vec<(String, State)>, Error> {
        let mut states = Vec::new();
        for namespace in self.namespaces(cluster).await? {
            let state = State::read(cluster, &namespace).await?;
            states.push((namespace, state));
        }
        Ok(states)
    }

    /// Whether a Subscription belongs to this installation.
    #[must_use]
    pub fn has(&self, subscription: &Subscription) -> bool {
        is_ours(subscription, &self.catalog)
    }
}
