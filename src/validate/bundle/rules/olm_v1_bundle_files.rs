//! Files that OLM v1 does not find.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "olm-v1-bundle-files",
    level: Level::Warning,
    sets: &[],
    summary: "The bundle's annotations are not in metadata/annotations.yaml, the only file OLM v1 reads",
    docs: r#"
## What it does
Reports a bundle without a file `metadata/annotations.yaml`. Runs with `--target olm-v1`.

## Why is this bad?
opm and OLM v0 read the annotations from any YAML file in the folder `metadata`. OLM v1 only reads this one, and rejects
a bundle without it.

## Example
The annotations are in `metadata/bundle.yaml`. Name the file `metadata/annotations.yaml`.

## References
- [operator-controller: source.go](https://github.com/operator-framework/operator-controller/blob/v1.11.0/internal/operator-controller/rukpak/bundle/source/source.go)
"#,
    check,
};

/// The file that operator-controller reads.
const ANNOTATIONS: &str = "metadata/annotations.yaml";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    // A rule of its own reports that there is no metadata at all.
    let Some((file, _)) = context.metadata.first().filter(|_| !context.bundle.files.contains_key(ANNOTATIONS)) else {
        return;
    };
    let message = format!("OLM v1 does not install the bundle: it has no {ANNOTATIONS}");
    findings.push(RULE.finding(context.file(file), message).help(format!("rename the file to {ANNOTATIONS}")));
}
