//! Links about an operator.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "link",
    level: Level::Error,
    sets: &[Set::OperatorHub],
    summary: "A link has no name, no URL, or an invalid one",
    docs: r#"
## What it does
Reports entries of `spec.links` without `name` or `url`, and those whose `url` is not a URL.

## Why is this bad?
operatorhub.io does not accept it, and the link does not work.

## Example
```yaml
kind: ClusterServiceVersion
spec:
  links:
  - name: Documentation
    url: docs.example.com
```

Use instead:
```yaml
kind: ClusterServiceVersion
spec:
  links:
  - name: Documentation
    url: https://docs.example.com
```

## References
- [operator-framework/api: the OperatorHub validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/operatorhubv2.go)
- [The fields of a ClusterServiceVersion](https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for link in context.spec("links") {
        let (name, address) = (link.get("name"), link.get("url"));
        for (key, field) in [("name", &name), ("url", &address)] {
            if field.text().is_empty() {
                let message = format!("the link has no {key}");
                findings.push(RULE.finding(field.place(), message).help("write both `name` and `url`"));
            }
        }
        let text = address.text();
        // Go's `url.ParseRequestURI` also accepts an absolute path.
        if !text.is_empty() && !text.starts_with('/') && url::Url::parse(text).is_err() {
            let message = format!("{text:?} is not a URL");
            findings.push(RULE.finding(address.place(), message).help("write it in full, such as https://example.com"));
        }
    }
}
