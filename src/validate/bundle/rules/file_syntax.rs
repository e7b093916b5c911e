//! Files that are neither YAML nor JSON.

use super::prelude::*;
use crate::bundle::Error;

pub(super) static RULE: Rule = Rule {
    id: "file-syntax",
    level: Level::Error,
    sets: &[],
    summary: "A manifest or metadata file is neither YAML nor JSON",
    docs: r#"
## What it does
Reports files of the bundle that are not UTF-8 text, or not valid YAML or JSON.

## Why is this bad?
opm skips a manifest that it cannot read: the object is missing from the cluster, and nothing reports it.

## Example
Indentation by a tab, a missing closing quote, or a key without a colon. A YAML parser reports the line.

## References
- [The bundle format](https://olm.operatorframework.io/docs/tasks/creating-operator-bundle/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for error in &context.unread {
        match error {
            Error::Syntax { file, at } => {
                let place = Place::position(context.root.join(file), at.line, at.column);
                findings.push(RULE.finding(place, at.message.clone()).help("correct the line: opm skips the whole file"));
            }
            Error::NotText { file } => {
                let message = "the file is not UTF-8 text";
                findings.push(RULE.finding(context.file(file), message).help("save it as UTF-8"));
            }
            _ => {}
        }
    }
}
