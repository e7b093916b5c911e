//! Names and groups of CRDs.

use super::prelude::*;
use crate::validate::bundle::apis::is_v1beta1;
use crate::validate::bundle::text::{label, subdomain};

pub(super) static RULE: Rule = Rule {
    id: "crd-name",
    level: Level::Error,
    sets: &[],
    summary: "A CRD has an invalid name, group, scope or kind",
    docs: r#"
## What it does
Reports CustomResourceDefinitions whose name is not `<plural>.<group>`, whose group is not a domain with a dot, whose
scope is unknown, or whose names are missing, malformed, or the same for kind and list kind.

## Why is this bad?
The API server rejects the CRD, and OLM stops the installation.

## Example
```yaml
kind: CustomResourceDefinition
spec:
  scope: Namespace
```

Use instead:
```yaml
kind: CustomResourceDefinition
spec:
  scope: Namespaced
```

## References
- [Kubernetes: CustomResourceDefinitions](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for crd in context.crds() {
        let mut report = |node: &Node<'_>, message: String, help: &str| {
            findings.push(RULE.finding(node.place(), message).help(help));
        };
        let (name, group, names) = (crd.at("metadata.name"), crd.at("spec.group"), crd.at("spec.names"));
        let wanted = format!("{}.{}", names.get("plural").text(), group.text());
        if name.text() != wanted {
            let message = format!("the CRD {:?} must be named {wanted:?}, after its plural and group", name.text());
            report(&name, message, "correct metadata.name, spec.names.plural or spec.group");
        }
        let dot = if group.text().contains('.') { None } else { Some("it has no dot".to_owned()) };
        if let Some(why) = subdomain(group.text()).or(dot) {
            report(&group, format!("the group {:?} is not a domain: {why}", group.text()), "use one such as demo.example.com");
        }
        let scope = crd.at("spec.scope");
        // v1beta1 has a default.
        let default = is_v1beta1(&crd) && scope.text().is_empty();
        if !default && !matches!(scope.text(), "Namespaced" | "Cluster") {
            report(&scope, format!("{:?} is not a scope", scope.text()), "write Namespaced or Cluster");
        }
        check_names(&names, &mut report);
    }
}

fn check_names(names: &Node<'_>, report: &mut impl FnMut(&Node<'_>, String, &str)) {
    let help = "use lower case letters, digits and `-`; kinds can also have upper case letters";
    for key in ["plural", "kind"] {
        if names.get(key).text().is_empty() {
            report(&names.get(key), format!("spec.names.{key} is missing"), help);
        }
    }
    let single = ["plural", "singular", "kind", "listKind"].into_iter().map(|key| names.get(key));
    let several = ["shortNames", "categories"].into_iter().flat_map(|key| names.get(key).items());
    for name in single.chain(several).filter(|name| !name.text().is_empty()) {
        let is_kind = name.route.to_string().to_lowercase().ends_with("kind");
        let text = if is_kind { name.text().to_lowercase() } else { name.text().to_owned() };
        if let Some(why) = label(&text) {
            report(&name, format!("{:?} is not a valid name: {why}", name.text()), help);
        }
    }
    let (kind, list) = (names.get("kind"), names.get("listKind"));
    if !kind.text().is_empty() && kind.text() == list.text() {
        report(&list, "kind and listKind are the same".into(), "append `List` to the listKind");
    }
}
