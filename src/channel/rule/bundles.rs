//! What is wrong with the bundles of a template.

use super::rule;
use crate::validate::{Level, RuleFacts};

/// A bundle could not be had.
pub(super) const NO_BUNDLE: RuleFacts = rule(
    super::BUNDLE,
    Level::Error,
    "A bundle of a template cannot be read or pulled",
    r#"
## What it does
Reports bundles that a template names and whose folder or image cannot be read.

## Why is this bad?
The catalog would lack the version.

## Example
```yaml
stable:
  bundles:
  - image: ../bundles/demo/9.9.9
```

Name one that is there. `catalog generate` writes those of an operator.yaml.

## References
- [opm: catalog templates](https://olm.operatorframework.io/docs/reference/catalog-templates/)
"#,
);

/// A bundle does not say one version of one package.
pub(super) const NO_VERSION: RuleFacts = rule(
    super::VERSION,
    Level::Error,
    "A bundle of a template does not say one version of one package",
    r#"
## What it does
Reports bundles without an `olm.package` property, with several, or with a version that is not a semantic version.

## Why is this bad?
The template `olm.semver` makes channels of versions.

## Example
A ClusterServiceVersion without a version:

```yaml
spec:
  displayName: Demo
```

Use instead:
```yaml
spec:
  displayName: Demo
  version: 1.0.0
```

## References
- [Semantic Versioning](https://semver.org/)
"#,
);

/// A bundle or blob is of another package than the others.
pub(super) const OTHER_PACKAGE: RuleFacts = rule(
    super::PACKAGE,
    Level::Error,
    "A template has bundles of several packages, or two templates make one package",
    r#"
## What it does
Reports bundles and blobs of another package than the first, several templates of one package, and templates whose file
is not named as their package.

## Why is this bad?
A template makes one package, in the folder of its name.

## Example
```yaml
stable:
  bundles:
  - image: ../bundles/demo/1.0.0
  - image: ../bundles/other/1.0.0
```

Write a template for each.

## References
- [opm: catalog templates](https://olm.operatorframework.io/docs/reference/catalog-templates/)
"#,
);

/// A bundle stands twice where it can stand once.
pub(super) const TWICE: RuleFacts = rule(
    super::DUPLICATE,
    Level::Error,
    "A template names a bundle twice",
    r#"
## What it does
Reports bundles that are twice in a list, and two bundles of one name.

## Why is this bad?
A channel has one entry for a bundle.

## Example
```yaml
stable:
  bundles:
  - image: ../bundles/demo/1.0.0
  - image: ../bundles/demo/1.0.0
```

Use instead:
```yaml
stable:
  bundles:
  - image: ../bundles/demo/1.0.0
```

## References
- [opm: catalog templates](https://olm.operatorframework.io/docs/reference/catalog-templates/)
"#,
);

/// Versions cannot be brought in an order.
pub(super) const NO_ORDER: RuleFacts = rule(
    super::ORDER,
    Level::Error,
    "Versions of a template differ in build metadata alone",
    r#"
## What it does
Reports bundles of a template `olm.semver` whose versions differ in build metadata alone.

## Why is this bad?
Nobody can tell which one is newer, so neither upgrades the other.

## Example
Bundles of the versions `1.0.0+1` and `1.0.0+2` in one template. Publish the second as `1.0.1`.

## References
- [Semantic Versioning: build metadata](https://semver.org/#spec-item-10)
"#,
);
