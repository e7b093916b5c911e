//! Changes for the users of published versions.

use super::rule;
use crate::validate::{Level, RuleFacts};

/// The head of a channel is older than the published one.
pub const CHANNEL_BACK: RuleFacts = rule(
    "published-channel-back",
    Level::Error,
    "The head of a channel is older than the published one",
    r#"
## What it does
Reports channels whose head is an older version than the head of the published channel, unless the published head is in
a withdrawn list.

## Why is this bad?
OLM does not downgrade. Users who have the published head stay at it, and new users get a different version.

## Example
The published channel `stable` has the head `demo.v1.2.0`, the new one has `demo.v1.1.0`. Restore `demo.v1.2.0`, or
publish a newer version that replaces it.

## References
- [operator-lifecycle-manager: the resolver](https://github.com/operator-framework/operator-lifecycle-manager/blob/master/pkg/controller/registry/resolver/resolver.go)
"#,
);

/// The head of the default channel is older than that of the published default channel.
pub const DEFAULT_BACK: RuleFacts = rule(
    "published-default-channel-back",
    Level::Warning,
    "The default channel changed to one with an older head",
    r#"
## What it does
Reports packages whose default channel changed, if the head of the new one is an older version.

## Why is this bad?
Users who subscribe without naming a channel get an older version than before.

## Example
The published package has `defaultChannel: fast` with the head `demo.v1.2.0`. The new one:

```yaml
schema: olm.package
name: demo
defaultChannel: stable
---
schema: olm.channel
package: demo
name: stable
entries:
- name: demo.v1.1.0
```

Keep `fast` until `stable` has the newest version.

## References
- [OLM: creating an update graph](https://olm.operatorframework.io/docs/concepts/olm-architecture/operator-catalog/creating-an-update-graph/)
"#,
);

/// The content of a published bundle changed under the same name.
pub const BUNDLE_CHANGED: RuleFacts = rule(
    "published-bundle-changed",
    Level::Both,
    "The content of a published bundle changed under the same name",
    r#"
## What it does
Compares the bundles that both catalogs have. It is an error if OLM installs or resolves something different: another
image, other objects in a catalog without images, or other properties about package, APIs and requirements. It is a
warning if only user interfaces and mirrors see the change, or if the effect is unknown, as with a tag that became a
digest.

## Why is this bad?
OLM identifies a version by its name: clusters that have it never get the new content, and two clusters with the same
version run different things.

## Example
Published:

```yaml
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle@sha256:aaaa…
```

New:

```yaml
schema: olm.bundle
package: demo
name: demo.v1.0.0
image: registry.example.com/demo-bundle@sha256:bbbb…
```

Publish the change as `demo.v1.0.1`.

## References
- [OLM: file-based catalogs](https://olm.operatorframework.io/docs/reference/file-based-catalogs/)
"#,
);

/// Users of a published version no longer reach the head of their channel.
pub const WAY_LOST: RuleFacts = rule(
    "published-way-lost",
    Level::Error,
    "Users of a published version no longer reach the head of their channel",
    r#"
## What it does
Follows the users of every published version through the upgrades that OLM's resolver installs, in the published catalog
and in the new one. Reports those who reached the head of their channel before but do not any more.

## Why is this bad?
They stay at an old version forever, and OLM does not report it.

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

New. Nothing upgrades `demo.v1.1.0`:

```yaml
schema: olm.channel
package: demo
name: stable
entries:
- name: demo.v1.2.0
  replaces: demo.v1.0.0
- name: demo.v1.0.0
```

Add `skips: [demo.v1.1.0]` to the head, or a `skipRange` that includes 1.1.0.

## References
- [operator-lifecycle-manager: the resolver](https://github.com/operator-framework/operator-lifecycle-manager/blob/master/pkg/controller/registry/resolver/resolver.go)
"#,
);
