//! `olm.csv.metadata`: what user interfaces show of a ClusterServiceVersion, in place of the bundle's objects.
//!
//! opm reads the CSV into the types of operator-framework/api and writes a part of it again. Fields that the types do
//! not have are therefore dropped, empty ones are left out, and some are always present.

use serde_json::{Map, Value};

use crate::go_json::fields::{Fields, Misfit, misfit, string};
use crate::go_json::shape::{API_SERVICES, CRDS, GVK, INSTALL_MODE, LINK, MAINTAINER, Shape, TEXT, always, optional};
use crate::yaml::Route;

/// The fields of `metadata` that are kept.
static METADATA: Shape =
    Shape::Struct(&[optional("annotations", Shape::Map(&TEXT)), optional("labels", Shape::Map(&TEXT))]);

/// The fields of `spec` that are kept.
static SPEC: Shape = Shape::Struct(&[
    always("apiservicedefinitions", API_SERVICES),
    always("customresourcedefinitions", CRDS),
    optional("description", Shape::Text),
    optional("displayName", Shape::Text),
    optional("installModes", Shape::List(&INSTALL_MODE)),
    optional("keywords", Shape::List(&TEXT)),
    optional("links", Shape::List(&LINK)),
    optional("maintainers", Shape::List(&MAINTAINER)),
    optional("maturity", Shape::Text),
    optional("minKubeVersion", Shape::Text),
    optional("nativeAPIs", Shape::List(&GVK)),
    always("provider", LINK),
]);

/// The value of the `olm.csv.metadata` property of a ClusterServiceVersion.
pub(super) fn csv_metadata(csv: Value) -> Result<Value, Misfit> {
    let mut csv = Fields::new(csv, Route::root())?;
    let mut metadata = Map::new();
    for (part, shape) in [("metadata", &METADATA), ("spec", &SPEC)] {
        let (value, route) = (csv.value(part), csv.route(part));
        if let Some(Value::Object(fields)) = fit(value, route, shape)? {
            metadata.extend(fields);
        }
    }
    for (spec, name) in
        [("apiservicedefinitions", "apiServiceDefinitions"), ("customresourcedefinitions", "crdDescriptions")]
    {
        if let Some(definitions) = metadata.remove(spec) {
            metadata.insert(name.into(), definitions);
        }
    }
    Ok(Value::Object(metadata))
}

/// The `metadata` and the `spec` of the ClusterServiceVersion that opm derives from an `olm.csv.metadata` property.
/// Callers add what is not in the property.
pub(crate) fn csv_parts(property: Value, route: &Route) -> Result<[Value; 2], Misfit> {
    let mut fields = Fields::new(property, route.clone())?;
    let crds = fields.value("crdDescriptions");
    let mut property = fields.rest();
    property.insert("customresourcedefinitions".into(), crds);
    let parts = [&METADATA, &SPEC].map(|shape| fit(Value::Object(property.clone()), route.clone(), shape));
    let [metadata, spec] = parts;
    Ok([metadata?.unwrap_or_else(|| zero(&METADATA)), spec?.unwrap_or_else(|| zero(&SPEC))])
}

/// The value as Go writes it. `None` if Go treats it as empty.
fn fit(value: Value, route: Route, shape: &Shape) -> Result<Option<Value>, Misfit> {
    Ok(match shape {
        Shape::Raw | Shape::Kubernetes(_) => Some(value).filter(|value| !value.is_null()),
        Shape::Text | Shape::Bytes => Some(string(value, route)?).filter(|text| !text.is_empty()).map(Value::String),
        Shape::Bool => match value {
            Value::Null => None,
            Value::Bool(set) => set.then_some(Value::Bool(true)),
            other => return Err(misfit(route, "a boolean", &other)),
        },
        Shape::Int32 => match value {
            Value::Null => None,
            Value::Number(number) if number.as_i64().is_some_and(|n| i32::try_from(n).is_ok()) => {
                Some(Value::Number(number)).filter(|number| number != 0)
            }
            other => return Err(misfit(route, "a 32 bit integer", &other)),
        },
        Shape::Map(item) => match value {
            Value::Null => None,
            Value::Object(map) => {
                let fit = |(key, value): (String, Value)| {
                    let value = fit(value, route.clone().key(&key), item)?.unwrap_or_else(|| zero(item));
                    Ok((key, value))
                };
                let map = map.into_iter().map(fit).collect::<Result<Map<_, _>, Misfit>>()?;
                (!map.is_empty()).then_some(Value::Object(map))
            }
            other => return Err(misfit(route, "a mapping", &other)),
        },
        Shape::List(item) => match value {
            Value::Null => None,
            Value::Array(list) => {
                let fit = |(i, value)| Ok(fit(value, route.clone().index(i), item)?.unwrap_or_else(|| zero(item)));
                let list = list.into_iter().enumerate().map(fit).collect::<Result<Vec<_>, Misfit>>()?;
                (!list.is_empty()).then_some(Value::Array(list))
            }
            other => return Err(misfit(route, "a list", &other)),
        },
        Shape::Struct(fields) => {
            let mut from = Fields::new(value, route)?;
            let mut map = Map::new();
            for field in *fields {
                let value = fit(from.value(field.name), from.route(field.name), &field.shape)?;
                if let Some(value) = value.or_else(|| field.always.then(|| zero(&field.shape))) {
                    map.insert(field.name.into(), value);
                }
            }
            Some(Value::Object(map))
        }
    })
}

/// The value that Go writes for an unset field.
fn zero(shape: &Shape) -> Value {
    match shape {
        Shape::Text | Shape::Bytes => Value::String(String::new()),
        Shape::Bool => Value::Bool(false),
        Shape::Int32 => Value::from(0),
        Shape::Raw | Shape::Map(_) | Shape::List(_) | Shape::Kubernetes(_) => Value::Null,
        Shape::Struct(fields) => {
            let set = fields.iter().filter(|field| field.always);
            Value::Object(set.map(|field| (field.name.to_owned(), zero(&field.shape))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_bare_csv_keeps_the_structs() {
        let expected = json!({"apiServiceDefinitions": {}, "crdDescriptions": {}, "provider": {}});
        assert_eq!(csv_metadata(json!({"kind": "ClusterServiceVersion"})).expect("fits"), expected);
    }

    #[test]
    fn unknown_fields_go_and_required_ones_come() {
        let csv = json!({
            "metadata": {"labels": {}, "annotations": {"a": null}},
            "spec": {
                "customresourcedefinitions": {"owned": [{"Name": "a.b", "nope": 1, "resources": [{"kind": "Pod"}]}]},
                "installModes": [{"type": "AllNamespaces"}],
                "keywords": [],
            },
        });
        let expected = json!({
            "annotations": {"a": ""},
            "apiServiceDefinitions": {},
            "crdDescriptions": {"owned": [{
                "name": "a.b", "version": "", "kind": "", "resources": [{"name": "", "kind": "Pod", "version": ""}]
            }]},
            "installModes": [{"type": "AllNamespaces", "supported": false}],
            "provider": {},
        });
        assert_eq!(csv_metadata(csv).expect("fits"), expected);
    }

    #[test]
    fn what_does_not_fit_says_where() {
        let csv = json!({"spec": {"links": [{"name": "a"}, {"url": 1}]}});
        assert_eq!(
            csv_metadata(csv).expect_err("a number is no text").message,
            "spec.links[1].url must be a string, not a number (quote it)"
        );
    }
}
