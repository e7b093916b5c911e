//! Bundles that are too large for an InstallPlan.

use super::prelude::*;
use std::collections::HashMap;

use semver::Version;

use crate::validate::dependencies::{Requirement, requirements};
use crate::version::Range;

pub(super) static RULE: Rule = Rule {
    id: "install-plan-size",
    severity: Severity::Warning,
    summary: "The objects of a bundle and its dependencies are too large for an InstallPlan",
    docs: r#"
## What it does
Adds up the objects of bundles without an image, each as JSON text, as an InstallPlan holds them. Reports bundles that
exceed 1.5 MiB, and heads of default channels that exceed it together with the newest versions of the packages that they
require. There is one finding per package.

## Why is this bad?
OLM puts the objects of all bundles that it installs together into one InstallPlan, and etcd rejects requests over 1.5
MiB. The InstallPlan cannot be written, so the bundle can never be installed. If the bundle has an image, OLM unpacks it
into a ConfigMap, and the InstallPlan only refers to that.

## Example
```yaml
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: ""
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
  - type: olm.bundle.object
    value: {data: …}   # more than 1.5 MiB in all of them
```

Use instead:
```yaml
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle:v1.0.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
```

## References
- [etcd: request size limit](https://etcd.io/docs/latest/dev-guide/limit/#request-size-limit)
- [File-based catalogs: olm.bundle](https://olm.operatorframework.io/docs/reference/file-based-catalogs/#olmbundle)
"#,
    check,
};

/// The largest request that etcd accepts by default (`--max-request-bytes`).
const LIMIT: usize = 3 << 19;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let size = |view: &BundleView<'_>| context.objects_of(view).quoted_bytes;
    let mut newest = Newest::default();
    for package in context.packages.values() {
        let large: Vec<&BundleView<'_>> = package.bundles.iter().filter(|view| size(view) > LIMIT).collect();
        if let Some(first) = large.first() {
            let names = some(large.iter().map(|view| view.bundle.name.as_str()));
            let message = format!("the objects of {names} are too large for an InstallPlan: {} KiB", size(first) >> 10);
            findings.push(finding(first, message));
        } else if let Some(head) = head(package) {
            let required = newest.required(context, head);
            let together = size(head) + required.iter().map(|view| size(view)).sum::<usize>();
            if size(head) > 0 && together > LIMIT {
                let names = some(required.iter().map(|view| view.bundle.name.as_str()));
                let message = format!(
                    "the objects of {:?} and its dependencies {names} are together too large for an InstallPlan: {} KiB",
                    head.bundle.name,
                    together >> 10
                );
                findings.push(finding(head, message));
            }
        }
    }
}

fn finding(view: &BundleView<'_>, message: String) -> Finding {
    let help = "etcd accepts at most 1536 KiB: give the bundle an image, which OLM unpacks, instead of its objects";
    RULE.finding(view.name_place(), message).help(help)
}

/// The bundle that is the head of the default channel.
fn head<'p, 'c>(package: &'p PackageView<'c>) -> Option<&'p BundleView<'c>> {
    let graph = &package.default_channel()?.graph;
    let name = graph.name(*graph.offered().first()?);
    package.bundles.iter().find(|view| view.bundle.name == name)
}

/// The bundles of each package that some head requires, sorted by version.
#[derive(Default)]
struct Newest<'x, 'c>(HashMap<&'c str, (Vec<Version>, Vec<&'x BundleView<'c>>)>);

impl<'x, 'c> Newest<'x, 'c> {
    /// The newest bundles of the packages that a bundle requires directly.
    fn required(&mut self, context: &'x Context<'c>, view: &BundleView<'c>) -> Vec<&'x BundleView<'c>> {
        let mut required = Vec::new();
        for (_, requirement) in requirements(view) {
            let Requirement::Package(name, range) = requirement else { continue };
            let (Some(package), Ok(range)) = (context.packages.get(name), range.parse::<Range>()) else { continue };
            let (versions, bundles) = self.0.entry(name).or_insert_with(|| sorted(package));
            let newest = range.spans(versions).into_iter().map(|span| span.end).max();
            required.extend(newest.map(|end| bundles[end - 1]).filter(|bundle| bundle.number != view.number));
        }
        required.sort_by_key(|bundle| bundle.number);
        required.dedup_by_key(|bundle| bundle.number);
        required
    }
}

fn sorted<'x, 'c>(package: &'x PackageView<'c>) -> (Vec<Version>, Vec<&'x BundleView<'c>>) {
    let mut all: Vec<_> = package.bundles.iter().filter_map(|view| Some((view.version()?, view))).collect();
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    all.into_iter().map(|(version, view)| (version.version, view)).unzip()
}
