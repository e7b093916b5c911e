//! Upgrades to lower versions.

use super::prelude::*;
use std::collections::{BTreeMap, HashMap};

use crate::validate::names::name_version;
use crate::version::VersionRelease;

pub(super) static RULE: Rule = Rule {
    id: "edge-downgrade",
    severity: Severity::Warning,
    summary: "An entry replaces or skips a newer version",
    docs: r#"
## What it does
Reports entries whose `replaces` or `skips` name a bundle with a higher version than their own. If the catalog does not
have that bundle, its version is taken from its name, as in `demo.v1.2.0`, provided that both names have the same
prefix.

Versions are compared as OLM compares them: build metadata is ignored. A `skipRange` that contains newer versions is
reported by `skip-range-includes`.

## Why is this bad?
OLM treats this like any other upgrade: it replaces the newer version with the older one. Few operators can read data
that a newer version of themselves has written, and resources of a newer API version are lost. To withdraw a bad
version, publish its predecessor again under a higher version.

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
    replaces: demo.v1.2.0
  - name: demo.v1.2.0
---
schema: olm.bundle
package: demo
name: demo.v1.1.0
image: registry.example.com/demo-bundle:v1.1.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.1.0}
---
schema: olm.bundle
package: demo
name: demo.v1.2.0
image: registry.example.com/demo-bundle:v1.2.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.2.0}
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
  - name: demo.v1.2.0
    replaces: demo.v1.1.0
  - name: demo.v1.1.0
---
schema: olm.bundle
package: demo
name: demo.v1.1.0
image: registry.example.com/demo-bundle:v1.1.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.1.0}
---
schema: olm.bundle
package: demo
name: demo.v1.2.0
image: registry.example.com/demo-bundle:v1.2.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.2.0}
```

## References
- [Creating an update graph](https://olm.operatorframework.io/docs/concepts/olm-architecture/operator-catalog/creating-an-update-graph/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for package in context.packages.values().filter(|package| package.is_sound()) {
        let versions: HashMap<&str, VersionRelease> =
            package.bundles.iter().rev().filter_map(|view| Some((view.bundle.name.as_str(), view.version()?))).collect();
        let mut downgrades: BTreeMap<(&str, &str), Vec<Place>> = BTreeMap::new();
        for view in &package.channels {
            for (i, entry) in view.channel.entries.iter().enumerate() {
                let Some(own) = versions.get(entry.name.as_str()) else { continue };
                for (name, item) in view.named(i) {
                    let named = || name_version(name).filter(|_| stem(name) == stem(&entry.name)).map(VersionRelease::from);
                    let other = versions.get(name).cloned().or_else(named);
                    if other.is_some_and(|other| other > *own) {
                        downgrades.entry((&entry.name, name)).or_default().push(view.edge(i, item));
                    }
                }
            }
        }
        findings.extend(downgrades.into_iter().filter_map(|((to, from), places)| finding(to, from, places)));
    }
}

/// The part of a name before the version: after a renaming, an operator can start again at a lower version.
fn stem(name: &str) -> &str {
    name.split_once(".v").map_or(name, |(stem, _)| stem)
}

/// One finding per edge, even if it is in several channels.
fn finding(to: &str, from: &str, places: Vec<Place>) -> Option<Finding> {
    let mut places = places.into_iter();
    let message = format!("{to:?} is offered as an upgrade from {from:?}, which is newer");
    let finding = RULE.finding(places.next()?, message);
    let finding = places.take(3).fold(finding, |finding, place| finding.related(place, "and here"));
    Some(finding.help(format!("remove {from:?} from here; to withdraw it, publish an entry with a higher version that skips it")))
}
