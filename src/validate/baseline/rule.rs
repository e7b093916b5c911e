//! The rule about baselines themselves.

use crate::validate::{About, Level, RuleFacts};

/// An entry of a baseline matches nothing any more.
pub const STALE: RuleFacts = RuleFacts {
    id: "baseline-stale",
    level: Level::Warning,
    about: About::Baseline,
    summary: "An entry of the baseline matches no finding",
    docs: r#"
## What it does
Reports entries of the `--baseline` file that match no finding any more, if the run looked at the file and ran the rule.
If there are errors, entries of warnings are not reported, because some rules do not run then.

## Why is this bad?
The entry would hide the next finding of that rule at the same place.

## Example
```yaml
version: 1
findings:
- file: catalog.yaml
  rule: edge-downgrade
  about: 'olm.channel demo stable: entries[demo.v1.0.0].replaces = demo.v1.1.0'
  message: the entry was corrected, and the baseline was not
```

Use instead:
```yaml
version: 1
findings: []
```

## References
- [detekt: baseline](https://detekt.dev/docs/introduction/baseline/)
- [PHPStan: the baseline](https://phpstan.org/user-guide/baseline)
"#,
};
