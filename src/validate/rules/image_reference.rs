//! References of images.

use super::prelude::*;
use crate::reference::Reference;

pub(super) static RULE: Rule = Rule {
    id: "image-reference",
    severity: Severity::Error,
    summary: "The image of a bundle, or a related image, is not an image reference",
    docs: r#"
## What it does
Reports `image`s of `olm.bundle` blobs, and of their `relatedImages`, that are not image references:
`[registry[:port]/]repository[:tag][@digest]`, with the repository in lower case.

## Why is this bad?
No registry can have such an image. opm rejects the catalog.

## Example
```yaml
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: https://registry.example.com/Demo-Bundle:v1.0.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
```

Use instead:
```yaml
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle:v1.0.0
properties:
  - type: olm.package
    value: {packageName: demo, version: 1.0.0}
```

## References
- [distribution/reference](https://pkg.go.dev/github.com/distribution/reference)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for BundleView { bundle, .. } in context.bundles() {
        let image = std::iter::once((&bundle.image, Route::root().key("image"), "image"));
        let related = bundle.related_images.iter().enumerate().map(|(i, related)| {
            (&related.image, Route::root().key("relatedImages").index(i).key("image"), "related image")
        });
        for (text, route, what) in image.chain(related).filter(|(text, ..)| !text.is_empty()) {
            let Err(error) = text.parse::<Reference>() else { continue };
            findings.push(
                RULE.finding(
                    bundle.origin.place(route),
                    format!("the {what} {text:?} of bundle {:?} is not an image reference: {error}", bundle.name),
                )
                .help(help(text)),
            );
        }
    }
}

/// What to write instead of a text that is not a reference.
pub(in crate::validate) fn help(text: &str) -> String {
    match text.split_once("://") {
        Some((_, rest)) if rest.parse::<Reference>().is_ok() => format!("omit the scheme: {rest:?}"),
        _ => "write registry/repository:tag or registry/repository@sha256:…".into(),
    }
}
