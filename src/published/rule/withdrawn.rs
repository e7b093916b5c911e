//! What is wrong with a withdrawn list.

use super::rule;
use crate::validate::{Level, RuleFacts};

/// An entry of a withdrawn list cannot be read.
pub const WITHDRAWN_INVALID: RuleFacts = rule(
    "withdrawn-invalid",
    Level::Error,
    "An entry of a withdrawn list cannot be read",
    r#"
## What it does
Reports entries of `olm-catalog.withdrawn` blobs without `reason` or `upgradeTo`, with unknown fields, or with a version
that is not one.

## Why is this bad?
What the entry was to withdraw counts as removed without a word.

## Example
```yaml
schema: olm-catalog.withdrawn
package: demo
withdrawn:
- bundle: demo.v1.1.0
```

Use instead:
```yaml
schema: olm-catalog.withdrawn
package: demo
withdrawn:
- bundle: demo.v1.1.0
  reason: It deletes backups that are in use.
  upgradeTo: demo.v1.2.0
```

## References
- [File-based catalogs: schemas of others](https://olm.operatorframework.io/docs/reference/file-based-catalogs/)
"#,
);

/// What a withdrawn list names is still in the catalog.
pub const WITHDRAWN_PRESENT: RuleFacts = rule(
    "withdrawn-present",
    Level::Warning,
    "What a withdrawn list names is still in the catalog",
    r#"
## What it does
Reports entries of a withdrawn list whose package, channel or bundle is in the catalog.

## Why is this bad?
Users still get what was to be withdrawn, or the list is wrong and would hide it when the version is really gone.

## Example
```yaml
schema: olm.channel
package: demo
name: stable
entries:
- name: demo.v1.1.0
---
schema: olm-catalog.withdrawn
package: demo
withdrawn:
- bundle: demo.v1.1.0
  reason: It deletes backups that are in use.
  upgradeTo: demo.v1.2.0
```

Remove the bundle and its entries from the catalog, or the entry from the list.

## References
- [OLM: creating an update graph](https://olm.operatorframework.io/docs/concepts/olm-architecture/operator-catalog/creating-an-update-graph/)
"#,
);

/// Users of a withdrawn version do not come to where the list says.
pub const WITHDRAWN_WAY: RuleFacts = rule(
    "withdrawn-way",
    Level::Error,
    "Users of a withdrawn version do not get to the version in upgradeTo",
    r#"
## What it does
Follows the users of each withdrawn version, and reports those who reach the head of their channel by another way than
over the version in `upgradeTo`.

## Why is this bad?
The list does not make a way, `skips` and `skipRange` do. So users get another version than the list says.

## Example
Users of 1.1.0 are upgraded to 1.3.0 at once, as its range includes 1.1.0:

```yaml
schema: olm.channel
package: demo
name: stable
entries:
- name: demo.v1.3.0
  replaces: demo.v1.2.0
  skipRange: "<1.3.0"
- name: demo.v1.2.0
---
schema: olm-catalog.withdrawn
package: demo
withdrawn:
- bundle: demo.v1.1.0
  version: 1.1.0
  reason: It deletes backups that are in use.
  upgradeTo: demo.v1.2.0
```

Write `upgradeTo: demo.v1.3.0`, or change the range.

## References
- [OLM: creating an update graph](https://olm.operatorframework.io/docs/concepts/olm-architecture/operator-catalog/creating-an-update-graph/)
"#,
);
