//! Names of ClusterServiceVersions.

use super::prelude::*;
use crate::validate::bundle::text::{label_value, subdomain};

pub(super) static RULE: Rule = Rule {
    id: "csv-name",
    level: Level::Error,
    sets: &[],
    summary: "The name of the ClusterServiceVersion, or of the one it replaces, is invalid",
    docs: r#"
## What it does
Reports `metadata.name`, `spec.replaces` and `spec.skips` that are not valid names of Kubernetes objects, or longer than
a label value can be. If `spec.release` is set, the name must be `<package>-v<version>-<release>`.

## Why is this bad?
The API server does not create an object with such a name, and OLM uses the name in labels.

## Example
```yaml
kind: ClusterServiceVersion
metadata:
  name: Demo.v1.0.0
```

Use instead:
```yaml
kind: ClusterServiceVersion
metadata:
  name: demo.v1.0.0
```

## References
- [Kubernetes: names of objects](https://kubernetes.io/docs/concepts/overview/working-with-objects/names/)
- [operator-framework/api: the CSV validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/csv.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(csv) = context.csv() else { return };
    let name = csv.at("metadata.name");
    let replaces = csv.at("spec.replaces");
    let names = std::iter::once(name.clone()).chain((!replaces.text().is_empty()).then_some(replaces));
    for name in names.chain(csv.at("spec.skips").items()) {
        if let (false, Some(why)) = (name.text().is_empty(), subdomain(name.text()).or_else(|| label_value(name.text()))) {
            let message = format!("{:?} is not a valid name for a ClusterServiceVersion: {why}", name.text());
            findings.push(RULE.finding(name.place(), message).help("use <package>.v<version>, such as demo.v1.0.0"));
        }
    }
    let (version, release) = (csv.at("spec.version"), csv.at("spec.release"));
    let release = match release.value {
        serde_json::Value::Number(number) => number.to_string(),
        _ => release.text().to_owned(),
    };
    if release.is_empty() || context.package.is_empty() {
        return;
    }
    let wanted = format!("{}-v{}-{release}", context.package, version.text());
    if name.text() != wanted {
        let message = format!("the name {:?} must be {wanted:?}, because spec.release is set", name.text());
        findings.push(RULE.finding(name.place(), message).help("rename it, or remove spec.release"));
    }
    if let Some(substitutes) = context.csv_annotation("olm.substitutesFor") {
        let message = "the annotation olm.substitutesFor cannot be combined with spec.release";
        findings.push(RULE.finding(substitutes.place(), message).help("remove one of the two"));
    }
}
