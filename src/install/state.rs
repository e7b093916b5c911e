//! OLM's objects in one namespace of operators, at one time.

use kube::ResourceExt;

use super::api::{ClusterServiceVersion, InstallPlan, Subscription, SubscriptionStatus};
use super::cluster::Cluster;
use super::error::Error;
use super::watches::Watches;

/// The objects of one namespace.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The Subscriptions: the operators to install.
    pub subscriptions: Vec<Subscription>,
    /// The InstallPlans.
    pub plans: Vec<InstallPlan>,
    /// The ClusterServiceVersions: the installed operators.
    pub versions: Vec<ClusterServiceVersion>,
}

impl State {
    /// Reads it.
    ///
    /// # Errors
    /// If the API server does not answer, or a permission is missing.
    pub async fn read(cluster: &Cluster, namespace: &str) -> Result<Self, Error> {
        let namespace = Some(namespace);
        // The plans before the subscriptions: a plan that a Subscription names is then at worst an older one.
        let plans = cluster.list(namespace, "").await?;
        let versions = cluster.list(namespace, "").await?;
        Ok(Self { subscriptions: cluster.list(namespace, "").await?, plans, versions })
    }

    /// Watches the kinds that it is read from.
    #[must_use]
    pub fn watched(watches: Watches, cluster: &Cluster, namespace: &str) -> Watches {
        let namespace = Some(namespace);
        watches
            .on::<InstallPlan>(cluster, namespace)
            .on::<ClusterServiceVersion>(cluster, namespace)
            .on::<Subscription>(cluster, namespace)
    }

    /// A Subscription by its name.
    #[must_use]
    pub fn subscription(&self, name: &str) -> Option<&Subscription> {
        self.subscriptions.iter().find(|subscription| subscription.name_any() == name)
    }

    /// An operator's version by its name.
    #[must_use]
    pub fn version(&self, name: &str) -> Option<&ClusterServiceVersion> {
        self.versions.iter().find(|version| version.name_any() == name)
    }

    /// The bundle that is installed for a Subscription.
    ///
    /// OLM names it in the status as soon as the ClusterServiceVersion exists. Whether it runs is in the status of that
    /// object.
    #[must_use]
    pub fn installed<'s>(&self, subscription: &'s Subscription) -> Option<&'s str> {
        let status = subscription.status.as_ref()?;
        status.installed_csv.as_deref().filter(|name| !name.is_empty() && self.version(name).is_some())
    }

    /// The bundle that was installed for a Subscription and whose ClusterServiceVersion somebody deleted. OLM does not
    /// create it again while the Subscription names it.
    #[must_use]
    pub fn deleted<'s>(&self, subscription: &'s Subscription) -> Option<&'s str> {
        let status = subscription.status.as_ref()?;
        let installed = status.installed_csv.as_deref().filter(|name| !name.is_empty())?;
        (self.version(installed).is_none() && current(status) == Some(installed)).then_some(installed)
    }

    /// The bundle that OLM wants to install for a Subscription, if it is not installed yet.
    #[must_use]
    pub fn pending<'s>(&self, subscription: &'s Subscription) -> Option<&'s str> {
        let current = current(subscription.status.as_ref()?)?;
        (self.installed(subscription) != Some(current)).then_some(current)
    }

    /// The phase of an operator's version; empty if OLM has not processed it yet.
    #[must_use]
    pub fn phase(&self, name: &str) -> &str {
        self.version(name).and_then(|version| version.status.as_ref()).map_or("", |status| &status.phase)
    }
}

fn current(status: &SubscriptionStatus) -> Option<&str> {
    status.current_csv.as_deref().filter(|name| !name.is_empty())
}
