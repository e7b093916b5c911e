//! The API server, as used by the simulation: objects are plain data.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use http::{Method, Request};
use kube::core::{ApiResource, GroupVersionKind};
use kube::{Client, Error};
use serde_json::{Value, json};

/// An object of the cluster.
pub(super) type Object = Arc<Value>;

/// The cluster-wide kinds that bundles or the simulation use.
const CLUSTER_KINDS: [&str; 8] = [
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "Namespace",
    "OLMConfig",
    "PriorityClass",
];

/// A kind of objects.
#[derive(Clone, Debug)]
pub(super) struct Kind {
    pub(super) api_version: String,
    pub(super) kind: String,
    plural: String,
    namespaced: bool,
}

impl Kind {
    pub(super) fn new(api_version: &str, kind: &str) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let plural = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind)).plural;
        let namespaced = !CLUSTER_KINDS.contains(&kind);
        Self { api_version: api_version.into(), kind: kind.into(), plural, namespaced }
    }

    /// The kind of an object.
    pub(super) fn of(object: &Value) -> Self {
        Self::new(text(&object["apiVersion"]), text(&object["kind"]))
    }

    pub(super) fn olm(kind: &str) -> Self {
        Self::new("operators.coreos.com/v1alpha1", kind)
    }

    pub(super) fn operator_group() -> Self {
        Self::new("operators.coreos.com/v1", "OperatorGroup")
    }

    pub(super) fn deployment() -> Self {
        Self::new("apps/v1", "Deployment")
    }

    pub(super) fn definition() -> Self {
        Self::new("apiextensions.k8s.io/v1", "CustomResourceDefinition")
    }

    /// Whether its objects are in namespaces.
    pub(super) fn is_namespaced(&self) -> bool {
        self.namespaced
    }

    fn path(&self, namespace: &str, name: &str) -> String {
        let root = if self.api_version.contains('/') { "apis" } else { "api" };
        let mut path = format!("/{root}/{}", self.api_version);
        if self.namespaced && !namespace.is_empty() {
            path += &format!("/namespaces/{namespace}");
        }
        path += &format!("/{}", self.plural);
        if name.is_empty() { path } else { format!("{path}/{name}") }
    }
}

/// The API server. Errors that could disappear in a later attempt are not treated as results.
#[derive(Clone)]
pub(super) struct Server {
    client: Client,
}

impl Server {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    async fn send(&self, method: Method, path: &str, media: &str, body: Option<&Value>) -> kube::Result<Value> {
        let request = Request::builder().method(method).uri(path).header("content-type", media);
        let body = body.map(Value::to_string).unwrap_or_default().into_bytes();
        self.request(request.body(body).map_err(Error::HttpError)?).await
    }

    /// A killed server can leave a connection that never answers.
    async fn request(&self, request: Request<Vec<u8>>) -> kube::Result<Value> {
        let answer = tokio::time::timeout(PATIENCE, self.client.request(request)).await;
        answer.unwrap_or_else(|elapsed| Err(Error::Service(elapsed.into())))
    }

    pub(super) async fn get(&self, kind: &Kind, namespace: &str, name: &str) -> Result<Option<Value>> {
        found(self.send(Method::GET, &kind.path(namespace, name), JSON, None).await)
            .with_context(|| format!("cannot get {} {namespace}/{name}", kind.kind))
    }

    /// The complete objects; none if the kind does not exist.
    pub(super) async fn list(&self, kind: &Kind, namespace: &str) -> Result<Vec<Value>> {
        let list = found(self.send(Method::GET, &kind.path(namespace, ""), JSON, None).await)
            .with_context(|| format!("cannot list {}", kind.plural))?;
        let mut items = items(list);
        for item in &mut items {
            (item["apiVersion"], item["kind"]) = (json!(kind.api_version), json!(kind.kind));
        }
        Ok(items)
    }

    /// The objects' metadata; none if the kind does not exist.
    pub(super) async fn list_metadata(&self, kind: &Kind) -> Result<Vec<Value>> {
        let request = Request::get(kind.path("", ""))
            .header("accept", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")
            .body(Vec::new())?;
        let list = found(self.request(request).await).with_context(|| format!("cannot list {}", kind.plural))?;
        if list.is_none() && kind.api_version.contains(".coreos.com/") {
            // A server that has just started might not serve its objects yet: that must not look as if all were
            // deleted.
            let group = kind.api_version.split('/').next().unwrap_or_default();
            let definition = self.get(&Kind::definition(), "", &format!("{}.{group}", kind.plural)).await?;
            ensure!(definition.is_none_or(|one| is_going(&one)), "{} are not served yet", kind.plural);
        }
        Ok(items(list))
    }

    /// Creates an object. `None` if its name exists already.
    pub(super) async fn create(&self, object: &Value) -> Result<Option<Value>> {
        let kind = Kind::of(object);
        match self.send(Method::POST, &kind.path(namespace(object), ""), JSON, Some(object)).await {
            Ok(created) => Ok(Some(created)),
            Err(Error::Api(status)) if status.reason == "AlreadyExists" => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot create {} {}", kind.kind, name(object))),
        }
    }

    /// Writes an object with force, whoever owns its fields.
    pub(super) async fn apply(&self, object: &Value) -> Result<Value> {
        let kind = Kind::of(object);
        let path = kind.path(namespace(object), name(object)) + "?fieldManager=olm&force=true";
        let applied = self.send(Method::PATCH, &path, "application/apply-patch+yaml", Some(object)).await;
        applied.with_context(|| format!("cannot apply {} {}", kind.kind, name(object)))
    }

    /// Replaces an existing object completely.
    pub(super) async fn replace(&self, object: &Value) -> Result<Value> {
        let kind = Kind::of(object);
        let path = kind.path(namespace(object), name(object));
        let mut object = object.clone();
        if let Some(old) = self.get(&kind, namespace(&object), name(&object)).await? {
            object["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"].clone();
        }
        let replaced = self.send(Method::PUT, &path, JSON, Some(&object)).await;
        replaced.with_context(|| format!("cannot replace {} {}", kind.kind, name(&object)))
    }

    /// Applies a merge patch to this very object, not to another one with its name.
    pub(super) async fn patch(&self, kind: &Kind, object: &Value, part: &str, patch: Value) -> Result<Value> {
        let mut patch = patch;
        patch["metadata"]["uid"] = object["metadata"]["uid"].clone();
        let path = kind.path(namespace(object), name(object)) + part;
        let patched = self.send(Method::PATCH, &path, "application/merge-patch+json", Some(&patch)).await;
        patched.with_context(|| format!("cannot change {} {}", kind.kind, name(object)))
    }

    /// Sets the status of an object, if it differs.
    pub(super) async fn set_status(&self, kind: &Kind, object: &Value, status: &Value) -> Result<bool> {
        if &object["status"] == status {
            return Ok(false);
        }
        let mut patch = status.clone();
        for field in object["status"].as_object().into_iter().flat_map(|old| old.keys()) {
            if status[field].is_null() {
                patch[field] = Value::Null;
            }
        }
        self.patch(kind, object, "/status", json!({"status": patch})).await?;
        Ok(true)
    }

    /// Deletes an object, if it still exists.
    pub(super) async fn delete(&self, kind: &Kind, namespace: &str, name: &str) -> Result<()> {
        let deleted = self.send(Method::DELETE, &kind.path(namespace, name), JSON, None).await;
        found(deleted).map(drop).with_context(|| format!("cannot delete {} {name}", kind.kind))
    }

    /// Finalizes a namespace.
    pub(super) async fn finalize(&self, namespace: &Value) -> Result<()> {
        let mut namespace = namespace.clone();
        namespace["spec"]["finalizers"] = json!([]);
        let path = format!("/api/v1/namespaces/{}/finalize", name(&namespace));
        found(self.send(Method::PUT, &path, JSON, Some(&namespace)).await)?;
        Ok(())
    }
}

const JSON: &str = "application/json";

/// How long the API server may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// The response, or none if the server says that the object does not exist.
fn found(answer: kube::Result<Value>) -> kube::Result<Option<Value>> {
    match answer {
        Err(Error::Api(status)) if status.code == 404 => Ok(None),
        other => other.map(Some),
    }
}

fn items(list: Option<Value>) -> Vec<Value> {
    match list {
        Some(mut list) => match list["items"].take() {
            Value::Array(items) => items,
            _ => Vec::new(),
        },
        None => Vec::new(),
    }
}

/// All objects of a kind, as of the last refresh. Only changed ones are read completely: an InstallPlan can have a
/// megabyte.
pub(super) struct Cache {
    kind: Kind,
    objects: BTreeMap<(String, String), Object>,
}

impl Cache {
    pub(super) fn new(kind: Kind) -> Self {
        Self { kind, objects: BTreeMap::new() }
    }

    pub(super) async fn refresh(&mut self, server: &Server) -> Result<()> {
        let mut objects = BTreeMap::new();
        for item in server.list_metadata(&self.kind).await? {
            let key = (namespace(&item).to_owned(), name(&item).to_owned());
            let version = &item["metadata"]["resourceVersion"];
            let known = self.objects.get(&key).filter(|known| known["metadata"]["resourceVersion"] == *version);
            let object = match known {
                Some(object) => Some(Arc::clone(object)),
                None => server.get(&self.kind, &key.0, &key.1).await?.map(Arc::new),
            };
            objects.extend(object.map(|object| (key, object)));
        }
        self.objects = objects;
        Ok(())
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Object> {
        self.objects.values()
    }

    pub(super) fn within<'c>(&'c self, namespace: &str) -> impl Iterator<Item = &'c Object> + use<'c> {
        let namespace = namespace.to_owned();
        self.all().filter(move |object| self::namespace(object) == namespace)
    }

    pub(super) fn get(&self, namespace: &str, name: &str) -> Option<&Object> {
        self.objects.get(&(namespace.to_owned(), name.to_owned()))
    }
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub(super) fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

pub(super) fn name(object: &Value) -> &str {
    text(&object["metadata"]["name"])
}

pub(super) fn namespace(object: &Value) -> &str {
    text(&object["metadata"]["namespace"])
}

pub(super) fn uid(object: &Value) -> &str {
    text(&object["metadata"]["uid"])
}

pub(super) fn is_going(object: &Value) -> bool {
    !object["metadata"]["deletionTimestamp"].is_null()
}

/// An owner reference, by which the garbage collector deletes an object with its owner.
pub(super) fn owned_by(owner: &Value) -> Value {
    json!({
        "apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": name(owner), "uid": uid(owner),
        "blockOwnerDeletion": false, "controller": false,
    })
}

/// The time in the API's format.
pub(super) fn now() -> String {
    k8s_openapi::jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
