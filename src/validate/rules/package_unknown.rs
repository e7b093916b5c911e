//! Blobs whose package is not in the catalog.

use super::prelude::*;
use crate::catalog::Origin;

pub(super) static RULE: Rule = Rule {
    id: "package-unknown",
    severity: Severity::Error,
    summary: "A channel, bundle or deprecation names no package, or one that is not in the catalog",
    docs: r#"
## What it does
Reports packages that `olm.channel`, `olm.bundle` or `olm.deprecations` blobs name although no `olm.package` blob
defines them, each once at the first of these blobs, and blobs that name no package.

## Why is this bad?
Blobs without their package cannot be installed. opm rejects the catalog. Usually a name is misspelled, or a file is
missing.

## Example
```yaml
schema: olm.package
name: demo
defaultChannel: stable
---
schema: olm.channel
package: dmeo
name: stable
entries:
  - name: demo.v1.0.0
```

Use instead:
```yaml
schema: olm.package
name: demo
defaultChannel: stable
---
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.0.0
```

## References
- [File-based catalogs: schema](https://olm.operatorframework.io/docs/reference/file-based-catalogs/#schema)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let catalog = &context.scan.catalog;
    let channels = catalog.channels.iter().map(|channel| ("channel", &channel.package, &channel.origin));
    let bundles = catalog.bundles.iter().map(|bundle| ("bundle", &bundle.package, &bundle.origin));
    let deprecations = catalog.deprecations.iter().map(|item| ("deprecations", &item.package, &item.origin));
    for (kind, _, origin) in channels.chain(bundles).chain(deprecations).filter(|(_, name, _)| name.is_empty()) {
        findings.push(
            RULE.finding(field(origin, "package"), format!("the {kind} blob names no package"))
                .help("set `package` to the name of its `olm.package` blob"),
        );
    }
    if context.complete() {
        let (unknown, known): (Vec<_>, Vec<_>) = context.packages.values().partition(|package| package.blobs.is_empty());
        findings.extend(unknown.into_iter().map(|package| finding(context, package, &known)));
    }
}

fn finding(context: &Context<'_>, package: &PackageView<'_>, known: &[&PackageView<'_>]) -> Finding {
    let channels = package.channels.iter().map(|view| &view.channel.origin);
    let bundles = package.bundles.iter().map(|view| &view.bundle.origin);
    let deprecations = package.deprecations.iter().map(|item| &item.origin);
    let mut origins: Vec<&Origin> = channels.chain(bundles).chain(deprecations).collect();
    origins.sort_by_key(|origin| (origin.file(), origin.document()));
    let finding = RULE.finding(
        origins.first().map_or_else(|| Place::file(context.root), |origin| field(origin, "package")),
        format!("package {:?} does not exist, but {} it", package.name, named_by(origins.len())),
    );
    let meant = context.did_you_mean(package.name, known.iter().map(|package| package.name));
    finding.help(meant.unwrap_or_else(|| "add its `olm.package` blob".into()))
}

fn named_by(number: usize) -> String {
    if number == 1 { "this blob names".into() } else { format!("this blob and {} more name", number - 1) }
}
