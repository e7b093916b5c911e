//! The rules that a build adds to those of [`crate::validate`]: they are about a repository, not about its catalog.

use crate::validate::{About, Level, RuleFacts};

/// The rule of [`super::unused`].
pub const UNUSED: RuleFacts = RuleFacts {
    id: "bundle-unused",
    level: Level::Warning,
    about: About::Build,
    summary: "A bundle of the repository is in no channel",
    docs: r#"
## What it does
`catalog build` reports every folder `<package>/<version>` of the folder of bundles that no template names.

## Why is this bad?
The catalog does not have the bundle, so nobody can install it. Mostly it is a new release that is still to be added to
the package's channels.

## Example
A repository with `bundles/demo/1.1.0`, and this in `channels/demo.yaml`:

```yaml
schema: olm.semver
generateMajorChannels: true
stable:
  bundles:
    - image: ../bundles/demo/1.0.0
```

Use instead:
```yaml
schema: olm.semver
generateMajorChannels: true
stable:
  bundles:
    - image: ../bundles/demo/1.0.0
    - image: ../bundles/demo/1.1.0
```

## References
- [opm: catalog templates](https://olm.operatorframework.io/docs/reference/catalog-templates/)
"#,
};

/// The rule of [`super::oversized`].
pub const OVERSIZED: RuleFacts = RuleFacts {
    id: "bundle-objects-size",
    level: Level::Warning,
    about: About::Build,
    summary: "The objects of a bundle in an inline catalog come near the limit of an InstallPlan",
    docs: r#"
## What it does
`catalog build --inline` reports bundles whose objects have more than 1 MiB. `install-plan-size` reports those that are
over the limit for certain.

## Why is this bad?
OLM puts the objects of all bundles that it installs together into one InstallPlan, and etcd takes no request over 1.5
MiB. One such bundle may fit, and no other beside it.

## Example
```console
$ catalog build --inline
```

Use instead:
```console
$ catalog build
```

## References
- [etcd: request size limit](https://etcd.io/docs/latest/dev-guide/limit/#request-size-limit)
"#,
};
