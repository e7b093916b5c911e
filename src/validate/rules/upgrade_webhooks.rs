//! Webhooks that an upgrade adds.

use super::prelude::*;
use crate::crd::Kind;
use crate::safety::{Step, WebhookChange, WebhookKind};
use crate::validate::upgrades;

pub(super) static RULE: Rule = Rule {
    id: "upgrade-webhooks",
    severity: Severity::Warning,
    summary: "An upgrade adds an admission webhook that can block writes",
    docs: r#"
## What it does
Reports upgrades to the head of a channel that has a validating or mutating webhook which the older bundle does not
have, if writes fail while the webhook does not answer (`failurePolicy: Fail`, which is the default).

## Why is this bad?
After the upgrade, users cannot write these resources while the operator does not run: while its pod starts, moves to
another node, or has no certificate yet. Also, the webhook can reject existing resources that were accepted before.

## Example
```yaml
kind: ClusterServiceVersion
metadata: {name: demo.v1.1.0}
spec:
  webhookdefinitions:
    - type: ValidatingAdmissionWebhook   # not in demo.v1.0.0
      generateName: demos.example.com
      failurePolicy: Fail
```

Use instead:
```yaml
kind: ClusterServiceVersion
metadata: {name: demo.v1.1.0}
spec:
  webhookdefinitions:
    - type: ValidatingAdmissionWebhook
      generateName: demos.example.com
      failurePolicy: Ignore
```

## References
- [Kubernetes: admission webhook good practices](https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let help = |_: &str| {
        let help = "make it fail open (`failurePolicy: Ignore`), or tell users; a CEL rule in the definition needs no webhook";
        help.to_owned()
    };
    upgrades::find(context, findings, &RULE, |step: &Step| describe(step).into_iter().collect(), help);
}

fn describe(step: &Step) -> Option<String> {
    let comes = |hook: &&WebhookChange| {
        let admits = matches!(hook.kind, WebhookKind::Validating | WebhookKind::Mutating);
        hook.change == Kind::Added && admits && hook.fails_closed
    };
    let names: Vec<&str> = step.webhooks.iter().filter(comes).map(|hook| hook.name.as_str()).collect();
    let noun = if names.len() == 1 { "the webhook" } else { "the webhooks" };
    (!names.is_empty()).then(|| format!("adds {noun} {}: writes fail while the operator does not answer", list(names)))
}
