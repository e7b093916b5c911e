//! Deprecated bundles and channels that new users get.

use super::prelude::*;
use std::collections::BTreeMap;

use crate::catalog::{Reference, schema};

pub(super) static RULE: Rule = Rule {
    id: "deprecated-head",
    severity: Severity::Warning,
    summary: "The default channel or the head of a channel is deprecated",
    docs: r#"
## What it does
Reports a deprecated default channel, and deprecated heads of channels that are not deprecated themselves. Packages
that are deprecated as a whole are not reported.

## Why is this bad?
New users get the head of the default channel. They see that it is deprecated, but OLM offers them nothing else.
Deprecate bundles older than a head, or channels other than the default one.

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
---
schema: olm.deprecations
package: demo
entries:
  - reference: {schema: olm.bundle, name: demo.v1.1.0}
    message: demo.v1.1.0 loses data.
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
---
schema: olm.deprecations
package: demo
entries:
  - reference: {schema: olm.bundle, name: demo.v1.0.0}
    message: demo.v1.0.0 loses data. Use demo.v1.1.0.
```

## References
- [File-based catalogs: olm.deprecations](https://olm.operatorframework.io/docs/reference/file-based-catalogs/#olmdeprecations)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    context.packages.values().for_each(|package| check_package(package, findings));
}

fn check_package(package: &PackageView<'_>, findings: &mut Vec<Finding>) {
    let deprecated = deprecated(package);
    if deprecated.keys().any(|(kind, _)| *kind == schema::PACKAGE) {
        return;
    }
    let default = package.default_channel().map(|view| view.channel.name.as_str());
    let mut heads: BTreeMap<&str, Vec<(&ChannelView<'_>, usize)>> = BTreeMap::new();
    for view in &package.channels {
        let name = view.channel.name.as_str();
        if let Some(place) = deprecated.get(&(schema::CHANNEL, name)) {
            if let Some(here) = package.default_place().filter(|_| default == Some(name)) {
                let message = format!("the default channel {name:?} of package {:?} is deprecated", package.name);
                let help = "make another channel the default one, or deprecate the package";
                findings.push(RULE.finding(here, message).related(place.clone(), "it is deprecated here").help(help));
            }
        } else if let [head] = view.graph.heads()[..] {
            heads.entry(view.graph.name(head)).or_default().push((view, head));
        }
    }
    for (name, channels) in heads {
        let Some(place) = deprecated.get(&(schema::BUNDLE, name)) else { continue };
        let (view, node) = channels[0];
        let names = list(channels.iter().map(|(view, _)| view.channel.name.as_str()));
        let noun = if channels.len() == 1 { "channel" } else { "channels" };
        let message = format!("the head {name:?} of {noun} {names} is deprecated");
        let help = "publish a newer version, or deprecate the channel too";
        findings.push(
            RULE.finding(view.node(node, "name"), message).related(place.clone(), "it is deprecated here").help(help),
        );
    }
}

/// The deprecated parts, by schema and name, each with the place of its deprecation.
fn deprecated<'c>(package: &PackageView<'c>) -> BTreeMap<(&'c str, &'c str), Place> {
    let mut deprecated = BTreeMap::new();
    for deprecations in &package.deprecations {
        for (i, entry) in deprecations.entries.iter().enumerate() {
            let place = deprecations.origin.place(Route::root().key("entries").index(i).key("reference"));
            let Reference { schema, name } = &entry.reference;
            deprecated.entry((schema.as_str(), name.as_str())).or_insert(place);
        }
    }
    deprecated
}
