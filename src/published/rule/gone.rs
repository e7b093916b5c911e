//! What was published and is gone.

use super::rule;
use crate::validate::{Level, RuleFacts};

/// A published package is gone.
pub const PACKAGE_GONE: RuleFacts = rule(
    "published-package-gone",
    Level::Error,
    "A published package is gone",
    r#"
## What it does
Reports packages that the published catalog has and the new one does not, unless a withdrawn list names the package.

## Why is this bad?
Subscriptions to the package find nothing any more. Clusters keep the operator that they have, and get no upgrades.

## Example
The published catalog has the package `demo`, the new one has no blob of it. Put it back, or add this to the new one:

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

/// A published channel is gone.
pub const CHANNEL_GONE: RuleFacts = rule(
    "published-channel-gone",
    Level::Error,
    "A published channel is gone",
    r#"
## What it does
Reports channels that the published catalog has and the new one does not, unless a withdrawn list names the channel.

## Why is this bad?
A Subscription names its channel. Without it OLM upgrades nobody who follows it, and says so only in the Subscription's
status.

## Example
The published package `demo` has the channels `stable` and `fast`, the new one only `stable`. Put `fast` back, or add
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

/// A published bundle is gone.
pub const BUNDLE_GONE: RuleFacts = rule(
    "published-bundle-gone",
    Level::Error,
    "A published bundle is gone",
    r#"
## What it does
Reports bundles that the published catalog has and the new one does not, even where their users have a way on, unless a
withdrawn list names the bundle.

## Why is this bad?
Who names the version in `startingCSV` cannot install it any more, and a cluster that is set up again gets another one.

## Example
The published catalog has the bundle `demo.v1.1.0`, the new one does not. Put it back, or add this to the new one:

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

/// A published bundle no longer stands in a channel.
pub const ENTRY_GONE: RuleFacts = rule(
    "published-entry-gone",
    Level::Error,
    "A published bundle is no longer in a channel",
    r#"
## What it does
Reports bundles that the new catalog still has, and that are no longer in a channel in which they were published.

## Why is this bad?
Nobody who follows the channel can install the version any more, and its users may lose their way to the head.

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
