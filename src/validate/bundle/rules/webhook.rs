//! Webhooks of a ClusterServiceVersion.

use std::collections::{BTreeMap, BTreeSet};

use super::prelude::*;
use crate::validate::bundle::text::subdomain;

pub(super) static RULE: Rule = Rule {
    id: "webhook",
    level: Level::Error,
    sets: &[],
    summary: "A webhook has an invalid name or no deployment, or converts CRDs that are not owned",
    docs: r#"
## What it does
Reports webhooks of the ClusterServiceVersion whose type is unknown, whose name is invalid or used twice, whose
deployment is not in the ClusterServiceVersion, or whose `conversionCRDs` are missing or not owned.

## Why is this bad?
OLM cannot set up the webhook: the installation fails, or the API server calls a service that does not exist, and nobody
can write the resources any more.

## Example
```yaml
kind: ClusterServiceVersion
spec:
  webhookdefinitions:
  - type: ValidatingAdmissionWebhook
    generateName: vwidgets.demo.example.com
    deploymentName: demo-webhook
    sideEffects: None
    admissionReviewVersions: [v1]
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
```

## References
- [Webhooks of operators](https://olm.operatorframework.io/docs/advanced-tasks/adding-admission-and-conversion-webhooks/)
- [OLM v1: the checks of registry+v1 bundles](https://github.com/operator-framework/operator-controller/tree/main/internal/operator-controller/rukpak/render/registryv1)
"#,
    check,
};

const CONVERSION: &str = "ConversionWebhook";
const TYPES: [&str; 3] = ["ValidatingAdmissionWebhook", "MutatingAdmissionWebhook", CONVERSION];

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut first: BTreeMap<(&str, &str), Node<'_>> = BTreeMap::new();
    let names = |list: &str| -> BTreeSet<&str> {
        context.spec(list).iter().map(|entry| entry.get("name").text()).filter(|name| !name.is_empty()).collect()
    };
    let (deployments, owned) = (names("install.spec.deployments"), names("customresourcedefinitions.owned"));
    for webhook in context.spec("webhookdefinitions") {
        let (kind, name) = (webhook.get("type"), webhook.get("generateName"));
        if !TYPES.contains(&kind.text()) {
            let message = format!("{:?} is not a type of webhook", kind.text());
            findings.push(RULE.finding(kind.place(), message).help(format!("use one of {}", TYPES.join(", "))));
        }
        if let Some(why) = subdomain(name.text()) {
            let message = format!("{:?} is not a valid name for a webhook: {why}", name.text());
            findings.push(RULE.finding(name.place(), message).help("give it a name such as vwidgets.demo.example.com"));
        } else if let Some(first) = first.get(&(kind.text(), name.text())) {
            let message = format!("two webhooks have the name {}", name.text());
            let finding = RULE.finding(name.place(), message).help("give each a different name");
            findings.push(finding.related(first.place(), "the first one is here"));
        }
        first.entry((kind.text(), name.text())).or_insert(name);
        deployment(&deployments, &webhook, findings);
        if kind.text() == CONVERSION {
            conversion(&owned, &webhook, findings);
        }
    }
}

fn deployment(names: &BTreeSet<&str>, webhook: &Node<'_>, findings: &mut Vec<Finding>) {
    let wanted = webhook.get("deploymentName");
    if !names.contains(wanted.text()) {
        let message = format!("the webhook's deployment {:?} is not in the ClusterServiceVersion", wanted.text());
        let help = match names.is_empty() {
            true => "add its deployment".to_owned(),
            false => format!("name one of its deployments: {}", choice(names.iter().copied())),
        };
        findings.push(RULE.finding(wanted.place(), message).help(help));
    }
}

fn conversion(owned: &BTreeSet<&str>, webhook: &Node<'_>, findings: &mut Vec<Finding>) {
    let crds = webhook.get("conversionCRDs");
    if crds.items().next().is_none() {
        let message = "the conversion webhook names no CRDs";
        findings.push(RULE.finding(crds.place(), message).help("name them in `conversionCRDs`"));
    }
    for crd in crds.items().filter(|crd| !owned.contains(crd.text())) {
        let message = format!("the webhook converts {:?}, which the ClusterServiceVersion does not own", crd.text());
        let help = "add it to spec.customresourcedefinitions.owned, or remove it here";
        findings.push(RULE.finding(crd.place(), message).help(help));
    }
}
