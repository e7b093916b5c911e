//! What CRDs are for.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "crd-description",
    level: Level::Warning,
    sets: &[Set::GoodPractices],
    summary: "A CRD has no description in the ClusterServiceVersion",
    docs: r#"
## What it does
Reports entries of `spec.customresourcedefinitions` without a `description`, for both owned and required CRDs.

## Why is this bad?
Consoles show the description to users who look for the right resource.

## Example
```yaml
kind: ClusterServiceVersion
spec:
  customresourcedefinitions:
    owned:
    - name: widgets.demo.example.com
      version: v1
      kind: Widget
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
- [operator-framework/api: the good practices validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/good_practices.go)
- [The fields of a ClusterServiceVersion](https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for which in ["owned", "required"] {
        for entry in context.spec(&format!("customresourcedefinitions.{which}")) {
            if entry.get("description").text().is_empty() {
                let name = entry.get("name");
                let message = format!("the {which} CRD {} has no description", name.text());
                findings.push(RULE.finding(name.place(), message).help("describe its purpose in a sentence"));
            }
        }
    }
}
