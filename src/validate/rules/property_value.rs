//! Values of the properties of bundles.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::prelude::*;
use crate::catalog::{self, Bundle, property};
use crate::go_json::shape;
use crate::validate::Objects;

pub(super) static RULE: Rule = Rule {
    id: "property-value",
    severity: Severity::Error,
    summary: "A property of a bundle has no value, or one that its type does not allow",
    docs: r#"
## What it does
Reports properties of `olm.bundle` blobs that have no `value`, and properties of a type defined by OLM whose value, or a
part of it, has the wrong type: a number instead of a string, or text that is not base64. The data of an
`olm.bundle.object` property must be YAML or JSON. A bundle has at most one `olm.csv.metadata` property.

Properties of other types can have any value.

## Why is this bad?
opm cannot read the bundle, and rejects the catalog.

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
    // Bundles whose objects are in the catalog make up most of a catalog.
    let bundles = &context.scan.catalog.bundles;
    let both = bundles.par_iter().zip(context.objects());
    let found: Vec<Vec<Finding>> = both.map(|(bundle, objects)| check_bundle(bundle, objects, &valueless)).collect();
    findings.extend(found.into_iter().flatten());
}

fn check_bundle(bundle: &Bundle, objects: &Objects, valueless: &BTreeSet<&Place>) -> Vec<Finding> {
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
        let Some(shape) = catalog::shape_of_property(kind) else { continue };
        let route = Route::root().key("properties").index(i).key("value");
        findings.extend(shape::misfits(&property.value, shape, route).into_iter().map(|misfit| {
            let message = format!("in bundle {:?}, the {kind} property is invalid: {}", bundle.name, misfit.message);
            RULE.finding(bundle.origin.place(misfit.route), message)
                .help("correct the value; `catalog validate --explain property-value` explains it")
        }));
        if kind == property::BUNDLE_OBJECT {
            findings.extend(without_data(bundle, i, &property.value));
        }
    }
    findings.extend(objects.unreadable.iter().map(|(i, why)| unreadable(bundle, *i, why)));
    findings.extend(check_metadata(bundle));
    findings
}

/// An `olm.bundle.object` property must have data: otherwise there is nothing to serve.
fn without_data(bundle: &Bundle, index: usize, value: &serde_json::Value) -> Option<Finding> {
    let there = value.as_object()?.keys().any(|key| key.eq_ignore_ascii_case("data"));
    let message = format!("in bundle {:?}, the {} property has no `data`", bundle.name, property::BUNDLE_OBJECT);
    let place = bundle.origin.place(Route::root().key("properties").index(index).key("value"));
    (!there).then(|| RULE.finding(place, message).help("encode the manifest again"))
}

fn unreadable(bundle: &Bundle, index: usize, why: &str) -> Finding {
    let route = Route::root().key("properties").index(index).key("value").key("data");
    let message = format!("in bundle {:?}, the object in {route} is neither YAML nor JSON: {why}", bundle.name);
    RULE.finding(bundle.origin.place(route), message).help("encode the manifest again")
}

/// A bundle has one ClusterServiceVersion, so at most one description of it.
fn check_metadata(bundle: &Bundle) -> Option<Finding> {
    let mut all = bundle.properties.iter().enumerate().filter(|(_, found)| found.kind == property::CSV_METADATA);
    let (index, _) = all.nth(1)?;
    let route = Route::root().key("properties").index(index);
    let message = format!("bundle {:?} has more than one {} property", bundle.name, property::CSV_METADATA);
    Some(RULE.finding(bundle.origin.place(route), message).help("keep the one of the bundle's ClusterServiceVersion"))
}
