//! Defects of a withdrawn list.

use super::rule;
use crate::validate::{Level, RuleFacts};

/// An entry of a withdrawn list cannot be read.
pub const WITHDRAWN_INVALID: RuleFacts = rule(
    "withdrawn-invalid",
    Level::Error,
    "An entry of a withdrawn list cannot be read",
    r#"
## What it does
Reports entries of `olm-catalog.withdrawn` blobs without `reason` or `upgradeTo`, with unknown fields, or with an
invalid version.

## Why is this bad?
The part that the entry names counts as removed without being withdrawn.

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

/// A withdrawn part is still in the catalog.
pub const WITHDRAWN_PRESENT: RuleFacts = rule(
    "withdrawn-present",
    Level::Warning,
    "A withdrawn package, channel or bundle is still in the catalog",
    r#"
## What it does
Reports entries of a withdrawn list whose package, channel or bundle is in the catalog.

## Why is this bad?
Users still get the withdrawn version; or the list is wrong, and would hide it if the version is really removed.

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

/// Users of a withdrawn version do not get to the version in `upgradeTo`.
pub const WITHDRAWN_WAY: RuleFacts = rule(
    "withdrawn-way",
    Level::Error,
    "Users of a withdrawn version do not get to the version in upgradeTo",
    r#"
## What it does
Follows the users of each withdrawn version, and reports those who reach the head of their channel without passing
through the version in `upgradeTo`.

## Why is this bad?
The list does not create an upgrade; `skips` and `skipRange` do. So users get a different version than the list says.

## Example
Users of 1.1.0 are upgraded directly to 1.3.0, because its range includes 1.1.0:

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
