//! CRDs that are owned but missing.

use std::collections::BTreeSet;

use super::prelude::*;
use crate::bundle::Gvk;
use crate::validate::bundle::{apis, examples};

pub(super) static RULE: Rule = Rule {
    id: "crd-owned-missing",
    level: Level::Error,
    sets: &[],
    summary: "The ClusterServiceVersion owns a CRD that is not in the bundle",
    docs: r#"
## What it does
Reports entries of `spec.customresourcedefinitions.owned` whose name is not `<plural>.<group>`, or whose group, version
and kind is not defined by any CustomResourceDefinition of the bundle.

## Why is this bad?
opm rejects the bundle. OLM waits for the CRD forever, and the operator is never installed.

## Example
```yaml
kind: ClusterServiceVersion
spec:
  customresourcedefinitions:
    owned:
    - name: widgets.demo.example.com
      version: v1
      kind: Widget
      description: A widget.
    - name: gadgets.demo.example.com
      version: v1
      kind: Gadget
      description: A gadget.
```

Use instead:
```yaml
kind: ClusterServiceVersion
spec:
  customresourcedefinitions:
    owned:
    - name: widgets.demo.example.com
      version: v1
      kind: Widget
      description: A widget.
```

## References
- [The fields of a ClusterServiceVersion](https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/)
- [operator-framework/api: the bundle validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/bundle.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let crds: BTreeSet<Gvk> = apis::of_crds(context).into_iter().map(|(api, _)| api).collect();
    for which in ["owned", "required"] {
        for entry in context.spec(&format!("customresourcedefinitions.{which}")) {
            let name = entry.get("name");
            let Some((_, group)) = name.text().split_once('.') else {
                let message = format!("{:?} is not the name of a CRD, which is <plural>.<group>", name.text());
                findings.push(RULE.finding(name.place(), message).help("use the CRD's metadata.name"));
                continue;
            };
            let api = examples::described(group, &entry);
            if which == "owned" && !crds.contains(&api) {
                let message = format!("the ClusterServiceVersion owns {api}, but no CRD of the bundle defines it");
                let help = "add the CRD to manifests/, or correct name, version and kind here";
                findings.push(RULE.finding(name.place(), message).help(help));
            }
        }
    }
}
