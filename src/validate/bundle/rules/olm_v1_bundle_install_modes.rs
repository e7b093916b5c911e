//! Install modes that OLM v1 does not support.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "olm-v1-bundle-install-modes",
    level: Level::Warning,
    sets: &[],
    summary: "The install mode AllNamespaces, which OLM v1 needs, is not supported",
    docs: r#"
## What it does
Reports a ClusterServiceVersion that does not support the install mode AllNamespaces. Runs with `--target olm-v1`.

## Why is this bad?
OLM v1 makes operators watch all namespaces. With its feature gate SingleOwnNamespaceInstallSupport, which is alpha and
off by default, it also installs operators that support SingleNamespace or OwnNamespace, if the ClusterExtension sets
`watchNamespace`. An operator that supports only MultiNamespace is never installed.

## Example
```yaml
kind: ClusterServiceVersion
spec:
  installModes:
  - type: OwnNamespace
    supported: true
  - type: AllNamespaces
    supported: false
```

Use instead:
```yaml
kind: ClusterServiceVersion
spec:
  installModes:
  - type: OwnNamespace
    supported: true
  - type: AllNamespaces
    supported: true
```

## References
- [operator-controller: provider.go](https://github.com/operator-framework/operator-controller/blob/v1.11.0/internal/operator-controller/applier/provider.go)
- [operator-controller: features.go](https://github.com/operator-framework/operator-controller/blob/v1.11.0/internal/operator-controller/features/features.go)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(csv) = context.csv() else { return };
    let modes = context.spec("installModes");
    let supports = |wanted: &str| {
        modes.iter().any(|mode| mode.get("type").text() == wanted && mode.get("supported").is_true())
    };
    if supports("AllNamespaces") {
        return;
    }
    let all = modes.iter().find(|mode| mode.get("type").text() == "AllNamespaces");
    let place = all.map_or_else(|| csv.at("spec.installModes").place(), |mode| mode.get("supported").place());
    let message = "OLM v1 does not install the bundle: the install mode AllNamespaces is not supported";
    let help = match supports("SingleNamespace") || supports("OwnNamespace") {
        true => "support AllNamespaces; otherwise users need the feature gate SingleOwnNamespaceInstallSupport and a \
                 watchNamespace",
        false => "support AllNamespaces",
    };
    findings.push(RULE.finding(place, message).help(help));
}
