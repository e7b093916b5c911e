//! CustomResourceDefinitions in a version that Kubernetes removed.

use super::prelude::*;
use crate::validate::Definition;

pub(super) static RULE: Rule = Rule {
    id: "crd-version-removed",
    severity: Severity::Warning,
    summary: "A bundle has v1beta1 CustomResourceDefinitions, which Kubernetes 1.22 removed",
    docs: r#"
## What it does
Reports bundles whose objects are in the catalog and whose CustomResourceDefinitions have another API version than
`apiextensions.k8s.io/v1`. There is one finding per package.

## Why is this bad?
Kubernetes removed `apiextensions.k8s.io/v1beta1` in 1.22. Such a bundle cannot be installed on any cluster that is
supported today: its InstallPlan fails. An upgrade path through it ends there.

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
        let message = format!("no supported Kubernetes version accepts the CustomResourceDefinitions of {names}: {definitions}");
        findings.push(
            RULE.finding(view.name_place(), message)
                .help("convert them to apiextensions.k8s.io/v1, or remove the bundle and skip it in the next one"),
        );
    }
}

fn is_old(definition: &Definition) -> bool {
    definition.api_version.starts_with("apiextensions.k8s.io/") && definition.api_version != "apiextensions.k8s.io/v1"
}
