//! APIServices, which OLM v1 does not install.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "olm-v1-api-service",
    severity: Severity::Warning,
    summary: "A bundle owns APIServices, which OLM v1 does not install",
    docs: r#"
## What it does
Reports bundles whose ClusterServiceVersion (or `olm.csv.metadata` property) has APIServices under
`apiservicedefinitions.owned`. There is one finding per package. Runs with `--target olm-v1`.

## Why is this bad?
OLM v1 rejects such a bundle.

## Example
```yaml
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle:v1.0.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
  - type: olm.csv.metadata
    value:
      apiServiceDefinitions:
        owned:
          - {group: demo.example.com, version: v1, kind: Demo, name: demos}
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
  - type: olm.csv.metadata
    value:
      crdDescriptions:
        owned:
          - {name: demos.demo.example.com, version: v1, kind: Demo}
```

## References
- [operator-controller: provider.go](https://github.com/operator-framework/operator-controller/blob/v1.11.0/internal/operator-controller/applier/provider.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for package in context.packages.values() {
        let rejected = |view: &&BundleView<'_>| context.objects_of(view).csv.owns_api_services;
        let bundles: Vec<&BundleView<'_>> = package.bundles.iter().filter(rejected).collect();
        let Some(view) = bundles.first() else { continue };
        let names = some(bundles.iter().map(|view| view.bundle.name.as_str()));
        let message = format!("OLM v1 does not install {names}: it rejects bundles with APIServices");
        findings.push(RULE.finding(view.name_place(), message).help("provide the API with a CustomResourceDefinition"));
    }
}
