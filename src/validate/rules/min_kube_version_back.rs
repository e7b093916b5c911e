//! Kubernetes versions that only an intermediate step needs.

use super::prelude::*;
use std::collections::{BTreeSet, HashMap};

use semver::Version;

use crate::graph::{Graph, Installed, Resolver};
use crate::version;

pub(super) static RULE: Rule = Rule {
    id: "min-kube-version-back",
    severity: Severity::Warning,
    summary: "A step of an upgrade path needs a newer Kubernetes than the version after it",
    docs: r#"
## What it does
Follows `replaces` from the head of each channel, and reports an entry that needs a newer Kubernetes (`minKubeVersion`)
than the entry that replaces it, if OLM takes users of an older entry through it and not past it by `skips` or a
`skipRange`.

A version that needs a newer Kubernetes than those before it is fine, as long as the versions after it need it too.

## Why is this bad?
On an older cluster the intermediate step is never installed: its ClusterServiceVersion stays pending. Users are stuck
there, although the version after it would run on their cluster. Either the newer version lost the minimum by mistake,
or the older one requires too much.

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
  - name: demo.v1.2.0
    replaces: demo.v1.1.0
  - name: demo.v1.1.0
    replaces: demo.v1.0.0
  - name: demo.v1.0.0
---
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle:v1.0.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
  - type: olm.csv.metadata
    value: {minKubeVersion: 1.20.0}
---
schema: olm.bundle
package: demo
name: demo.v1.1.0
image: registry.example.com/demo-bundle:v1.1.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.1.0}
  - type: olm.csv.metadata
    value: {minKubeVersion: 1.25.0}
---
schema: olm.bundle
package: demo
name: demo.v1.2.0
image: registry.example.com/demo-bundle:v1.2.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.2.0}
  - type: olm.csv.metadata
    value: {minKubeVersion: 1.20.0}
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
    replaces: demo.v1.0.0
  - name: demo.v1.0.0
---
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle:v1.0.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
  - type: olm.csv.metadata
    value: {minKubeVersion: 1.20.0}
---
schema: olm.bundle
package: demo
name: demo.v1.1.0
image: registry.example.com/demo-bundle:v1.1.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.1.0}
  - type: olm.csv.metadata
    value: {minKubeVersion: 1.25.0}
---
schema: olm.bundle
package: demo
name: demo.v1.2.0
image: registry.example.com/demo-bundle:v1.2.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.2.0}
  - type: olm.csv.metadata
    value: {minKubeVersion: 1.25.0}
```

## References
- [Building a CSV](https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/)
- [operator-lifecycle-manager: requirements.go](https://github.com/operator-framework/operator-lifecycle-manager/blob/master/pkg/controller/operators/olm/requirements.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for package in context.packages.values() {
        let needs: HashMap<&str, Version> = package
            .bundles
            .iter()
            .map(|view| (view.bundle.name.as_str(), needed(&context.objects_of(view).csv.min_kube_version)))
            .collect();
        let mut reported = BTreeSet::new();
        for view in &package.channels {
            for finding in check_channel(view, &needs) {
                if reported.insert(finding.message.clone()) {
                    findings.push(finding);
                }
            }
        }
    }
}

/// The Kubernetes version that a `minKubeVersion` requires, with or without a `v`. Missing or invalid text requires
/// nothing here.
fn needed(text: &str) -> Version {
    let version = version::parse(text.strip_prefix('v').unwrap_or(text));
    version.map_or(Version::new(0, 0, 0), |version| Version::new(version.major, version.minor, version.patch))
}

fn check_channel(view: &ChannelView<'_>, needs: &HashMap<&str, Version>) -> Vec<Finding> {
    let offered = view.graph.offered();
    let need = |node: usize| needs.get(view.graph.name(node));
    let Some(ways) = Ways::new(&view.graph, &offered) else { return Vec::new() };
    let mut findings = Vec::new();
    // From the oldest on: the entry below with the lowest requirement so far.
    let mut lowest: Option<usize> = None;
    for pair in offered.windows(2).rev() {
        let (after, step) = (pair[0], pair[1]);
        if let (Some(user), true) = (lowest, need(after) < need(step))
            && need(user) < need(step)
            && ways.stops_at(user, step)
        {
            findings.extend(finding(view, user, step, after, needs));
        }
        if lowest.is_none_or(|user| need(step) <= need(user)) {
            lowest = Some(step);
        }
    }
    findings
}

/// The entry to which OLM upgrades the users of each entry next.
struct Ways {
    next: Vec<Option<usize>>,
    /// The position of an entry among the offered ones, head first.
    rank: Vec<Option<usize>>,
}

impl Ways {
    fn new(graph: &Graph<'_>, offered: &[usize]) -> Option<Self> {
        let installed = graph.nodes().iter().map(|node| Installed {
            name: &node.entry.name,
            version: node.version.as_ref().map(|version| &version.version),
        });
        let next = Resolver::new(graph).ok()?.successors(&installed.collect::<Vec<_>>());
        let mut rank = vec![None; graph.nodes().len()];
        offered.iter().enumerate().for_each(|(place, &node)| rank[node] = Some(place));
        Some(Self { next, rank })
    }

    /// Whether users of an entry pass through a newer one on their upgrade path.
    fn stops_at(&self, user: usize, step: usize) -> bool {
        let mut at = user;
        while let Some(next) = self.next[at].filter(|&next| self.rank[next] < self.rank[at]) {
            at = next;
            if self.rank[at] <= self.rank[step] {
                break;
            }
        }
        at == step
    }
}

fn finding(
    view: &ChannelView<'_>,
    user: usize,
    step: usize,
    after: usize,
    needs: &HashMap<&str, Version>,
) -> Option<Finding> {
    let (step_name, after_name, user_name) = (view.graph.name(step), view.graph.name(after), view.graph.name(user));
    let newer = needs.get(step_name)?;
    let older = match needs.get(after_name)? {
        version if *version == Version::new(0, 0, 0) => "has no minimum".to_owned(),
        version => format!("needs only {version}"),
    };
    let message = format!(
        "{step_name:?} needs Kubernetes {newer}, but {after_name:?}, which replaces it, {older}; \
         users of {user_name:?} on an older cluster cannot get past it"
    );
    let help = format!("add {user_name:?} to the `skips` of {after_name:?}, or set its minimum to Kubernetes {newer} too");
    let place = view.node(after, "replaces");
    Some(RULE.finding(place, message).related(view.node(step, "name"), "the intermediate step").help(help))
}
