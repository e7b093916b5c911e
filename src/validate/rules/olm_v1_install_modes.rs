//! Install modes that OLM v1 does not support.

use super::prelude::*;
use crate::safety::Content;

pub(super) static RULE: Rule = Rule {
    id: "olm-v1-install-modes",
    severity: Severity::Warning,
    summary: "A bundle does not support the install mode AllNamespaces, which OLM v1 needs",
    docs: r#"
## What it does
Reports bundles whose ClusterServiceVersion (or `olm.csv.metadata` property) does not support the install mode
AllNamespaces. There is one finding per package. Runs with `--target olm-v1`.

## Why is this bad?
OLM v1 makes operators watch all namespaces. With its feature gate SingleOwnNamespaceInstallSupport, which is alpha and
off by default, it also installs operators that support SingleNamespace or OwnNamespace, if the ClusterExtension sets
`watchNamespace`. An operator that supports only MultiNamespace is never installed.

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
      installModes:
        - {type: OwnNamespace, supported: true}
        - {type: AllNamespaces, supported: false}
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
      installModes:
        - {type: OwnNamespace, supported: true}
        - {type: AllNamespaces, supported: true}
```

## References
- [operator-controller: provider.go](https://github.com/operator-framework/operator-controller/blob/v1.11.0/internal/operator-controller/applier/provider.go)
- [operator-controller: features.go](https://github.com/operator-framework/operator-controller/blob/v1.11.0/internal/operator-controller/features/features.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for package in context.packages.values() {
        // If nothing is known about a bundle, its install modes are not known either.
        let facts = |view: &BundleView<'_>| {
            let facts = context.known().find(package.name, &view.bundle.name)?;
            (facts.content >= Content::Metadata).then_some(&facts.install_modes)
        };
        let rejected = |view: &&BundleView<'_>| facts(view).is_some_and(|modes| !modes.contains("AllNamespaces"));
        let bundles: Vec<&BundleView<'_>> = package.bundles.iter().filter(rejected).collect();
        let Some(view) = bundles.first() else { continue };
        let names = some(bundles.iter().map(|view| view.bundle.name.as_str()));
        let message = format!("OLM v1 does not install {names}: the install mode AllNamespaces is not supported");
        let narrow = |view: &&BundleView<'_>| {
            facts(view).is_some_and(|modes| modes.contains("SingleNamespace") || modes.contains("OwnNamespace"))
        };
        let gate = "support AllNamespaces; otherwise users need the feature gate SingleOwnNamespaceInstallSupport and a \
                    watchNamespace";
        let help = if bundles.iter().all(narrow) { gate } else { "support AllNamespaces" };
        findings.push(RULE.finding(view.name_place(), message).help(help));
    }
}
