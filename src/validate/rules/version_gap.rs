//! Versions that are missing from a channel.

use super::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

use semver::Version;

use crate::validate::names::name_version;
use crate::version::{Range, uncovered};

pub(super) static RULE: Rule = Rule {
    id: "version-gap",
    severity: Severity::Warning,
    summary: "Versions between the entries of a channel are neither skipped nor in a skipRange",
    docs: r#"
## What it does
Checks channels in which the newest entry of a minor version skips all others of it, at least two, as the template
`olm.semver` generates them. Reports such a channel if numbers between these are missing (1.0.1, 1.0.2 and 1.0.5), and
no entry skips or replaces them or has a `skipRange` that contains them.

## Why is this bad?
If one of the missing versions was ever published, its users cannot upgrade: no entry names their version. Templates
only skip the bundles in them, so removing an old bundle from the template strands its users. A `skipRange` covers all
of them.

If the missing numbers were never published, nothing is wrong, but a `skipRange` does no harm.

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
  - name: demo.v1.0.5
    skips:
      - demo.v1.0.1
      - demo.v1.0.2
  - name: demo.v1.0.1
  - name: demo.v1.0.2
---
schema: olm.bundle
package: demo
name: demo.v1.0.1
image: registry.example.com/demo-bundle:v1.0.1
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.1}
---
schema: olm.bundle
package: demo
name: demo.v1.0.2
image: registry.example.com/demo-bundle:v1.0.2
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.2}
---
schema: olm.bundle
package: demo
name: demo.v1.0.5
image: registry.example.com/demo-bundle:v1.0.5
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.5}
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
  - name: demo.v1.0.5
    skips:
      - demo.v1.0.1
      - demo.v1.0.2
    skipRange: "<1.0.5"
  - name: demo.v1.0.1
  - name: demo.v1.0.2
---
schema: olm.bundle
package: demo
name: demo.v1.0.1
image: registry.example.com/demo-bundle:v1.0.1
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.1}
---
schema: olm.bundle
package: demo
name: demo.v1.0.2
image: registry.example.com/demo-bundle:v1.0.2
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.2}
---
schema: olm.bundle
package: demo
name: demo.v1.0.5
image: registry.example.com/demo-bundle:v1.0.5
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.5}
```

## References
- [Creating an update graph: skipRange](https://olm.operatorframework.io/docs/concepts/olm-architecture/operator-catalog/creating-an-update-graph/#skiprange)
"#,
    check,
};

/// How many missing versions are shown.
const SHOWN: usize = 6;

/// How many missing versions are searched in a channel.
const LOOKED_AT: usize = 1000;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for package in context.packages.values() {
        let versions = package.bundles.iter().filter_map(|view| view.version());
        let known: BTreeSet<Version> = versions.map(|version| version.version).collect();
        findings.extend(package.channels.iter().filter_map(|view| check_channel(view, &known)));
    }
}

/// One finding per channel, at the newest entry below which something is missing. `known` are the versions of the
/// package, which other rules check.
fn check_channel(view: &ChannelView<'_>, known: &BTreeSet<Version>) -> Option<Finding> {
    let nodes = view.graph.nodes();
    let offered = view.graph.offered();
    let mut gaps = gaps(view, &offered);
    gaps.retain(|(_, version)| !known.contains(version));
    let mut sorted: Vec<&Version> = gaps.iter().map(|(_, version)| version).collect();
    sorted.sort_by(|a, b| a.cmp_precedence(b));
    // Ranges of skipped entries too: `skip-range-behind` reports it if one of these is lost.
    let ranges: Vec<Range> = nodes.iter().filter_map(|node| node.entry.skip_range.parse().ok()).collect();
    let uncovered: BTreeSet<&Version> = uncovered(&sorted, &ranges).into_iter().collect();
    let newest = gaps.iter().find(|(_, version)| uncovered.contains(version))?.0;
    let missing = gaps.iter().filter(|(node, version)| *node == newest && uncovered.contains(version));
    finding(view, newest, &missing.map(|(_, version)| version).collect::<Vec<_>>())
}

/// The versions that are missing below the newest entry of a minor version, if it skips all others of it: each with
/// that entry, the highest minor version first.
fn gaps(view: &ChannelView<'_>, offered: &[usize]) -> Vec<(usize, Version)> {
    let nodes = view.graph.nodes();
    let mut minors: BTreeMap<(u64, u64), BTreeMap<u64, usize>> = BTreeMap::new();
    for (i, node) in nodes.iter().enumerate() {
        let version = node.version.as_ref().map(|version| &version.version);
        if let Some(version) = version.filter(|version| version.pre.is_empty()) {
            minors.entry((version.major, version.minor)).or_default().insert(version.patch, i);
        }
    }
    let offered: BTreeSet<usize> = offered.iter().copied().collect();
    let named: BTreeSet<Version> = offered
        .iter()
        .flat_map(|&node| std::iter::once(&nodes[node].entry.replaces).chain(&nodes[node].entry.skips))
        .filter_map(|name| name_version(name))
        .collect();
    let mut gaps = Vec::new();
    for ((major, minor), patches) in minors.into_iter().rev() {
        let (Some((&low, _)), Some((&high, &newest))) = (patches.first_key_value(), patches.last_key_value()) else {
            continue;
        };
        let skips_all = patches.values().all(|node| *node == newest || nodes[newest].skips.binary_search(node).is_ok());
        if patches.len() < 3 || !skips_all || !offered.contains(&newest) {
            continue;
        }
        let between = (low..high).filter(|patch| !patches.contains_key(patch)).map(|patch| Version::new(major, minor, patch));
        let left = LOOKED_AT - gaps.len();
        gaps.extend(between.take(left).filter(|version| !named.contains(version)).map(|version| (newest, version)));
    }
    gaps
}

fn finding(view: &ChannelView<'_>, newest: usize, missing: &[&Version]) -> Option<Finding> {
    let shown: Vec<String> = missing.iter().take(SHOWN).map(|version| version.to_string()).collect();
    let more = match missing.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let (channel, name) = (&view.channel.name, view.graph.name(newest));
    let versions = shown.join(", ") + &more;
    let message = format!("in channel {channel:?}, {name:?} is an upgrade from the versions it skips, but not from {versions}");
    let version = view.graph.nodes()[newest].version.as_ref().map(|version| &version.version)?;
    let help = format!("if one of them was published, give {name:?} a `skipRange` such as \"<{version}\"");
    Some(RULE.finding(view.node(newest, "name"), message).help(help))
}
