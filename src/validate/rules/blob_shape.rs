//! Documents that are not blobs, or do not match their schema.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "blob-shape",
    severity: Severity::Error,
    summary: "A document is not a blob, or a field of it has the wrong type",
    docs: r#"
## What it does
Reports documents that are not mappings, that have no `schema`, that have a key twice in different case (`name` and
`Name`), or that have a field defined by OLM with a value of the wrong type. A document must not be empty: anything
before the first `---` is a document, even a comment. After the last `---`, a comment or nothing is allowed.

The other rules skip a blob that is reported here. As long as there is one, they do not report missing things: these
could be in that blob.

## Why is this bad?
If opm cannot read one blob, it rejects the whole catalog.

In YAML 1.1, which Kubernetes' programs read, more values are booleans and numbers than one might expect: `name: on` is
a boolean, and `name: 1.10` is the number 1.1. Quote such values.

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
