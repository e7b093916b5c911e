//! Skip ranges that are invalid.

use super::prelude::*;
use crate::version::{Range, RangeError, meant};

pub(super) static RULE: Rule = Rule {
    id: "skip-range",
    severity: Severity::Error,
    summary: "The skipRange of an entry is not a version range",
    docs: r#"
## What it does
Reports entries whose `skipRange` is not a range in the syntax of Go's `blang/semver` library: comparisons such as
`>=1.0.0`, separated by spaces for "and" and by `||` for "or". Versions have three numbers and no `v`; `1.x` and `1.2.x`
stand for all versions with that prefix.

## Why is this bad?
The range matches nothing, so nobody is upgraded by it. opm rejects the catalog.

## Example
```yaml
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.2.0
    skipRange: <v1.2.0
```

Use instead:
```yaml
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.2.0
    skipRange: ">=1.0.0 <1.2.0"
```

## References
- [blang/semver: ranges](https://pkg.go.dev/github.com/blang/semver/v4#ParseRange)
- [Creating an update graph: skipRange](https://olm.operatorframework.io/docs/concepts/olm-architecture/operator-catalog/creating-an-update-graph/#skiprange)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for view in context.channels() {
        for (i, entry) in view.channel.entries.iter().enumerate().filter(|(_, entry)| !entry.skip_range.is_empty()) {
            let Err(error) = entry.skip_range.parse::<Range>() else { continue };
            let (channel, name) = (&view.channel.name, &entry.name);
            findings.push(
                RULE.finding(
                    view.entry(i, "skipRange"),
                    format!("in channel {channel:?}, the skipRange of entry {name:?} is not a version range: {error}"),
                )
                .help(help(&entry.skip_range, &error)),
            );
        }
    }
}

/// The range that was probably meant: without the `v`s.
pub(in crate::validate) fn help(text: &str, error: &RangeError) -> String {
    if let Some(meant) = meant::range(text) {
        return match text.replace('v', "") == meant {
            true => format!("versions have no `v` here: {meant:?}"),
            false => format!("write {meant:?}"),
        };
    }
    match error {
        RangeError::Empty | RangeError::NoVersion(_) => "write a range such as \">=1.0.0 <2.0.0\"".into(),
        RangeError::Or => "remove the `||`, or put a range on each side of it".into(),
        RangeError::Operator { .. } => "the operators are =, !=, <, <=, > and >=".into(),
        RangeError::Version(_) => "versions have three numbers, as in \">=1.0.0 <2.0.0\"".into(),
        RangeError::Wildcard(_) => "write the version in full".into(),
    }
}
