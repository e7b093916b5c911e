//! A kind's CustomResourceDefinition in one release.

use std::collections::BTreeMap;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, CustomResourceDefinitionVersion, CustomResourceValidation, JSONSchemaProps,
};
use serde_json::{Value, json};

use super::{Kind, Release, kubernetes, schema};
use crate::release::{BadRange, Range, SINCE, UNTIL};

/// The annotation with the version of controller-gen that generated a CRD.
pub const CONTROLLER_GEN: &str = "controller-gen.kubebuilder.io/version";

/// Why a kind has no CRD.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The types contain something that a CRD cannot express.
    #[error("the schema of {kind} cannot be made")]
    Schema {
        /// The kind.
        kind: String,
        /// The cause.
        source: schema::Error,
    },
    /// The releases of the kind are not a range.
    #[error("the releases of {kind} cannot be read")]
    Range {
        /// The kind.
        kind: String,
        /// The cause.
        source: BadRange,
    },
    /// The finished schema contains something that Kubernetes does not know.
    #[error("Kubernetes does not accept the schema of {kind}")]
    Props {
        /// The kind.
        kind: String,
        /// The cause.
        source: serde_json::Error,
    },
}

impl Error {
    /// Whether the release was built with an unknown version of Kubernetes or controller-gen.
    #[must_use]
    pub fn is_unknown_toolchain(&self) -> bool {
        use kubernetes::Error::BuiltWith;
        matches!(self, Self::Schema { source: schema::Error::Kubernetes { source: BuiltWith(_), .. }, .. })
    }
}

/// The CRD of a kind; none if the release does not have the kind.
///
/// Names, scope, columns and subresources come from the `kube` attribute, and the schema is the pruned one.
///
/// # Errors
/// Types that a CRD cannot express.
pub(super) fn of(kind: &Kind, release: &Release) -> Result<Option<CustomResourceDefinition>, Error> {
    let mut crd = (kind.crd)();
    let name = crd.spec.names.kind.clone();
    let ends = [(SINCE, kind.since), (UNTIL, kind.until)];
    let ends = ends.into_iter().filter_map(|(key, end)| Some((key.to_owned(), Value::from(end?)))).collect();
    let range = Range::read(&ends, SINCE, UNTIL).map_err(|source| Error::Range { kind: name.clone(), source })?;
    if !range.holds(&release.version) {
        return Ok(None);
    }
    let schema =
        schema::settle(&(kind.schema)(), release).map_err(|source| Error::Schema { kind: name.clone(), source })?;
    let props: JSONSchemaProps =
        serde_json::from_value(schema).map_err(|source| Error::Props { kind: name.clone(), source })?;
    // A resource type is one version of its kind.
    if let Some(version) = crd.spec.versions.first_mut() {
        version.schema = Some(CustomResourceValidation { open_api_v3_schema: Some(props) });
    }
    crd.spec.names.list_kind = Some(format!("{name}List"));
    let made_with = (CONTROLLER_GEN.to_owned(), format!("v{}", release.controller_gen));
    crd.metadata.annotations.get_or_insert_with(BTreeMap::new).extend([made_with]);
    if let Some(settle) = kind.settle {
        settle(&mut crd, &release.version);
    }
    Ok(Some(crd))
}

/// A CRD as JSON, with numbers as Go writes them: bounds have a float type, and 0 is written 0, not 0.0.
#[must_use]
pub fn to_value(crd: &CustomResourceDefinition) -> Value {
    let mut value = serde_json::to_value(crd).expect("its mappings have strings for keys");
    whole(&mut value);
    value
}

fn whole(value: &mut Value) {
    match value {
        Value::Number(number) => {
            // Floats are exact up to 2^53; beyond it they stay as they are.
            let float = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0 && float.abs() < 2e15);
            #[allow(clippy::cast_possible_truncation, reason = "it is whole and small")]
            if let Some(float) = float {
                *value = (float as i64).into();
            }
        }
        Value::Array(list) => list.iter_mut().for_each(whole),
        Value::Object(map) => map.values_mut().for_each(whole),
        _ => {}
    }
}

/// A schema that only says that resources have a spec and a status.
#[must_use]
pub fn opaque() -> CustomResourceValidation {
    let anything = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    let schema = json!({"type": "object", "properties": {"spec": anything, "status": anything}});
    CustomResourceValidation { open_api_v3_schema: serde_json::from_value(schema).ok() }
}

/// A version under another name, with an [`opaque`] schema: served but not stored.
#[must_use]
pub fn opaque_version(of: &CustomResourceDefinitionVersion, name: &str) -> CustomResourceDefinitionVersion {
    // Field by field, because copying the other schema would be expensive.
    CustomResourceDefinitionVersion {
        additional_printer_columns: of.additional_printer_columns.clone(),
        deprecated: of.deprecated,
        deprecation_warning: of.deprecation_warning.clone(),
        name: name.to_owned(),
        schema: Some(opaque()),
        selectable_fields: of.selectable_fields.clone(),
        served: true,
        storage: false,
        subresources: of.subresources.clone(),
    }
}
