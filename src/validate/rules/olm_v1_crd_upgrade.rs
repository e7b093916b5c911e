//! Upgrades that OLM v1 blocks because of their CustomResourceDefinitions.

use super::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::catalog::schema;
use crate::crd::{Crd, crdify};
use crate::list::{bundles, deprecations};
use crate::safety::{Edge, Known, edges};
use crate::validate::upgrades;

pub(super) static RULE: Rule = Rule {
    id: "olm-v1-crd-upgrade",
    severity: Severity::Warning,
    summary: "OLM v1's check of CRD upgrade safety blocks the upgrade that it chooses",
    docs: r#"
## What it does
Reports the upgrades that OLM v1 chooses and then blocks: of all entries in all channels that replace or skip a
bundle, or have a `skipRange` with its version, OLM v1 takes the highest version that is not deprecated, and holds its
CustomResourceDefinitions against the old ones as crdify does. It looks at bundles whose manifests are in the catalog or
in the bundle folders beside it, and runs with `--target olm-v1`.

## Why is this bad?
The ClusterExtension stays at the old version. Whoever wants the upgrade must turn off the check
(`spec.install.preflight.crdUpgradeSafety.enforcement: None`), and then nothing protects the resources.

The check is strict: it blocks removed fields, new required ones, other types, defaults, patterns and tighter bounds,
and also changes that it has no opinion on, such as another `format` or `title`. In a schema under
`additionalProperties` it blocks every change.

## Example
```yaml
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: demos.example.com}
spec:
  versions:
    - name: v1
      schema:
        openAPIV3Schema:
          properties:
            spec: {required: [size]}
```

Use instead:
```yaml
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: demos.example.com}
spec:
  versions:
    - name: v1
      schema:
        openAPIV3Schema:
          properties:
            spec: {}
```

## References
- [CRD upgrade safety](https://github.com/operator-framework/operator-controller/blob/main/docs/concepts/crd-upgrade-safety.md)
- [operator-controller: crdupgradesafety.go](https://github.com/operator-framework/operator-controller/blob/v1.11.0/internal/operator-controller/rukpak/preflights/crdupgradesafety/crdupgradesafety.go)
- [crdify](https://github.com/kubernetes-sigs/crdify)
"#,
    check,
};

/// How many of the changes that block an upgrade are told.
const TOLD: usize = 3;

/// How many characters of a change are told.
const LONGEST: usize = 120;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for package in context.packages.values() {
        // That there are too many edges is told by the rules of upgrade safety.
        let Ok(edges) = edges(package) else { continue };
        let mut definitions = Definitions::of(context, package);
        for edge in chosen(package, &edges) {
            let blocks = definitions.blocks(edge.from, edge.to);
            findings.extend(finding(package, edge, &blocks));
        }
    }
}

/// Of each bundle, the upgrade that OLM v1 chooses, as `Resolve` in operator-controller's `resolve/catalog.go`.
fn chosen<'e, 'c>(package: &PackageView<'c>, edges: &'e [Edge<'c>]) -> Vec<&'e Edge<'c>> {
    let bundles = bundles(package);
    let deprecations = deprecations(package);
    let version = |name: &str| bundles.get(name).and_then(|view| view.version());
    let rank = |edge: &Edge<'_>| (!deprecations.contains_key(&(schema::BUNDLE, edge.to)), version(edge.to));
    let mut best: BTreeMap<&str, &Edge<'c>> = BTreeMap::new();
    for edge in edges {
        // A version is also a candidate for itself, so that nothing lower is chosen.
        if version(edge.from) >= version(edge.to) {
            continue;
        }
        let chosen = best.entry(edge.from).or_insert(edge);
        if rank(edge) > rank(chosen) {
            *chosen = edge;
        }
    }
    best.into_values().collect()
}

/// The CustomResourceDefinitions of a package's bundles with their texts, read when they are asked for: from the
/// catalog, or else from the bundles' folders.
struct Definitions<'v, 'c> {
    known: &'v Known,
    package: &'c str,
    bundles: HashMap<&'c str, &'v BundleView<'c>>,
    read: HashMap<String, BTreeMap<String, Arc<Crd>>>,
}

impl<'v, 'c> Definitions<'v, 'c> {
    fn of(context: &'v Context<'c>, package: &'v PackageView<'c>) -> Self {
        Self { known: context.known(), package: package.name, bundles: bundles(package), read: HashMap::new() }
    }

    fn read(&mut self, name: &str) {
        if self.read.contains_key(name) {
            return;
        }
        let objects = self.bundles.get(name).into_iter().flat_map(|view| view.bundle.objects());
        let crds = objects.filter_map(|object| {
            let object = object.ok().filter(|object| object["kind"] == "CustomResourceDefinition")?;
            let crd = Crd::from_manifest(object).ok()?;
            Some((crd.name.clone(), Arc::new(crd)))
        });
        let mut crds: BTreeMap<String, Arc<Crd>> = crds.collect();
        if let Some(facts) = self.known.find(self.package, name).filter(|_| crds.is_empty()) {
            let with_texts = facts.definitions.iter().map(|(name, definition)| {
                (name.clone(), Arc::clone(definition.with_texts.as_ref().unwrap_or(&definition.crd)))
            });
            crds.extend(with_texts);
        }
        self.read.insert(name.to_owned(), crds);
    }

    /// What blocks an upgrade, with the definitions' names.
    fn blocks(&mut self, from: &str, to: &str) -> Vec<(String, crdify::Block)> {
        self.read(from);
        self.read(to);
        let (Some(old), Some(new)) = (self.read.get(from), self.read.get(to)) else { return Vec::new() };
        let both = new.iter().filter_map(|(name, new)| Some((name, old.get(name)?, new)));
        let blocks = both.flat_map(|(name, old, new)| {
            crdify::blocks(old, new).into_iter().map(move |block| (name.clone(), block))
        });
        blocks.collect()
    }
}

/// What differs; of whole schemas only that they do.
fn short(what: &str) -> String {
    match what.split_once(' ') {
        Some((keyword, _)) if what.chars().count() > LONGEST => format!("{keyword} differs"),
        _ => what.to_owned(),
    }
}

fn finding(package: &PackageView<'_>, edge: &Edge<'_>, blocks: &[(String, crdify::Block)]) -> Option<Finding> {
    let told = |(name, block): &(String, crdify::Block)| {
        let at = [name.as_str(), block.version.as_str(), block.field.as_str()];
        let at = at.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        format!("{at}: {}", short(&block.what))
    };
    let mut all: Vec<String> = blocks.iter().take(TOLD).map(told).collect();
    match blocks.len() {
        0 => return None,
        count if count > TOLD => all.push(format!("{} more", count - TOLD)),
        _ => {}
    }
    let message =
        format!("OLM v1 blocks the upgrade of {:?} to {:?}, which it chooses: {}", edge.from, edge.to, all.join("; "));
    let help = "keep what the old definition has, or tell users to set crdUpgradeSafety.enforcement to None for this upgrade";
    Some(RULE.finding(upgrades::place(package, edge), message).help(help))
}
