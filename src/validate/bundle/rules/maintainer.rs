//! The maintainers of an operator.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "maintainer",
    level: Level::Error,
    sets: &[Set::OperatorHub],
    summary: "A maintainer has no name, no email address, or an invalid one",
    docs: r#"
## What it does
Reports entries of `spec.maintainers` without a `name` or an `email`, and those whose `email` is not an address.

## Why is this bad?
operatorhub.io does not accept it: users need somebody to ask when the operator fails.

## Example
```yaml
kind: ClusterServiceVersion
spec:
  maintainers:
  - name: Demo
    email: demo at example.com
```

Use instead:
```yaml
kind: ClusterServiceVersion
spec:
  maintainers:
  - name: Demo
    email: demo@example.com
```

## References
- [operator-framework/api: the OperatorHub validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/operatorhubv2.go)
- [The fields of a ClusterServiceVersion](https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for maintainer in context.spec("maintainers") {
        let (name, email) = (maintainer.get("name"), maintainer.get("email"));
        for (key, field) in [("name", &name), ("email", &email)] {
            if field.text().is_empty() {
                let message = format!("the maintainer has no {key}");
                findings.push(RULE.finding(field.place(), message).help("write both `name` and `email`"));
            }
        }
        if !email.text().is_empty() && !is_address(email.text()) {
            let message = format!("{:?} is not an email address", email.text());
            findings.push(RULE.finding(email.place(), message).help("use an address such as team@example.com"));
        }
    }
}

/// The form of most addresses: `local@domain`, or a name followed by that in angle brackets.
fn is_address(text: &str) -> bool {
    let bare = match text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((_, bare)) => bare,
        None => text.trim(),
    };
    let allowed = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"".contains(c);
    bare.rsplit_once('@').is_some_and(|(local, domain)| {
        let dotted = |text: &str| text.split('.').all(|part| !part.is_empty());
        dotted(local) && dotted(domain) && !local.contains('@') && bare.chars().all(allowed)
    })
}
