//! Values of the wrong type.

use std::collections::HashSet;

use super::prelude::*;
use crate::bundle::Error;
use crate::go_json::shape::{Shape, csv::CSV, kubernetes::CRD, misfits};
use crate::yaml::Route;

pub(super) static RULE: Rule = Rule {
    id: "field-type",
    level: Level::Error,
    sets: &[],
    summary: "A field has a value of the wrong type",
    docs: r#"
## What it does
Reports values that are missing or have the wrong type in fields that opm, OLM and the API server read: a number instead
of text, a mapping instead of a list. Checks the ClusterServiceVersion, CRDs and metadata.

## Why is this bad?
opm cannot make a catalog from the bundle, or OLM cannot install it: the API server rejects such an object.

## Example
```yaml
kind: ClusterServiceVersion
spec:
  relatedImages: registry.example.com/demo:v1.0.0
```

Use instead:
```yaml
kind: ClusterServiceVersion
spec:
  relatedImages:
  - name: demo
    image: registry.example.com/demo@sha256:0000000000000000000000000000000000000000000000000000000000000000
```

## References
- [The bundle format](https://olm.operatorframework.io/docs/tasks/creating-operator-bundle/)
- [The fields of a ClusterServiceVersion](https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut reported: HashSet<(&str, Route)> = HashSet::new();
    for error in &context.rejected {
        let Error::Value { file, route, message } = error else { continue };
        // A value that two parts of the reader need is reported once.
        let first = reported.insert((file, route.clone()));
        // `crd-owned-missing` reports this for all of them.
        let other = route.to_string().starts_with("spec.customresourcedefinitions.") && message.contains("<plural>.<group>");
        if first && !other {
            let finding = RULE.finding(context.place(file, route.clone()), message.clone());
            findings.push(finding.help("opm cannot read the bundle until this is corrected"));
        }
    }
    for object in context.objects() {
        for misfit in shape(&object).into_iter().flat_map(|shape| misfits(object.value, shape, Route::root())) {
            if !reported.contains(&(object.file, misfit.route.clone())) {
                let finding = RULE.finding(context.place(object.file, misfit.route), misfit.message);
                findings.push(finding.help("OLM and the API server cannot read the manifest until this is corrected"));
            }
        }
    }
}

/// The type of a manifest, if it is checked.
pub(super) fn shape(object: &Node<'_>) -> Option<&'static Shape> {
    match (object.get("kind").text(), object.get("apiVersion").text()) {
        ("ClusterServiceVersion", _) => Some(&CSV),
        ("CustomResourceDefinition", "apiextensions.k8s.io/v1") => Some(&CRD),
        _ => None,
    }
}
