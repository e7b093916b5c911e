//! Files with several documents.

use super::prelude::*;
use crate::bundle::PassedOver;

pub(super) static RULE: Rule = Rule {
    id: "manifest-documents",
    level: Level::Warning,
    sets: &[],
    summary: "A manifest file has more documents than the one that OLM reads",
    docs: r#"
## What it does
Reports documents after the first one of a file in `manifests/`.

## Why is this bad?
opm and OLM read the first document of a file only. The other objects are never installed, and nothing says so.

## Example
A Role and its RoleBinding in one file, with `---` between them. Move the second one into a file of its own.

## References
- [The bundle format](https://olm.operatorframework.io/docs/tasks/creating-operator-bundle/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for part in &context.passed_over {
        let PassedOver::Document { file, line } = part else { continue };
        let place = Place::position(context.root.join(file), *line, 1);
        let message = "opm and OLM only read the first document of a file, so this one is not installed";
        findings.push(RULE.finding(place, message).help("move it into a file of its own"));
    }
}
