//! What is wrong with a template itself.

use super::rule;
use crate::validate::{Level, RuleFacts};

/// The file is neither YAML nor JSON.
pub(super) const NOT_YAML: RuleFacts = rule(
    super::SYNTAX,
    Level::Error,
    "A template is neither YAML nor JSON",
    r#"
## What it does
Reports a template's file that cannot be read as YAML or JSON.

## Why is this bad?
Nothing can be made of it.

## Example
```yaml
schema: olm.semver
stable: [
```

Use instead:
```yaml
schema: olm.semver
generateMajorChannels: true
stable:
  bundles:
  - image: ../bundles/demo/1.0.0
```

## References
- [opm: catalog templates](https://olm.operatorframework.io/docs/reference/catalog-templates/)
"#,
);

/// The first document is no template.
pub(super) const NO_TEMPLATE: RuleFacts = rule(
    super::SCHEMA,
    Level::Error,
    "The first document of a template is of another schema",
    r#"
## What it does
Reports files whose first document is not of the schema `olm.semver` or `olm.template.basic`.

## Why is this bad?
Only these can be rendered.

## Example
```yaml
schema: olm.semvers
```

Use instead:
```yaml
schema: olm.semver
```

## References
- [opm: catalog templates](https://olm.operatorframework.io/docs/reference/catalog-templates/)
"#,
);

/// A field is not known, stands twice, or has a value that it does not take.
pub(super) const BAD_FIELD: RuleFacts = rule(
    super::FIELD,
    Level::Error,
    "A field of a template is unknown, is there twice, or has a wrong value",
    r#"
## What it does
Reports fields of a template that the schema does not have, that are there twice, or whose value is of another type.

## Why is this bad?
opm refuses the template, or passes over what was meant.

## Example
```yaml
schema: olm.semver
generateMajorChannel: true
```

Use instead:
```yaml
schema: olm.semver
generateMajorChannels: true
```

## References
- [opm: catalog templates](https://olm.operatorframework.io/docs/reference/catalog-templates/)
"#,
);

/// The template names no bundles.
pub(super) const NOTHING: RuleFacts = rule(
    super::EMPTY,
    Level::Error,
    "A template names no bundles",
    r#"
## What it does
Reports templates without any bundle or entry.

## Why is this bad?
The catalog would have no channel to follow.

## Example
```yaml
schema: olm.semver
stable:
  bundles: []
```

Use instead:
```yaml
schema: olm.semver
generateMajorChannels: true
stable:
  bundles:
  - image: ../bundles/demo/1.0.0
```

## References
- [opm: catalog templates](https://olm.operatorframework.io/docs/reference/catalog-templates/)
"#,
);

/// A document after the template does not fit what the template made.
pub(super) const BAD_OVERLAY: RuleFacts = rule(
    super::OVERLAY,
    Level::Error,
    "A document after a template does not fit what the template makes",
    r#"
## What it does
Reports blobs after the template that do not fit: entries of a channel that the template makes without them, a default
channel that is not there, and `olm.bundle` blobs.

## Why is this bad?
Such a blob changes nothing, although it was meant to.

## Example
```yaml
schema: olm.semver
generateMajorChannels: true
stable:
  bundles:
  - image: ../bundles/demo/1.0.0
---
schema: olm.channel
package: demo
name: stable-v1
entries:
- name: demo.v9.0.0
  skipRange: <1.0.0
```

The template puts `demo.v1.0.0` into the channel: name that.

## References
- [opm: catalog templates](https://olm.operatorframework.io/docs/reference/catalog-templates/)
"#,
);
