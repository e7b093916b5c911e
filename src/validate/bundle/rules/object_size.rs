//! Objects that are too large for etcd.

use super::prelude::*;
use crate::bundle::MANIFESTS;

pub(super) static RULE: Rule = Rule {
    id: "object-size",
    level: Level::Both,
    sets: &[],
    summary: "A manifest is larger than the API server stores, or the whole bundle than an InstallPlan",
    docs: r#"
## What it does
Reports manifests that are over 1.5 MiB as JSON, and, as a warning, bundles whose manifests are over that together.

## Why is this bad?
etcd takes requests of up to 1.5 MiB. A larger object cannot be created. Where a catalog holds the objects of a bundle
that has no image, all of them are in one InstallPlan, which has the same limit.

## Example
One CRD with the whole PodSpec in it several times. Leave out the descriptions of embedded types.

## References
- [Kubernetes: CustomResourceDefinitions](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/)
"#,
    check,
};

/// The most bytes of a request to etcd. Source: `--max-request-bytes` of etcd.
const MOST: usize = 3 << 19;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let folder = format!("{MANIFESTS}/");
    let files = context.bundle.files.iter().filter(|(file, _)| file.starts_with(&folder));
    // JSON without blanks is hardly longer than the YAML that it is made of: what is small is not written.
    if files.map(|(_, bytes)| bytes.len()).sum::<usize>() <= MOST / 2 {
        return;
    }
    let mut all = 0;
    for object in context.objects() {
        let size = to_compact_json(object.value).len();
        all += size;
        if size > MOST {
            let message = format!("the object is {size} bytes as JSON, and etcd takes at most {MOST}");
            findings.push(RULE.finding(context.file(object.file), message).help("shorten the descriptions in it"));
        }
    }
    if all > MOST {
        let message = format!(
            "the manifests are {all} bytes as JSON: as a bundle without an image they do not fit into an InstallPlan, which has at most {MOST}"
        );
        let place = Place::file(context.root.join(MANIFESTS));
        findings.push(RULE.warning(place, message).help("install it from a bundle image, not from objects in the catalog"));
    }
}
