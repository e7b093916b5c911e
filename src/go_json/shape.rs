//! The types that opm reads the values of properties into: those of operator-registry's `alpha/property`, and for
//! `olm.csv.metadata` those of operator-framework/api's `v1alpha1`.

pub(crate) mod csv;
pub(crate) mod kubernetes;

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine as _;
use serde_json::{Number, Value};

use super::fields::{Misfit, misfit};
use crate::yaml::{Route, Step};

/// The type of a value. Null is valid for every type, and a struct may have unknown fields.
#[derive(Debug)]
pub(crate) enum Shape {
    Text,
    Bool,
    Int32,
    /// Anything.
    Raw,
    /// Bytes in base64.
    Bytes,
    List(&'static Shape),
    /// A mapping of any keys.
    Map(&'static Shape),
    Struct(&'static [Field]),
    /// What the schema of a type of Kubernetes says.
    Kubernetes(fn() -> Arc<Value>),
}

/// A field of a [`Shape::Struct`].
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    /// Whether it is written even if it is empty.
    pub(crate) always: bool,
}

pub(crate) const fn always(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, always: true }
}

pub(crate) const fn optional(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, always: false }
}

pub(crate) static PACKAGE: Shape = Shape::Struct(&[
    always("packageName", Shape::Text),
    always("version", Shape::Text),
    optional("release", Shape::Text),
]);
pub(crate) static PACKAGE_REQUIRED: Shape =
    Shape::Struct(&[always("packageName", Shape::Text), always("versionRange", Shape::Text)]);
pub(crate) static BUNDLE_OBJECT: Shape = Shape::Struct(&[always("data", Shape::Bytes)]);
pub(crate) static CHANNEL: Shape = Shape::Struct(&[always("channelName", Shape::Text)]);

pub(crate) static CSV_METADATA: Shape = Shape::Struct(&[
    optional("annotations", Shape::Map(&TEXT)),
    optional("apiServiceDefinitions", API_SERVICES),
    optional("crdDescriptions", CRDS),
    optional("description", Shape::Text),
    optional("displayName", Shape::Text),
    optional("installModes", Shape::List(&INSTALL_MODE)),
    optional("keywords", Shape::List(&TEXT)),
    optional("labels", Shape::Map(&TEXT)),
    optional("links", Shape::List(&LINK)),
    optional("maintainers", Shape::List(&MAINTAINER)),
    optional("maturity", Shape::Text),
    optional("minKubeVersion", Shape::Text),
    optional("nativeAPIs", Shape::List(&GVK)),
    optional("provider", LINK),
]);

pub(crate) const API_SERVICES: Shape =
    Shape::Struct(&[optional("owned", Shape::List(&API_SERVICE)), optional("required", Shape::List(&API_SERVICE))]);
pub(crate) const CRDS: Shape =
    Shape::Struct(&[optional("owned", Shape::List(&CRD)), optional("required", Shape::List(&CRD))]);

pub(crate) static TEXT: Shape = Shape::Text;
pub(crate) static GVK: Shape =
    Shape::Struct(&[always("group", Shape::Text), always("version", Shape::Text), always("kind", Shape::Text)]);
pub(crate) static INSTALL_MODE: Shape = Shape::Struct(&[always("type", Shape::Text), always("supported", Shape::Bool)]);
pub(crate) const LINK: Shape = Shape::Struct(&[optional("name", Shape::Text), optional("url", Shape::Text)]);
pub(crate) static MAINTAINER: Shape = Shape::Struct(&[optional("name", Shape::Text), optional("email", Shape::Text)]);

static RESOURCE: Shape =
    Shape::Struct(&[always("name", Shape::Text), always("kind", Shape::Text), always("version", Shape::Text)]);

static DESCRIPTOR: Shape = Shape::Struct(&[
    always("path", Shape::Text),
    optional("displayName", Shape::Text),
    optional("description", Shape::Text),
    optional("x-descriptors", Shape::List(&TEXT)),
    optional("value", Shape::Raw),
]);

static CRD: Shape = Shape::Struct(&[
    always("name", Shape::Text),
    always("version", Shape::Text),
    always("kind", Shape::Text),
    optional("displayName", Shape::Text),
    optional("description", Shape::Text),
    optional("resources", Shape::List(&RESOURCE)),
    optional("statusDescriptors", Shape::List(&DESCRIPTOR)),
    optional("specDescriptors", Shape::List(&DESCRIPTOR)),
    optional("actionDescriptors", Shape::List(&DESCRIPTOR)),
]);

static API_SERVICE: Shape = Shape::Struct(&[
    always("name", Shape::Text),
    always("group", Shape::Text),
    always("version", Shape::Text),
    always("kind", Shape::Text),
    optional("deploymentName", Shape::Text),
    optional("containerPort", Shape::Int32),
    optional("displayName", Shape::Text),
    optional("description", Shape::Text),
    optional("resources", Shape::List(&RESOURCE)),
    optional("statusDescriptors", Shape::List(&DESCRIPTOR)),
    optional("specDescriptors", Shape::List(&DESCRIPTOR)),
    optional("actionDescriptors", Shape::List(&DESCRIPTOR)),
]);

/// Every part of the value at `route` that is not of its type.
pub(crate) fn misfits(value: &Value, shape: &Shape, route: Route) -> Vec<Misfit> {
    let mut misfits = Vec::new();
    let mut open = route;
    check(value, shape, &mut open, &mut misfits);
    misfits
}

fn check(value: &Value, shape: &Shape, route: &mut Route, misfits: &mut Vec<Misfit>) {
    match (shape, value) {
        (Shape::Kubernetes(schema), _) => kubernetes::check(value, &schema(), route, misfits),
        (_, Value::Null) | (Shape::Raw, _) | (Shape::Text, Value::String(_)) | (Shape::Bool, Value::Bool(_)) => {}
        (Shape::Bytes, Value::String(text)) if base64(text).is_ok() => {}
        // Go also accepts a list of bytes.
        (Shape::Bytes, Value::Array(list)) if list.iter().all(|byte| byte.as_u64().is_some_and(|byte| byte < 256)) => {}
        (Shape::Int32, Value::Number(number)) if is_int32(number) => {}
        (Shape::List(item), Value::Array(list)) => {
            let steps = list.iter().enumerate().map(|(i, value)| (Step::Index(i), value));
            steps.for_each(|(step, value)| deeper(step, value, item, route, misfits));
        }
        (Shape::Map(item), Value::Object(map)) => {
            let steps = map.iter().map(|(key, value)| (Step::Key(key.clone()), value));
            steps.for_each(|(step, value)| deeper(step, value, item, route, misfits));
        }
        (Shape::Struct(fields), Value::Object(map)) => {
            for (key, value) in map {
                if let Some(field) = fields.iter().find(|field| field.name.eq_ignore_ascii_case(key)) {
                    deeper(Step::Key(key.clone()), value, &field.shape, route, misfits);
                }
            }
        }
        (Shape::Text, _) => misfits.push(misfit(route.clone(), "a string", value)),
        (Shape::Bool, _) => misfits.push(misfit(route.clone(), "a boolean", value)),
        (Shape::List(_), _) => misfits.push(misfit(route.clone(), "a list", value)),
        (Shape::Map(_) | Shape::Struct(_), _) => misfits.push(misfit(route.clone(), "a mapping", value)),
        (Shape::Int32, _) => {
            misfits.push(Misfit { message: format!("{route} must be a 32-bit integer"), route: route.clone() });
        }
        (Shape::Bytes, _) => {
            misfits.push(Misfit { message: format!("{route} must be text in base64"), route: route.clone() });
        }
    }
}

fn deeper(step: Step, value: &Value, shape: &Shape, route: &mut Route, misfits: &mut Vec<Misfit>) {
    route.0.push(step);
    check(value, shape, route, misfits);
    route.0.pop();
}

/// Decodes base64, which may contain line breaks, as Go's decoder allows.
pub(crate) fn base64(text: &str) -> Result<Vec<u8>, base64::DecodeError> {
    base64::engine::general_purpose::STANDARD.decode(without_breaks(text).as_bytes())
}

/// Base64 without its line breaks.
pub(crate) fn without_breaks(text: &str) -> Cow<'_, str> {
    match memchr::memchr2(b'\r', b'\n', text.as_bytes()) {
        Some(_) => text.replace(['\r', '\n'], "").into(),
        None => text.into(),
    }
}

/// Whole numbers, even if they are written `1.0` or `1e3`: opm has read and rewritten them by then.
fn is_int32(number: &Number) -> bool {
    let whole = number.as_f64().filter(|number| number.fract() == 0.0);
    whole.is_some_and(|number| (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&number))
}
