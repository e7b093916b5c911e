//! Bundles without an image, which OLM v1 cannot install.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "olm-v1-image",
    severity: Severity::Warning,
    summary: "A bundle has no image, but OLM v1 only installs from images",
    docs: r#"
## What it does
Reports bundles that have their manifests in the catalog, as `olm.bundle.object` properties, and no `image`. There is
one finding per package. Runs with `--target olm-v1`.

## Why is this bad?
operator-controller reads a bundle's manifests only from its image. It cannot parse the empty reference, and the
ClusterExtension does not get the version.

## Example
```yaml
schema: olm.bundle
package: demo
name: demo.v1.0.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
  - type: olm.bundle.object
    value: {data: e30=}
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
```

## References
- [operator-controller: clusterextension_reconcile_steps.go](https://github.com/operator-framework/operator-controller/blob/v1.11.0/internal/operator-controller/controllers/clusterextension_reconcile_steps.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for package in context.packages.values() {
        let bundles: Vec<&BundleView<'_>> = package.bundles.iter().filter(|view| view.bundle.image.is_empty()).collect();
        let Some(view) = bundles.first() else { continue };
        let names = some(bundles.iter().map(|view| view.bundle.name.as_str()));
        let message = format!("OLM v1 does not install {names}: without an image it has no manifests to install");
        let help = "push the bundles as images and name them in `image`; `catalog build` without --inline does both";
        findings.push(RULE.finding(view.name_place(), message).help(help));
    }
}
