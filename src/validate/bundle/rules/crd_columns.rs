//! Columns and subresources of CRDs.

use super::prelude::*;
use crate::validate::bundle::apis::is_v1beta1;

pub(super) static RULE: Rule = Rule {
    id: "crd-columns",
    level: Level::Error,
    sets: &[],
    summary: "A printer column, scale subresource or selectable field of a CRD is invalid",
    docs: r#"
## What it does
Reports printer columns without a name, with an unknown type or format, or with a `jsonPath` that does not start with a
dot; paths of the scale subresource that are missing or not below `.spec` or `.status`; and selectable fields that are
not a string, integer or boolean.

## Why is this bad?
The API server rejects the CRD, and OLM stops the installation.

## Example
```yaml
kind: CustomResourceDefinition
spec:
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object}}
    additionalPrinterColumns:
    - name: Size
      type: int
      jsonPath: spec.size
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
    additionalPrinterColumns:
    - name: Size
      type: integer
      jsonPath: .spec.size
```

## References
- [Kubernetes: CustomResourceDefinitions](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/)
"#,
    check,
};

const TYPES: [&str; 5] = ["boolean", "date", "integer", "number", "string"];
const FORMATS: [&str; 8] = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for crd in context.crds() {
        let old = is_v1beta1(&crd);
        let holders = crd.at("spec.versions").items().chain(old.then(|| crd.get("spec")));
        for holder in holders {
            let path = if old { "JSONPath" } else { "jsonPath" };
            holder.get("additionalPrinterColumns").items().for_each(|of| column(&of, path, findings));
            scale(&holder.at("subresources.scale"), findings);
            selectable(&holder, findings);
        }
    }
}

fn column(column: &Node<'_>, path: &str, findings: &mut Vec<Finding>) {
    let mut report = |node: Node<'_>, message: String, help: &str| {
        findings.push(RULE.finding(node.place(), message).help(help));
    };
    let (name, kind, format, path) = (column.get("name"), column.get("type"), column.get("format"), column.get(path));
    if name.text().is_empty() {
        report(name, "the printer column has no name".into(), "add its `name`, which is shown as the heading");
    }
    if !TYPES.contains(&kind.text()) {
        let message = format!("{:?} is not a type for printer columns", kind.text());
        report(kind, message, "use boolean, date, integer, number or string");
    }
    if !format.text().is_empty() && !FORMATS.contains(&format.text()) {
        let message = format!("{:?} is not a format for printer columns", format.text());
        report(format, message, "remove it, or use one such as int32 or date-time");
    }
    if !path.text().starts_with('.') {
        let message = format!("the path {:?} of the printer column does not start with a dot", path.text());
        report(path, message, "write a path such as .status.phase");
    }
}

fn scale(scale: &Node<'_>, findings: &mut Vec<Finding>) {
    if scale.is_null() {
        return;
    }
    let paths: [(&str, &[&str], bool); 3] = [
        ("specReplicasPath", &[".spec."], true),
        ("statusReplicasPath", &[".status."], true),
        ("labelSelectorPath", &[".spec.", ".status."], false),
    ];
    for (key, below, needed) in paths {
        let path = scale.get(key);
        let fits = below.iter().any(|start| path.text().starts_with(start));
        if !fits && (needed || !path.text().is_empty()) {
            let message = format!("the path {:?} of {key} is not below {}", path.text(), below.join(" or "));
            let help = format!("write a path such as {}replicas", below[0]);
            findings.push(RULE.finding(path.place(), message).help(help));
        }
    }
}

/// The maximum number of selectable fields of a version.
const SELECTABLE: usize = 8;

fn selectable(version: &Node<'_>, findings: &mut Vec<Finding>) {
    let schema = version.at("schema.openAPIV3Schema");
    let fields: Vec<Node<'_>> = version.get("selectableFields").items().collect();
    if let Some(more) = fields.get(SELECTABLE) {
        let message = format!("a version can have at most {SELECTABLE} selectable fields");
        findings.push(RULE.finding(more.place(), message).help("remove the others"));
    }
    for path in fields.iter().take(SELECTABLE).map(|field| field.get("jsonPath")) {
        let steps = path.text().strip_prefix('.').filter(|steps| !steps.starts_with("metadata"));
        let found = steps.map(|steps| {
            steps.split('.').fold(schema.clone(), |schema, step| schema.get("properties").entry(step)).get("type").text()
        });
        if !matches!(found, Some("boolean" | "integer" | "string")) {
            let path_text = path.text();
            let message =
                format!("the path {path_text:?} of the selectable field does not point to a string, integer or boolean");
            let help = "write the path of a field in the schema, such as .spec.size";
            findings.push(RULE.finding(path.place(), message).help(help));
        }
    }
}
