//! Files of manifests that hold none.

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
opm and OLM read the first document of each file, and pass over one that is not an object. What the file was for is
not installed.

## Example
A file that begins with a comment and then `---`: its first document is empty. Remove the `---`.

## References
- [The bundle format](https://olm.operatorframework.io/docs/tasks/creating-operator-bundle/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for error in &context.unread {
        let Error::NoManifest { file, reason } = error else { continue };
        let finding = RULE.finding(context.file(file), format!("this is not a manifest: {reason}"));
        findings.push(finding.help("let the file hold one Kubernetes object, or remove it"));
    }
}
