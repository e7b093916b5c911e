//! References of deprecations.

use super::prelude::*;
use crate::catalog::{Reference, schema};

pub(super) static RULE: Rule = Rule {
    id: "deprecation-reference",
    severity: Severity::Error,
    summary: "A deprecation refers to something that the package does not have",
    docs: r#"
## What it does
Reports entries of `olm.deprecations` blobs whose `reference` is not one of these:

- `{schema: olm.package}`, without a name: the package itself
- `{schema: olm.channel, name: …}`: a channel of the package
- `{schema: olm.bundle, name: …}`: a bundle of the package

## Why is this bad?
Nobody would see the deprecation. opm rejects the catalog.

## Example
```yaml
schema: olm.deprecations
package: demo
entries:
  - reference: {schema: olm.package, name: demo}
    message: demo is not maintained any more
```

Use instead:
```yaml
schema: olm.deprecations
package: demo
entries:
  - reference: {schema: olm.package}
    message: demo is not maintained any more
```

## References
- [operator-registry: the types of a catalog](https://github.com/operator-framework/operator-registry/blob/master/alpha/declcfg/declcfg.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for package in context.packages.values() {
        let names = Names {
            channels: package.channel_names().collect(),
            bundles: package.bundle_names().collect(),
        };
        for deprecations in &package.deprecations {
            for (i, entry) in deprecations.entries.iter().enumerate() {
                let Some((wrong, message, help)) = wrong(context, package, &names, &entry.reference) else { continue };
                let route = Route::root().key("entries").index(i).key("reference").key(wrong);
                findings.push(RULE.finding(deprecations.origin.place(route), message).help(help));
            }
        }
    }
}

/// What can be referred to.
struct Names<'c> {
    channels: std::collections::BTreeSet<&'c str>,
    bundles: std::collections::BTreeSet<&'c str>,
}

/// The wrong field, what is wrong with it, and what to do.
fn wrong(
    context: &Context<'_>,
    package: &PackageView<'_>,
    names: &Names<'_>,
    reference: &Reference,
) -> Option<(&'static str, String, String)> {
    let (of, name) = (package.name, reference.name.as_str());
    let unknown = |what: &str, known: &std::collections::BTreeSet<&str>| {
        let message = format!("package {of:?} has no {what} {name:?} that could be deprecated");
        let meant = context.did_you_mean(name, known.iter().copied());
        (!known.contains(name) && context.complete())
            .then(|| ("name", message, meant.unwrap_or_else(|| format!("name a {what} of the package, or remove the entry"))))
    };
    match reference.schema.as_str() {
        schema::PACKAGE if name.is_empty() => None,
        schema::PACKAGE => Some((
            "name",
            format!("the deprecation of package {of:?} itself must have no name, not {name:?}"),
            "remove the name from the reference".into(),
        )),
        schema::CHANNEL => unknown("channel", &names.channels),
        schema::BUNDLE => unknown("bundle", &names.bundles),
        other => {
            let known = [schema::PACKAGE, schema::CHANNEL, schema::BUNDLE];
            let message = match other {
                "" => format!("a deprecation of package {of:?} has a reference without a schema"),
                _ => format!("a deprecation of package {of:?} refers to the schema {other:?}, which cannot be deprecated"),
            };
            Some(("schema", message, format!("use {}", choice(known))))
        }
    }
}
