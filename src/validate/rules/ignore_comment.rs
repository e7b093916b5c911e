//! Comments that ignore findings, and are wrong themselves.

use super::prelude::*;

pub(in crate::validate) static RULE: Rule = Rule {
    id: "ignore-comment",
    severity: Severity::Warning,
    summary: "A comment that ignores findings is not needed, or is wrong",
    docs: r#"
## What it does
Looks at comments in YAML files that leave findings out: `# catalog:ignore RULE reason`. Such a comment is on the line
that a finding points to, or above it; several rules have commas between them. Catalogs may have them, the files of
bundles, an `operator.yaml`, and templates. Reports comments that

- name a rule of which nothing was found there, if it was looked for: rules of sets and `published-*` often are not;
- give no reason; these leave nothing out;
- name something that is not a rule, or a rule whose findings are all errors.

Errors cannot be ignored, as opm, OLM or the API server refuse them all the same.

## Why is this bad?
A comment that is not needed hides the next finding of that rule in its line. Without a reason nobody knows later
whether the finding still may be ignored.

## Example
```yaml
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.0.0
    skip_range: none # catalog:ignore field-name
```

Use instead:
```yaml
schema: olm.channel
package: demo
name: stable
entries:
  - name: demo.v1.0.0
    skip_range: none # catalog:ignore field-name our release tool reads this field
```

## References
- [YAML 1.2.2: comments](https://yaml.org/spec/1.2.2/#66-comments)
"#,
    check,
};

/// Nothing: [`crate::validate::comments`] looks at the comments once all other rules have found what they find.
fn check(_: &Context<'_>, _: &mut Vec<Finding>) {}
