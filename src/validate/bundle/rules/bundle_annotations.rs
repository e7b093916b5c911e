//! The annotations in the bundle's metadata.

use super::prelude::*;
use crate::bundle::annotation::{CHANNELS, DEFAULT_CHANNEL, PACKAGE};
use crate::bundle::{MANIFESTS, METADATA};

pub(super) static RULE: Rule = Rule {
    id: "bundle-annotations",
    level: Level::Both,
    sets: &[],
    summary: "metadata/annotations.yaml lacks an annotation, or has a wrong value",
    docs: r#"
## What it does
Reports missing and wrong annotations of the bundle: media type, the folders of manifests and metadata, package,
channels, default channel.

## Why is this bad?
The bundle's image has them as labels. opm rejects a bundle without media type, folders or package. Channels are for
SQLite catalogs and for release pipelines; a file-based catalog defines its channels itself, so missing channels are a
warning.

## Example
```yaml
annotations:
  operators.operatorframework.io.bundle.mediatype.v1: registry
```

Use instead:
```yaml
annotations:
  operators.operatorframework.io.bundle.mediatype.v1: registry+v1
```

## References
- [The bundle format](https://olm.operatorframework.io/docs/tasks/creating-operator-bundle/)
- [opm: the validation of bundles](https://github.com/operator-framework/operator-registry/blob/master/pkg/lib/bundle/validate.go)
"#,
    check,
};

const MEDIA_TYPE: &str = "operators.operatorframework.io.bundle.mediatype.v1";
const MANIFESTS_FOLDER: &str = "operators.operatorframework.io.bundle.manifests.v1";
const METADATA_FOLDER: &str = "operators.operatorframework.io.bundle.metadata.v1";

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(annotations) = context.annotations() else {
        if !context.layout.missing.contains(&METADATA) && context.unread.is_empty() {
            let message = "no file in metadata/ has the bundle's annotations";
            let place = Place::file(context.root.join(METADATA));
            findings.push(RULE.finding(place, message).help("add an annotations.yaml with a mapping `annotations`"));
        }
        return;
    };
    let folder = |name: &str| format!("{name}/");
    for (name, wanted) in [
        (MEDIA_TYPE, "registry+v1".to_owned()),
        (MANIFESTS_FOLDER, folder(MANIFESTS)),
        (METADATA_FOLDER, folder(METADATA)),
    ] {
        let found = annotations.entry(name);
        let same = found.text() == wanted || found.text() == wanted.trim_end_matches('/');
        if !same {
            let message = if found.is_null() {
                format!("the annotation {name} is missing")
            } else {
                format!("the annotation {name} must be {wanted:?}, not {:?}", found.text())
            };
            findings.push(RULE.finding(found.place(), message).help(format!("write {name}: {wanted}")));
        }
    }
    let package = annotations.entry(PACKAGE);
    if package.text().is_empty() {
        let message = format!("the annotation {PACKAGE} is missing; it must name the package");
        findings.push(RULE.finding(package.place(), message).help("set it to the name of the operator's package"));
    }
    let channels = annotations.entry(CHANNELS);
    if channels.text().is_empty() {
        let message = format!("the annotation {CHANNELS} is missing or empty");
        findings.push(RULE.warning(channels.place(), message).help("name the channels, separated by commas"));
    }
    let default = annotations.entry(DEFAULT_CHANNEL);
    if annotations.value.get(DEFAULT_CHANNEL).is_some() && default.text().is_empty() {
        let message = format!("the annotation {DEFAULT_CHANNEL} is empty");
        findings.push(RULE.finding(default.place(), message).help("name a channel, or remove the annotation"));
    }
}
