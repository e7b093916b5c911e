//! Comments that ignore findings and are wrong themselves.

use super::prelude::*;

pub(in crate::validate) static RULE: Rule = Rule {
    id: "ignore-comment",
    severity: Severity::Warning,
    summary: "A comment that ignores findings is not needed, or is wrong",
    docs: r#"
## What it does
Checks comments in YAML files that ignore findings: `# catalog:ignore RULE reason`. Such a comment is on the line of the
finding, or above it; several rules are separated by commas. Catalogs, files of bundles, `operator.yaml` and templates
can have them. Reports comments that

- name a rule that found nothing there, if it ran: rules of sets and `published-*` often do not run;
- give no reason; these ignore nothing;
- name an unknown rule, or a rule whose findings are all errors.

Errors cannot be ignored, because opm, OLM or the API server would still reject the input.

## Why is this bad?
A comment that is not needed hides the next finding of that rule on its line. Without a reason, nobody knows later
whether the finding can still be ignored.

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

/// Does nothing: [`crate::validate::comments`] checks the comments after all other rules have run.
fn check(_: &Context<'_>, _: &mut Vec<Finding>) {}
