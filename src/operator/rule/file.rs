//! What is wrong with an `operator.yaml` itself.

use super::rule;
use crate::validate::{Level, RuleFacts};

/// The file is not as its JSON Schema says.
pub(super) const FILE_SCHEMA: RuleFacts = rule(
    super::SCHEMA,
    Level::Error,
    "An operator.yaml is not YAML, or not as its JSON Schema says",
    r#"
## What it does
Reports unknown fields, missing fields and values of another type in an `operator.yaml`, and
text that is not YAML.

## Why is this bad?
What the program does not know it cannot put into a bundle. `catalog generate` writes nothing then.

## Example
```yaml
package: demo
deployment: []
```

Use instead:
```yaml
package: demo
deployments: []
```

## References
- [JSON Schema](https://json-schema.org/draft/2020-12)
"#,
);

/// A range or a choice cannot be applied, or no release is in it.
pub(super) const FILE_RANGE: RuleFacts = rule(
    super::RANGE,
    Level::Both,
    "A range of releases cannot be applied, or no release is in it",
    r#"
## What it does
Reports `since`, `until` and `byRelease` of an `operator.yaml` that cannot be read or applied (an error), and ranges
that no release of the file is in (a warning).

## Why is this bad?
What stands under a range without releases is in no bundle. Mostly a version is misspelt, or its release was removed.

## Example
```yaml
releases:
- version: 1.0.0
keywords:
- since: 10.0.0
  value: database
```

Use instead:
```yaml
releases:
- version: 1.0.0
keywords:
- since: 1.0.0
  value: database
```

## References
- [Semantic Versioning](https://semver.org/)
"#,
);

/// A placeholder is unknown.
pub(super) const FILE_PLACEHOLDER: RuleFacts = rule(
    super::PLACEHOLDER,
    Level::Error,
    "A placeholder of an operator.yaml is unknown",
    r#"
## What it does
Reports placeholders in texts that name nothing that a release has.

## Why is this bad?
The text would be in the bundle as it is.

## Example
```yaml
description: Version ${versoin} of the demo.
```

Use instead:
```yaml
description: Version ${version} of the demo.
```

## References
- [OLM: the ClusterServiceVersion](https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/)
"#,
);

/// The package is not named as its folder.
pub(super) const FILE_PACKAGE: RuleFacts = rule(
    super::PACKAGE,
    Level::Error,
    "The package is not named as its folder",
    r#"
## What it does
Reports an `operator.yaml` whose `package` is another name than that of its folder.

## Why is this bad?
The bundles are written to the folder, so two packages could come to stand in one.

## Example
`bundles/demo/operator.yaml`:

```yaml
package: demo-operator
```

Rename the folder, or the package:
```yaml
package: demo
```

## References
- [OLM: creating operator bundles](https://olm.operatorframework.io/docs/tasks/creating-operator-bundle/)
"#,
);

/// The releases are not a list of different versions.
pub(super) const FILE_RELEASES: RuleFacts = rule(
    super::RELEASES,
    Level::Error,
    "The releases are not a list of different versions",
    r#"
## What it does
Reports an `operator.yaml` without releases, and releases without a version, with one that is not a semantic
version, or with one that another release has.

## Why is this bad?
Each release is a bundle, whose version must be one of its own.

## Example
```yaml
releases:
- version: 1.0.0
- version: 1.0.0
```

Use instead:
```yaml
releases:
- version: 1.0.0
- version: 1.1.0
```

## References
- [Semantic Versioning](https://semver.org/)
"#,
);
