//! The folders of a bundle.

use super::prelude::*;
use crate::bundle::MANIFESTS;

pub(super) static RULE: Rule = Rule {
    id: "bundle-layout",
    level: Level::Error,
    sets: &[],
    summary: "The bundle has no manifests or metadata folder, or these have subfolders",
    docs: r#"
## What it does
Reports a bundle without `manifests/` or `metadata/`, and subfolders of these two.

## Why is this bad?
opm and OLM only read the files directly in these two folders. Files elsewhere are not installed.

## Example
`manifests/crds/widgets.yaml` belongs in `manifests/widgets.yaml`.

## References
- [The bundle format](https://olm.operatorframework.io/docs/tasks/creating-operator-bundle/)
- [opm: the validation of bundles](https://github.com/operator-framework/operator-registry/blob/master/pkg/lib/bundle/validate.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for folder in &context.layout.missing {
        let message = format!("the bundle has no folder {folder}/");
        let help = match *folder {
            MANIFESTS => "put the ClusterServiceVersion and all other manifests there",
            _ => "put an annotations.yaml there, which names the package",
        };
        findings.push(RULE.finding(Place::file(context.root), message).help(help));
    }
    for folder in &context.layout.folders {
        let place = Place::file(context.root.join(folder));
        let message = "opm and OLM do not read subfolders of manifests/ and metadata/";
        findings.push(RULE.finding(place, message).help("move its files up one folder, or remove it"));
    }
}
