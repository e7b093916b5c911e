//! The cluster. Every request goes through here, is retried if that helps, and names its purpose if it fails.

mod reason;

use std::fmt::Display;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use kube::api::{
    Api, ApiResource, DeleteParams, DynamicObject, ListParams, ObjectMeta, Patch, PatchParams, Preconditions,
};
use kube::{Client, Config, Resource, ResourceExt};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout};

use super::error::Error;
pub use super::kubeconfig::Connection;
use super::objects::OWNER;
use super::proxy::{self, Proxy, Setting};
use super::{kubeconfig, tls};

/// How long one request may take.
const REQUEST: Duration = Duration::from_secs(30);
/// How long a request is retried if the API server has answered before: it may be restarting.
const PATIENCE: Duration = Duration::from_secs(90);
/// The same if it has never answered: its address is then more likely to be wrong.
const FIRST_PATIENCE: Duration = Duration::from_millis(1500);
/// The time after which a retry is reported.
const NOTICED: Duration = Duration::from_secs(1);
/// The program's user agent.
const AGENT: &str = concat!("install-catalog/", env!("CARGO_PKG_VERSION"));
/// How long a request may still take after the deadline of all requests, so that a last look gets an answer.
const LAST: Duration = Duration::from_secs(5);
/// How long rejected credentials are retried: they may be in the process of renewal.
const RENEWAL: Duration = Duration::from_secs(5);
/// How long a missing permission is retried while the API server is not ready.
const STARTING: Duration = Duration::from_secs(20);
/// The first pause before a retry. It doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause before a retry.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// The number of objects on one page of a list.
const PAGE: u32 = 200;

/// The most objects in a list. No cluster has that many of a kind that is listed here.
const MOST_OBJECTS: usize = 200_000;
/// The most pages in a list: enough for that many objects.
const MOST_PAGES: usize = MOST_OBJECTS / PAGE as usize;
/// The most bytes in a list, all pages together.
const MOST_BYTES: u64 = 512 << 20;
/// How often a list is started again because it expired while it was read.
const RESTARTS: u32 = 5;

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

    /// The objects of a kind in a namespace, or in all, with these labels; empty if the kind does not exist.
    ///
    /// # Errors
    /// No answer, a missing permission, an object that is not of this type.
    pub async fn list<K>(&self, namespace: Option<&str>, selector: &str) -> Result<Vec<K>, Error>
    where
        K: Resource<DynamicType = ()> + DeserializeOwned,
    {
        let kind = ApiResource::erase::<K>(&());
        let what = format!("list {} in {}", kind.plural, namespace.map_or("all namespaces".into(), named));
        let objects = self.list_dynamic(&kind, namespace, selector).await?;
        objects.into_iter().map(|object| typed(object, &what)).collect()
    }

    /// The objects of a kind that is known only at run time.
    ///
    /// # Errors
    /// If the API server does not answer, or a permission is missing.
    pub async fn list_dynamic(
        &self,
        kind: &ApiResource,
        namespace: Option<&str>,
        selector: &str,
    ) -> Result<Vec<DynamicObject>, Error> {
        let api = self.api(kind, namespace);
        let what = format!("list {} in {}", kind.plural, namespace.map_or("all namespaces".into(), named));
        let mut all = Vec::new();
        let mut from = None;
        let (mut restarts, mut pages, before) = (0, 0, self.read.load(Ordering::Relaxed));
        loop {
            pages += 1;
            if all.len() > MOST_OBJECTS || pages > MOST_PAGES || self.has_read_too_much(before) {
                return Err(too_many(&what));
            }
            let mut parameters = ListParams::default().labels(selector).limit(PAGE);
            parameters.continue_token = from;
            let answer = self.request(&what, || api.list(&parameters)).await;
            let page = match answer {
                // The list has expired: start again.
                Err(Error::Refused { code: 410, .. }) if restarts < RESTARTS => {
                    (all, from) = (Vec::new(), None);
                    restarts += 1;
                    sleep(FIRST_PAUSE * restarts).await;
                    continue;
                }
                answer => match absent(answer)? {
                    Some(page) => page,
                    None => return Ok(Vec::new()),
                },
            };
            all.extend(page.items);
            from = page.metadata.continue_.filter(|token| !token.is_empty());
            if from.is_none() {
                return Ok(all);
            }
        }
    }

    /// The kinds of namespaced objects that the API server can list, each once, including those of CRDs and aggregated
    /// servers, without those of some API groups.
    ///
    /// # Errors
    /// No answer; a group whose server does not answer, so that its kinds are not known.
    pub async fn namespaced_kinds(&self, except: &[&str]) -> Result<Vec<ApiResource>, Error> {
        let client = &self.client;
        let what = "list the kinds that the API server serves";
        let mut versions: Vec<String> = self.request(what, || client.list_core_api_versions()).await?.versions;
        for group in self.request(what, || client.list_api_groups()).await?.groups {
            if except.contains(&&*group.name) {
                continue;
            }
            versions.extend(group.versions.into_iter().map(|version| version.group_version));
        }
        let mut kinds: Vec<ApiResource> = Vec::new();
        for api_version in versions {
            let what = format!("list the kinds of {api_version}");
            let found = match api_version.split_once('/') {
                Some(_) => self.request(&what, || client.list_api_group_resources(&api_version)).await?,
                None => self.request(&what, || client.list_core_api_resources(&api_version)).await?,
            };
            let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
            for resource in found.resources {
                // Names of subresources contain a slash.
                let lists = resource.verbs.iter().any(|verb| verb == "list");
                let is_known = kinds.iter().any(|kind| kind.group == group && kind.plural == resource.name);
                if resource.namespaced && lists && !is_known && !resource.name.contains('/') {
                    kinds.push(ApiResource {
                        group: group.to_owned(),
                        version: version.to_owned(),
                        api_version: api_version.clone(),
                        kind: resource.kind,
                        plural: resource.name,
                    });
                }
            }
        }
        Ok(kinds)
    }

    /// The metadata of the objects of a kind in a namespace.
    ///
    /// # Errors
    /// If the API server does not answer, or a permission is missing.
    pub async fn list_metadata(&self, kind: &ApiResource, namespace: &str) -> Result<Vec<ObjectMeta>, Error> {
        let api = self.api(kind, Some(namespace));
        let what = format!("list {} in namespace {namespace}", kind.plural);
        let mut all = Vec::new();
        let mut parameters = ListParams::default().limit(PAGE);
        let (mut pages, before) = (0, self.read.load(Ordering::Relaxed));
        loop {
            let page = match absent(self.request(&what, || api.list_metadata(&parameters)).await)? {
                Some(page) => page,
                None => return Ok(all),
            };
            all.extend(page.items.into_iter().map(|object| object.metadata));
            parameters.continue_token = page.metadata.continue_.filter(|token| !token.is_empty());
            if parameters.continue_token.is_none() {
                return Ok(all);
            }
            pages += 1;
            if all.len() > MOST_OBJECTS || pages > MOST_PAGES || self.has_read_too_much(before) {
                return Err(too_many(&what));
            }
        }
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

    /// Whether more bytes were read since a count than one list may have.
    fn has_read_too_much(&self, before: u64) -> bool {
        self.read.load(Ordering::Relaxed).saturating_sub(before) > MOST_BYTES
    }

    /// Whether the API server reports that it is ready. By default every user may ask that.
    async fn is_ready(&self) -> bool {
        let Ok(request) = http::Request::get("/readyz").body(Vec::new()) else { return false };
        matches!(timeout(LAST, self.client.request_text(request)).await, Ok(Ok(_)))
    }

    /// Sends a request until it is answered.
    ///
    /// Temporary failures are retried: for a moment if the server has never answered, otherwise for as long as a
    /// restart may take.
    ///
    /// # Errors
    /// The API server's error, or that it does not answer.
    pub async fn request<T, F, Answer>(&self, what: &str, call: F) -> Result<T, Error>
    where
        F: Fn() -> Answer,
        Answer: Future<Output = kube::Result<T>>,
    {
        let start = Instant::now();
        let most = self.end.map_or(Duration::MAX, |end| end.saturating_duration_since(start).max(LAST));
        let [first, later] = self.patience;
        let (mut pause, mut was_ready, mut told) = (FIRST_PAUSE, false, false);
        // The last failure, for the case that the time is over before another answer.
        let mut last: Option<kube::Error> = None;
        loop {
            let answered = self.answered.load(Ordering::Relaxed);
            let most = most.min(if answered || self.is_limited { later } else { REQUEST });
            let whole = if answered { later } else { first };
            let left = most.saturating_sub(start.elapsed());
            let answer = timeout(REQUEST.min(left), call()).await;
            let (patience, error) = match answer {
                Ok(Ok(answer)) => {
                    self.answered.store(true, Ordering::Relaxed);
                    return Ok(answer);
                }
                Ok(Err(error)) => match patience(&error, whole) {
                    Some(patience) => (patience, Some(error)),
                    // While an API server starts, it does not know all permissions yet.
                    None if answered && is_forbidden(&error) && !was_ready => {
                        was_ready = self.is_ready().await;
                        (STARTING.min(whole), Some(error))
                    }
                    None => return Err(self.refused(what, error).await),
                },
                Err(_) => (whole, last.take()),
            };
            if start.elapsed() + pause >= patience.min(most) {
                return Err(match error {
                    Some(kube::Error::Api(status)) if status.code == 401 => {
                        Error::Unauthorized { what: what.to_owned() }
                    }
                    Some(error) if is_forbidden(&error) || proxy::failure(&error).is_some() => {
                        self.refused(what, error).await
                    }
                    error => Error::Unreachable {
                        what: what.to_owned(),
                        server: self.server.clone(),
                        waited: start.elapsed(),
                        why: error.as_ref().map_or_else(|| "it sent no answer".to_owned(), reason::of),
                    },
                });
            }
            if let (Some(notice), false) = (&self.notice, told || start.elapsed() < NOTICED) {
                let why = error.as_ref().map_or_else(|| "it sent no answer".to_owned(), reason::of);
                notice(&format!("until the API server {} answers: {why}", self.server));
                told = true;
            }
            last = error;
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Turns the API server's error into one of this module.
    async fn refused(&self, what: &str, error: kube::Error) -> Error {
        let what = what.to_owned();
        if let Some(failure) = proxy::failure(&error) {
            return Error::Proxied { what, source: failure.clone() };
        }
        if let Some(fault) = reason::fault(&error) {
            return Error::Server { what, server: self.server.clone(), message: fault.message, help: fault.help };
        }
        let kube::Error::Api(status) = error else {
            return Error::Answer { what, source: reason::of(&error).into() };
        };
        let (code, message) = (status.code, reason::said(&status));
        match code {
            401 => Error::Unauthorized { what },
            // An exceeded quota has the same status, and no permission helps there.
            403 if status.reason == "Forbidden" && message.contains(" cannot ") => Error::Forbidden { what, message },
            404 if status.reason != "NotFound" && !self.is_kubernetes().await => Error::Server {
                what,
                server: self.server.clone(),
                message: "this is not a Kubernetes API server: it answers every request with 404".into(),
                help: "check the server's address in the kubeconfig".into(),
            },
            409 => Error::Conflict { what, message },
            500.. => Error::Refused { what, message: format!("{message} ({})", self.server), code },
            _ => Error::Refused { what, message, code },
        }
    }

    /// Whether the server has an endpoint that every API server has. By default every user may ask that.
    async fn is_kubernetes(&self) -> bool {
        if self.answered.load(Ordering::Relaxed) {
            return true;
        }
        let Ok(request) = http::Request::get("/version").body(Vec::new()) else { return true };
        let answer = timeout(LAST, self.client.request_text(request)).await;
        !matches!(answer, Ok(Err(kube::Error::Api(status))) if status.code == 404)
    }
}

fn is_forbidden(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 403)
}

/// How long a retry makes sense after this error; `None` if the answer would be the same.
fn patience(error: &kube::Error, patience: Duration) -> Option<Duration> {
    match error {
        _ if proxy::failure(error).is_some_and(proxy::Failure::is_final) => None,
        _ if reason::fault(error).is_some() => None,
        kube::Error::Api(status) => match status.code {
            401 => Some(RENEWAL.min(patience)),
            // A quota or a busy API server. A busy server sends only the status.
            429 | 502 | 503 | 504 => Some(patience),
            // Its storage is temporarily unavailable. Any other failure would happen again.
            500 if reason::is_passing(&status.message) => Some(patience),
            _ => None,
        },
        kube::Error::HyperError(_) | kube::Error::Service(_) | kube::Error::ReadEvents(_) => Some(patience),
        _ => None,
    }
}

fn too_many(what: &str) -> Error {
    let message =
        format!("the list does not end within {MOST_OBJECTS} objects, {MOST_PAGES} pages or {} MiB", MOST_BYTES >> 20);
    Error::Answer { what: what.to_owned(), source: message.into() }
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

fn named(name: impl Display) -> String {
    format!("namespace {name}")
}

/// `Subscription dbaas/pxc`.
pub(super) fn title(kind: &str, namespace: Option<&str>, name: &str) -> String {
    match namespace {
        Some(namespace) => format!("{kind} {namespace}/{name}"),
        None => format!("{kind} {name}"),
    }
}
