//! Skip ranges that exist only in the CSV.

use super::prelude::*;
use std::collections::BTreeSet;

use super::skip_range;
use crate::version::Range;

pub(super) static RULE: Rule = Rule {
    id: "csv-skip-range",
    severity: Severity::Warning,
    summary: "The skipRange of a ClusterServiceVersion is invalid, or no channel has it",
    docs: r#"
## What it does
Reports bundles whose ClusterServiceVersion has an annotation `olm.skipRange` that is not a version range, and those
that have a range although no channel entry of the bundle has a `skipRange`. There is one finding of each kind per
package.

## Why is this bad?
With the annotation, an operator's authors say which versions can be upgraded to this one. A file-based catalog ignores
it: only the `skipRange` of channel entries counts. So the intended upgrades do not exist. An invalid range has never
worked anywhere.

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
---
schema: olm.bundle
package: demo
name: demo.v1.1.0
image: registry.example.com/demo-bundle:v1.1.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.1.0}
  - type: olm.csv.metadata
    value: {annotations: {olm.skipRange: ">=1.0.0 <1.1.0"}}
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
    skipRange: ">=1.0.0 <1.1.0"
---
schema: olm.bundle
package: demo
name: demo.v1.1.0
image: registry.example.com/demo-bundle:v1.1.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.1.0}
  - type: olm.csv.metadata
    value: {annotations: {olm.skipRange: ">=1.0.0 <1.1.0"}}
```

## References
- [Creating an update graph: skipRange](https://olm.operatorframework.io/docs/concepts/olm-architecture/operator-catalog/creating-an-update-graph/#skiprange)
- [Building a CSV](https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for package in context.packages.values() {
        let entries = package.channels.iter().flat_map(|view| &view.channel.entries);
        let with: BTreeSet<&str> =
            entries.filter(|entry| !entry.skip_range.is_empty()).map(|entry| entry.name.as_str()).collect();
        let (mut bad, mut unused) = (Vec::new(), Vec::new());
        for view in &package.bundles {
            let Some(text) = &context.objects_of(view).csv.skip_range else { continue };
            match text.parse::<Range>() {
                Err(error) => bad.push((view, text, error)),
                Ok(_) if !with.contains(view.bundle.name.as_str()) => unused.push((view, text)),
                Ok(_) => {}
            }
        }
        // One finding for all of them, at the newest bundle.
        if let Some((newest, text, error)) = bad.iter().max_by_key(|(view, ..)| view.version()) {
            let names = some(bad.iter().map(|(view, ..)| view.bundle.name.as_str()));
            let message = format!("the annotation olm.skipRange of {names} is not a version range: {error}");
            findings.push(RULE.finding(newest.name_place(), message).help(skip_range::help(text, error)));
        }
        if let Some((newest, text)) = unused.iter().max_by_key(|(view, _)| view.version()) {
            let names = some(unused.iter().map(|(view, _)| view.bundle.name.as_str()));
            let message = format!("no channel has the skipRange from the annotation of {names}: {text:?}");
            let help = "add the range to the `skipRange` of the bundle's entries: the annotation alone does nothing";
            findings.push(RULE.finding(newest.name_place(), message).help(help));
        }
    }
}
