//! Evidence from a cluster.

use std::time::Duration;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Event, Namespace};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::Resource;
use kube::api::{Api, ApiResource, DynamicObject, ListParams};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::timeout;

use super::dump::{definition, typed};
use super::{Evidence, OVERLAP, Scope, Unread};
use crate::install::api::olm::{DEFINITIONS, DEPLOYMENTS};
use crate::install::api::{CatalogSource, ClusterServiceVersion, InstallPlan, OperatorGroup, PackageManifest};
use crate::install::cluster::Cluster;
use crate::install::error::Error;
use crate::install::places::Places;

/// The most events that are read from a namespace. The API server keeps events for an hour.
const EVENTS: u32 = 500;
/// How long the package server may take. If it does not run, the API server answers for it.
const PACKAGES: Duration = Duration::from_secs(10);

impl Scope {
    /// The scope of an installation: with isolated operators it has several namespaces.
    ///
    /// # Errors
    /// A cluster that does not answer, or rejects the credentials.
    pub async fn of(cluster: &Cluster, places: &Places) -> Result<Self, Error> {
        let namespaces = permitted(places.namespaces(cluster).await)?;
        Ok(Self {
            catalog: places.catalog.clone(),
            olm_namespace: places.olm_namespace.clone(),
            namespaces: namespaces.unwrap_or_else(|| vec![places.namespace.clone()]),
        })
    }
}

impl Evidence {
    /// Reads all objects of a scope. Objects that may not be read are noted in [`Evidence::unread`].
    ///
    /// # Errors
    /// A cluster that does not answer, or rejects the credentials.
    pub async fn gather(cluster: &Cluster, scope: &Scope) -> Result<Self, Error> {
        let olm = scope.olm_namespace.clone();
        let mut evidence = Self { scope: scope.clone(), olm, ..Self::default() };
        for name in scope.all() {
            let namespace = cluster.get::<Namespace>(None, name).await;
            let namespace = evidence.noted("Namespace", None, namespace)?.flatten();
            evidence.namespaces.extend(namespace);
        }
        evidence.definitions(cluster).await?;
        evidence.of_catalogs(cluster, &scope.olm_namespace).await?;
        for namespace in scope.all() {
            evidence.workloads(cluster, namespace).await?;
        }
        for namespace in &scope.namespaces {
            evidence.of_operators(cluster, namespace).await?;
        }
        evidence.olm_elsewhere(cluster).await?;
        evidence.overlapping_groups(cluster).await?;
        evidence.sort();
        Ok(evidence)
    }

    async fn of_catalogs(&mut self, cluster: &Cluster, namespace: &str) -> Result<(), Error> {
        self.catalogs = self.list(cluster, namespace).await?;
        self.services = self.list(cluster, namespace).await?;
        self.jobs = self.list(cluster, namespace).await?;
        self.packages(cluster, namespace).await;
        Ok(())
    }

    async fn of_operators(&mut self, cluster: &Cluster, namespace: &str) -> Result<(), Error> {
        let found = self.list(cluster, namespace).await?;
        self.groups.extend(found);
        let found = self.list(cluster, namespace).await?;
        self.subscriptions.extend(found);
        // OLM copies the ClusterServiceVersions of operators that watch all namespaces into each namespace.
        let found = self.list_with(cluster, namespace, "!olm.copiedFrom").await?;
        self.csvs.extend(found);
        let mut found: Vec<InstallPlan> = self.list(cluster, namespace).await?;
        // A step's manifest is as large as a CRD, and is not needed here.
        for step in found.iter_mut().filter_map(|plan| plan.status.as_mut()).flat_map(|status| &mut status.plan) {
            step.resource.manifest = String::new();
        }
        self.plans.extend(found);
        // OLM queries the catalogs in the operators' namespace too. Not everybody may list them there.
        if namespace != self.scope.olm_namespace {
            let found = permitted(cluster.list::<CatalogSource>(Some(namespace), "").await)?;
            self.catalogs.extend(found.unwrap_or_default());
        }
        Ok(())
    }

    async fn workloads(&mut self, cluster: &Cluster, namespace: &str) -> Result<(), Error> {
        let found = self.list(cluster, namespace).await?;
        self.deployments.extend(found);
        let found = self.list(cluster, namespace).await?;
        self.replica_sets.extend(found);
        let found = self.list(cluster, namespace).await?;
        self.pods.extend(found);
        let found = self.list(cluster, namespace).await?;
        self.quotas.extend(found);
        self.events(cluster, namespace).await
    }

    /// OLM, if it is not in the namespace of the catalogs. Not everybody may list objects there.
    async fn olm_elsewhere(&mut self, cluster: &Cluster) -> Result<(), Error> {
        let of_olm = |deployment: &Deployment| deployment.metadata.name.as_deref() == Some(DEPLOYMENTS[0]);
        if self.deployments.iter().any(|one| of_olm(one) && one.metadata.namespace.as_ref() == Some(&self.olm)) {
            return Ok(());
        }
        let all = permitted(cluster.list::<Deployment>(None, "app=olm-operator").await)?.unwrap_or_default();
        let namespace = all.into_iter().find(of_olm).and_then(|deployment| deployment.metadata.namespace);
        let Some(namespace) = namespace.filter(|namespace| *namespace != self.olm) else { return Ok(()) };
        self.olm.clone_from(&namespace);
        if self.scope.all().contains(&namespace.as_str()) {
            return Ok(());
        }
        self.workloads(cluster, &namespace).await
    }

    /// The OperatorGroups of all namespaces, read if one outside the scope conflicts with an operator.
    async fn overlapping_groups(&mut self, cluster: &Cluster) -> Result<(), Error> {
        let reason = |csv: &ClusterServiceVersion| csv.status.as_ref().and_then(|status| status.reason.clone());
        if !self.csvs.iter().any(|csv| reason(csv).as_deref() == Some(OVERLAP)) {
            return Ok(());
        }
        if let Some(all) = permitted(cluster.list_dynamic(&ApiResource::erase::<OperatorGroup>(&()), None, "").await)? {
            self.groups = all.into_iter().map(|object| typed(value(object)?)).collect::<Result<_, Error>>()?;
        }
        Ok(())
    }

    async fn list<K>(&mut self, cluster: &Cluster, namespace: &str) -> Result<Vec<K>, Error>
    where
        K: Resource<DynamicType = ()> + DeserializeOwned,
    {
        self.list_with(cluster, namespace, "").await
    }

    async fn list_with<K>(&mut self, cluster: &Cluster, namespace: &str, labels: &str) -> Result<Vec<K>, Error>
    where
        K: Resource<DynamicType = ()> + DeserializeOwned,
    {
        let kind = ApiResource::erase::<K>(&());
        let answer = cluster.list_dynamic(&kind, Some(namespace), labels).await;
        let found = self.noted(&kind.kind, Some(namespace), answer)?.unwrap_or_default();
        found.into_iter().map(|object| typed(value(object)?)).collect()
    }

    async fn definitions(&mut self, cluster: &Cluster) -> Result<(), Error> {
        let kind = ApiResource::erase::<CustomResourceDefinition>(&());
        for name in DEFINITIONS {
            let answer = cluster.get_dynamic(&kind, None, name).await;
            let Some(found) = self.noted("CustomResourceDefinition", None, answer)? else { return Ok(()) };
            if let Some(object) = found {
                self.definitions.push(definition(&value(object)?)?);
            }
        }
        Ok(())
    }

    /// Only the warnings: a busy namespace has many other events.
    async fn events(&mut self, cluster: &Cluster, namespace: &str) -> Result<(), Error> {
        let api: Api<Event> = Api::namespaced(cluster.client(), namespace);
        let parameters = ListParams::default().fields("type=Warning").limit(EVENTS);
        let what = format!("list events in namespace {namespace}");
        let answer = cluster.request(&what, || api.list(&parameters)).await;
        let events = self.noted("Event", Some(namespace), answer)?;
        self.events.extend(events.into_iter().flatten());
        Ok(())
    }

    /// The package server is a separate operator. That it does not answer is useful information, and no reason to stop.
    async fn packages(&mut self, cluster: &Cluster, namespace: &str) {
        let api: Api<PackageManifest> = Api::namespaced(cluster.client(), namespace);
        let parameters = ListParams::default().labels(&format!("catalog={}", self.scope.catalog));
        let message = match timeout(PACKAGES, api.list(&parameters)).await {
            Ok(Ok(list)) => {
                self.packages = list.items;
                return;
            }
            Ok(Err(kube::Error::Api(status))) if status.code == 403 => {
                self.note("PackageManifest", Some(namespace), status.message, true);
                return;
            }
            Ok(Err(kube::Error::Api(status))) => status.message,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer".into(),
        };
        self.note("PackageManifest", Some(namespace), message, false);
    }

    /// The answer; `None` if it may not be read, which is noted.
    fn noted<T>(&mut self, kind: &str, namespace: Option<&str>, answer: Result<T, Error>) -> Result<Option<T>, Error> {
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(Error::Forbidden { message, .. }) => {
                self.note(kind, namespace, message, true);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn note(&mut self, kind: &str, namespace: Option<&str>, message: String, forbidden: bool) {
        self.unread.push(Unread { kind: kind.to_owned(), namespace: namespace.map(str::to_owned), message, forbidden });
    }
}

fn value(object: DynamicObject) -> Result<Value, Error> {
    let failed = |error: serde_json::Error| Error::Answer { what: "read an object".into(), source: error.into() };
    serde_json::to_value(object).map_err(failed)
}

/// The answer to an optional request.
fn permitted<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(Error::Forbidden { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
