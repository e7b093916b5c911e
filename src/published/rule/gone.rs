//! Published parts that were removed.

use super::rule;
use crate::validate::{Level, RuleFacts};

/// A published package was removed.
pub const PACKAGE_GONE: RuleFacts = rule(
    "published-package-gone",
    Level::Error,
    "A published package was removed",
    r#"
## What it does
Reports packages that are in the published catalog but not in the new one, unless a withdrawn list names them.

## Why is this bad?
Subscriptions to the package find nothing any more. Clusters keep their installed operator, and get no upgrades.

## Example
The published catalog has the package `demo`, the new one does not. Restore it, or add this to the new one:

```yaml
schema: olm-catalog.withdrawn
package: demo
withdrawn:
- reason: The operator is not maintained any more.
  upgradeTo: none
```

## References
- [OLM: catalogs](https://olm.operatorframework.io/docs/concepts/olm-architecture/operator-catalog/)
"#,
);

/// A published channel was removed.
pub const CHANNEL_GONE: RuleFacts = rule(
    "published-channel-gone",
    Level::Error,
    "A published channel was removed",
    r#"
## What it does
Reports channels that are in the published catalog but not in the new one, unless a withdrawn list names them.

## Why is this bad?
A Subscription names its channel. If the channel does not exist, OLM upgrades nobody who follows it, and reports that
only in the Subscription's status.

## Example
The published package `demo` has the channels `stable` and `fast`, the new one only has `stable`. Restore `fast`, or add
this to the new catalog:

```yaml
schema: olm-catalog.withdrawn
package: demo
withdrawn:
- channel: fast
  reason: One channel is enough.
  upgradeTo: stable
```

## References
- [OLM: channels](https://olm.operatorframework.io/docs/concepts/olm-architecture/operator-catalog/creating-an-update-graph/)
"#,
);

/// A published bundle was removed.
pub const BUNDLE_GONE: RuleFacts = rule(
    "published-bundle-gone",
    Level::Error,
    "A published bundle was removed",
    r#"
## What it does
Reports bundles that are in the published catalog but not in the new one, even if their users still have an upgrade,
unless a withdrawn list names them.

## Why is this bad?
Users who name the version in `startingCSV` cannot install it any more, and a recreated cluster gets a different one.

## Example
The published catalog has the bundle `demo.v1.1.0`, the new one does not. Restore it, or add this to the new one:

```yaml
schema: olm-catalog.withdrawn
package: demo
withdrawn:
- bundle: demo.v1.1.0
  version: 1.1.0
  reason: It deletes backups that are in use.
  upgradeTo: demo.v1.2.0
```

## References
- [OLM: creating an update graph](https://olm.operatorframework.io/docs/concepts/olm-architecture/operator-catalog/creating-an-update-graph/)
"#,
);

/// A published bundle is no longer in a channel.
pub const ENTRY_GONE: RuleFacts = rule(
    "published-entry-gone",
    Level::Error,
    "A published bundle is no longer in a channel",
    r#"
## What it does
Reports bundles that are still in the new catalog, but no longer in a channel in which they were published.

## Why is this bad?
Nobody who follows the channel can install the version any more, and its users can lose their upgrade path.

## Example
Published:

```yaml
schema: olm.channel
package: demo
name: stable
entries:
- name: demo.v1.1.0
  replaces: demo.v1.0.0
- name: demo.v1.0.0
```

New, without `demo.v1.0.0`, which only the channel `fast` has now:

```yaml
schema: olm.channel
package: demo
name: stable
entries:
- name: demo.v1.1.0
```

## References
- [OLM: creating an update graph](https://olm.operatorframework.io/docs/concepts/olm-architecture/operator-catalog/creating-an-update-graph/)
"#,
);
