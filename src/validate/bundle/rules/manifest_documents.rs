//! Files with several documents.

use super::prelude::*;
use crate::bundle::PassedOver;

pub(super) static RULE: Rule = Rule {
    id: "manifest-documents",
    level: Level::Warning,
    sets: &[],
    summary: "A manifest file has several documents, but OLM reads only the first",
    docs: r#"
## What it does
Reports documents after the first one of a file in `manifests/`.

## Why is this bad?
opm and OLM only read the first document of a file. The other objects are never installed, and nothing reports it.

## Example
A Role and its RoleBinding in one file, with `---` between them. Move the second one into its own file.

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
        findings.push(RULE.finding(place, message).help("move it into its own file"));
    }
}
