//! The rules that findings about an `operator.yaml` name. Most are errors, which always count; those with warnings are
//! listed, explained and selected as other rules are.

use crate::validate::{About, Level, RuleFacts};

/// The file is not as its JSON Schema says.
pub const SCHEMA: &str = "operator-schema";
/// A range or a choice cannot be applied, or no release is in it.
pub const RANGE: &str = RANGES.id;
/// A placeholder is unknown.
pub const PLACEHOLDER: &str = "operator-placeholder";
/// The package is not named as its folder.
pub const PACKAGE: &str = "operator-package";
/// The releases are not a list of different versions.
pub const RELEASES: &str = "operator-releases";
/// CRDs cannot be made, or are spoken of and not there.
pub const CRDS: &str = "operator-crds";
/// The definition and the manifests say different things.
pub const DIFFERS: &str = DIFFERENCES.id;
/// OLM does not allow the install modes.
pub const INSTALL_MODES: &str = "operator-install-modes";
/// A file of manifests cannot be used, or something in it is left out.
pub const MANIFESTS: &str = LEFT_OUT.id;
/// Nothing runs the operator.
pub const DEPLOYMENTS: &str = "operator-deployments";
/// An example is not as its CRD says.
pub const EXAMPLE: &str = "operator-example";
/// Two objects would have the same file.
pub const OBJECT: &str = "operator-object";
/// The icon cannot be used.
pub const ICON: &str = "operator-icon";

/// The rules that have warnings.
pub(crate) const WITH_WARNINGS: [RuleFacts; 3] = [DIFFERENCES, LEFT_OUT, RANGES];

const RANGES: RuleFacts = RuleFacts {
    id: "operator-range",
    level: Level::Both,
    about: About::Operator,
    summary: "A range of releases cannot be applied, or no release is in it",
    docs: r#"
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
};

const LEFT_OUT: RuleFacts = RuleFacts {
    id: "operator-manifests",
    level: Level::Both,
    about: About::Operator,
    summary: "A file of manifests cannot be used, or something in it is left out of the bundle",
    docs: r#"
## What it does
Reports files under `crds` of an `operator.yaml` that cannot be read or do not have their digest (an error), and what of
them a bundle cannot hold (a warning): objects that OLM does not install, and fields that have no place in it.

## Why is this bad?
The operator may need what is left out.

## Example
A released file has a Job, which OLM does not install:

```yaml
crds:
- manifests: manifests-1.0.0.yaml
```

Where the operator runs without it, say so:

```yaml
crds:
# catalog:ignore operator-manifests the Job only prints a greeting
- manifests: manifests-1.0.0.yaml
```

## References
- [OLM: packaging additional objects](https://olm.operatorframework.io/docs/advanced-tasks/packaging-additional-objects/)
"#,
};

const DIFFERENCES: RuleFacts = RuleFacts {
    id: "operator-differs",
    level: Level::Warning,
    about: About::Operator,
    summary: "An operator.yaml and its manifests say different things",
    docs: r#"
## What it does
Reports deployments, rights, webhooks, examples and objects of an `operator.yaml` that win over those of the released
manifests and differ from them.

## Why is this bad?
What is new in the released manifests is not in the bundle.

## Example
The manifests of 1.1.0 give the operator more memory than this entry, which is older:

```yaml
deployments:
- name: demo-operator
```

End the entry where the manifests are right:

```yaml
deployments:
- until: 1.1.0
  name: demo-operator
```

## References
- [OLM: the ClusterServiceVersion](https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/)
"#,
};
