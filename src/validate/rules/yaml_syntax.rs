//! Files that are neither YAML nor JSON.

use super::prelude::*;
use crate::diagnostic::Spot;

pub(super) static RULE: Rule = Rule {
    id: "yaml-syntax",
    severity: Severity::Error,
    summary: "A file of the catalog is neither YAML nor JSON",
    docs: r#"
## What it does
Reports the first place in a file where it is not valid YAML or JSON.

A file is parsed as JSON if its first character is `{`, and as YAML otherwise or if that fails, as Kubernetes' programs
do. It can have several documents. Values nested deeper than 128 levels, and aliases that expand to more than a million
values, are rejected.

## Why is this bad?
If opm cannot read one file, it rejects the whole catalog. Files that are not part of the catalog belong in an
`.indexignore` file.

## Example
```yaml
schema: olm.package
name: [demo
```

Use instead:
```yaml
schema: olm.package
name: demo
```

## References
- [YAML 1.2.2](https://yaml.org/spec/1.2.2/)
- [File-based catalogs: structure](https://olm.operatorframework.io/docs/reference/file-based-catalogs/#structure)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for bad in context.bad().filter(|bad| bad.syntax && bad.place.spot != Spot::File) {
        let help = not_a_catalog_file(&bad.place.file);
        let help = help.unwrap_or("correct the file, or name it in `.indexignore` if it is not part of the catalog".to_owned());
        findings.push(RULE.finding(bad.place.clone(), bad.message.clone()).help(help));
    }
}
