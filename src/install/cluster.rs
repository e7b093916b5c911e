//! The cluster: every request goes through here, is tried again where that helps, and says what it was for where it
//! fails.

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
/// How long a request is tried again where the API server has answered before: it may be restarted.
const PATIENCE: Duration = Duration::from_secs(90);
/// The same where it has never answered: then its address is more likely to be wrong.
const FIRST_PATIENCE: Duration = Duration::from_millis(1500);
/// After how long somebody is told that a request is tried again.
const NOTICED: Duration = Duration::from_secs(1);
/// How the program names itself to the API server.
const AGENT: &str = concat!("install-catalog/", env!("CARGO_PKG_VERSION"));
/// How long a request is tried after the time for all of them is over: whoever looks a last time gets an answer.
const LAST: Duration = Duration::from_secs(5);
/// How long credentials that are not taken are tried again: they may just be renewed.
const RENEWAL: Duration = Duration::from_secs(5);
/// How long a missing permission is asked for again while the API server is not ready.
const STARTING: Duration = Duration::from_secs(20);
/// The first pause before a request is tried again; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause before a request is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How many objects one page of a list has.
const PAGE: u32 = 200;

/// How many objects one list may have. No cluster has as many of a kind that is listed here.
const MOST_OBJECTS: usize = 200_000;
/// How many pages one list may have: those of so many objects.
const MOST_PAGES: usize = MOST_OBJECTS / PAGE as usize;
/// How many bytes one list may have, all pages together.
const MOST_BYTES: u64 = 512 << 20;
/// How often a list is begun anew because it became too old while it was read.
const RESTARTS: u32 = 5;

/// Who is told of something, in words.
type Notice = Arc<dyn Fn(&str) + Send + Sync>;

/// A cluster that one can talk to.
#[derive(Clone)]
pub struct Cluster {
    client: Client,
    /// Nothing is written; the API server only says what would come of it.
    dry_run: bool,
    /// Whether fields that others own are taken over.
    force: bool,
    /// How long a request is tried again, before and after the API server has answered once.
    patience: [Duration; 2],
    /// Whether that was said, and bounds one request too.
    is_limited: bool,
    /// Whether it has answered once.
    answered: Arc<AtomicBool>,
    /// How many bytes all answers had.
    read: Arc<AtomicU64>,
    /// The API server's address, for messages.
    server: String,
    /// Who is told that a request is tried again.
    notice: Option<Notice>,
    /// When all requests are to be done.
    end: Option<Instant>,
}

/// What came of writing an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It was not there.
    Created,
    /// It was there, and is different now.
    Changed,
    /// It was there, and is as it should be.
    Unchanged,
}

impl Cluster {
    /// Reads the configuration; nothing is asked yet.
    ///
    /// # Errors
    /// A configuration that is not there, cannot be read, or has not that context; a setting that names no proxy.
    pub async fn connect(connection: &Connection) -> Result<Self, Error> {
        // Whoever set one first has the same in mind.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let chosen = kubeconfig::read(connection).await?;
        let named = chosen.proxy_url.as_deref().map(|url| Proxy::new(Setting::Kubeconfig, url)).transpose()?;
        let environment = proxy::Environment::new(|name| std::env::var(name).ok())?;
        // Exceptions are exceptions to what the environment says.
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

    /// With a client that is there already.
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

    /// The same, but somebody is told when a request has to be tried again.
    #[must_use]
    pub fn noticed(mut self, notice: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.notice = Some(Arc::new(notice));
        self
    }

    /// The same, but nothing is written: the API server says what would come of it.
    #[must_use]
    pub fn dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }

    /// The same, but fields that others own are taken over.
    #[must_use]
    pub fn force_conflicts(mut self, force: bool) -> Self {
        self.force = force;
        self
    }

    /// The same, but from now on no request is tried much longer than this, however many there are.
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

    /// The client, for what this type has no method for.
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

    /// One object; none where it, its namespace or its kind is not there.
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

    /// One object of a kind that is known only now.
    ///
    /// # Errors
    /// No answer, a missing permission.
    pub async fn get_dynamic(
        &self,
        kind: &ApiResource,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<Option<DynamicObject>, Error> {
        let api = self.api(kind, namespace);
        absent(self.request(&format!("read {}", title(&kind.kind, namespace, name)), || api.get(name)).await)
    }

    /// The objects of a kind in a namespace, or in all, with these labels; none where the kind is not there.
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

    /// The objects of a kind that is known only now.
    ///
    /// # Errors
    /// No answer, a missing permission.
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
                // The list is too old to be gone on with: from the start.
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

    /// The kinds of namespaced objects that the API server can list, each once, those of definitions and of aggregated
    /// servers too, but for those of some API groups.
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
                // A slash is in the names of subresources.
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
    /// No answer, a missing permission.
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

    /// Puts an object there by server-side apply: what it does not say is left to others.
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

    /// Puts an object of a kind that is known only now there by server-side apply.
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

    /// The same over an object that was just read; none where there was none.
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
            // The namespace is not there yet, as it would be when this is done for good.
            Err(Error::Refused { code: 404, .. }) if self.dry_run => return Ok(Action::Created),
            answer => answer?,
        };
        Ok(match before {
            None => Action::Created,
            Some(before) if same(before, &after) => Action::Unchanged,
            Some(_) => Action::Changed,
        })
    }

    /// Changes a part of an object. With a resource version in the patch only if nobody else did meanwhile.
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

    /// Deletes an object, if it still is the one of this `uid`. Says whether it was there.
    ///
    /// # Errors
    /// No answer, a missing permission.
    pub async fn delete(&self, kind: &ApiResource, object: &DynamicObject) -> Result<bool, Error> {
        let (namespace, name) = (object.metadata.namespace.as_deref(), object.name_any());
        let api = self.api(kind, namespace);
        let mut parameters = DeleteParams::background();
        parameters.dry_run = self.dry_run;
        parameters.preconditions = Some(Preconditions { uid: object.metadata.uid.clone(), resource_version: None });
        let what = format!("delete {}", title(&kind.kind, namespace, &name));
        match self.request(&what, || api.delete(&name, &parameters)).await {
            // Another one has its name now.
            Err(Error::Conflict { .. }) => Ok(false),
            answer => Ok(absent(answer)?.is_some()),
        }
    }

    /// Whether more was read since a count than one list may have.
    fn has_read_too_much(&self, before: u64) -> bool {
        self.read.load(Ordering::Relaxed).saturating_sub(before) > MOST_BYTES
    }

    /// Whether the API server says that it has all that it needs for its answers. Every user may ask that by default.
    async fn is_ready(&self) -> bool {
        let Ok(request) = http::Request::get("/readyz").body(Vec::new()) else { return false };
        matches!(timeout(LAST, self.client.request_text(request)).await, Ok(Ok(_)))
    }

    /// Does a request until it is answered.
    ///
    /// What may pass is tried again: for a moment as long as the server has never answered, then for as long as a restart
    /// of it may take.
    ///
    /// # Errors
    /// What the API server says, or that it says nothing.
    pub async fn request<T, F, Answer>(&self, what: &str, call: F) -> Result<T, Error>
    where
        F: Fn() -> Answer,
        Answer: Future<Output = kube::Result<T>>,
    {
        let start = Instant::now();
        let most = self.end.map_or(Duration::MAX, |end| end.saturating_duration_since(start).max(LAST));
        let [first, later] = self.patience;
        let (mut pause, mut was_ready, mut told) = (FIRST_PAUSE, false, false);
        // What came last, where the time is over before anything comes again.
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
                    // While it starts, an API server does not know yet who may do what.
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

    /// What the API server said, as an error of ours.
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
            // A quota is refused with the same number, and no permission helps there.
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

    /// Whether the server knows what every API server knows. Every user may ask that by default.
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

/// How long it is worth trying again after this error; nothing where the answer would be the same.
fn patience(error: &kube::Error, patience: Duration) -> Option<Duration> {
    match error {
        _ if proxy::failure(error).is_some_and(proxy::Failure::is_final) => None,
        _ if reason::fault(error).is_some() => None,
        kube::Error::Api(status) => match status.code {
            401 => Some(RENEWAL.min(patience)),
            // A quota or a busy API server; the latter says so by its number alone.
            429 | 502 | 503 | 504 => Some(patience),
            // Its storage is not there for a moment. What else it fails of, it would fail of again.
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

/// None where it is not there.
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

/// Whether an object stayed as it was, apart from who owns what of it.
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
