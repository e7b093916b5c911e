//! CRDs that are defined twice.

use std::collections::BTreeMap;

use super::prelude::*;
use crate::bundle::Gvk;
use crate::validate::bundle::apis;

pub(super) static RULE: Rule = Rule {
    id: "crd-duplicate",
    level: Level::Error,
    sets: &[],
    summary: "Two CRDs of the bundle define the same API",
    docs: r#"
## What it does
Reports CustomResourceDefinitions, v1 or v1beta1, that define a group, version and kind that another manifest defines
too.

## Why is this bad?
OLM creates only one of them, and it is undefined which one.

## Example
```yaml
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.demo.example.com
spec:
  group: demo.example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object}}
```

Use instead:
```yaml
kind: CustomResourceDefinition
```

## References
- [operator-framework/api: the bundle validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/bundle.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut first: BTreeMap<Gvk, Node<'_>> = BTreeMap::new();
    for (api, crd) in apis::of_crds(context) {
        if let Some(first) = first.get(&api) {
            let message = format!("{api} is defined twice");
            let finding = RULE.finding(crd.at("metadata.name").place(), message).help("remove one of the two");
            findings.push(finding.related(first.at("metadata.name").place(), "the first one is here"));
        }
        first.entry(api).or_insert(crd);
    }
}
