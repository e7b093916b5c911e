//! The cluster. Every request goes through here, is retried if that helps, and names its purpose if it fails.

mod list;
mod reason;
mod request;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;

use kube::api::{Api, ApiResource, DeleteParams, DynamicObject, Patch, PatchParams, Preconditions};
use kube::{Client, Config, Resource, ResourceExt};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;

use super::error::Error;
pub use super::kubeconfig::Connection;
use super::marks::{OWNER, title};
use super::proxy::{self, Proxy, Setting};
use super::{kubeconfig, tls};

/// How long a request is retried if the API server has answered before: it may be restarting.
const PATIENCE: Duration = Duration::from_secs(90);
/// The same if it has never answered: its address is then more likely to be wrong.
const FIRST_PATIENCE: Duration = Duration::from_millis(1500);

/// The program's user agent.
const AGENT: &str = concat!("install-catalog/", env!("CARGO_PKG_VERSION"));

/// Receives messages.
type Notice = Arc<dyn Fn(&str) + Send + Sync>;

/// A connection to a cluster.
#[derive(Clone)]
pub struct Cluster {
    client: Client,
    /// Nothing is written. The API server only returns the result that a write would have.
    dry_run: bool,
    /// Whether fields that others own are taken over.
    force: bool,
    /// How long a request is retried, before and after the API server has answered once.
    patience: [Duration; 2],
    /// Whether the user set that. It then limits a single request too.
    is_limited: bool,
    /// Whether it has answered once.
    answered: Arc<AtomicBool>,
    /// The bytes of all answers.
    read: Arc<AtomicU64>,
    /// The API server's address, for messages.
    server: String,
    /// Receives a message when a request is retried.
    notice: Option<Notice>,
    /// The deadline of all requests.
    end: Option<Instant>,
}

/// The result of writing an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It did not exist.
    Created,
    /// It existed, and was changed.
    Changed,
    /// It existed, and was already correct.
    Unchanged,
}

impl Cluster {
    /// Reads the configuration. Sends no request yet.
    ///
    /// # Errors
    /// A configuration that does not exist, cannot be read, or lacks the context; a proxy setting that is not valid.
    pub async fn connect(connection: &Connection) -> Result<Self, Error> {
        // If a provider is already set, that is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let chosen = kubeconfig::read(connection).await?;
        let named = chosen.proxy_url.as_deref().map(|url| Proxy::new(Setting::Kubeconfig, url)).transpose()?;
        let environment = proxy::Environment::new(|name| std::env::var(name).ok())?;
        // NO_PROXY applies only to proxies from the environment.
        let proxy = named.or_else(|| environment.proxy(&chosen.server).cloned());
        let identity = match chosen.credentials.identity()? {
            Some(identity) => Some(identity),
            None => chosen.identity.clone(),
        };
        let tls = tls::config(&chosen, identity.as_ref())?;
        let mut config = Config::new(chosen.server.clone());
        config.default_namespace = chosen.namespace.clone().unwrap_or_else(|| "default".to_owned());
        config.tls_server_name.clone_from(&chosen.tls_server_name);
        config.auth_info.impersonate.clone_from(&chosen.impersonate);
        let groups = (!chosen.impersonate_groups.is_empty()).then(|| chosen.impersonate_groups.clone());
        config.auth_info.impersonate_groups = groups;
        config.headers.push((http::header::USER_AGENT, http::HeaderValue::from_static(AGENT)));
        let read = Arc::<AtomicU64>::default();
        let client = proxy::client(&config, tls, chosen.credentials.clone(), proxy, Arc::clone(&read));
        let client = client.map_err(|error| Error::Answer {
            what: "set up the connection".into(),
            source: reason::of(&error).into(),
        })?;
        let mut cluster = Self { read, ..Self::new(client) };
        cluster.server = chosen.server.to_string().trim_end_matches('/').to_owned();
        if let Some(limit) = connection.request_timeout {
            (cluster.patience, cluster.is_limited) = ([limit; 2], true);
        }
        Ok(cluster)
    }

    /// With a client that already exists.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self {
            client,
            dry_run: false,
            force: false,
            patience: [FIRST_PATIENCE, PATIENCE],
            is_limited: false,
            answered: Arc::default(),
            read: Arc::default(),
            server: "the API server".to_owned(),
            notice: None,
            end: None,
        }
    }

    /// The same, but reports retries.
    #[must_use]
    pub fn noticed(mut self, notice: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.notice = Some(Arc::new(notice));
        self
    }

    /// The same as a dry run: nothing is written, and the API server returns the result that a write would have.
    #[must_use]
    pub fn dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }

    /// The same, but takes over fields that others own.
    #[must_use]
    pub fn force_conflicts(mut self, force: bool) -> Self {
        self.force = force;
        self
    }

    /// The same with a deadline for all requests together, starting now.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.end = Some(Instant::now() + limit);
        self
    }

    /// Whether fields that others own are taken over.
    #[must_use]
    pub fn is_forced(&self) -> bool {
        self.force
    }

    /// Whether nothing is written.
    #[must_use]
    pub fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    /// The client, for requests that this type has no method for.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    fn api(&self, kind: &ApiResource, namespace: Option<&str>) -> Api<DynamicObject> {
        match namespace {
            Some(namespace) => Api::namespaced_with(self.client.clone(), namespace, kind),
            None => Api::all_with(self.client.clone(), kind),
        }
    }

    /// One object; `None` if it, its namespace or its kind does not exist.
    ///
    /// # Errors
    /// No answer, a missing permission, an object that is not of this type.
    pub async fn get<K>(&self, namespace: Option<&str>, name: &str) -> Result<Option<K>, Error>
    where
        K: Resource<DynamicType = ()> + DeserializeOwned,
    {
        let kind = ApiResource::erase::<K>(&());
        let found = self.get_dynamic(&kind, namespace, name).await?;
        found.map(|object| typed(object, &format!("read {}", title(&kind.kind, namespace, name)))).transpose()
    }

    /// One object of a kind that is known only at run time.
    ///
    /// # Errors
    /// If the API server does not answer, or a permission is missing.
    pub async fn get_dynamic(
        &self,
        kind: &ApiResource,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<Option<DynamicObject>, Error> {
        let api = self.api(kind, namespace);
        absent(self.request(&format!("read {}", title(&kind.kind, namespace, name)), || api.get(name)).await)
    }

    /// Writes an object with server-side apply. Fields that it does not set are left to others.
    ///
    /// # Errors
    /// No answer, a missing permission, fields of another owner, an object that is refused.
    pub async fn apply<K>(&self, object: &K) -> Result<Action, Error>
    where
        K: Resource<DynamicType = ()> + Serialize,
    {
        let kind = ApiResource::erase::<K>(&());
        let mut value = serde_json::to_value(object)
            .map_err(|error| Error::Answer { what: format!("write {}", kind.kind), source: error.into() })?;
        value["apiVersion"] = kind.api_version.clone().into();
        value["kind"] = kind.kind.clone().into();
        let meta = object.meta();
        self.apply_dynamic(&kind, meta.namespace.as_deref(), &object.name_any(), &value).await
    }

    /// Writes an object of a kind that is known only at run time with server-side apply.
    ///
    /// # Errors
    /// Those of [`Self::apply`].
    pub async fn apply_dynamic(
        &self,
        kind: &ApiResource,
        namespace: Option<&str>,
        name: &str,
        object: &Value,
    ) -> Result<Action, Error> {
        let before = self.get_dynamic(kind, namespace, name).await?;
        self.apply_over(before.as_ref(), kind, namespace, name, object).await
    }

    /// The same, given the object as it was just read, or `None` if it did not exist.
    ///
    /// # Errors
    /// Those of [`Self::apply`].
    pub async fn apply_over(
        &self,
        before: Option<&DynamicObject>,
        kind: &ApiResource,
        namespace: Option<&str>,
        name: &str,
        object: &Value,
    ) -> Result<Action, Error> {
        let api = self.api(kind, namespace);
        let mut parameters = PatchParams::apply(OWNER);
        (parameters.force, parameters.dry_run) = (self.force, self.dry_run);
        let patch = Patch::Apply(object);
        let what = format!("write {}", title(&kind.kind, namespace, name));
        let after = match self.request(&what, || api.patch(name, &parameters, &patch)).await {
            // In a dry run the namespace does not exist yet; in a real run it would.
            Err(Error::Refused { code: 404, .. }) if self.dry_run => return Ok(Action::Created),
            answer => answer?,
        };
        Ok(match before {
            None => Action::Created,
            Some(before) if same(before, &after) => Action::Unchanged,
            Some(_) => Action::Changed,
        })
    }

    /// Changes a part of an object. With a resource version in the patch, only if nobody else has changed it in the
    /// meantime.
    ///
    /// # Errors
    /// No answer, a missing permission; [`Error::Conflict`] where somebody else changed it.
    pub async fn patch<K>(&self, namespace: Option<&str>, name: &str, patch: &Value) -> Result<(), Error>
    where
        K: Resource<DynamicType = ()>,
    {
        let kind = ApiResource::erase::<K>(&());
        let api = self.api(&kind, namespace);
        let mut parameters = PatchParams { field_manager: Some(OWNER.into()), ..PatchParams::default() };
        parameters.dry_run = self.dry_run;
        let patch = Patch::Merge(patch);
        let what = format!("change {}", title(&kind.kind, namespace, name));
        self.request(&what, || api.patch(name, &parameters, &patch)).await.map(drop)
    }

    /// Deletes an object if it still has this `uid`. Returns whether it existed.
    ///
    /// # Errors
    /// If the API server does not answer, or a permission is missing.
    pub async fn delete(&self, kind: &ApiResource, object: &DynamicObject) -> Result<bool, Error> {
        let (namespace, name) = (object.metadata.namespace.as_deref(), object.name_any());
        let api = self.api(kind, namespace);
        let mut parameters = DeleteParams::background();
        parameters.dry_run = self.dry_run;
        parameters.preconditions = Some(Preconditions { uid: object.metadata.uid.clone(), resource_version: None });
        let what = format!("delete {}", title(&kind.kind, namespace, &name));
        match self.request(&what, || api.delete(&name, &parameters)).await {
            // Another object has its name now.
            Err(Error::Conflict { .. }) => Ok(false),
            answer => Ok(absent(answer)?.is_some()),
        }
    }
}

/// `None` if it does not exist.
fn absent<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(Error::Refused { code: 404, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn typed<K: DeserializeOwned>(object: DynamicObject, what: &str) -> Result<K, Error> {
    let failed = |error: serde_json::Error| Error::Answer {
        what: format!("{what}: the object cannot be read"),
        source: error.into(),
    };
    serde_json::from_value(serde_json::to_value(object).map_err(failed)?).map_err(failed)
}

/// Whether an object is unchanged, apart from its managed fields.
fn same(before: &DynamicObject, after: &DynamicObject) -> bool {
    let plain = |object: &DynamicObject| {
        let mut object = object.clone();
        (object.metadata.managed_fields, object.metadata.resource_version) = (None, None);
        object
    };
    before.metadata.resource_version == after.metadata.resource_version || plain(before) == plain(after)
}
