//! The manifests of an InstallPlan's steps: in the step itself, or unpacked into a ConfigMap that the step names.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::ApiResource;
use serde_json::Value;

use crate::install::api::{ClusterServiceVersion, Step};
use crate::install::cluster::Cluster;
use crate::install::error::Error;
use crate::yaml;

/// How large a manifest may be when it is unzipped.
const MAX_BYTES: u64 = 16 << 20;

/// The object of a step.
///
/// # Errors
/// [`Error::InTheWay`] where it cannot be found or read, for instance as its ConfigMap is gone: whoever accepts the plan
/// would not know what it brings. No answer, a missing permission.
pub(super) async fn of(cluster: &Cluster, step: &Step) -> Result<Value, Error> {
    let unknown = |why: String| {
        Error::InTheWay {
        message: format!("cannot tell what {} {} would bring: {why}", step.resource.kind, step.resource.name),
        help: "nothing is accepted unseen; delete the InstallPlan and its Subscription, and install again, or see what OLM \
               says: `install-catalog doctor`"
            .into(),
    }
    };
    let manifest: Value = serde_json::from_str(&step.resource.manifest)
        .map_err(|_| unknown("its manifest in the InstallPlan is not JSON".into()))?;
    // A reference to what was unpacked has this key, and no object does.
    if manifest.get("catalogSourceName").is_none() {
        return Ok(manifest);
    }
    let text = |key: &str| manifest[key].as_str().unwrap_or_default();
    let title = format!("ConfigMap {}/{}", text("namespace"), text("name"));
    let Some(map) = cluster.get::<ConfigMap>(Some(text("namespace")), text("name")).await? else {
        return Err(unknown(format!("{title}, into which OLM unpacked it, is gone")));
    };
    let plain = map.data.into_iter().flatten().map(|(_, text)| text);
    let zipped = map.binary_data.into_iter().flatten().filter_map(|(_, bytes)| unzip(&bytes.0));
    let mut objects = plain.chain(zipped).filter_map(|text| yaml::read_one(&text).ok());
    let is_it =
        |object: &Value| object["kind"] == *step.resource.kind && object["metadata"]["name"] == *step.resource.name;
    objects.find(is_it).ok_or_else(|| unknown(format!("{title} does not have it")))
}

/// What OLM's unpacking job writes: gzip, and that once more in base64 (`olm.contentEncoding: gzip+base64`).
fn unzip(bytes: &[u8]) -> Option<String> {
    let plain = STANDARD.decode(bytes).unwrap_or_else(|_| bytes.to_vec());
    let mut text = String::new();
    GzDecoder::new(&*plain).take(MAX_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}

/// A definition as it is on the cluster.
///
/// # Errors
/// No answer, a missing permission.
pub(super) async fn definition(cluster: &Cluster, name: &str) -> Result<Option<Value>, Error> {
    let kind = ApiResource::erase::<CustomResourceDefinition>(&());
    let found = cluster.get_dynamic(&kind, None, name).await?;
    Ok(found.and_then(|object| serde_json::to_value(object).ok()))
}

/// An installed operator's version as it is on the cluster; null where it is not.
///
/// # Errors
/// No answer, a missing permission.
pub(super) async fn version(cluster: &Cluster, namespace: &str, name: &str) -> Result<Value, Error> {
    let kind = ApiResource::erase::<ClusterServiceVersion>(&());
    let found = cluster.get_dynamic(&kind, Some(namespace), name).await?;
    Ok(found.and_then(|object| serde_json::to_value(object).ok()).unwrap_or_default())
}
