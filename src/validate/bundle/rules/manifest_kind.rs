//! Kinds that OLM does not install.

use super::prelude::*;
use crate::bundle::{INSTALLED, csv};
use crate::validate::bundle::context::CRDS;

pub(super) static RULE: Rule = Rule {
    id: "manifest-kind",
    level: Level::Error,
    sets: &[],
    summary: "OLM does not install objects of this kind from a bundle",
    docs: r#"
## What it does
Reports manifests of a `kind` that OLM does not install, and CustomResourceDefinitions with an unknown API version.

## Why is this bad?
opm rejects the bundle. OLM stops its installation: the InstallPlan fails with "unsupported kind".

## Example
```yaml
kind: Deployment
apiVersion: apps/v1
metadata:
  name: demo-cache
```

Use instead:
```yaml
kind: ConfigMap
apiVersion: v1
metadata:
  name: demo-cache
```

## References
- [The kinds that OLM installs](https://github.com/operator-framework/operator-registry/blob/master/pkg/lib/bundle/supported_resources.go)
- [opm: the validation of bundles](https://github.com/operator-framework/operator-registry/blob/master/pkg/lib/bundle/validate.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for object in context.objects() {
        let (kind, version) = (object.get("kind"), object.get("apiVersion"));
        let place = kind.place();
        match kind.text() {
            csv::KIND => {}
            "CustomResourceDefinition" if CRDS.contains(&version.text()) => {}
            "CustomResourceDefinition" => {
                let message = format!("opm does not read CustomResourceDefinitions of the version {:?}", version.text());
                findings.push(RULE.finding(version.place(), message).help("write apiVersion: apiextensions.k8s.io/v1"));
            }
            other if INSTALLED.contains(&other) => {}
            other => {
                let message = format!("OLM does not install objects of the kind {other}");
                findings.push(RULE.finding(place, message).help(help(other)));
            }
        }
    }
}

fn help(kind: &str) -> &'static str {
    match kind {
        "Deployment" => "move it to spec.install.spec.deployments of the ClusterServiceVersion",
        "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration" => {
            "move it to spec.webhookdefinitions of the ClusterServiceVersion"
        }
        "Namespace" => "remove it; OLM installs into an existing namespace",
        _ => "remove it from the bundle, and make the operator create such objects",
    }
}
