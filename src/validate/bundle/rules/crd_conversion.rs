//! Conversion of CRDs.

use std::collections::BTreeSet;

use super::prelude::*;
use crate::validate::bundle::apis::is_v1beta1;

pub(super) static RULE: Rule = Rule {
    id: "crd-conversion",
    level: Level::Error,
    sets: &[],
    summary: "The conversion of a CRD is invalid",
    docs: r#"
## What it does
Reports CustomResourceDefinitions with an unknown conversion strategy, with a webhook strategy but without webhook,
service or URL, or review versions, and with a webhook that no strategy uses. If a conversion webhook of the
ClusterServiceVersion names the CRD, OLM writes this part itself.

## Why is this bad?
The API server rejects the CRD, and OLM stops the installation.

## Example
```yaml
kind: CustomResourceDefinition
spec:
  conversion:
    strategy: Webhook
```

Use instead:
```yaml
kind: CustomResourceDefinition
spec:
  conversion:
    strategy: None
```

## References
- [Kubernetes: CustomResourceDefinitions](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/)
- [Webhooks of operators](https://olm.operatorframework.io/docs/advanced-tasks/adding-admission-and-conversion-webhooks/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let webhooks = context.spec("webhookdefinitions");
    let by_olm: BTreeSet<&str> = webhooks.iter().flat_map(|webhook| webhook.get("conversionCRDs").texts()).collect();
    for crd in context.crds().filter(|crd| !is_v1beta1(crd)) {
        let conversion = crd.at("spec.conversion");
        if conversion.is_null() || by_olm.contains(crd.at("metadata.name").text()) {
            continue;
        }
        let (strategy, webhook) = (conversion.get("strategy"), conversion.get("webhook"));
        let mut report = |node: Node<'_>, message: String, help: &str| {
            findings.push(RULE.finding(node.place(), message).help(help));
        };
        match strategy.text() {
            "None" if !webhook.is_null() => {
                report(webhook, "the strategy None does not use the webhook".into(), "remove it, or write `strategy: Webhook`");
            }
            "None" => {}
            "Webhook" => {
                let client = webhook.get("clientConfig");
                let url = client.get("url");
                if client.get("url").is_null() == client.get("service").is_null() {
                    let message = "the conversion webhook must have either a service or a url";
                    report(client, message.into(), "name the CRD in a ConversionWebhook of the ClusterServiceVersion");
                }
                if !url.is_null() && !url.text().starts_with("https://") {
                    let message = "the URL of the conversion webhook does not start with https://";
                    report(url, message.into(), "use an https URL");
                }
                let reviews = webhook.get("conversionReviewVersions");
                if !reviews.texts().iter().any(|version| matches!(*version, "v1" | "v1beta1")) {
                    report(reviews, "the webhook accepts no review version that the API server sends".into(), "write [v1]");
                }
            }
            other => report(strategy.clone(), format!("{other:?} is not a conversion strategy"), "write None or Webhook"),
        }
    }
}
