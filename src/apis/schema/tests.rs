//! Pruning and settling, on small types.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::SecretKeySelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::*;

#[derive(Serialize, Deserialize, JsonSchema)]
struct Root {
    spec: Spec,
    status: Option<Status>,
}

/// What is
/// wanted.
///
/// - one
/// - two
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-required" = {"since": "1.2.0"}))]
struct Spec {
    /// The name.
    name: String,
    /// New in 1.1.
    #[schemars(extend("x-since" = "1.1.0"))]
    new: String,
    #[schemars(extend("x-until" = "1.2.0"))]
    gone: Option<Vec<isize>>,
    #[schemars(extend("x-required" = {"since": "1.1.0", "until": "1.2.0"}))]
    once_required: Option<u32>,
    #[schemars(extend("x-opaque" = {"until": "1.1.0"}))]
    part: Option<Part>,
    /// The port.
    port: Option<IntOrString>,
    secret: Option<SecretKeySelector>,
    #[schemars(extend("x-changes" = [
        {"until": "1.1.0", "schema": {"type": "integer", "format": (INT)}},
        {"since": "1.2.0", "schema": {"minLength": null}},
    ]), length(min = 1))]
    changed: Option<String>,
    mode: Option<Mode>,
    later: Option<BTreeMap<String, Later>>,
    any: Option<Value>,
    #[serde(flatten)]
    flat: Flat,
}

const INT: &str = "int64";

#[derive(Serialize, Deserialize, JsonSchema)]
struct Part {
    on: bool,
    size: Option<u8>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(extend("x-since" = "1.2.0"))]
struct Later {
    on: Option<bool>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Flat {
    #[schemars(extend("x-since" = "1.1.0"))]
    inlined: Option<bool>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
enum Mode {
    Slow,
    #[schemars(extend("x-since" = "1.1.0"))]
    Fast,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Status {
    #[schemars(range(min = 0), extend("nullable" = true))]
    ready: Option<i32>,
}

/// Compares with `tests/snapshots/schema__<name>.snap`.
fn snapshot(name: &str, value: &impl Serialize) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../tests/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_json_snapshot!(format!("schema__{name}"), value));
}

fn settled(release: &str) -> Value {
    settle_type::<Root>(release).unwrap()
}

fn settle_type<T: JsonSchema + 'static>(release: &str) -> Result<Value, Error> {
    let version = release.parse().unwrap();
    let release = Release { version, kubernetes: 24, controller_gen: semver::Version::new(0, 9, 2) };
    settle(&of::<T>(), &release)
}

#[test]
fn each_release_has_its_fields() {
    let releases = ["1.0.0", "1.1.0", "1.2.0"].map(|release| {
        let schema = settled(release);
        let spec = &schema["properties"]["spec"];
        let names: Vec<&String> = spec["properties"].as_object().unwrap().keys().collect();
        json!({"root": schema["required"], "required": spec["required"], "fields": names})
    });
    snapshot("releases", &releases);
}

#[test]
fn a_schema_is_written_as_controller_gen_does() {
    snapshot("structural", &settled("1.1.0"));
}

#[test]
fn marks_change_a_schema_by_release() {
    let spec = |release: &str, field: &str| settled(release)["properties"]["spec"]["properties"][field].clone();
    assert_eq!(spec("1.0.0", "part"), json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true}));
    assert_eq!(spec("1.1.0", "part")["required"], json!(["on"]));
    let changed = ["1.0.0", "1.1.0", "1.2.0"].map(|release| spec(release, "changed"));
    assert_eq!(changed[0], json!({"type": "integer", "format": "int64", "minLength": 1}));
    assert_eq!(changed[1], json!({"type": "string", "minLength": 1}));
    assert_eq!(changed[2], json!({"type": "string"}));
    assert_eq!(spec("1.0.0", "mode"), json!({"type": "string", "enum": ["Slow"]}));
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Misspelt {
    #[schemars(extend("x-sinse" = "1.1.0"))]
    field: Option<bool>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct NoRelease {
    #[schemars(extend("x-required" = {"since": "1.1"}))]
    field: Option<bool>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct NoPatch {
    #[schemars(extend("x-changes" = [{"since": "1.1.0", "format": "int32"}]))]
    field: Option<i64>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Nested {
    inner: Option<Box<Self>>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Outer {
    nested: Nested,
}

#[derive(Serialize, Deserialize, JsonSchema)]
enum Data {
    Number(i32),
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct HasData {
    data: Data,
}

#[test]
fn what_a_crd_cannot_say_is_refused() {
    let errors = [
        settle_type::<Misspelt>("1.0.0"),
        settle_type::<NoRelease>("1.0.0"),
        settle_type::<NoPatch>("1.0.0"),
        settle_type::<Outer>("1.0.0"),
        settle_type::<HasData>("1.0.0"),
    ]
    .map(|result| result.unwrap_err().to_string());
    snapshot("errors", &errors);
}
