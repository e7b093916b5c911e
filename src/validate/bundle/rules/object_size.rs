//! Objects that are too large for etcd.

use super::prelude::*;
use crate::bundle::MANIFESTS;

pub(super) static RULE: Rule = Rule {
    id: "object-size",
    level: Level::Both,
    sets: &[],
    summary: "A manifest is too large for the API server, or the bundle is too large for an InstallPlan",
    docs: r#"
## What it does
Reports manifests over 1.5 MiB as JSON, and, as a warning, bundles whose manifests exceed that in total.

## Why is this bad?
etcd accepts requests of up to 1.5 MiB. A larger object cannot be created. If a catalog contains the objects of a bundle
without an image, all of them are in one InstallPlan, which has the same limit.

## Example
A CRD that contains the whole PodSpec several times. Omit the descriptions of embedded types.

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
    // Compact JSON is hardly longer than the YAML it comes from: small files are not converted.
    if files.map(|(_, bytes)| bytes.len()).sum::<usize>() <= MOST / 2 {
        return;
    }
    let mut all = 0;
    for object in context.objects() {
        let size = to_compact_json(object.value).len();
        all += size;
        if size > MOST {
            let message = format!("the object has {size} bytes as JSON, but etcd accepts at most {MOST}");
            findings.push(RULE.finding(context.file(object.file), message).help("shorten the descriptions in it"));
        }
    }
    if all > MOST {
        let message = format!(
            "the manifests have {all} bytes as JSON: in a bundle without an image they exceed the {MOST} bytes of an InstallPlan"
        );
        let place = Place::file(context.root.join(MANIFESTS));
        findings.push(RULE.warning(place, message).help("install it from a bundle image, not from objects in the catalog"));
    }
}
