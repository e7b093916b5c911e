//! The types that opm reads the values of properties into (`alpha/property`, and of `olm.csv.metadata` those of
//! operator-framework/api's `v1alpha1`), as far as JSON of another type is refused.

use serde_json::Value;

use crate::yaml::{Route, Step};

/// The type of a value. Null is of every type, and fields that no one named are free.
#[derive(Debug)]
pub(super) enum Shape {
    Text,
    Bool,
    Int32,
    /// Bytes in base64.
    Bytes,
    List(&'static Shape),
    /// A mapping of any keys.
    Map(&'static Shape),
    Struct(&'static [(&'static str, Shape)]),
}

use Shape::{Bool, Bytes, Int32, List, Map, Struct, Text};

/// A value that is not of its type.
pub(super) struct Misfit {
    /// Where.
    pub(super) route: Route,
    /// What it must be: `a string`.
    pub(super) wanted: &'static str,
    /// What it is.
    pub(super) found: &'static str,
}

pub(super) static PACKAGE: Shape = Struct(&[("packageName", Text), ("version", Text), ("release", Text)]);
pub(super) static PACKAGE_REQUIRED: Shape = Struct(&[("packageName", Text), ("versionRange", Text)]);
pub(super) static GVK: Shape = Struct(&[("group", Text), ("kind", Text), ("version", Text)]);
pub(super) static BUNDLE_OBJECT: Shape = Struct(&[("data", Bytes)]);
pub(super) static CHANNEL: Shape = Struct(&[("channelName", Text)]);

pub(super) static CSV_METADATA: Shape = Struct(&[
    ("annotations", Map(&Text)),
    ("apiServiceDefinitions", Struct(&[("owned", List(&API_SERVICE)), ("required", List(&API_SERVICE))])),
    ("crdDescriptions", Struct(&[("owned", List(&CRD)), ("required", List(&CRD))])),
    ("description", Text),
    ("displayName", Text),
    ("installModes", List(&Struct(&[("type", Text), ("supported", Bool)]))),
    ("keywords", List(&Text)),
    ("labels", Map(&Text)),
    ("links", List(&LINK)),
    ("maintainers", List(&Struct(&[("name", Text), ("email", Text)]))),
    ("maturity", Text),
    ("minKubeVersion", Text),
    ("nativeAPIs", List(&GVK)),
    ("provider", Struct(&[("name", Text), ("url", Text)])),
]);

static LINK: Shape = Struct(&[("name", Text), ("url", Text)]);

static CRD: Shape = Struct(&[
    ("name", Text),
    ("version", Text),
    ("kind", Text),
    ("displayName", Text),
    ("description", Text),
    ("resources", List(&RESOURCE)),
    ("statusDescriptors", List(&DESCRIPTOR)),
    ("specDescriptors", List(&DESCRIPTOR)),
    ("actionDescriptors", List(&DESCRIPTOR)),
]);

static API_SERVICE: Shape = Struct(&[
    ("name", Text),
    ("group", Text),
    ("version", Text),
    ("kind", Text),
    ("deploymentName", Text),
    ("containerPort", Int32),
    ("displayName", Text),
    ("description", Text),
    ("resources", List(&RESOURCE)),
    ("statusDescriptors", List(&DESCRIPTOR)),
    ("specDescriptors", List(&DESCRIPTOR)),
    ("actionDescriptors", List(&DESCRIPTOR)),
]);

static RESOURCE: Shape = Struct(&[("name", Text), ("kind", Text), ("version", Text)]);

static DESCRIPTOR: Shape =
    Struct(&[("path", Text), ("displayName", Text), ("description", Text), ("x-descriptors", List(&Text))]);

/// Adds every part of the value that is not of its type.
pub(super) fn check(value: &Value, shape: &Shape, route: &mut Route, misfits: &mut Vec<Misfit>) {
    let wanted = match (shape, value) {
        (_, Value::Null) | (Text, Value::String(_)) | (Bool, Value::Bool(_)) => return,
        (Bytes, Value::String(text)) if base64(text).is_some() => return,
        // Go takes a list of bytes too.
        (Bytes, Value::Array(list)) if list.iter().all(|byte| byte.as_u64().is_some_and(|byte| byte < 256)) => return,
        (Int32, Value::Number(number)) if is_int32(number) => return,
        (List(item), Value::Array(list)) => {
            for (i, value) in list.iter().enumerate() {
                deeper(value, item, Step::Index(i), route, misfits);
            }
            return;
        }
        (Map(item), Value::Object(map)) => {
            for (key, value) in map {
                deeper(value, item, Step::Key(key.clone()), route, misfits);
            }
            return;
        }
        (Struct(fields), Value::Object(map)) => {
            for (key, value) in map {
                if let Some((_, shape)) = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)) {
                    deeper(value, shape, Step::Key(key.clone()), route, misfits);
                }
            }
            return;
        }
        (Text, _) => "a string",
        (Bool, _) => "a boolean",
        (Int32, _) => "a 32-bit integer",
        (Bytes, _) => "text in base64",
        (List(_), _) => "a list",
        (Map(_) | Struct(_), _) => "a mapping",
    };
    let found = match value {
        Value::Number(_) if matches!(shape, Int32) => "another number",
        Value::String(_) if matches!(shape, Bytes) => "other text",
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    };
    misfits.push(Misfit { route: route.clone(), wanted, found });
}

fn deeper(value: &Value, shape: &Shape, step: Step, route: &mut Route, misfits: &mut Vec<Misfit>) {
    route.0.push(step);
    check(value, shape, route, misfits);
    route.0.pop();
}

/// The bytes of base64, which may have line breaks in it as Go's decoder allows.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    let bare: std::borrow::Cow<'_, [u8]> = if text.contains(['\r', '\n']) {
        text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect()
    } else {
        text.as_bytes().into()
    };
    base64::engine::general_purpose::STANDARD.decode(bare).ok()
}

/// Whole numbers, also where they are written `1.0` or `1e3`: opm has read and written them by then.
fn is_int32(number: &serde_json::Number) -> bool {
    number
        .as_f64()
        .is_some_and(|number| number.fract() == 0.0 && (-2_147_483_648.0..=2_147_483_647.0).contains(&number))
}
