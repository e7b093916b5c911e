//! A bundle's image: its manifests and metadata, and its annotations as labels.

use std::collections::BTreeMap;

use serde_json::Value;

use super::spec::{ImageConfig, Run};
use super::{Entry, Error, Image, layer};
use crate::bundle::Bundle;
use crate::yaml;

/// The file of a bundle with the annotations that become the image's labels.
pub const ANNOTATIONS: &str = "metadata/annotations.yaml";

/// The prefix of the labels of a bundle image. Other annotations are not for OLM.
pub const LABELS: &str = "operators.operatorframework.io.";

/// The label that identifies a bundle image: the package.
pub const PACKAGE_LABEL: &str = "operators.operatorframework.io.bundle.package.v1";

/// Builds the image of a bundle: `/manifests` and `/metadata`, nothing else, and the labels that operator-sdk's
/// `bundle.Dockerfile` sets from the same annotations:
/// <https://olm.operatorframework.io/docs/tasks/creating-operator-bundle/#contents-of-annotationsyaml-and-the-dockerfile>.
///
/// It is one image for linux/amd64, not an index. It contains no program: OLM's unpack job runs a program that it
/// mounts, and a container engine that gets a single manifest does not check its architecture. It therefore works on
/// nodes of any architecture, like the bundles of the community catalogs.
///
/// # Errors
/// Annotations that are missing, are not strings, or do not name the package.
pub fn bundle_image(bundle: &Bundle) -> Result<Image, Error> {
    let labels = labels(bundle)?;
    let files = bundle.files.iter().map(|(path, bytes)| Entry::file(path, bytes));
    let config = ImageConfig::linux("amd64", Run { labels, working_dir: "/".into(), ..Run::default() });
    Ok(Image::new(config, vec![layer(files)?]))
}

fn labels(bundle: &Bundle) -> Result<BTreeMap<String, String>, Error> {
    let bad = |why: String| Error::Annotations { why };
    let bytes = bundle.files.get(ANNOTATIONS).ok_or_else(|| bad("the bundle has no such file".into()))?;
    let text = std::str::from_utf8(bytes).map_err(|_| bad("it is not UTF-8 text".into()))?;
    let mut file = yaml::read_one(text).map_err(|error| bad(error.to_string()))?;
    let Some(Value::Object(annotations)) = file.get_mut("annotations").map(Value::take) else {
        return Err(bad("it has no mapping named `annotations`".into()));
    };
    let mut labels = BTreeMap::new();
    for (name, value) in annotations {
        match value {
            Value::String(value) if name.starts_with(LABELS) => drop(labels.insert(name, value)),
            _ if !name.starts_with(LABELS) => {}
            _ => return Err(bad(format!("the annotation {name} must be a string; quote it"))),
        }
    }
    match labels.get(PACKAGE_LABEL) {
        Some(package) if !package.is_empty() => Ok(labels),
        _ => Err(bad(format!("it lacks the annotation {PACKAGE_LABEL}, which names the package"))),
    }
}
