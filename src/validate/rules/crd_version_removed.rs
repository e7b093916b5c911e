//! CustomResourceDefinitions of a version that Kubernetes removed.

use super::prelude::*;
use crate::validate::Definition;

pub(super) static RULE: Rule = Rule {
    id: "crd-version-removed",
    severity: Severity::Warning,
    summary: "A bundle has CustomResourceDefinitions of v1beta1, which Kubernetes 1.22 removed",
    docs: r#"
## What it does
Reports bundles that carry their objects in the catalog, and have CustomResourceDefinitions of an API version other
than `apiextensions.k8s.io/v1`. There is one finding for a package.

## Why is this bad?
Kubernetes removed `apiextensions.k8s.io/v1beta1` in 1.22. On no cluster that is supported today such a bundle can be
installed: its InstallPlan fails. An upgrade that passes through it ends there.

## Example
```yaml
apiVersion: apiextensions.k8s.io/v1beta1
kind: CustomResourceDefinition
metadata: {name: demos.example.com}
```

Use instead:
```yaml
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: demos.example.com}
```

## References
- [Deprecated API migration guide](https://kubernetes.io/docs/reference/using-api/deprecation-guide/#customresourcedefinition-v122)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for package in context.packages.values() {
        let old = |view: &&BundleView<'_>| context.objects_of(view).definitions.iter().any(is_old);
        let bundles: Vec<&BundleView<'_>> = package.bundles.iter().filter(old).collect();
        let Some(view) = bundles.first() else { continue };
        let names = some(bundles.iter().map(|view| view.bundle.name.as_str()));
        let definitions = context.objects_of(view).definitions.iter().filter(|definition| is_old(definition));
        let definitions = some(definitions.map(|definition| definition.name.as_str()));
        let message = format!("no supported Kubernetes takes the CustomResourceDefinitions of {names}: {definitions}");
        findings.push(
            RULE.finding(view.name_place(), message)
                .help("write them as apiextensions.k8s.io/v1, or remove the bundle and let the next one skip it"),
        );
    }
}

fn is_old(definition: &Definition) -> bool {
    definition.api_version.starts_with("apiextensions.k8s.io/") && definition.api_version != "apiextensions.k8s.io/v1"
}
