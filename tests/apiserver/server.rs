//! Strict requests to the API server: unknown and repeated fields are errors, and so is any warning.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::Request;
use kube::Client;
use kube::client::Body;
use olm_catalog::yaml;
use serde_json::{Value, json};
use tokio::time::sleep;

const MANAGER: &str = "fieldManager=olm-catalog-test&fieldValidation=Strict";
/// How long the API server may take to serve a definition.
const ESTABLISHED: Duration = Duration::from_secs(120);
/// How long a new definition may take to be in force after the API server took it: some milliseconds, as a rule.
const IN_FORCE: Duration = Duration::from_millis(250);

/// A warning about a choice of the operator's authors that its users cannot change.
const FINALIZER: &str = "prefer a domain-qualified finalizer name";

/// The API server.
pub(crate) struct Server {
    client: Client,
    /// The message about each deprecated version of its definition.
    deprecations: Mutex<BTreeSet<String>>,
}

/// The resource names that a CustomResourceDefinition serves.
#[derive(Clone)]
pub(crate) struct Served {
    pub(crate) kind: String,
    group: String,
    plural: String,
    namespaced: bool,
    versions: Vec<String>,
}

impl Served {
    fn of(definition: &Value) -> Option<Self> {
        let spec = &definition["spec"];
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let versions = spec["versions"].as_array()?.iter().filter(|version| version["served"] == true);
        Some(Self {
            kind: text(&spec["names"]["kind"])?,
            group: text(&spec["group"])?,
            plural: text(&spec["names"]["plural"])?,
            namespaced: spec["scope"] == "Namespaced",
            versions: versions.filter_map(|version| text(&version["name"])).collect(),
        })
    }

    /// Whether an `apiVersion` and kind are among those served.
    pub(crate) fn serves(&self, resource: &Value) -> bool {
        resource["kind"] == self.kind && self.api_versions().any(|version| resource["apiVersion"] == version)
    }

    /// All of its `apiVersion`s, with the group.
    pub(crate) fn api_versions(&self) -> impl Iterator<Item = String> {
        self.versions.iter().map(|version| format!("{}/{version}", self.group))
    }

    fn collection(&self, api_version: &str, namespace: &str) -> String {
        match self.namespaced {
            true => format!("/apis/{api_version}/namespaces/{namespace}/{}", self.plural),
            false => format!("/apis/{api_version}/{}", self.plural),
        }
    }
}

impl Server {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, deprecations: Mutex::default() }
    }

    /// Creates a namespace if it does not exist.
    pub(crate) async fn namespace(&self, name: &str) -> Result<(), String> {
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        self.apply(&format!("/api/v1/namespaces/{name}"), &object).await.map(drop)
    }

    /// Applies CustomResourceDefinitions and waits until their resources are served.
    pub(crate) async fn define<'d>(
        &self,
        definitions: impl IntoIterator<Item = &'d Value>,
    ) -> Vec<Result<Served, String>> {
        let mut taken = Vec::new();
        for definition in definitions {
            let name = definition["metadata"]["name"].as_str().unwrap_or_default();
            let path = format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}");
            taken.push(self.apply(&path, definition).await.map(|_| path));
        }
        let mut served = Vec::new();
        for path in taken {
            served.push(match path {
                Ok(path) => self.established(&path).await,
                Err(problem) => Err(problem),
            });
        }
        sleep(IN_FORCE).await;
        served
    }

    async fn established(&self, path: &str) -> Result<Served, String> {
        let deadline = Instant::now() + ESTABLISHED;
        loop {
            let now = self.get(path).await?;
            let condition = |kind: &str| {
                let mut conditions = now["status"]["conditions"].as_array().into_iter().flatten();
                conditions.find(|condition| condition["type"] == kind)
            };
            if let Some(condition) = condition("NonStructuralSchema") {
                return Err(format!("{path}: its schema is not structural: {}", condition["message"]));
            }
            let is = |kind| condition(kind).is_some_and(|condition| condition["status"] == "True");
            if is("Established") && is("NamesAccepted") {
                self.deprecations.lock().unwrap_or_else(PoisonError::into_inner).extend(deprecations(&now["spec"]));
                return Served::of(&now).ok_or_else(|| format!("{path}: the server gave back no definition"));
            }
            if Instant::now() > deadline {
                return Err(format!("{path}: not established after {ESTABLISHED:?}: {}", now["status"]["conditions"]));
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Creates a resource and returns its stored form.
    pub(crate) async fn create(&self, served: &Served, namespace: &str, resource: &Value) -> Result<Value, String> {
        let version = resource["apiVersion"].as_str().ok_or("a resource without an apiVersion")?;
        let path = format!("{}?{MANAGER}", served.collection(version, namespace));
        let created = self.send("POST", &path, "application/json", Some(resource)).await?;
        let name = created["metadata"]["name"].as_str().ok_or("a resource without a name")?;
        self.get(&format!("{}/{name}", served.collection(version, namespace))).await
    }

    /// Reads a resource in a version and checks whether that would be accepted as its new value. Nothing is changed.
    pub(crate) async fn revalidate(
        &self,
        served: &Served,
        version: &str,
        namespace: &str,
        name: &str,
    ) -> Result<(), String> {
        let path = format!("{}/{name}", served.collection(version, namespace));
        let resource = self.get(&path).await?;
        self.send("PUT", &format!("{path}?dryRun=All&{MANAGER}"), "application/json", Some(&resource)).await.map(drop)
    }

    async fn apply(&self, path: &str, object: &Value) -> Result<Value, String> {
        let path = format!("{path}?force=true&{MANAGER}");
        self.send("PATCH", &path, "application/apply-patch+yaml", Some(object)).await
    }

    async fn get(&self, path: &str) -> Result<Value, String> {
        self.send("GET", path, "application/json", None).await
    }

    /// One request. Any response except success is an error, with the server's message, and so is a warning.
    async fn send(&self, method: &str, path: &str, media: &str, body: Option<&Value>) -> Result<Value, String> {
        let said = |error: &dyn std::fmt::Display| format!("{method} {path}: {error}");
        let bytes = body.map(Value::to_string).unwrap_or_default().into_bytes();
        let request = Request::builder().method(method).uri(path).header("Content-Type", media);
        let request = request.body(Body::from(bytes)).map_err(|error| said(&error))?;
        let response = self.client.send(request).await.map_err(|error| said(&error))?;
        let status = response.status();
        let warnings = response.headers().get_all("Warning").iter();
        let warnings: Vec<_> = warnings.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect();
        let bytes = response.into_body().collect_bytes().await.map_err(|error| said(&error))?;
        let answer: Value = serde_json::from_slice(&bytes).map_err(|error| said(&error))?;
        if !status.is_success() {
            return Err(said(&format!("{status}: {}", answer["message"].as_str().unwrap_or_default())));
        }
        let deprecations = self.deprecations.lock().unwrap_or_else(PoisonError::into_inner);
        let tolerated = |warning: &str| {
            warning.contains(FINALIZER) || deprecations.iter().any(|deprecation| warning.contains(deprecation))
        };
        match warnings.iter().find(|warning| !tolerated(warning)) {
            Some(warning) => Err(said(warning)),
            None => Ok(answer),
        }
    }
}

/// The API server's messages about the deprecated versions of a definition: custom or default ones.
fn deprecations(spec: &Value) -> Vec<String> {
    let versions = spec["versions"].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (group, kind) = (text(&spec["group"]), text(&spec["names"]["kind"]));
    versions
        .filter(|version| version["deprecated"] == true)
        .map(|version| match version["deprecationWarning"].as_str() {
            Some(words) => words.to_owned(),
            None => format!("{group}/{} {kind} is deprecated", text(&version["name"])),
        })
        .collect()
}

/// The places where a stored resource lost or changed a value of the given one. Additional fields (defaults) are fine,
/// and an explicit null sets nothing.
pub(crate) fn lost(given: &Value, stored: &Value) -> Vec<String> {
    let mut losses = Vec::new();
    compare("", given, stored, &mut losses);
    losses
}

fn compare(path: &str, given: &Value, stored: &Value, losses: &mut Vec<String>) {
    match (given, stored) {
        (Value::Null, _) => {}
        (Value::Object(given), Value::Object(stored)) => {
            for (key, value) in given {
                compare(&format!("{path}.{key}"), value, stored.get(key).unwrap_or(&Value::Null), losses);
            }
        }
        (Value::Array(given), Value::Array(stored)) if given.len() == stored.len() => {
            for (index, (given, stored)) in given.iter().zip(stored).enumerate() {
                compare(&format!("{path}[{index}]"), given, stored, losses);
            }
        }
        (Value::Number(given), Value::Number(stored)) if given.as_f64() == stored.as_f64() => {}
        _ if given == stored => {}
        _ => losses.push(format!("{path}: {given} became {stored}")),
    }
}

/// The documents of a stream of manifests.
pub(crate) fn documents(text: &str) -> Result<Vec<Value>, String> {
    Ok(yaml::read(text).map_err(|error| error.to_string())?.into_iter().map(|document| document.value).collect())
}
