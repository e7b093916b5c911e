//! The icon of an operator.

use super::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "icon",
    level: Level::Both,
    sets: &[Set::OperatorHub],
    summary: "The icon is missing or incomplete, or there are several",
    docs: r#"
## What it does
Reports a ClusterServiceVersion without an icon (a warning) or with several, and icons without data, without a media
type, or with a media type that is not one of pictures.

## Why is this bad?
operatorhub.io does not accept it, and consoles show an empty square.

## Example
```yaml
kind: ClusterServiceVersion
spec:
  icon:
  - base64data: PHN2Zy8+
    mediatype: ""
```

Use instead:
```yaml
kind: ClusterServiceVersion
spec:
  icon:
  - base64data: PHN2Zy8+
    mediatype: image/svg+xml
```

## References
- [operator-framework/api: the OperatorHub validator](https://github.com/operator-framework/api/blob/master/pkg/validation/internal/operatorhubv2.go)
- [The fields of a ClusterServiceVersion](https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/)
"#,
    check,
};

const TYPES: [&str; 4] = ["image/gif", "image/jpeg", "image/png", "image/svg+xml"];

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(csv) = context.csv() else { return };
    let icons = context.spec("icon");
    if icons.is_empty() {
        let message = "the ClusterServiceVersion has no icon";
        findings.push(RULE.warning(csv.at("spec.icon").place(), message).help("add one under spec.icon"));
    }
    if let Some(second) = icons.get(1) {
        findings.push(RULE.finding(second.place(), "only the first icon is shown").help("remove the others"));
    }
    for icon in &icons {
        let (data, kind) = (icon.get("base64data"), icon.get("mediatype"));
        if data.text().is_empty() || kind.text().is_empty() {
            let (field, name) = if data.text().is_empty() { (&data, "base64data") } else { (&kind, "mediatype") };
            let message = format!("the icon has no {name}");
            findings.push(RULE.finding(field.place(), message).help("add both `base64data` and `mediatype`"));
        }
        if !kind.text().is_empty() && !TYPES.contains(&kind.text()) {
            let message = format!("{:?} is not a media type for icons", kind.text());
            findings.push(RULE.finding(kind.place(), message).help(format!("use one of {}", TYPES.join(", "))));
        }
    }
}
