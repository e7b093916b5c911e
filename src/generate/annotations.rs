//! The annotations of a bundle, which its image also has as labels.
//!
//! Source: <https://olm.operatorframework.io/docs/tasks/creating-operator-bundle/#contents-of-annotationsyaml>.

use std::collections::BTreeMap;

use serde::Serialize;

use super::BUILDER;
use crate::operator::Definition;

/// The file `metadata/annotations.yaml`.
#[derive(Debug, Serialize)]
pub(super) struct Annotations {
    annotations: BTreeMap<String, String>,
}

pub(super) fn of(definition: &Definition) -> Annotations {
    let own = [
        ("bundle.mediatype.v1", Some("registry+v1".to_owned())),
        ("bundle.manifests.v1", Some("manifests/".to_owned())),
        ("bundle.metadata.v1", Some("metadata/".to_owned())),
        ("bundle.package.v1", Some(definition.package.clone())),
        ("bundle.channels.v1", Some(definition.channels.join(","))),
        ("bundle.channel.default.v1", definition.default_channel.clone()),
        ("metrics.builder", Some(BUILDER.to_owned())),
        ("metrics.mediatype.v1", Some("metrics+v1".to_owned())),
        ("metrics.project_layout", definition.project_layout.clone()),
    ];
    let mut annotations = definition.bundle_annotations.clone();
    for (name, value) in own {
        annotations.extend(value.map(|value| (format!("operators.operatorframework.io.{name}"), value)));
    }
    Annotations { annotations }
}
