//! Properties of CustomResourceDefinitions that come from a wrong Go tag.

use super::prelude::*;
use std::collections::BTreeSet;

use crate::validate::Definition;

pub(super) static RULE: Rule = Rule {
    id: "crd-property-name",
    severity: Severity::Warning,
    summary: "A CustomResourceDefinition has a property named \"-\"",
    docs: r#"
## What it does
Reports bundles whose objects are in the catalog and whose CustomResourceDefinitions have a property named `-`. There is
one finding per package.

## Why is this bad?
The name comes from a wrong tag in Go: `json:"-,"` names a field `-`, whereas `json:"-"` omits it. Users see a property
that was not intended. If it is removed later, users who set it lose its value.

## Example
```yaml
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: demos.example.com}
spec:
  versions:
    - name: v1
      schema:
        openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {"-": {type: string}}}}}
```

Use instead:
```yaml
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: demos.example.com}
spec:
  versions:
    - name: v1
      schema:
        openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}
```

## References
- [encoding/json: Marshal](https://pkg.go.dev/encoding/json#Marshal)
- [Structural schemas](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for package in context.packages.values() {
        let odd = |view: &&BundleView<'_>| definitions(context, view).next().is_some();
        let bundles: Vec<&BundleView<'_>> = package.bundles.iter().filter(odd).collect();
        let Some(view) = bundles.first() else { continue };
        let names = some(bundles.iter().map(|view| view.bundle.name.as_str()));
        let (count, where_) = (definitions(context, view).count(), places(context, view));
        let noun = if count == 1 { "definition has" } else { "definitions have" };
        let message = format!("in {names}, {count} {noun} a property named \"-\": {where_}");
        findings.push(
            RULE.finding(view.name_place(), message)
                .help("correct the field's Go tag `json:\"-,…\"`, and regenerate the definitions"),
        );
    }
}

fn definitions<'o>(context: &'o Context<'_>, view: &BundleView<'_>) -> impl Iterator<Item = &'o Definition> {
    context.objects_of(view).definitions.iter().filter(|definition| !definition.dashes.is_empty())
}

/// `"a.example.com", in "spec"`
fn places(context: &Context<'_>, view: &BundleView<'_>) -> String {
    let names = some(definitions(context, view).map(|definition| definition.name.as_str()));
    let within: BTreeSet<&str> =
        definitions(context, view).flat_map(|definition| &definition.dashes).map(String::as_str).collect();
    format!("{names}, in {}", some(within))
}
