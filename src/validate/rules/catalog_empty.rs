//! Catalogs without content.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "catalog-empty",
    severity: Severity::Error,
    summary: "The catalog contains no blobs",
    docs: r#"
## What it does
Reports a folder without a catalog: it has no files, or the files contain no blobs.

## Why is this bad?
opm accepts it, but a catalog image that is built from it offers nothing. Usually the path is wrong, or an
`.indexignore` file excludes too much.

## Example
```console
$ catalog validate catalogs
```

Use instead:
```console
$ catalog validate catalog
```

## References
- [File-based catalogs: structure](https://olm.operatorframework.io/docs/reference/file-based-catalogs/#structure)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let catalog = &context.scan.catalog;
    if catalog.blobs().is_empty() && context.scan.bad.is_empty() {
        findings.push(
            RULE.finding(Place::file(context.root), "no catalog blobs found")
                .help("check the path and the `.indexignore` files"),
        );
    }
}
