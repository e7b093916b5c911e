//! What cannot be made of an `operator.yaml`.

use super::rule;
use crate::validate::{Level, RuleFacts};

/// CRDs cannot be made, or are spoken of and not there.
pub(super) const CRDS_MISSING: RuleFacts = rule(
    super::CRDS,
    Level::Error,
    "A CRD of an operator.yaml cannot be made, or is not there",
    r#"
## What it does
Reports `customResources` without a CRD, CRDs without a stored version or a valid schema, and manifests without any CRD.

## Why is this bad?
OLM refuses a bundle that says that it owns a CRD and does not have it.

## Example
```yaml
customResources:
- kind: Nothing
```

Name a kind that the CRDs have:
```yaml
customResources:
- kind: Demo
```

## References
- [Kubernetes: CustomResourceDefinitions](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/)
"#,
);

/// The definition and the manifests say different things.
pub(super) const MANIFESTS_DIFFER: RuleFacts = rule(
    super::DIFFERS,
    Level::Warning,
    "An operator.yaml and its manifests say different things",
    r#"
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
);

/// OLM does not allow the install modes.
pub(super) const MODES: RuleFacts = rule(
    super::INSTALL_MODES,
    Level::Error,
    "The install modes are not those that a conversion webhook needs",
    r#"
## What it does
Reports an operator with a conversion webhook that supports other install modes than `AllNamespaces`.

## Why is this bad?
A CRD has one conversion webhook in the whole cluster. OLM refuses the bundle.

## Example
```yaml
installModes: [OwnNamespace, AllNamespaces]
```

Use instead:
```yaml
installModes: [AllNamespaces]
```

## References
- [OLM: webhooks](https://olm.operatorframework.io/docs/advanced-tasks/adding-admission-and-conversion-webhooks/)
"#,
);

/// A file of manifests cannot be used, or something in it is left out.
pub(super) const MANIFESTS_LEFT_OUT: RuleFacts = rule(
    super::MANIFESTS,
    Level::Both,
    "A file of manifests cannot be used, or something in it is left out of the bundle",
    r#"
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
);

/// Nothing runs the operator.
pub(super) const NO_DEPLOYMENT: RuleFacts = rule(
    super::DEPLOYMENTS,
    Level::Error,
    "An operator.yaml has no deployment",
    r#"
## What it does
Reports a release without a deployment, of its own or of its manifests.

## Why is this bad?
OLM can only run an operator as a Deployment.

## Example
```yaml
deployments: []
```

Use instead:
```yaml
deployments:
- name: demo-operator
  spec: {}
```

## References
- [OLM: the ClusterServiceVersion](https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/)
"#,
);

/// An example is not as its CRD says.
pub(super) const BAD_EXAMPLE: RuleFacts = rule(
    super::EXAMPLE,
    Level::Error,
    "An example is not as its CRD says",
    r#"
## What it does
Holds the examples of each release against the schema of their CRD.

## Why is this bad?
Consoles offer examples to users, and the API server refuses them.

## Example
```yaml
examples:
- apiVersion: example.com/v1
  kind: Demo
  spec: {size: large}
```

Use instead, where `size` is a number:
```yaml
examples:
- apiVersion: example.com/v1
  kind: Demo
  spec: {size: 3}
```

## References
- [OLM: the ClusterServiceVersion](https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/)
"#,
);

/// Two objects would have the same file.
pub(super) const SAME_FILE: RuleFacts = rule(
    super::OBJECT,
    Level::Error,
    "Two objects of a release would have the same file",
    r#"
## What it does
Reports objects of one kind and name in the same release.

## Why is this bad?
A bundle has one file for each object, and a cluster one object of a kind and name.

## Example
```yaml
objects:
- {apiVersion: v1, kind: Service, metadata: {name: demo}}
- {apiVersion: v1, kind: Service, metadata: {name: demo}}
```

End the older one where the newer one begins:
```yaml
objects:
- {apiVersion: v1, kind: Service, metadata: {name: demo}, until: 1.1.0}
- {apiVersion: v1, kind: Service, metadata: {name: demo}, since: 1.1.0}
```

## References
- [OLM: creating operator bundles](https://olm.operatorframework.io/docs/tasks/creating-operator-bundle/)
"#,
);

/// The icon cannot be used.
pub(super) const BAD_ICON: RuleFacts = rule(
    super::ICON,
    Level::Error,
    "The icon of an operator.yaml cannot be used",
    r#"
## What it does
Reports an icon that is not a file beside the `operator.yaml`, is too large, or does not end in .svg, .png, .jpg or
.gif.

## Why is this bad?
The icon is in each bundle, and consoles show it.

## Example
```yaml
icon: logo.tiff
```

Use instead:
```yaml
icon: logo.svg
```

## References
- [OLM: the ClusterServiceVersion](https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/)
"#,
);
