//! Dependencies on other operators.

use super::prelude::*;
use crate::validate::rules::skip_range_help;
use crate::version::Range;

pub(super) static RULE: Rule = Rule {
    id: "bundle-dependencies",
    level: Level::Error,
    sets: &[],
    summary: "An entry of metadata/dependencies.yaml is not valid",
    docs: r#"
## What it does
Reports dependencies of an unknown type, and those without a required part: group, version and kind of an API; name and
version range of a package; the label; the rule of a constraint.

## Why is this bad?
opm rejects the bundle, or OLM cannot resolve the dependency: nothing in the namespace is installed or upgraded any
more.

## Example
```yaml
dependencies:
- type: olm.package
  value:
    packageName: database
    version: ">=v2"
```

Use instead:
```yaml
dependencies:
- type: olm.package
  value:
    packageName: database
    version: ">=2.0.0"
```

## References
- [Dependency resolution](https://olm.operatorframework.io/docs/concepts/olm-architecture/dependency-resolution/)
- [opm: the validation of bundles](https://github.com/operator-framework/operator-registry/blob/master/pkg/lib/bundle/validate.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for dependency in context.metadata_list("dependencies") {
        let (kind, value) = (dependency.get("type"), dependency.get("value"));
        let mut missing = |field: &str| {
            let found = value.get(field);
            if found.text().is_empty() {
                let message = format!("the dependency of type {} has no {field}", kind.text());
                findings.push(RULE.finding(found.place(), message).help(format!("add `{field}`, as text")));
            }
        };
        match kind.text() {
            "olm.gvk" => ["group", "version", "kind"].into_iter().for_each(missing),
            "olm.label" => missing("label"),
            "olm.package" => {
                ["packageName", "version"].into_iter().for_each(missing);
                range(&value.get("version"), findings);
            }
            "olm.constraint" => constraint(&value, findings),
            // `field-type` reports it if it is missing.
            "" => {}
            other => {
                let message = format!("{other:?} is not a type of dependency");
                let help = "use olm.package, olm.gvk, olm.label or olm.constraint";
                findings.push(RULE.finding(kind.place(), message).help(help));
            }
        }
    }
}

fn range(version: &Node<'_>, findings: &mut Vec<Finding>) {
    let text = version.text();
    if let (false, Err(error)) = (text.is_empty(), text.parse::<Range>()) {
        let message = format!("the version range of the required package is not valid: {error}");
        findings.push(RULE.finding(version.place(), message).help(skip_range_help(text, &error)));
    }
}

/// A constraint has one condition, or combines others.
fn constraint(value: &Node<'_>, findings: &mut Vec<Finding>) {
    const PARTS: [&str; 6] = ["all", "any", "cel", "gvk", "not", "package"];
    if !PARTS.iter().any(|part| !value.get(part).is_null()) {
        let message = "the constraint is empty";
        findings.push(RULE.finding(value.place(), message).help(format!("add one of {}", PARTS.join(", "))));
    }
    let rule = value.at("cel.rule");
    if !value.get("cel").is_null() && rule.text().is_empty() {
        let message = "the constraint has no CEL rule";
        findings.push(RULE.finding(rule.place(), message).help("add the expression as `cel.rule`"));
    }
    range(&value.at("package.versionRange"), findings);
}
