//! Versions of CRDs.

use std::collections::BTreeMap;

use super::prelude::*;
use crate::validate::bundle::apis::is_v1beta1;
use crate::validate::bundle::text::label;

pub(super) static RULE: Rule = Rule {
    id: "crd-versions",
    level: Level::Error,
    sets: &[],
    summary: "The versions of a CRD are invalid",
    docs: r#"
## What it does
Reports CustomResourceDefinitions that do not have exactly one stored version, that have two versions with the same name
or a version whose name is not a label, and deprecation warnings that are empty, too long or of a version that is not
deprecated.

## Why is this bad?
The API server rejects the CRD, and OLM stops the installation.

## Example
```yaml
kind: CustomResourceDefinition
spec:
  versions:
  - name: v1
    served: true
    storage: false
    schema: {openAPIV3Schema: {type: object}}
```

Use instead:
```yaml
kind: CustomResourceDefinition
spec:
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object}}
```

## References
- [Kubernetes: CustomResourceDefinitions](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/)
"#,
    check,
};

/// The maximum length of a deprecation warning.
const WARNING: usize = 256;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for crd in context.crds() {
        let list = crd.at("spec.versions");
        let versions: Vec<Node<'_>> = list.items().collect();
        let stored: Vec<&Node<'_>> = versions.iter().filter(|version| version.get("storage").is_true()).collect();
        // v1beta1 can name its only version outside of the list.
        let old = is_v1beta1(&crd) && versions.is_empty();
        if let (false, [] | [_, _, ..]) = (old, &stored[..]) {
            let place = stored.get(1).map_or(list.place(), |second| second.get("storage").place());
            let message = format!("{} versions of the CRD are stored, but there must be exactly one", stored.len());
            findings.push(RULE.finding(place, message).help("set `storage: true` for one version, and false for the others"));
        }
        let mut first: BTreeMap<&str, Node<'_>> = BTreeMap::new();
        for version in &versions {
            let name = version.get("name");
            if let Some(why) = label(name.text()) {
                let message = format!("{:?} is not a valid version name: {why}", name.text());
                findings.push(RULE.finding(name.place(), message).help("use a name such as v1 or v1beta1"));
            } else if let Some(first) = first.get(name.text()) {
                let message = format!("the version {} is listed twice", name.text());
                let finding = RULE.finding(name.place(), message).help("remove one of the two");
                findings.push(finding.related(first.place(), "the first one is here"));
            }
            first.entry(name.text()).or_insert(name);
            deprecation(version, findings);
        }
    }
}

fn deprecation(version: &Node<'_>, findings: &mut Vec<Finding>) {
    let warning = version.get("deprecationWarning");
    let message = match warning.text() {
        _ if warning.is_null() => return,
        _ if !version.get("deprecated").is_true() => "a version that is not deprecated cannot have a deprecationWarning".into(),
        "" => "the deprecationWarning is empty".to_owned(),
        text if text.len() > WARNING => format!("the deprecationWarning is longer than {WARNING} characters"),
        text if text.chars().any(char::is_control) => "the deprecationWarning has control characters".to_owned(),
        _ => return,
    };
    findings.push(RULE.finding(warning.place(), message).help("correct it, or remove it"));
}
