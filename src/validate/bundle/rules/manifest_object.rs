//! Manifest files that do not contain an object.

use super::prelude::*;
use crate::bundle::Error;

pub(super) static RULE: Rule = Rule {
    id: "manifest-object",
    level: Level::Error,
    sets: &[],
    summary: "A file in manifests/ is not a Kubernetes object",
    docs: r#"
## What it does
Reports files in `manifests/` whose first document is empty, is not a mapping, or has no `kind`.

## Why is this bad?
opm and OLM read the first document of each file, and skip it if it is not an object. The intended object is not
installed.

## Example
A file that starts with a comment and `---`: its first document is empty. Remove the `---`.

## References
- [The bundle format](https://olm.operatorframework.io/docs/tasks/creating-operator-bundle/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for error in &context.unread {
        let Error::NoManifest { file, reason } = error else { continue };
        let finding = RULE.finding(context.file(file), format!("this is not a manifest: {reason}"));
        findings.push(finding.help("put one Kubernetes object into the file, or remove the file"));
    }
}
