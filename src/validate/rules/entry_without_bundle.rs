//! Entries without a bundle.

use std::collections::{BTreeMap, BTreeSet};

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "entry-without-bundle",
    severity: Severity::Error,
    summary: "A channel has an entry whose bundle is not in the catalog",
    docs: r#"
## What it does
Reports entries of channels for which the package has no `olm.bundle` blob of that name. An entry in several channels is
reported once.

Names that occur only in `replaces` and `skips` need no bundle: it may have been removed.

## Why is this bad?
There is nothing to install. opm rejects the catalog, but its message is misleading for all channels of a package except
the last.

## Example
```yaml
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.0.1
---
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle:v1.0.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
```

Use instead:
```yaml
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.0.0
---
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle:v1.0.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
```

## References
- [File-based catalogs: olm.bundle](https://olm.operatorframework.io/docs/reference/file-based-catalogs/#olmbundle)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !context.complete() {
        return;
    }
    for package in context.packages.values() {
        let bundles: BTreeSet<&str> = package.bundle_names().collect();
        let mut missing: BTreeMap<&str, Vec<(&ChannelView<'_>, usize)>> = BTreeMap::new();
        for view in &package.channels {
            for node in view.graph.nodes().iter().filter(|node| !bundles.contains(node.entry.name.as_str())) {
                missing.entry(&node.entry.name).or_default().push((view, node.position));
            }
        }
        for (name, entries) in missing {
            findings.push(finding(context, package, name, &entries));
        }
    }
}

fn finding(context: &Context<'_>, package: &PackageView<'_>, name: &str, entries: &[(&ChannelView<'_>, usize)]) -> Finding {
    let channels = list(entries.iter().map(|(view, _)| view.channel.name.as_str()));
    let noun = if entries.len() == 1 { "channel" } else { "channels" };
    let (view, position) = entries[0];
    let mut finding = RULE.finding(
        view.entry(position, "name"),
        format!("package {:?} has no bundle {name:?}, which is an entry of {noun} {channels}", package.name),
    );
    for (view, position) in entries.iter().skip(1).take(5) {
        finding = finding.related(view.entry(*position, "name"), "also an entry here");
    }
    let meant = context.did_you_mean(name, package.bundle_names());
    finding.help(meant.unwrap_or_else(|| "add its `olm.bundle` blob, or remove the entry".into()))
}
