//! An API server with hostile text in its responses to the requests of `install-catalog`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::{Value, json};

/// A server on this machine, which ends with the test's process.
pub(crate) struct Api {
    port: u16,
    evil: String,
    refuses: Arc<AtomicBool>,
}

/// The objects with hostile text in every place.
fn objects(evil: &str) -> Vec<Value> {
    let ours = json!({"app.kubernetes.io/managed-by": "install-catalog", "app.kubernetes.io/part-of": "dbaas-catalog"});
    let condition = json!({"type": evil, "status": "True", "reason": evil, "message": evil});
    let failed = json!({"type": "ResolutionFailed", "status": "True", "reason": evil, "message": evil});
    let waiting = json!({"waiting": {"reason": "CreateContainerError", "message": evil}});
    let container =
        json!({"name": evil, "image": evil, "imageID": "", "ready": false, "restartCount": 1, "state": waiting});
    let step = json!({"resolving": evil, "status": evil, "resource": {"group": "apiextensions.k8s.io", "version": "v1",
        "kind": "CustomResourceDefinition", "name": evil, "sourceName": evil, "sourceNamespace": "olm", "manifest": evil}});
    vec![
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "olm"}, "status": {"phase": evil}}),
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "dbaas", "labels": ours.clone()}}),
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "olm-operator", "namespace": "olm"},
            "spec": {"selector": {}, "template": {}}, "status": {"conditions": [condition.clone()]}}),
        json!({"apiVersion": "operators.coreos.com/v1alpha1", "kind": "CatalogSource",
            "metadata": {"name": "dbaas-catalog", "namespace": "olm", "labels": ours.clone()},
            "spec": {"sourceType": "grpc", "image": evil},
            "status": {"message": evil, "reason": evil, "connectionState": {"lastObservedState": evil}}}),
        json!({"apiVersion": "operators.coreos.com/v1", "kind": "OperatorGroup",
            "metadata": {"name": evil, "namespace": "dbaas"}, "spec": {"targetNamespaces": [evil]}}),
        json!({"apiVersion": "operators.coreos.com/v1alpha1", "kind": "Subscription",
            "metadata": {"name": evil, "namespace": "dbaas", "labels": ours},
            "spec": {"name": evil, "source": "dbaas-catalog", "sourceNamespace": "olm", "channel": evil},
            "status": {"installedCSV": evil, "currentCSV": format!("{evil}2"), "conditions": [failed],
                       "installPlanRef": {"name": evil, "namespace": "dbaas"}}}),
        json!({"apiVersion": "packages.operators.coreos.com/v1", "kind": "PackageManifest",
            "metadata": {"name": evil, "namespace": "olm"},
            "spec": {}, "status": {"catalogSource": "dbaas-catalog", "catalogSourceNamespace": "olm", "packageName": evil,
                "defaultChannel": evil, "deprecation": {"message": evil},
                "channels": [{"name": evil, "currentCSV": evil, "deprecation": {"message": evil},
                    "entries": [{"name": evil, "version": evil, "deprecation": {"message": evil}}]}]}}),
        json!({"apiVersion": "operators.coreos.com/v1alpha1", "kind": "InstallPlan",
            "metadata": {"name": evil, "namespace": "dbaas", "resourceVersion": "7"},
            "spec": {"approval": "Manual", "approved": false, "generation": 1,
                     "clusterServiceVersionNames": [format!("{evil}2")]},
            "status": {"phase": "RequiresApproval", "message": evil, "plan": [step], "conditions": [condition]}}),
        json!({"apiVersion": "operators.coreos.com/v1alpha1", "kind": "ClusterServiceVersion",
            "metadata": {"name": evil, "namespace": "dbaas"}, "spec": {"version": evil},
            "status": {"phase": "Failed", "reason": evil, "message": evil}}),
        json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": evil, "namespace": "olm", "labels": {"olm.catalogSource": "dbaas-catalog"}},
            "spec": {"containers": [{"name": evil, "image": evil}]},
            "status": {"phase": "Pending", "message": evil, "reason": evil, "containerStatuses": [container]}}),
    ]
}

impl Api {
    pub(crate) fn start(evil: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let refuses = Arc::new(AtomicBool::new(false));
        let (objects, shared, evil_text) = (Arc::new(objects(evil)), Arc::clone(&refuses), evil.to_owned());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (objects, refuses, evil) = (Arc::clone(&objects), Arc::clone(&shared), evil_text.clone());
                thread::spawn(move || while answer(&stream, &objects, &refuses, &evil).is_some() {});
            }
        });
        Self { port, evil: evil.to_owned(), refuses }
    }

    /// From now on, every response is an error, or no longer.
    pub(crate) fn refuse(&self, refuses: bool) {
        self.refuses.store(refuses, Ordering::SeqCst);
    }

    pub(crate) fn objects(&self) -> Vec<Value> {
        objects(&self.evil)
    }

    pub(crate) fn kubeconfig(&self) -> String {
        json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "clusters": [{"name": "c", "cluster": {"server": format!("http://127.0.0.1:{}", self.port)}}],
            "users": [{"name": "c", "user": {"token": "t"}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}],
        })
        .to_string()
    }
}

fn status(code: u16, reason: &str, message: &str) -> (u16, Value) {
    let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code, "message": message});
    (code, status)
}

/// Responds to one request; none at the end of a connection.
fn answer(stream: &std::io::Result<TcpStream>, objects: &[Value], refuses: &AtomicBool, evil: &str) -> Option<()> {
    let mut stream = stream.as_ref().ok()?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        match header.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.trim().parse().ok()?,
            Some(_) => {}
            None => break,
        }
    }
    reader.read_exact(&mut vec![0; length]).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?, words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (code, body) = match method {
        _ if refuses.load(Ordering::SeqCst) => status(403, "Forbidden", evil),
        "GET" if query.contains("watch=") => (200, Value::Null),
        "GET" => get(path, objects, evil),
        _ => status(422, "Invalid", evil),
    };
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let head = format!("HTTP/1.1 {code} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all((head + &body).as_bytes()).ok()
}

/// `/api/v1/[namespaces/NS/]PLURAL[/NAME]`, and the same under `/apis/GROUP/VERSION`.
fn get(path: &str, objects: &[Value], evil: &str) -> (u16, Value) {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let (api_version, rest) = match parts.as_slice() {
        ["api", version, rest @ ..] => ((*version).to_owned(), rest),
        ["apis", group, version, rest @ ..] => (format!("{group}/{version}"), rest),
        ["version" | "readyz" | "livez"] => return (200, json!({"gitVersion": evil, "major": "1", "minor": "30"})),
        _ => return status(404, "NotFound", evil),
    };
    let (namespace, rest) = match rest {
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (Some(*namespace), rest),
        rest => (None, rest),
    };
    let (plural, name) = match rest {
        [plural] => (*plural, None),
        [plural, name] => (*plural, Some(*name)),
        _ => return status(404, "NotFound", evil),
    };
    let fits = |object: &&Value| {
        let kind = object["kind"].as_str().unwrap().to_lowercase();
        object["apiVersion"] == api_version.as_str()
            && (plural == format!("{kind}s"))
            && namespace.is_none_or(|namespace| object["metadata"]["namespace"] == namespace)
    };
    let found: Vec<&Value> = objects.iter().filter(fits).collect();
    match name {
        None => (
            200,
            json!({"apiVersion": api_version, "kind": "List", "metadata": {"resourceVersion": "1"}, "items": found}),
        ),
        Some(name) if plural == "customresourcedefinitions" && name.ends_with(".operators.coreos.com") => (
            200,
            json!({"apiVersion": api_version, "kind": "CustomResourceDefinition", "metadata": {"name": name},
                "spec": {"group": "g", "scope": "Namespaced", "names": {"kind": "K", "plural": "k"}, "versions": []}}),
        ),
        Some(name) => match found.into_iter().find(|object| object["metadata"]["name"] == name) {
            Some(object) => (200, object.clone()),
            None => status(404, "NotFound", evil),
        },
    }
}
