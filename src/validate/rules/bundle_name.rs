//! Names of bundles.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "bundle-name",
    severity: Severity::Error,
    summary: "A bundle or entry has no name, or a bundle with a release is not named after it",
    docs: r#"
## What it does
Reports `olm.bundle` blobs and entries of channels without a `name`. A bundle whose `olm.package` property has a
`release` must be named `<package>-v<version>-<release>`; any other name is reported.

## Why is this bad?
Channel entries, `replaces` and `skips` refer to a bundle by its name. opm rejects the catalog.

## Example
```yaml
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle:v1.0.0-2
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0, release: "2"}
```

Use instead:
```yaml
schema: olm.bundle
package: demo
name: demo-v1.0.0-2
image: registry.example.com/demo-bundle:v1.0.0-2
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0, release: "2"}
```

## References
- [File-based catalogs: olm.bundle](https://olm.operatorframework.io/docs/reference/file-based-catalogs/#olmbundle)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for view in context.bundles() {
        let (name, package) = (&view.bundle.name, &view.bundle.package);
        if name.is_empty() {
            findings.push(
                RULE.finding(view.name_place(), format!("a bundle of package {package:?} has no name"))
                    .help("give it the name of its ClusterServiceVersion"),
            );
        }
        let Some(version) = view.version().filter(|version| !version.release.is_empty()) else { continue };
        let wanted = format!("{package}-v{version}");
        if *name != wanted {
            findings.push(
                RULE.finding(
                    view.name_place(),
                    format!("bundle {name:?} has release {}, so its name must be {wanted:?}", version.release),
                )
                .help("rename it here and in its channel entries, or remove the release"),
            );
        }
    }
    for view in context.channels() {
        for (i, _) in view.channel.entries.iter().enumerate().filter(|(_, entry)| entry.name.is_empty()) {
            findings.push(
                RULE.finding(view.entry(i, "name"), format!("an entry of channel {:?} has no name", view.channel.name))
                    .help("set `name` to the name of a bundle"),
            );
        }
    }
}
