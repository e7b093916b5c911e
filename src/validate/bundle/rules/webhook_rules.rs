//! The objects that webhooks intercept.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "webhook-rules",
    level: Level::Error,
    sets: &[],
    summary: "A webhook intercepts objects that OLM or the API server needs itself",
    docs: r#"
## What it does
Reports webhooks of the ClusterServiceVersion whose rules include all API groups, OLM's group, or webhook
configurations.

## Why is this bad?
If such a webhook does not answer, OLM cannot install the operator that would answer, and nobody can remove the webhook.
So OLM makes the ClusterServiceVersion fail.

## Example
```yaml
kind: ClusterServiceVersion
spec:
  webhookdefinitions:
  - type: ValidatingAdmissionWebhook
    generateName: vwidgets.demo.example.com
    deploymentName: demo
    sideEffects: None
    admissionReviewVersions: [v1]
    rules:
    - apiGroups: ["*"]
      apiVersions: [v1]
      operations: [CREATE]
      resources: [widgets]
```

Use instead:
```yaml
kind: ClusterServiceVersion
spec:
  webhookdefinitions:
  - type: ValidatingAdmissionWebhook
    generateName: vwidgets.demo.example.com
    deploymentName: demo
    sideEffects: None
    admissionReviewVersions: [v1]
    rules:
    - apiGroups: [demo.example.com]
      apiVersions: [v1]
      operations: [CREATE]
      resources: [widgets]
```

## References
- [Webhooks of operators](https://olm.operatorframework.io/docs/advanced-tasks/adding-admission-and-conversion-webhooks/)
- [OLM v1: the checks of registry+v1 bundles](https://github.com/operator-framework/operator-controller/tree/main/internal/operator-controller/rukpak/render/registryv1)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let webhooks = context.spec("webhookdefinitions");
    for rule in webhooks.iter().flat_map(|webhook| webhook.get("rules").items()) {
        for group in rule.get("apiGroups").items() {
            let message = match group.text() {
                "*" => "the webhook intercepts the objects of all API groups",
                "operators.coreos.com" => "the webhook intercepts OLM's own objects",
                "admissionregistration.k8s.io" if has_configurations(&rule) => {
                    "the webhook intercepts webhook configurations"
                }
                _ => continue,
            };
            findings.push(RULE.finding(group.place(), message).help("list only the API groups that the operator handles"));
        }
    }
}

fn has_configurations(rule: &Node<'_>) -> bool {
    rule.get("resources").texts().iter().any(|resource| {
        let resource = resource.to_lowercase();
        resource.starts_with('*') || resource.contains("webhookconfiguration")
    })
}
