//! Install modes of operators with conversion webhooks.

use super::prelude::*;
use crate::bundle::csv::{CONVERSION_MODES, converts_with};

pub(super) static RULE: Rule = Rule {
    id: "conversion-modes",
    level: Level::Error,
    sets: &[],
    summary: "An operator with a conversion webhook must support only AllNamespaces",
    docs: r#"
## What it does
Reports a ClusterServiceVersion that has a webhook with `conversionCRDs` and supports an install mode other than
AllNamespaces.

## Why is this bad?
A CRD and its conversion apply to the whole cluster. OLM does not install such an operator.

## Example
```yaml
kind: ClusterServiceVersion
spec:
  installModes:
  - type: OwnNamespace
    supported: true
  webhookdefinitions:
  - type: ConversionWebhook
    generateName: cwidgets.demo.example.com
    deploymentName: demo
    conversionCRDs: [widgets.demo.example.com]
```

Use instead:
```yaml
kind: ClusterServiceVersion
spec:
  installModes:
  - type: AllNamespaces
    supported: true
  webhookdefinitions:
  - type: ConversionWebhook
    generateName: cwidgets.demo.example.com
    deploymentName: demo
    conversionCRDs: [widgets.demo.example.com]
```

## References
- [Webhooks of operators](https://olm.operatorframework.io/docs/advanced-tasks/adding-admission-and-conversion-webhooks/)
- [operator-framework/api: the CSV validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/csv.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let webhooks = context.spec("webhookdefinitions");
    let Some(converts) = webhooks.iter().map(|webhook| webhook.get("conversionCRDs")).find(|crds| crds.items().next().is_some())
    else {
        return;
    };
    let modes = context.spec("installModes");
    for mode in modes.iter().filter(|mode| mode.get("supported").is_true()) {
        let kind = mode.get("type");
        if !converts_with([kind.text()]) {
            let finding = RULE.finding(kind.place(), CONVERSION_MODES).help("write `supported: false`; OLM rejects any other");
            findings.push(finding.related(converts.place(), "CRDs are converted here"));
        }
    }
    let all = modes.iter().find(|mode| mode.get("type").text() == "AllNamespaces" && mode.get("supported").value == false);
    if let Some(all) = all {
        let message = "an operator that converts CRDs with a webhook must support the install mode AllNamespaces";
        findings.push(RULE.finding(all.get("supported").place(), message).help("write `supported: true`"));
    }
}
