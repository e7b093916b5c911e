//! The versions that an upgrade may skip.

use super::prelude::*;
use crate::bundle::csv::annotation::SKIP_RANGE;
use crate::validate::rules::skip_range_help;
use crate::version::Range;

pub(super) static RULE: Rule = Rule {
    id: "skip-range-annotation",
    level: Level::Warning,
    sets: &[],
    summary: "The annotation olm.skipRange is not a version range",
    docs: r#"
## What it does
Reports an annotation `olm.skipRange` that is empty, or not a range in the syntax of Go's `blang/semver` library.

## Why is this bad?
Tools that generate channels from bundles copy it into the channel entry. If OLM cannot parse a range, it upgrades no
version by it: users of older versions are stranded.

## Example
```yaml
kind: ClusterServiceVersion
metadata:
  annotations:
    olm.skipRange: "<v1.0.0"
```

Use instead:
```yaml
kind: ClusterServiceVersion
metadata:
  annotations:
    olm.skipRange: "<1.0.0"
```

## References
- [Annotations of a ClusterServiceVersion](https://sdk.operatorframework.io/docs/olm-integration/generation/#csv-fields)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(annotation) = context.csv_annotation(SKIP_RANGE) else { return };
    if let Err(error) = annotation.text().parse::<Range>() {
        let message = format!("the annotation {SKIP_RANGE} is not a version range: {error}");
        findings.push(RULE.finding(annotation.place(), message).help(skip_range_help(annotation.text(), &error)));
    }
}
