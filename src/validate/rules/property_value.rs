//! Values of the properties of bundles.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::prelude::*;
use crate::catalog::{Bundle, property, shape};
use crate::yaml;

pub(super) static RULE: Rule = Rule {
    id: "property-value",
    severity: Severity::Error,
    summary: "A property of a bundle has no value, or one that its type does not allow",
    docs: r#"
## What it does
Reports properties of `olm.bundle` blobs that have no `value`, and those of a type that OLM defines whose value, or a
part of it, has the wrong type: a number where there must be a string, text that is not base64. What an
`olm.bundle.object` property holds must be YAML or JSON. A bundle has at most one `olm.csv.metadata` property.

Properties of other types may have any value.

## Why is this bad?
opm cannot read the bundle, and refuses the catalog.

## Example
```yaml
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle:v1.0.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
  - type: olm.gvk
    value: {group: example.com, kind: Demo, version: 1}
```

Use instead:
```yaml
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle:v1.0.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
  - type: olm.gvk
    value: {group: example.com, kind: Demo, version: v1}
```

## References
- [File-based catalogs: properties](https://olm.operatorframework.io/docs/reference/file-based-catalogs/#properties)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let valueless: BTreeSet<&Place> = context.scan.valueless.iter().collect();
    // Bundles that carry their objects make up most of a catalog.
    let bundles = &context.scan.catalog.bundles;
    let found: Vec<Vec<Finding>> = bundles.par_iter().map(|bundle| check_bundle(bundle, &valueless)).collect();
    findings.extend(found.into_iter().flatten());
}

fn check_bundle(bundle: &Bundle, valueless: &BTreeSet<&Place>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (i, property) in bundle.properties.iter().enumerate() {
        if property.value.is_null() && !valueless.is_empty() {
            let place = bundle.origin.place(Route::root().key("properties").index(i));
            if valueless.contains(&place) {
                let message = format!("in bundle {:?}, the {:?} property has no value", bundle.name, property.kind);
                findings.push(RULE.finding(place, message).help("add its `value`, or remove the property"));
            }
        }
        let kind = &property.kind;
        let Some(shape) = shape::of_property(kind) else { continue };
        let route = Route::root().key("properties").index(i).key("value");
        findings.extend(shape::misfits(&property.value, shape, route).into_iter().map(|misfit| {
            let message = format!("in bundle {:?}, the {kind} property is wrong: {}", bundle.name, misfit.message);
            RULE.finding(bundle.origin.place(misfit.route), message)
                .help("correct the value; `catalog validate --explain property-value` says more")
        }));
        if kind == property::BUNDLE_OBJECT {
            findings.extend(check_object(bundle, i, &property.value));
        }
    }
    findings.extend(check_metadata(bundle));
    findings
}

/// The manifest in an `olm.bundle.object` property must be there, and be YAML or JSON: else nothing can be served of it.
fn check_object(bundle: &Bundle, index: usize, value: &serde_json::Value) -> Option<Finding> {
    let route = Route::root().key("properties").index(index).key("value");
    let wrong = |route: Route, message: String| {
        Some(RULE.finding(bundle.origin.place(route), message).help("encode the manifest again"))
    };
    let map = value.as_object()?;
    let Some((_, data)) = map.iter().find(|(key, _)| key.eq_ignore_ascii_case("data")) else {
        return wrong(route, format!("in bundle {:?}, the {} property has no `data`", bundle.name, property::BUNDLE_OBJECT));
    };
    // What is not text in base64 was reported with its type.
    let bytes = shape::base64(data.as_str()?).ok()?;
    let error = match String::from_utf8(bytes).map(|text| yaml::read(&text)) {
        Ok(Ok(documents)) if documents.is_empty() => "it is empty".to_owned(),
        Ok(Ok(_)) => return None,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "it is not UTF-8 text".to_owned(),
    };
    let route = route.key("data");
    let message = format!("in bundle {:?}, the object in {route} is neither YAML nor JSON: {error}", bundle.name);
    wrong(route, message)
}

/// A bundle has one ClusterServiceVersion, so at most one description of it.
fn check_metadata(bundle: &Bundle) -> Option<Finding> {
    let mut all = bundle.properties.iter().enumerate().filter(|(_, found)| found.kind == property::CSV_METADATA);
    let (index, _) = all.nth(1)?;
    let route = Route::root().key("properties").index(index);
    let message = format!("bundle {:?} has more than one {} property", bundle.name, property::CSV_METADATA);
    Some(RULE.finding(bundle.origin.place(route), message).help("keep the one of the bundle's ClusterServiceVersion"))
}
