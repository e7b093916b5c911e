//! The nodes on which an operator runs.

use std::collections::BTreeSet;

use super::prelude::*;
use crate::bundle::csv::annotation::{ARCHITECTURE, OPERATING_SYSTEM};

pub(super) static RULE: Rule = Rule {
    id: "node-affinity",
    level: Level::Warning,
    sets: &[Set::MultiArch],
    summary: "A deployment does not select the nodes whose architecture it supports",
    docs: r#"
## What it does
Reports deployments whose pods do not require nodes with certain architectures and operating systems, and deployments
whose requirements differ from the labels `operatorframework.io/arch.…` and `operatorframework.io/os.…` of the
ClusterServiceVersion (amd64 and linux if there are none). The images are not checked.

## Why is this bad?
On a cluster with nodes of several architectures, the pod can be scheduled on a node that its image does not support,
and then it never starts.

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
```

Use instead:
```yaml
kind: ClusterServiceVersion
```

## References
- [Operators for several architectures](https://olm.operatorframework.io/docs/advanced-tasks/ship-operator-supporting-multiarch/)
"#,
    check,
};

/// Operating system and architecture.
type Platform<'c> = (&'c str, &'c str);

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(csv) = context.csv() else { return };
    let labels = csv.at("metadata.labels");
    let of = |start: &str, default: &'static str| -> Vec<&str> {
        let supported = labels.entries().filter(|(_, label)| label.text() == "supported");
        let named: Vec<&str> = supported.filter_map(|(name, _)| name.strip_prefix(start)).collect();
        if named.is_empty() { vec![default] } else { named }
    };
    let (systems, architectures) = (of(OPERATING_SYSTEM, "linux"), of(ARCHITECTURE, "amd64"));
    let labelled = platforms(&systems, &architectures);
    for deployment in context.deployments() {
        let pod = deployment.at("spec.template.spec");
        let terms = pod.at("affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms");
        let required = required(&terms);
        let name = deployment.get("name").text();
        let help = format!("require kubernetes.io/os and kubernetes.io/arch of {}", describe(&labelled));
        if required.is_empty() {
            let message = format!("the deployment {name} does not require a certain architecture and operating system");
            findings.push(RULE.finding(pod.place(), message).help(help));
        } else if required != labelled {
            let (required, labelled) = (describe(&required), describe(&labelled));
            let message = format!("the deployment {name} requires {required}, but the labels say {labelled}");
            findings.push(RULE.finding(terms.place(), message).help(help));
        }
    }
}

/// The platforms that the terms of a node affinity allow.
fn required<'c>(terms: &Node<'c>) -> BTreeSet<Platform<'c>> {
    let mut all = BTreeSet::new();
    for term in terms.items() {
        let values = |wanted: &str| {
            let mut expressions = term.get("matchExpressions").items();
            let found = expressions.find(|found| found.get("key").text() == wanted && found.get("operator").text() == "In");
            found.map(|found| found.get("values").texts()).unwrap_or_default()
        };
        all.extend(platforms(&values("kubernetes.io/os"), &values("kubernetes.io/arch")));
    }
    all
}

fn platforms<'c>(systems: &[&'c str], architectures: &[&'c str]) -> BTreeSet<Platform<'c>> {
    // Nobody names more than a few, and the product of many must not exhaust the memory.
    let some = |names: &[&'c str]| names.iter().copied().take(100).collect::<Vec<_>>();
    let (systems, architectures) = (some(systems), some(architectures));
    systems.iter().flat_map(|system| architectures.iter().map(move |architecture| (*system, *architecture))).collect()
}

fn describe(platforms: &BTreeSet<Platform<'_>>) -> String {
    platforms.iter().map(|(system, architecture)| format!("{system}/{architecture}")).collect::<Vec<_>>().join(", ")
}
