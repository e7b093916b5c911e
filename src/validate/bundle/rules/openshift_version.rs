//! Removed APIs on OpenShift.

use serde_json::Value;

use super::prelude::*;
use crate::validate::bundle::removed;

pub(super) static RULE: Rule = Rule {
    id: "openshift-version",
    level: Level::Error,
    sets: &[Set::Community],
    summary: "A bundle with removed APIs does not stop OpenShift from upgrading past them",
    docs: r#"
## What it does
Reports bundles with APIs that Kubernetes 1.22 removed, if they do not set `olm.maxOpenShiftVersion` below 4.9 in
`metadata/properties.yaml` (or in the annotation `olm.properties`), or if their annotation
`com.redhat.openshift.versions` includes 4.9 or later.

## Why is this bad?
OpenShift 4.9 is Kubernetes 1.22. A user who upgrades the cluster loses the operator.

## Example
A bundle with v1beta1 CRDs has in `metadata/properties.yaml`: type `olm.maxOpenShiftVersion`, value `"4.8"`; and in
`metadata/annotations.yaml`: `com.redhat.openshift.versions: "v4.6-v4.8"`.

## References
- [Kubernetes: deprecated API migration guide](https://kubernetes.io/docs/reference/using-api/deprecation-guide/)
- [The bundle format](https://olm.operatorframework.io/docs/tasks/creating-operator-bundle/)
"#,
    check,
};

const PROPERTY: &str = "olm.maxOpenShiftVersion";
const ANNOTATION: &str = "com.redhat.openshift.versions";

/// The first version of OpenShift on Kubernetes 1.22, as minor version of 4.
const GONE: u64 = 9;

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let removed = context.objects().find(|object| {
        removed::find(object.get("apiVersion").text(), object.get("kind").text()).is_some_and(|removed| removed.minor == 22)
    });
    let (Some(removed), Some(csv)) = (removed, context.csv()) else { return };
    let mut report = |place: Place, message: String, help: &str| {
        let finding = RULE.finding(place, message).help(help);
        findings.push(finding.related(removed.get("apiVersion").place(), "this API is not in OpenShift 4.9 and later"));
    };
    let help = "set the property olm.maxOpenShiftVersion to \"4.8\", or migrate the APIs";
    match newest(context, &csv) {
        None => report(csv.at("metadata.name").place(), format!("the bundle has no property {PROPERTY}"), help),
        Some((place, text)) => match minor(&text) {
            None => report(place, format!("{text:?} is not a version of OpenShift"), help),
            Some(minor) if minor >= GONE => report(place, format!("{PROPERTY} is {text}, but must be below 4.9"), help),
            Some(_) => {}
        },
    }
    let Some(annotations) = context.annotations() else { return };
    let versions = annotations.entry(ANNOTATION);
    let last = versions.text().rsplit(['-', '=']).next().unwrap_or_default();
    let open = !versions.text().contains(['-', '=']);
    if versions.is_null() || open || minor(last).is_none_or(|minor| minor >= GONE) {
        let message = format!("the annotation {ANNOTATION} does not end before 4.9");
        report(versions.place(), message, "write a range such as \"v4.6-v4.8\", or migrate the APIs");
    }
}

/// The newest OpenShift for which the bundle is declared: the place, and the version.
fn newest(context: &Context<'_>, csv: &Node<'_>) -> Option<(Place, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let properties = context.metadata_list("properties");
    if let Some(property) = properties.iter().find(|property| property.get("type").text() == PROPERTY) {
        let value = property.get("value");
        return Some((value.place(), text(value.value)));
    }
    let annotation = csv.at("metadata.annotations").entry("olm.properties");
    let list: Vec<Value> = serde_json::from_str(annotation.text()).ok()?;
    let property = list.into_iter().find(|property| property["type"] == PROPERTY)?;
    Some((annotation.place(), text(&property["value"])))
}

/// The minor version of `4.8` or `v4.8`. Versions of 5 come after all of 4.
fn minor(text: &str) -> Option<u64> {
    let (major, rest) = text.trim().trim_start_matches('v').split_once('.')?;
    let minor = rest.split('.').next()?.parse().ok()?;
    (major.parse::<u64>().ok()? == 4).then_some(minor).or(Some(u64::MAX))
}
