//! Images of bundles that are tagged with a different version.

use super::prelude::*;
use semver::Version;

use crate::version;

pub(super) static RULE: Rule = Rule {
    id: "bundle-image-version",
    severity: Severity::Warning,
    summary: "The tag of a bundle's image is not the bundle's version",
    docs: r#"
## What it does
Reports bundles whose `image` has a tag that is a semantic version, with or without a `v`, but not the version of the
bundle. Other tags, and images without a tag, are not checked.

## Why is this bad?
Either the catalog names the wrong image, or the image was built from the files of another version. Users who expect the
version in the tag get a different one, and it is unclear which of the two was tested.

## Example
```yaml
schema: olm.package
name: demo
defaultChannel: stable
---
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.0.0
---
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle:v1.0.1
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
```

Use instead:
```yaml
schema: olm.package
name: demo
defaultChannel: stable
---
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.0.0
---
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle:v1.0.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
```

## References
- [File-based catalogs: olm.bundle](https://olm.operatorframework.io/docs/reference/file-based-catalogs/#olmbundle)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for view in context.bundles() {
        let (Some(version), Some(tagged)) = (view.version(), tagged(&view.bundle.image)) else { continue };
        let numbers = |version: &Version| (version.major, version.minor, version.patch);
        if numbers(&tagged) != numbers(&version.version) {
            let message = format!(
                "bundle {:?} has version {}, and its image is tagged {tagged}",
                view.bundle.name, version.version
            );
            let help = "name the image of this version, or rebuild the image from the right files";
            findings.push(RULE.finding(field(&view.bundle.origin, "image"), message).help(help));
        }
    }
}

/// The version in an image's tag.
fn tagged(image: &str) -> Option<Version> {
    let named = image.split('@').next()?;
    let (_, tag) = named.rsplit('/').next()?.split_once(':')?;
    version::parse(tag.strip_prefix('v').unwrap_or(tag)).ok()
}
