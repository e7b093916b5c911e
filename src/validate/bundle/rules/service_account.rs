//! Service accounts that OLM creates.

use std::collections::BTreeMap;

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "service-account",
    level: Level::Error,
    sets: &[],
    summary: "The bundle has a ServiceAccount that OLM creates itself",
    docs: r#"
## What it does
Reports ServiceAccounts among the manifests that a deployment of the ClusterServiceVersion uses.

## Why is this bad?
OLM creates the service accounts of the deployments, and deletes and recreates them in upgrades. A manifest with the
same name conflicts with that.

## Example
```yaml
apiVersion: v1
kind: ServiceAccount
metadata:
  name: demo
```

Use instead:
```yaml
apiVersion: v1
kind: ServiceAccount
metadata:
  name: demo-agent
```

## References
- [operator-framework/api: the bundle validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/bundle.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let accounts = context.deployments().into_iter().map(|deployment| deployment.at("spec.template.spec.serviceAccountName"));
    let used: BTreeMap<&str, Node<'_>> = accounts.map(|account| (account.text(), account)).collect();
    for account in context.of_kind("ServiceAccount").filter(|account| account.get("apiVersion").text() == "v1") {
        let name = account.at("metadata.name");
        if let Some(user) = used.get(name.text()).filter(|_| !name.text().is_empty()) {
            let message = format!("OLM creates the ServiceAccount {} itself, because a deployment uses it", name.text());
            let help = "remove the manifest; if you need another account, give it another name";
            findings.push(RULE.finding(name.place(), message).help(help).related(user.place(), "used here"));
        }
    }
}
