//! APIs that Kubernetes has removed.

use semver::Version;

use super::prelude::*;
use crate::validate::bundle::removed::{self, Removed};
use crate::version;

pub(super) static RULE: Rule = Rule {
    id: "api-removed",
    level: Level::Both,
    sets: &[Set::DeprecatedApis],
    summary: "A manifest or permission uses an API that Kubernetes has removed",
    docs: r#"
## What it does
Reports manifests, and resources that the ClusterServiceVersion names, whose API version was removed in Kubernetes 1.22
to 1.32. It is an error if `--kubernetes` or `spec.minKubeVersion` says that the operator is for such a version, and a
warning otherwise. Permissions for kinds that were removed entirely (PodSecurityPolicies) are a warning.

## Why is this bad?
A cluster of that version does not know the API: OLM cannot create the object, and stops the installation. Kubernetes
1.22 and later do not accept v1beta1 CRDs.

## Example
```yaml
apiVersion: policy/v1beta1
kind: PodDisruptionBudget
metadata:
  name: demo
spec:
  minAvailable: 1
```

Use instead:
```yaml
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: demo
spec:
  minAvailable: 1
```

## References
- [Kubernetes: deprecated API migration guide](https://kubernetes.io/docs/reference/using-api/deprecation-guide/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let csv = context.csv();
    let oldest = csv.as_ref().and_then(|csv| version::parse(csv.at("spec.minKubeVersion").text()).ok());
    for object in context.objects() {
        let api = object.get("apiVersion");
        let Some(removed) = removed::find(api.text(), object.get("kind").text()) else { continue };
        let (kind, name) = (object.get("kind").text(), object.at("metadata.name").text());
        findings.push(found(context, oldest.as_ref(), &api, removed, &format!("{kind} {name}")));
    }
    // The resources in the CRD entries that the operator creates.
    for which in ["owned", "required"] {
        for entry in context.spec(&format!("customresourcedefinitions.{which}")) {
            for resource in entry.get("resources").items() {
                let api = resource.get("version");
                let Some(removed) = removed::find(api.text(), resource.get("kind").text()) else { continue };
                let what = format!("the resource {} of {}", resource.get("kind").text(), entry.get("name").text());
                findings.push(found(context, oldest.as_ref(), &api, removed, &what));
            }
        }
    }
    for (_, rule) in context.permissions().into_iter().filter(|(_, rule)| rule.get("apiGroups").texts().contains(&"policy")) {
        if let Some(resource) = rule.get("resources").items().find(|resource| resource.text() == "podsecuritypolicies") {
            let message = "Kubernetes 1.25 removed PodSecurityPolicies, so this permission has no effect";
            findings.push(RULE.warning(resource.place(), message).help("remove the resource from the rule"));
        }
    }
}

fn found(context: &Context<'_>, oldest: Option<&Version>, api: &Node<'_>, removed: &Removed, what: &str) -> Finding {
    let removal = Version::new(1, removed.minor, 0);
    let is_for = |version: Option<&Version>| version.is_some_and(|version| *version >= removal);
    let message = format!("{what} has the API version {}, which Kubernetes 1.{} removed", api.text(), removed.minor);
    let finding = match is_for(context.options.kubernetes.as_ref()) || is_for(oldest) {
        true => RULE.finding(api.place(), message),
        false => RULE.warning(api.place(), message),
    };
    finding.help(match removed.instead {
        "" => "remove it; it has no replacement".to_owned(),
        instead => format!("migrate it to {instead}"),
    })
}
