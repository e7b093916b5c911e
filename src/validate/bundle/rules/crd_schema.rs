//! Schemas of CRDs.

use super::prelude::*;
use crate::validate::bundle::apis::is_v1beta1;
use crate::validate::bundle::schema::defaults;
use crate::validate::bundle::schema::values::Judge;
use crate::validate::bundle::schema;

pub(super) static RULE: Rule = Rule {
    id: "crd-schema",
    level: Level::Error,
    sets: &[],
    summary: "The schema of a CRD is missing, not structural, or has keywords or defaults that are not allowed",
    docs: r#"
## What it does
Reports versions of CustomResourceDefinitions without a schema, and defects that the API server rejects: unknown and
forbidden keywords, missing and unknown types, missing `items`, types and defaults within `allOf`, `anyOf`, `oneOf` and
`not`, lists with wrong keys, restrictions on `metadata`, and defaults that the schema of their field does not accept: a
wrong type, a value outside of `enum`, bounds, `pattern` or `format`, a missing or unknown field. CEL rules are not
compiled.

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
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              sizes:
                type: array
```

Use instead:
```yaml
kind: CustomResourceDefinition
spec:
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              sizes:
                type: array
                items:
                  type: integer
```

## References
- [Kubernetes: structural schemas](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema)
"#,
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut judge = Judge::default();
    // v1beta1 CRDs need no structural schema, and are not accepted anyway: see `api-removed`.
    for crd in context.crds().filter(|crd| !is_v1beta1(crd)) {
        for version in crd.at("spec.versions").items() {
            let node = version.at("schema.openAPIV3Schema");
            if !node.value.is_object() {
                let message = format!("the version {} has no schema", version.get("name").text());
                let help = "add `openAPIV3Schema` with at least `type: object`";
                findings.push(RULE.finding(node.place(), message).help(help));
                continue;
            }
            let misfits = schema::check(node.value, &node.route);
            for misfit in misfits.into_iter().chain(defaults::check(node.value, &node.route, &mut judge)) {
                let place = context.place(node.file, misfit.route);
                findings.push(RULE.finding(place, misfit.message).help(misfit.help));
            }
        }
    }
}
