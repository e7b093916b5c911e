//! The namespaces that an operator watches.

use super::prelude::*;
use crate::bundle::csv::{TARGETS, WATCHED};

pub(super) static RULE: Rule = Rule {
    id: "watch-namespace",
    level: Level::Warning,
    sets: &[],
    summary: "WATCH_NAMESPACE does not follow the OperatorGroup",
    docs: r#"
## What it does
Reports containers whose variable `WATCH_NAMESPACE` has a fixed value, or the value of another field than the pod's
annotation `olm.targetNamespaces`.

## Why is this bad?
OLM writes the namespaces that the OperatorGroup selects into that annotation, and grants permissions in these. An
operator that watches other namespaces is rejected there, and does nothing in those that the user selected. An empty
value is right if AllNamespaces is the only mode.

## Example
```yaml
kind: ClusterServiceVersion
spec:
  install:
    spec:
      deployments:
      - name: demo
        spec:
          selector:
            matchLabels: {app: demo}
          template:
            metadata:
              labels: {app: demo}
            spec:
              serviceAccountName: demo
              containers:
              - name: demo
                image: registry.example.com/demo@sha256:0000000000000000000000000000000000000000000000000000000000000000
                resources:
                  requests: {cpu: 10m, memory: 32Mi}
                env:
                - name: WATCH_NAMESPACE
                  value: demo-system
```

Use instead:
```yaml
kind: ClusterServiceVersion
spec:
  install:
    spec:
      deployments:
      - name: demo
        spec:
          selector:
            matchLabels: {app: demo}
          template:
            metadata:
              labels: {app: demo}
            spec:
              serviceAccountName: demo
              containers:
              - name: demo
                image: registry.example.com/demo@sha256:0000000000000000000000000000000000000000000000000000000000000000
                resources:
                  requests: {cpu: 10m, memory: 32Mi}
                env:
                - name: WATCH_NAMESPACE
                  valueFrom:
                    fieldRef:
                      fieldPath: metadata.annotations['olm.targetNamespaces']
```

## References
- [Install modes](https://olm.operatorframework.io/docs/advanced-tasks/operator-scoping-with-operatorgroups/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let supported: Vec<&str> = context
        .spec("installModes")
        .iter()
        .filter(|mode| mode.get("supported").is_true())
        .map(|mode| mode.get("type").text())
        .collect();
    let containers = context.containers(false);
    let variables = containers.iter().flat_map(|container| container.get("env").items());
    for variable in variables.filter(|variable| variable.get("name").text() == WATCHED) {
        let (value, field) = (variable.get("value"), variable.at("valueFrom.fieldRef.fieldPath"));
        let (place, found) = match (value.text(), field.text()) {
            ("", TARGETS) => continue,
            ("", "") if supported == ["AllNamespaces"] && variable.get("valueFrom").is_null() => continue,
            ("", "metadata.namespace") if supported == ["OwnNamespace"] => continue,
            ("", "") if variable.get("valueFrom").is_null() => (variable.place(), "all namespaces".to_owned()),
            ("", "") => continue,
            ("", field) => (field_place(&variable), format!("the field {field}")),
            (value, _) => (variable.get("value").place(), format!("the namespace {value:?}")),
        };
        let message = format!("{WATCHED} is {found}, whatever the OperatorGroup selects");
        findings.push(RULE.finding(place, message).help(format!("set it from the field {TARGETS}")));
    }
}

fn field_place(variable: &Node<'_>) -> Place {
    variable.at("valueFrom.fieldRef.fieldPath").place()
}
