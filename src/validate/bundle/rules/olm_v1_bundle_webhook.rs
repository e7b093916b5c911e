//! Webhooks that OLM v1 does not install.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "olm-v1-bundle-webhook",
    level: Level::Warning,
    sets: &[],
    summary: "A webhook intercepts OLM v1's own objects, and OLM v1 does not install it",
    docs: r#"
## What it does
Reports a webhook whose rules name the API group `olm.operatorframework.io`. Groups that OLM v0 rejects as well, such as
all API groups, are reported by `webhook-rules`. Runs with `--target olm-v1`.

## Why is this bad?
A failing webhook could prevent users from removing its operator. OLM v1 rejects such a bundle.

Other webhooks are installed if the cluster has cert-manager, which issues their certificates.

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
    - apiGroups: [olm.operatorframework.io]
      apiVersions: [v1]
      operations: [CREATE]
      resources: [clusterextensions]
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
- [operator-controller: validator.go](https://github.com/operator-framework/operator-controller/blob/v1.11.0/internal/operator-controller/rukpak/render/registryv1/validators/validator.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let webhooks = context.spec("webhookdefinitions");
    // A conversion webhook has no use for rules, and OLM v1 ignores them.
    let asked = webhooks.iter().filter(|webhook| webhook.get("type").text() != "ConversionWebhook");
    let groups = asked.flat_map(|webhook| webhook.get("rules").items()).flat_map(|rule| rule.get("apiGroups").items());
    for group in groups.filter(|group| group.text() == "olm.operatorframework.io") {
        let message = "OLM v1 does not install the bundle: a webhook intercepts OLM v1's own objects";
        findings.push(RULE.finding(group.place(), message).help("list only the API groups that the operator handles"));
    }
}
