//! Related images that are not image references.

use super::prelude::*;
use crate::reference::Reference;
use crate::validate::rules::reference_help;

pub(super) static RULE: Rule = Rule {
    id: "related-image",
    level: Level::Error,
    sets: &[],
    summary: "A related image is empty, or not an image reference",
    docs: r#"
## What it does
Reports entries of `spec.relatedImages` whose `image` is empty or not an image reference.

## Why is this bad?
opm rejects a catalog with such a bundle, and mirrors cannot fetch the image.

## Example
```yaml
kind: ClusterServiceVersion
spec:
  relatedImages:
  - name: demo
    image: oci://registry.example.com/demo:v1.0.0
```

Use instead:
```yaml
kind: ClusterServiceVersion
spec:
  relatedImages:
  - name: demo
    image: registry.example.com/demo@sha256:0000000000000000000000000000000000000000000000000000000000000000
```

## References
- [distribution/reference](https://pkg.go.dev/github.com/distribution/reference)
- [operator-framework/api: the bundle validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/bundle.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for related in context.spec("relatedImages") {
        let (name, image) = (related.get("name"), related.get("image"));
        let text = image.text();
        if text.is_empty() {
            let message = format!("the related image {:?} has no `image`", name.text());
            findings.push(RULE.finding(image.place(), message).help("add its `image`, or remove the entry"));
        } else if let Err(error) = text.parse::<Reference>() {
            let message = format!("{text:?} is not an image reference: {error}");
            findings.push(RULE.finding(image.place(), message).help(reference_help(text)));
        }
    }
}
