//! Names in `replaces` and `skips` that never belonged to a bundle.

use super::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

use crate::validate::names::name_version;

pub(super) static RULE: Rule = Rule {
    id: "edge-unknown",
    severity: Severity::Warning,
    summary: "An entry replaces or skips a name that is probably wrong",
    docs: r#"
## What it does
Reports names in `replaces` and `skips` that are not those of bundles of the package, if one of these is true:

- a bundle of the package has nearly the same name, so this one is probably misspelled;
- the name does not end in a version as the entry's name does: `1.0.0` or `demo` instead of `demo.v1.0.0`.

Any other unknown name is fine: catalogs omit old bundles, and entries must still name them for users who have them
installed.

## Why is this bad?
OLM compares whole names. The intended bundle has no upgrade, and opm does not report it, because the name could belong
to a bundle that was removed.

## Example
```yaml
schema: olm.package
name: demo
defaultChannel: stable
---
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.1.0
    replaces: demo.v1.0.0
    skips:
      - 0.9.0
  - name: demo.v1.0.0
---
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle:v1.0.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
---
schema: olm.bundle
package: demo
name: demo.v1.1.0
image: registry.example.com/demo-bundle:v1.1.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.1.0}
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
  - name: demo.v1.1.0
    replaces: demo.v1.0.0
    skips:
      - demo.v0.9.0
  - name: demo.v1.0.0
---
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle:v1.0.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
---
schema: olm.bundle
package: demo
name: demo.v1.1.0
image: registry.example.com/demo-bundle:v1.1.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.1.0}
```

## References
- [Creating an update graph](https://olm.operatorframework.io/docs/concepts/olm-architecture/operator-catalog/creating-an-update-graph/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if !context.complete() {
        return;
    }
    for package in context.packages.values() {
        let names: BTreeSet<&str> = package.bundle_names().collect();
        let mut wrong: BTreeMap<&str, (String, Vec<Place>)> = BTreeMap::new();
        for view in &package.channels {
            let entries: BTreeSet<&str> = view.channel.entries.iter().map(|entry| entry.name.as_str()).collect();
            for (i, entry) in view.channel.entries.iter().enumerate() {
                let unknown = |name: &str| !name.is_empty() && !names.contains(name) && !entries.contains(name);
                for (name, item) in view.named(i).filter(|(name, _)| unknown(name)) {
                    if let Some((_, places)) = wrong.get_mut(name) {
                        places.push(view.edge(i, item));
                    } else if let Some(help) = help(context, &names, &entry.name, name) {
                        wrong.insert(name, (help, vec![view.edge(i, item)]));
                    }
                }
            }
        }
        findings.extend(wrong.into_iter().filter_map(|(name, (help, places))| finding(package.name, name, help, places)));
    }
}

/// The name that was probably meant, if the name is wrong.
fn help(context: &Context<'_>, names: &BTreeSet<&str>, entry: &str, name: &str) -> Option<String> {
    if let Some(meant) = context.did_you_mean(name, names.iter().copied()) {
        return Some(meant);
    }
    let (stem, _) = entry.split_once(".v").filter(|_| name_version(entry).is_some())?;
    // Some bundles were published with an incomplete version, such as `demo.v1`.
    let numbered = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    let likely = name_version(name).is_some() || name.strip_prefix(stem).and_then(|rest| rest.strip_prefix(".v")).is_some_and(numbered);
    (!likely).then(|| format!("write the full name of a bundle, such as {entry:?}"))
}

/// One finding per name, however often it occurs.
fn finding(package: &str, name: &str, help: String, places: Vec<Place>) -> Option<Finding> {
    let mut places = places.into_iter();
    let message = format!("{name:?} is not a bundle of package {package:?}; it is probably misspelled");
    let finding = RULE.finding(places.next()?, message);
    Some(places.take(3).fold(finding, |finding, place| finding.related(place, "and here")).help(help))
}
