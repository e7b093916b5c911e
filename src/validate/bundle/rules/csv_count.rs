//! One ClusterServiceVersion.

use super::prelude::*;
use crate::bundle::Error;

pub(super) static RULE: Rule = Rule {
    id: "csv-count",
    level: Level::Error,
    sets: &[],
    summary: "The bundle does not have exactly one ClusterServiceVersion",
    docs: r#"
## What it does
Reports a bundle with no ClusterServiceVersion, or with several.

## Why is this bad?
The ClusterServiceVersion is what OLM installs. opm rejects a bundle without one, and uses an arbitrary one of several.

## Example
`kind: ClusterServiceVersion` must be the first document of one file in `manifests/`, with an `apiVersion` of
`operators.coreos.com/v1alpha1`.

## References
- [The bundle format](https://olm.operatorframework.io/docs/tasks/creating-operator-bundle/)
- [The fields of a ClusterServiceVersion](https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for error in &context.rejected {
        match error {
            Error::NoCsv => {
                let message = "no file in manifests/ is a ClusterServiceVersion";
                let help = "add one: it describes the operator and its installation";
                findings.push(RULE.finding(Place::file(context.root), message).help(help));
            }
            Error::TwoCsvs { first, second } => {
                let message = "this is the second ClusterServiceVersion, but a bundle must have exactly one";
                let finding = RULE.finding(context.file(second), message).help("move it into a separate bundle");
                findings.push(finding.related(context.file(first), "the first one is here"));
            }
            _ => {}
        }
    }
}
