use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use k8s_openapi::api::{apps::v1 as apps, autoscaling::v2 as autoscaling, core::v1 as core};
use k8s_openapi::api::{networking::v1 as networking, rbac::v1 as rbac};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::JSONSchemaProps;
use k8s_openapi::apimachinery::pkg::apis::meta::v1 as meta;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::facts::{self, Fact};
use super::table::TYPES;
use super::{BuiltWith, Error, core_schema};

/// The definitions of all types of the table.
fn definitions(settings: SchemaSettings) -> Map<String, Value> {
    let mut generator = settings.into_generator();
    macro_rules! define {
        ($($ty:ty),* $(,)?) => { $(let _ = generator.subschema_for::<$ty>();)* };
    }
    define![
        JSONSchemaProps,
        apps::DaemonSetUpdateStrategy,
        apps::DeploymentStrategy,
        apps::StatefulSetPersistentVolumeClaimRetentionPolicy,
        apps::StatefulSetUpdateStrategy,
        autoscaling::HorizontalPodAutoscalerBehavior,
        autoscaling::MetricSpec,
        core::ObjectReference,
        core::PersistentVolumeClaim,
        core::PodTemplateSpec,
        core::SecretReference,
        core::ServiceSpec,
        core::ServiceStatus,
        meta::OwnerReference,
        networking::IngressRule,
        networking::IngressTLS,
        rbac::PolicyRule,
        rbac::RoleRef,
        rbac::Subject,
    ];
    generator.take_definitions(true)
}

fn newest() -> Map<String, Value> {
    definitions(SchemaSettings::draft2020_12())
}

/// The name in schemars of a type in the table.
fn full(short: &str) -> String {
    let package = if short.starts_with("meta.") { "io.k8s.apimachinery.pkg.apis" } else { "io.k8s.api" };
    format!("{package}.{short}")
}

fn with(kubernetes: u32, controller_gen: u32) -> BuiltWith {
    BuiltWith { kubernetes, controller_gen: (0, controller_gen) }
}

fn schema(short: &str, with: BuiltWith) -> Value {
    core_schema(&full(short), &newest(), with).unwrap()
}

#[test]
fn the_table_is_sorted_and_names_what_there_is() {
    let definitions = newest();
    assert!(TYPES.is_sorted_by(|a, b| a.name < b.name));
    for ty in TYPES {
        let definition = definitions.get(&full(ty.name)).unwrap_or_else(|| panic!("no definition of {}", ty.name));
        let has = |field: &str| definition["properties"].get(field).is_some();
        for fact in ty.facts {
            let (named, fields): (bool, Vec<&str>) = match fact {
                Fact::Since(_, fields) => (true, fields.to_vec()),
                Fact::Gone(_, field, was) => {
                    facts::read(was);
                    (false, vec![field])
                }
                Fact::Bounds(field, bounds) => {
                    facts::read(bounds);
                    (true, vec![field])
                }
                Fact::ListMap(_, field, _)
                    if ty.facts.iter().any(|f| matches!(f, Fact::Gone(_, gone, _) if gone == field)) =>
                {
                    (false, vec![field])
                }
                Fact::ListMap(_, field, _) | Fact::AtomicList(_, field) | Fact::AtomicMap(_, field) => {
                    (true, vec![field])
                }
                Fact::Required(_, field) | Fact::Optional(_, field) | Fact::Protocol(field) => (true, vec![field]),
                Fact::Atomic(_) => continue,
            };
            for field in fields {
                assert_eq!(has(field), named, "{} {field}", ty.name);
            }
        }
    }
}

/// A type's own keywords: each field with its keywords, and a `*` if it is required, but not those of its fields'
/// types.
fn words(schema: &Value) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let required = |field: &str| schema["required"].as_array().is_some_and(|all| all.contains(&json!(field)));
    for (field, of) in schema["properties"].as_object().into_iter().flatten() {
        let mut word = format!("{field}{}", if required(field) { "*" } else { "" });
        for (keyword, value) in of.as_object().unwrap() {
            let of_its_type = of.get("properties").is_some() || of.get("anyOf").is_some();
            match keyword.as_str() {
                "type" | "properties" | "additionalProperties" | "items" | "required" | "anyOf" => {}
                "x-kubernetes-map-type" | "x-kubernetes-int-or-string" | "pattern" if of_its_type => {}
                _ => write!(word, " {keyword}={value}").unwrap(),
            }
        }
        words.insert(word);
    }
    words.extend(schema.get("x-kubernetes-map-type").map(|kind| format!("x-kubernetes-map-type={kind}")));
    words
}

/// For review, and so that a field of a newer Kubernetes is noticed when k8s-openapi is updated.
#[test]
fn the_history_of_each_type() {
    let definitions = newest();
    let mut history = String::new();
    for ty in TYPES {
        writeln!(history, "{}", ty.name).unwrap();
        let mut before = BTreeSet::new();
        for minor in ty.since..=27 {
            let now = words(&core_schema(&full(ty.name), &definitions, with(minor, 11)).unwrap());
            for (sign, words) in [('-', before.difference(&now)), ('+', now.difference(&before))] {
                let words: Vec<&str> = words.map(String::as_str).collect();
                if !words.is_empty() {
                    writeln!(history, "  1.{minor} {sign} {}", words.join(", ")).unwrap();
                }
            }
            before = now;
        }
    }
    insta::assert_snapshot!(history);
}

#[test]
fn controller_gen_changed_two_things() {
    let port =
        |controller_gen| schema("core.v1.ContainerPort", with(27, controller_gen))["properties"]["protocol"].clone();
    assert_eq!(port(3), json!({"type": "string"}));
    assert_eq!(port(4), json!({"type": "string", "default": "TCP"}));

    let atomic = |controller_gen| schema("core.v1.LocalObjectReference", with(22, controller_gen));
    assert_eq!(atomic(8), json!({"type": "object", "properties": {"name": {"type": "string"}}}));
    assert_eq!(atomic(9)["x-kubernetes-map-type"], "atomic");
    // A mark on a field was read by all versions.
    let selector =
        |controller_gen| schema("core.v1.ServiceSpec", with(22, controller_gen))["properties"]["selector"].clone();
    assert_eq!(selector(3)["x-kubernetes-map-type"], "atomic");
}

#[test]
fn types_that_marshal_themselves_are_written_as_controller_gen_does() {
    let resources = schema("core.v1.ResourceRequirements", with(18, 3));
    let quantity = &resources["properties"]["limits"]["additionalProperties"];
    assert_eq!(quantity["anyOf"], json!([{"type": "integer"}, {"type": "string"}]));
    assert_eq!(quantity["x-kubernetes-int-or-string"], true);
    assert_eq!(
        quantity["pattern"],
        r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$"
    );
    let probe = schema("core.v1.HTTPGetAction", with(18, 3));
    let int_or_string = json!({"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": true});
    assert_eq!(probe["properties"]["port"], int_or_string);
    assert_eq!(probe["required"], json!(["port"]));
    let claim = schema("core.v1.PersistentVolumeClaim", with(18, 3));
    assert_eq!(claim["properties"]["metadata"], json!({"type": "object"}));
    assert_eq!(claim.get("required"), None);
    let condition = schema("meta.v1.Condition", with(19, 3));
    assert_eq!(condition["properties"]["lastTransitionTime"], json!({"type": "string", "format": "date-time"}));
}

#[test]
fn fields_that_are_gone_come_back() {
    let claims = |minor| {
        schema("core.v1.PersistentVolumeClaimSpec", with(minor, 8))["properties"]["resources"]["properties"]["claims"]
            .clone()
    };
    assert_eq!(claims(25), Value::Null);
    let name = json!({"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]});
    let keys = json!({"type": "array", "items": name, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]});
    assert_eq!(claims(26), keys);
}

/// The way in which a definition marks optional fields, and its location, make no difference.
#[test]
fn all_ways_to_write_a_definition_say_the_same() {
    let settings = [SchemaSettings::draft07(), SchemaSettings::openapi3()];
    let (newest, others) = (newest(), settings.map(definitions));
    let nullable = nullable(&newest);
    for ty in TYPES {
        let name = full(ty.name);
        for built in [with(ty.since, 3), with(27, 11)] {
            let schema = core_schema(&name, &newest, built).unwrap();
            for other in others.iter().chain([&nullable]) {
                assert_eq!(core_schema(&name, other, built).unwrap(), schema, "{name}");
            }
        }
    }
}

/// The definitions with null allowed for each optional field, in all possible ways.
fn nullable(definitions: &Map<String, Value>) -> Map<String, Value> {
    let mut out = definitions.clone();
    for definition in out.values_mut() {
        let required = definition["required"].clone();
        for (field, schema) in definition.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
            if required.as_array().is_some_and(|names| names.contains(&json!(field))) {
                continue;
            }
            if let Some(ty) = schema.get("type").cloned() {
                schema["type"] = json!([ty, "null"]);
                schema["nullable"] = json!(true);
            } else {
                *schema = json!({"anyOf": [schema.take(), {"type": "null"}]});
            }
        }
    }
    out
}

#[test]
fn what_has_no_schema_is_an_error() {
    let definitions = newest();
    let name = full("core.v1.Container");
    let error = |name: &str, definitions: &Map<String, Value>, with| core_schema(name, definitions, with).unwrap_err();
    for built in
        [with(17, 9), with(28, 9), with(25, 2), with(25, 12), BuiltWith { kubernetes: 25, controller_gen: (1, 5) }]
    {
        assert_eq!(error(&name, &definitions, built), Error::BuiltWith(built));
    }
    let built = with(22, 8);
    assert_eq!(error("Container", &definitions, built), Error::NotDefined { name: "Container".into() });
    let props = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps";
    assert_eq!(error(props, &definitions, built), Error::NotListed { name: props.into() });
    let name = full("core.v1.GRPCAction");
    assert_eq!(error(&name, &definitions, built), Error::NotYet { name, since: 23, kubernetes: 22 });
}

#[test]
fn odd_definitions_are_errors() {
    let name = full("core.v1.Affinity");
    let error = |definition: Value| {
        core_schema(&name, &Map::from_iter([(name.clone(), definition)]), with(22, 8)).unwrap_err().to_string()
    };
    let mut errors = BTreeMap::new();
    for definition in [
        json!(true),
        json!({"$ref": "#/$defs/io.k8s.api.core.v1.Affinity"}),
        json!({"$ref": "#/$defs/io.k8s.api.core.v1.NodeAffinity"}),
        json!({"$ref": "https://example.com"}),
        json!({"type": "object", "properties": {"nodeAffinity": {"allOf": [{"$ref": "#/definitions/io.k8s.api.core.v1.Affinity"}]}}}),
        json!({"type": "object", "properties": {"a": {"items": {"type": ["string", "integer"]}}}}),
        json!({"type": "object", "properties": {"a": {"oneOf": [{"type": "string"}, {"type": "integer"}]}}}),
        json!({"type": "object", "properties": ["a"]}),
        json!({"type": "object", "additionalProperties": false}),
    ] {
        errors.insert(definition.to_string(), error(definition));
    }
    insta::assert_snapshot!(errors.into_iter().map(|(of, error)| format!("{of}\n  {error}\n")).collect::<String>());
}
