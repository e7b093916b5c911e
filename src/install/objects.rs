//! The objects of an installation. They depend only on the options: the same options give the same objects.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use k8s_openapi::api::core::v1::Namespace;
use kube::api::ObjectMeta;
use serde_json::Value;

use super::api::{
    CatalogSource, CatalogSourceSpec, EnvVar, GrpcPodConfig, OperatorGroup, OperatorGroupSpec, RegistryPoll, Resources,
    Subscription, SubscriptionConfig, SubscriptionSpec, UpdateStrategy,
};
use super::marks::{INSTALLATION, MANAGED_BY, OWNER, PART_OF};
use super::options::{Operator, Options, Placement, Watch};

/// The objects of an installation, in the order in which they are written.
#[derive(Clone, Debug)]
pub struct Objects {
    /// The namespaces of the operators.
    pub namespaces: Vec<Namespace>,
    /// The catalog.
    pub catalog: CatalogSource,
    /// One for each namespace of operators.
    pub groups: Vec<OperatorGroup>,
    /// One for each operator.
    pub subscriptions: Vec<Subscription>,
}

impl Objects {
    /// The objects that the options ask for.
    #[must_use]
    pub fn new(options: &Options) -> Self {
        let namespaces: BTreeSet<String> =
            options.operators.iter().map(|operator| options.namespace_of(&operator.package)).collect();
        Self {
            namespaces: options.namespaces().iter().map(|name| namespace(options, name)).collect(),
            catalog: catalog(options),
            groups: namespaces.iter().map(|name| group(options, name)).collect(),
            subscriptions: options.operators.iter().map(|operator| subscription(options, operator)).collect(),
        }
    }

    /// Every object as data, for `kubectl apply` or a GitOps repository.
    ///
    /// # Errors
    /// None in practice: the types are all plain data.
    pub fn to_values(&self) -> Result<Vec<Value>, serde_json::Error> {
        let namespaces = self.namespaces.iter().map(serde_json::to_value);
        let catalog = std::iter::once(serde_json::to_value(&self.catalog));
        let groups = self.groups.iter().map(serde_json::to_value);
        let subscriptions = self.subscriptions.iter().map(serde_json::to_value);
        namespaces.chain(catalog).chain(groups).chain(subscriptions).collect()
    }
}

impl Options {
    /// The namespace of an operator: the common one, or its own one with `isolate`.
    #[must_use]
    pub fn namespace_of(&self, package: &str) -> String {
        if self.isolate { format!("{}-{package}", self.namespace) } else { self.namespace.clone() }
    }

    /// The namespaces of the operators and of the databases.
    #[must_use]
    pub fn namespaces(&self) -> BTreeSet<String> {
        let operators = self.operators.iter().map(|operator| self.namespace_of(&operator.package));
        operators.chain([self.namespace.clone()]).collect()
    }

    /// Whether a namespace belongs to a single operator.
    #[must_use]
    pub fn is_for(&self, namespace: &str) -> bool {
        self.isolate && self.operators.iter().any(|operator| self.namespace_of(&operator.package) == namespace)
    }

    fn meta(&self, name: &str, namespace: Option<&str>) -> ObjectMeta {
        let labels = [(MANAGED_BY, OWNER), (PART_OF, self.catalog.as_str())];
        ObjectMeta {
            name: Some(name.to_owned()),
            namespace: namespace.map(str::to_owned),
            labels: Some(labels.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()),
            ..ObjectMeta::default()
        }
    }
}

fn namespace(options: &Options, name: &str) -> Namespace {
    let mut metadata = options.meta(name, None);
    if name != options.namespace {
        metadata.annotations = Some(BTreeMap::from([(INSTALLATION.to_owned(), options.namespace.clone())]));
    }
    Namespace { metadata, ..Namespace::default() }
}

fn catalog(options: &Options) -> CatalogSource {
    let spec = CatalogSourceSpec {
        source_type: "grpc".into(),
        image: Some(options.image.clone()),
        display_name: options.display_name.clone(),
        publisher: options.publisher.clone(),
        secrets: unless_empty(&options.pull_secrets),
        grpc_pod_config: Some(catalog_pod(options)),
        update_strategy: poll(&options.image, options.poll),
    };
    let metadata = options.meta(&options.catalog, Some(&options.olm_namespace));
    CatalogSource { metadata, spec, status: None }
}

fn catalog_pod(options: &Options) -> GrpcPodConfig {
    let Placement { node_selector, tolerations, requests, .. } = &options.catalog_pod;
    GrpcPodConfig {
        security_context_config: Some("restricted".into()),
        node_selector: unless_empty(node_selector),
        tolerations: unless_empty(tolerations),
        priority_class_name: options.priority_class.clone(),
        memory_target: requests.get("memory").cloned(),
    }
}

/// A field without entries is not set, so that others can own it.
fn unless_empty<T: Clone + Default + PartialEq>(entries: &T) -> Option<T> {
    (*entries != T::default()).then(|| entries.clone())
}

/// An image that is pinned by its digest never changes, so polling would only restart the pod.
fn poll(image: &str, interval: Duration) -> Option<UpdateStrategy> {
    let seconds = interval.as_secs();
    let interval = if seconds.is_multiple_of(60) { format!("{}m", seconds / 60) } else { format!("{seconds}s") };
    (!image.contains('@') && seconds > 0).then_some(UpdateStrategy { registry_poll: Some(RegistryPoll { interval }) })
}

fn group(options: &Options, namespace: &str) -> OperatorGroup {
    let target_namespaces = (options.watch == Watch::Own).then(|| vec![options.namespace.clone()]);
    let spec = OperatorGroupSpec { target_namespaces, selector: None };
    OperatorGroup { metadata: options.meta(&options.catalog, Some(namespace)), spec, status: None }
}

fn subscription(options: &Options, operator: &Operator) -> Subscription {
    let env: Vec<EnvVar> =
        operator.env.iter().map(|(name, value)| EnvVar { name: name.clone(), value: value.clone() }).collect();
    let Placement { node_selector, tolerations, requests, limits } = &operator.placement;
    let resources = Resources { requests: unless_empty(requests), limits: unless_empty(limits) };
    let config = SubscriptionConfig {
        env,
        node_selector: unless_empty(node_selector),
        tolerations: unless_empty(tolerations),
        resources: unless_empty(&resources),
    };
    let spec = SubscriptionSpec {
        name: operator.package.clone(),
        source: options.catalog.clone(),
        source_namespace: options.olm_namespace.clone(),
        channel: operator.channel.clone(),
        starting_csv: operator.version.as_ref().map(|version| csv_name(&operator.package, version)),
        install_plan_approval: Some(options.approval.as_str().into()),
        config: unless_empty(&config),
    };
    let metadata = options.meta(&operator.package, Some(&options.namespace_of(&operator.package)));
    Subscription { metadata, spec, status: None }
}

/// The name that a version's bundle has by convention, `<package>.v<version>`; if a catalog names its bundles
/// differently, the name is read from the catalog.
#[must_use]
pub fn csv_name(package: &str, version: &str) -> String {
    format!("{package}.v{version}")
}
