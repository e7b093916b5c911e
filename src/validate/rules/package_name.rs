//! Names of packages.

use super::prelude::*;
use crate::catalog::Package;

/// The maximum length of a DNS label.
const MAX_LENGTH: usize = 63;

pub(super) static RULE: Rule = Rule {
    id: "package-name",
    severity: Severity::Error,
    summary: "A package's name is empty or not a DNS label",
    docs: r#"
## What it does
Reports `olm.package` blobs whose `name` is not a DNS label: up to 63 lower case letters, digits and hyphens, not
starting or ending with a hyphen.

## Why is this bad?
A cluster shows a package as a PackageManifest of the same name, and Kubernetes rejects other names. opm rejects the
catalog.

## Example
```yaml
schema: olm.package
name: Demo_Operator
defaultChannel: stable
```

Use instead:
```yaml
schema: olm.package
name: demo-operator
defaultChannel: stable
```

## References
- [RFC 1123, section 2.1](https://www.rfc-editor.org/rfc/rfc1123#section-2)
- [Kubernetes: names](https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for package in context.scan.catalog.packages.iter().filter(|package| !is_label(&package.name)) {
        findings.push(finding(package));
    }
}

fn finding(package: &Package) -> Finding {
    let place = field(&package.origin, "name");
    let name = &package.name;
    if name.is_empty() {
        return RULE.finding(place, "the package has no name").help("set `name` to the name that its blobs have as `package`");
    }
    let finding = RULE.finding(
        place,
        format!("{name:?} is not a valid package name: it must be a DNS label of up to {MAX_LENGTH} lower case \
             letters, digits and hyphens, not starting or ending with a hyphen"),
    );
    let allowed = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let better: String = name.chars().map(allowed).take(MAX_LENGTH).collect();
    match better.trim_matches('-') {
        better if is_label(better) => finding.help(format!("name it {better:?}, here and in the blobs of the package")),
        _ => finding,
    }
}

fn is_label(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=MAX_LENGTH).contains(&name.len())
        && name.bytes().all(inner)
        && !name.starts_with('-')
        && !name.ends_with('-')
}
