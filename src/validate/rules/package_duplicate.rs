//! Packages that are defined twice.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "package-duplicate",
    severity: Severity::Error,
    summary: "Two olm.package blobs have the same name",
    docs: r#"
## What it does
Reports each `olm.package` blob with the same name as an earlier one.

## Why is this bad?
It would be undefined which default channel, icon and description the package has. opm rejects the catalog. This happens
when a package is in the catalog twice, as `catalog.yaml` and `catalog.json`, or in two folders.

## Example
```yaml
schema: olm.package
name: demo
defaultChannel: stable
---
schema: olm.package
name: demo
defaultChannel: fast
```

Use instead:
```yaml
schema: olm.package
name: demo
defaultChannel: stable
```

## References
- [File-based catalogs: olm.package](https://olm.operatorframework.io/docs/reference/file-based-catalogs/#olmpackage)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for package in context.packages.values() {
        for (again, first) in duplicates(package.blobs.iter().copied(), |_| ()) {
            findings.push(
                RULE.finding(field(&again.origin, "name"), format!("package {:?} is defined twice", package.name))
                    .related(field(&first.origin, "name"), "first defined here")
                    .help("remove one of them"),
            );
        }
    }
}
