//! Documents that are no blobs, or not as their schema wants them.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "blob-shape",
    severity: Severity::Error,
    summary: "A document is not a blob, or a field of it has the wrong type",
    docs: r#"
## What it does
Reports documents that are not mappings, that have no `schema`, that have a key twice in two cases (`name` and `Name`),
or in which a field that OLM defines has a value of another type. A document may not be empty: what stands before the
first `---` is a document, even if it is a comment. After `---` there may be nothing but a comment.

A blob that is reported here is left out for the other rules. While there is one, they do not report what is missing: it
may be in that blob.

## Why is this bad?
opm reads no part of a catalog in which one blob cannot be read.

YAML 1.1, which Kubernetes' programs read, takes more for booleans and numbers than one may think: `name: on` is a
boolean, and `name: 1.10` the number 1.1. Quote them.

## Example
```yaml
schema: olm.channel
package: demo
name: 1.10
entries:
  - demo.v1.10.0
```

Use instead:
```yaml
schema: olm.channel
package: demo
name: "1.10"
entries:
  - name: demo.v1.10.0
```

## References
- [File-based catalogs: schema](https://olm.operatorframework.io/docs/reference/file-based-catalogs/#schema)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for bad in context.bad().filter(|bad| !bad.syntax) {
        let help = match not_a_catalog_file(&bad.place.file) {
            Some(help) => help,
            None => "the schemas and their fields: https://olm.operatorframework.io/docs/reference/file-based-catalogs/#schema".to_owned(),
        };
        findings.push(RULE.finding(bad.place.clone(), bad.message.clone()).help(help));
    }
}
