//! The API server's handling of a resource when its definition changes.

use std::time::Duration;

use http::{Request, StatusCode};
use kube::Client;
use kube::client::Body;
use olm_catalog::crd::Outcome;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{Pair, Place};

/// The time limit for a new definition to take effect: usually some milliseconds.
const IN_FORCE: Duration = Duration::from_millis(150);
/// How often it retries if the result differs from the prediction: the machine can be busy.
const LOOKS: usize = 12;
const MERGE: &str = "application/merge-patch+json";

/// The observation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Seen {
    /// The resource is unchanged, and so is a new one.
    Kept,
    /// It lost the value.
    Pruned,
    /// It, or a new one, has another value.
    Defaulted,
    /// It can be labelled, and one like it cannot be created.
    RejectedWhenChanged(String),
    /// It cannot be labelled.
    Rejected(String),
    /// It cannot be read.
    NotServed,
    /// The definition is rejected.
    Refused(String),
}

impl Seen {
    pub(crate) fn fits(&self, foretold: Outcome) -> bool {
        matches!(
            (self, foretold),
            (Self::Kept, Outcome::Kept | Outcome::Handled)
                | (Self::Pruned, Outcome::Pruned)
                | (Self::Defaulted, Outcome::Defaulted)
                | (Self::RejectedWhenChanged(_), Outcome::RejectedWhenChanged)
                | (Self::Rejected(_), Outcome::Rejected)
                | (Self::NotServed, Outcome::NotServed)
                | (Self::Refused(_), Outcome::Refused)
        )
    }
}

pub(crate) struct Probe<'p> {
    client: &'p Client,
    pair: &'p Pair,
    definition: String,
    collection: String,
}

type Answer = Result<(StatusCode, Value), String>;

impl<'p> Probe<'p> {
    pub(crate) fn new(client: &'p Client, pair: &'p Pair) -> Self {
        let text = |value: &'p Value| value.as_str().unwrap_or_default();
        let name = text(&pair.old["metadata"]["name"]);
        let plural = text(&pair.old["spec"]["names"]["plural"]);
        let definition = format!("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}");
        let collection = format!("/apis/{}/namespaces/default/{plural}", text(&pair.resource["apiVersion"]));
        Self { client, pair, definition, collection }
    }

    /// The observation. `None` if the old definition does not accept the generated resource. Nothing is deleted,
    /// because deleting takes longer than the rest.
    pub(crate) async fn run(&self, foretold: Outcome) -> Result<Option<Seen>, String> {
        let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        let (status, answer) = self.ask("POST", definitions, "application/json", Some(&self.pair.old)).await?;
        if !status.is_success() {
            return Err(format!("{}: {}", self.definition, answer["message"]));
        }
        let Some(before) = self.created().await? else { return Ok(None) };
        let (status, answer) = self.ask("PATCH", &self.definition, MERGE, Some(&self.pair.new)).await?;
        if !status.is_success() {
            return Ok(Some(Seen::Refused(message(&answer))));
        }
        for _ in 0..LOOKS {
            sleep(IN_FORCE).await;
            let seen = self.look(before.as_ref()).await?;
            if seen.fits(foretold) {
                return Ok(Some(seen));
            }
        }
        self.look(before.as_ref()).await.map(Some)
    }

    /// The value in the created resource, once the definition is in effect.
    async fn created(&self) -> Result<Option<Option<Value>>, String> {
        for _ in 0..LOOKS * 4 {
            let (status, answer) =
                self.ask("POST", &self.collection, "application/json", Some(&self.pair.resource)).await?;
            match status {
                StatusCode::NOT_FOUND => sleep(IN_FORCE).await,
                status if status.is_success() => return Ok(Some(at(&answer, &self.pair.place).cloned())),
                _ => return Ok(None),
            }
        }
        Err(format!("{} is not served", self.collection))
    }

    async fn look(&self, before: Option<&Value>) -> Result<Seen, String> {
        let one = format!("{}/one", self.collection);
        let (status, _) = self.ask("GET", &one, MERGE, None).await?;
        if status == StatusCode::NOT_FOUND {
            return Ok(Seen::NotServed);
        }
        let label = json!({"metadata": {"labels": {"looked": "at"}}});
        let (status, labelled) =
            self.ask("PATCH", &format!("{one}?fieldValidation=Ignore"), MERGE, Some(&label)).await?;
        if !status.is_success() {
            return Ok(Seen::Rejected(message(&labelled)));
        }
        let mut another = self.pair.resource.clone();
        another["metadata"]["name"] = json!("another");
        let path = format!("{}?fieldValidation=Ignore&dryRun=All", self.collection);
        let (status, created) = self.ask("POST", &path, "application/json", Some(&another)).await?;
        if !status.is_success() {
            return Ok(Seen::RejectedWhenChanged(message(&created)));
        }
        let (_, after) = self.ask("GET", &one, MERGE, None).await?;
        let (after, created) = (at(&after, &self.pair.place), at(&created, &self.pair.place));
        Ok(match before {
            Some(_) if after.is_none() || after != before && lost(before, after) => Seen::Pruned,
            _ if after != before || created != before => Seen::Defaulted,
            _ => Seen::Kept,
        })
    }

    async fn ask(&self, method: &str, path: &str, media: &str, body: Option<&Value>) -> Answer {
        let said = |error: &dyn std::fmt::Display| format!("{method} {path}: {error}");
        let bytes = body.map(Value::to_string).unwrap_or_default().into_bytes();
        let request = Request::builder().method(method).uri(path).header("Content-Type", media);
        let request = request.body(Body::from(bytes)).map_err(|error| said(&error))?;
        let response = self.client.send(request).await.map_err(|error| said(&error))?;
        let status = response.status();
        let bytes = response.into_body().collect_bytes().await.map_err(|error| said(&error))?;
        Ok((status, serde_json::from_slice(&bytes).unwrap_or_default()))
    }
}

fn message(answer: &Value) -> String {
    answer["message"].as_str().unwrap_or_default().to_owned()
}

fn at<'r>(resource: &'r Value, place: &Place) -> Option<&'r Value> {
    place.iter().try_fold(resource, |value, step| if step == "[]" { value.get(0) } else { value.get(step) })
}

/// Whether a value has keys that another lacks.
fn lost(before: Option<&Value>, after: Option<&Value>) -> bool {
    let (Some(Value::Object(before)), Some(Value::Object(after))) = (before, after) else { return false };
    before.keys().any(|key| !after.contains_key(key))
}
