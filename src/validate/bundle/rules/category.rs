//! The categories of an operator.

use super::prelude::*;
use crate::bundle::csv::annotation::CATEGORIES;

pub(super) static RULE: Rule = Rule {
    id: "category",
    level: Level::Error,
    sets: &[Set::Categories],
    summary: "A category is not one of the known ones",
    docs: r#"
## What it does
Reports categories in the annotation `categories` that are not among those of operatorhub.io, or of the file that
`--categories` names.

## Why is this bad?
Consoles do not list the operator under such a category.

## Example
```yaml
kind: ClusterServiceVersion
metadata:
  annotations:
    categories: Database, Fast things
```

Use instead:
```yaml
kind: ClusterServiceVersion
metadata:
  annotations:
    categories: Database, Storage
```

## References
- [Annotations of a ClusterServiceVersion](https://sdk.operatorframework.io/docs/olm-integration/generation/#csv-fields)
"#,
    check,
};

/// Source: `validCategories` of operator-framework/api.
const KNOWN: [&str; 16] = [
    "AI/Machine Learning",
    "Application Runtime",
    "Big Data",
    "Cloud Provider",
    "Database",
    "Developer Tools",
    "Integration & Delivery",
    "Logging & Tracing",
    "Modernization & Migration",
    "Monitoring",
    "Networking",
    "Observability",
    "OpenShift Optional",
    "Security",
    "Storage",
    "Streaming & Messaging",
];

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(annotation) = context.csv_annotation(CATEGORIES) else { return };
    let own = context.options.categories.as_ref();
    let known = |name: &str| own.map_or(KNOWN.contains(&name), |own| own.contains(name));
    for name in annotation.text().split(',').map(str::trim).filter(|name| !known(name)) {
        let message = format!("{name:?} is not a known category");
        let help = match own {
            Some(own) => format!("use one of {}", list(own.iter().map(String::as_str))),
            None => format!("use one of {}", KNOWN.join(", ")),
        };
        findings.push(RULE.finding(annotation.place(), message).help(help));
    }
}
