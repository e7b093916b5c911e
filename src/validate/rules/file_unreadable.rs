//! Files that cannot be read as text.

use super::prelude::*;
use crate::diagnostic::Spot;

pub(super) static RULE: Rule = Rule {
    id: "file-unreadable",
    severity: Severity::Error,
    summary: "A file of the catalog cannot be read, or is not UTF-8 text",
    docs: r#"
## What it does
Reports files in the catalog's folder that cannot be opened, or whose bytes are not UTF-8.

## Why is this bad?
Every file in a catalog's folder is part of the catalog, unless an `.indexignore` file excludes it. If opm cannot read
one file, it rejects the whole catalog. The usual reason is a picture or an archive next to the catalog.

## Example
```text
catalog/demo/catalog.yaml
catalog/demo/icon.png
```

Use instead a file `catalog/demo/.indexignore`:
```text
*.png
```

## References
- [File-based catalogs: structure](https://olm.operatorframework.io/docs/reference/file-based-catalogs/#structure)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for bad in context.bad().filter(|bad| bad.syntax && bad.place.spot == Spot::File) {
        findings.push(
            RULE.finding(bad.place.clone(), bad.message.clone())
                .help("name it in `.indexignore` if it is not part of the catalog"),
        );
    }
}
