//! Unpacked bundles: a job writes a bundle's objects into a ConfigMap, and the steps of plans refer to it.
//!
//! The job is simulated too: it exists for observers, with the status of one that ended.

use std::io::{Read as _, Write as _};

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use olm_catalog::serve::api::{Bundle, Property};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::Player;
use super::steps;
use super::store::{Kind, list, name, namespace, now, owned_by, text};

impl Player {
    /// Unpacks a bundle, and turns its steps into references.
    pub(super) async fn unpack(
        &self,
        bundle: &Bundle,
        replaces: &str,
        source: &Value,
        steps: &mut [Value],
    ) -> Result<()> {
        let mut files = Map::new();
        for (index, object) in bundle.object.iter().enumerate() {
            // The value is base64 itself, in an API where bytes are base64 already.
            files.insert(format!("{index:03}.yaml"), json!(STANDARD.encode(STANDARD.encode(zip(object)?))));
        }
        let map = json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {
                "name": hash(&bundle.csv_name), "namespace": namespace(source), "ownerReferences": [owned_by(source)],
                "labels": {"olm.managed": "true"},
                "annotations": {"olm.contentEncoding": "gzip+base64", "olm.sourceImage": bundle.bundle_path},
            },
            "binaryData": files,
        });
        self.server.create(&map).await?;
        self.unpack_job(bundle, source, None).await?;
        let reference = json!({
            "kind": "ConfigMap", "name": hash(&bundle.csv_name), "namespace": namespace(source),
            "catalogSourceName": name(source), "catalogSourceNamespace": namespace(source),
            "replaces": replaces, "properties": steps::properties(bundle),
        });
        for step in steps {
            step["resource"]["manifest"] = json!(reference.to_string());
        }
        Ok(())
    }

    /// The job of a bundle, which has succeeded or failed for a reason.
    pub(super) async fn unpack_job(&self, bundle: &Bundle, source: &Value, failure: Option<&str>) -> Result<()> {
        let name = hash(&bundle.csv_name);
        let labels = json!({"olm.managed": "true", "operatorframework.io/bundle-unpack-ref": name});
        let job = json!({
            "apiVersion": "batch/v1", "kind": "Job",
            "metadata": {"name": name, "namespace": namespace(source), "labels": labels,
                         "ownerReferences": [owned_by(source)]},
            "spec": {
                // Nothing runs: it only looks like this.
                "suspend": true, "activeDeadlineSeconds": 600, "backoffLimit": 3,
                "template": {"metadata": {"labels": labels}, "spec": {
                    "restartPolicy": "Never",
                    "containers": [{"name": "extract", "image": "quay.io/operator-framework/opm:latest"}]}},
            },
        });
        let Some(job) = self.server.create(&job).await? else { return Ok(()) };
        let conditions = failure.map(|why| {
            let condition = |kind: &str| {
                json!({"type": kind, "status": "True", "reason": "DeadlineExceeded", "message": why,
                       "lastProbeTime": now(), "lastTransitionTime": now()})
            };
            json!([condition("FailureTarget"), condition("Failed")])
        });
        let status = json!({"startTime": now(), "failed": u8::from(failure.is_some()), "conditions": conditions});
        self.server.patch(&Kind::new("batch/v1", "Job"), &job, "/status", json!({"status": status})).await.map(drop)
    }

    /// The manifest of a step: its own, or the one it refers to.
    pub(super) async fn manifest(&self, plan: &Value, step: &Value) -> Result<Value> {
        let manifest: Value = serde_json::from_str(text(&step["resource"]["manifest"]))?;
        if manifest["catalogSourceName"].is_null() {
            return Ok(manifest);
        }
        let (kind, map) = (Kind::new("v1", "ConfigMap"), text(&manifest["name"]));
        let map = self.server.get(&kind, text(&manifest["namespace"]), map).await?;
        let map = map.context("the unpacked bundle is not there")?;
        let mut bundle = Bundle { csv_name: text(&step["resolving"]).to_owned(), ..Bundle::default() };
        for (_, value) in map["binaryData"].as_object().into_iter().flatten() {
            let object = unzip(&STANDARD.decode(STANDARD.decode(text(value))?)?)?;
            if serde_json::from_str::<Value>(&object)?["kind"] == "ClusterServiceVersion" {
                bundle.csv_json.clone_from(&object);
            }
            bundle.object.push(object);
        }
        let properties: Value = serde_json::from_str(text(&manifest["properties"]))?;
        let property = |one: &Value| Property { r#type: text(&one["type"]).into(), value: one["value"].to_string() };
        bundle.properties = list(&properties["properties"]).iter().map(property).collect();
        let source = json!({"metadata": {
            "name": manifest["catalogSourceName"], "namespace": manifest["catalogSourceNamespace"]}});
        let steps = steps::steps(&bundle, namespace(plan), text(&manifest["replaces"]), &source)?;
        let is_it = |other: &&Value| {
            let (other, own) = (&other["resource"], &step["resource"]);
            ["group", "version", "kind", "name"].iter().all(|field| other[field] == own[field])
        };
        let found = steps.iter().find(is_it).context("the unpacked bundle has no such object")?;
        Ok(serde_json::from_str(text(&found["resource"]["manifest"]))?)
    }
}

fn hash(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>()[..63].to_owned()
}

fn zip(text: &str) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes())?;
    Ok(encoder.finish()?)
}

fn unzip(bytes: &[u8]) -> Result<String> {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text)?;
    Ok(text)
}
