//! The findings of operator-framework/api's validators on real bundles, each with its counterpart among ours.
//!
//! Findings are compared by rule, level, and subject: a field, or a name in the message. Both sides must have the same
//! ones, except those in `differences.yaml`, each with a reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use olm_catalog::diagnostic::{Finding, Severity, Spot};
use olm_catalog::validate::bundle::{Options, validate_folder};
use olm_catalog::yaml;
use serde_json::Value;

/// The subject of a finding, by rule and level.
type Fact = (String, Severity, String);

/// Each set of the peers' validators, with our corresponding rules.
const SETS: [(&str, &[&str]); 6] = [
    (
        "default",
        &[
            "annotation-case",
            "bundle-size",
            "conversion-modes",
            "crd-approval",
            "crd-columns",
            "crd-conversion",
            "crd-duplicate",
            "crd-name",
            "crd-not-owned",
            "crd-owned-missing",
            "crd-unknown-fields",
            "crd-versions",
            "csv-fields",
            "csv-name",
            "example-missing",
            "example-syntax",
            "example-unknown",
            "install-modes",
            "min-kube-version",
            "properties-annotation",
            "related-image",
            "service-account",
        ],
    ),
    ("operatorhubv2", &["api-removed", "csv-version", "icon", "link", "maintainer", "min-kube-version", "provider"]),
    ("deprecated-apis", &["api-removed"]),
    (
        "good-practices",
        &["channel-convention", "crd-description", "csv-convention", "permission-crds", "resource-requests"],
    ),
    ("capabilities", &["capability"]),
    ("categories", &["category"]),
];

pub(super) fn trials(shared: &Path) -> Vec<Trial> {
    let golden = fs::read_to_string(shared.join("golden/bundles.jsonl")).unwrap_or_default();
    let differences = Arc::new(Differences::read());
    let mut trials = Vec::new();
    for line in golden.lines() {
        let peer: Value = serde_json::from_str(line).expect("a line of JSON");
        let name = peer["bundle"].as_str().expect("a bundle").to_owned();
        let (folder, differences) = (shared.join(&name), Arc::clone(&differences));
        trials.push(Trial::test(format!("bundle/golden/{name}"), move || compare(&name, &folder, &peer, &differences)));
    }
    trials.push(Trial::test("bundle/golden", move || {
        if golden.lines().count() == 64 { Ok(()) } else { Err("64 bundles were expected".into()) }
    }));
    trials
}

fn compare(name: &str, folder: &Path, peer: &Value, differences: &Differences) -> Result<(), Failed> {
    let ours = validate_folder(folder, &Options::all())?;
    let mut wrong = Vec::new();
    for (set, rules) in SETS {
        let theirs = peer["results"][set].as_array().into_iter().flatten();
        let theirs: Vec<Fact> = theirs.flat_map(their_facts).collect();
        let own = ours.iter().filter(|finding| rules.contains(&finding.rule)).map(our_fact).collect();
        let (theirs, own) = (counted(theirs), counted(own));
        for fact in theirs.keys().chain(own.keys()).collect::<BTreeSet<_>>() {
            let number = |of: &BTreeMap<Fact, usize>| of.get(fact).copied().unwrap_or_default();
            let (rule, level, about) = fact;
            let differs = number(&theirs) != number(&own);
            if differs && !differences.has(name, rule, about, number(&theirs) > number(&own)) {
                let level = level.as_str();
                wrong.push(format!(
                    "{set}: {rule} {level} {about:?}: theirs {}, ours {}",
                    number(&theirs),
                    number(&own)
                ));
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn counted(facts: Vec<Fact>) -> BTreeMap<Fact, usize> {
    let mut counted = BTreeMap::new();
    facts.into_iter().for_each(|fact| *counted.entry(fact).or_default() += 1);
    counted
}

/// The facts in one of the peers' findings. An unknown text fails the test.
fn their_facts(finding: &Value) -> Vec<Fact> {
    let detail = finding["Detail"].as_str().unwrap_or_default();
    let level = if finding["Level"] == "error" { Severity::Error } else { Severity::Warning };
    let fact = |rule: &str, about: &str| (rule.to_owned(), level, about.to_owned());
    let each = |rule: &str, names: Vec<&str>| -> Vec<Fact> { names.into_iter().map(|name| fact(rule, name)).collect() };
    match detail {
        _ if detail.contains("minKubeVersion is not informed") => vec![fact("min-kube-version", "spec.minKubeVersion")],
        "example must have a provided API" => vec![fact("example-unknown", "")],
        "provided API should have an example annotation" => vec![fact("example-missing", "")],
        _ if detail.ends_with("example annotations not found") => vec![fact("example-missing", "")],
        _ if detail.starts_with("found olm.properties annotation") => vec![fact("properties-annotation", "")],
        _ if detail.starts_with("relatedImages[") => {
            let index = detail.split(' ').next().unwrap_or_default();
            vec![fact("related-image", &format!("spec.{index}.image"))]
        }
        _ if detail.starts_with("spec.preserveUnknownFields") => {
            vec![fact("crd-unknown-fields", "spec.preserveUnknownFields")]
        }
        _ if detail.starts_with("metadata.annotations[api-approved") => vec![fact("crd-approval", "")],
        _ if detail.contains("is present in bundle") => {
            let api = quoted(detail).into_iter().next().unwrap_or_default();
            vec![fact("crd-not-owned", &api.replace(", Kind=", " "))]
        }
        _ if detail.starts_with("invalid service account") => {
            let name = between(detail, "This service account ", " in your bundle");
            vec![fact("service-account", name)]
        }
        _ if detail.contains("Icon elements should contain both") => vec![fact("icon", "")],
        _ if detail.contains("is not in the set of standard categories") => {
            let name = quoted(detail).into_iter().nth(1).unwrap_or_default();
            vec![fact("category", name.trim())]
        }
        _ if detail.starts_with("this bundle is using APIs") && detail.contains("for podsecuritypolicies") => {
            each("api-removed", quoted(detail))
                .into_iter()
                .map(|(rule, level, _)| (rule, level, String::new()))
                .collect()
        }
        _ if detail.starts_with("this bundle is using APIs") => each("api-removed", quoted(detail)),
        _ if detail.starts_with("CSV contains permissions to create CRD") => vec![fact("permission-crds", "")],
        _ if detail.starts_with("channel(s)") => each("channel-convention", quoted(detail)),
        _ if detail.contains("is not following the recommended naming convention") => {
            vec![fact("csv-convention", "<package>.v<version>")]
        }
        _ if detail.contains("is not following the versioning convention") => {
            vec![fact("csv-convention", "a version of three numbers")]
        }
        _ if detail.ends_with("has an empty description") => each("crd-description", quoted(detail)),
        _ if detail.starts_with("unable to find the resource requests") => {
            vec![fact("resource-requests", between(detail, "container: (", ")"))]
        }
        other => vec![fact("unknown", other)],
    }
}

/// The same of one of ours.
fn our_fact(finding: &Finding) -> Fact {
    let message = finding.message.as_str();
    let route = match &finding.place.spot {
        Spot::Value { route, .. } => route.to_string(),
        _ => String::new(),
    };
    let about = match finding.rule {
        "min-kube-version" | "related-image" | "crd-unknown-fields" => route,
        "crd-not-owned" => between(message, "does not own ", ",").to_owned(),
        "service-account" => between(message, "ServiceAccount ", " itself").to_owned(),
        "category" | "channel-convention" => quoted(message).first().copied().unwrap_or_default().to_owned(),
        "api-removed" if message.contains("PodSecurityPolicies") => String::new(),
        "api-removed" => {
            message.split(" is of ").next().and_then(|what| what.split(' ').nth(1)).unwrap_or_default().to_owned()
        }
        "crd-description" => between(message, "CRD ", " has no").to_owned(),
        "resource-requests" => between(message, "the container ", " requests").to_owned(),
        "csv-convention" if message.ends_with("is not <package>.v<version>") => "<package>.v<version>".to_owned(),
        "csv-convention" => "a version of three numbers".to_owned(),
        "example-missing"
        | "example-unknown"
        | "properties-annotation"
        | "crd-approval"
        | "icon"
        | "permission-crds" => String::new(),
        _ => message.to_owned(),
    };
    (finding.rule.to_owned(), finding.severity, about)
}

fn quoted(text: &str) -> Vec<&str> {
    text.split('"').skip(1).step_by(2).collect()
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let rest = text.split_once(before).map_or("", |(_, rest)| rest);
    rest.split_once(after).map_or(rest, |(found, _)| found)
}

/// Every difference has a reason, and a fixture that shows our findings.
pub(super) fn differences_are_shown() -> Result<(), Failed> {
    let text = fs::read_to_string("tests/validate_bundle/differences.yaml")?;
    let all = yaml::read_one(&text)?;
    for known in ["golden", "checks"].into_iter().flat_map(|key| all[key].as_array().into_iter().flatten()) {
        let reason = known["reason"].as_str().unwrap_or_default();
        assert!(!reason.is_empty(), "{known} has no reason");
        if let Some(fixture) = known["fixture"].as_str() {
            assert!(Path::new("tests/validate_bundle").join(fixture).exists(), "{fixture} is not there");
        }
    }
    Ok(())
}

/// The intended differences to the peers.
struct Differences {
    all: Vec<Value>,
}

impl Differences {
    fn read() -> Self {
        let text = fs::read_to_string("tests/validate_bundle/differences.yaml").expect("the differences");
        let all = yaml::read_one(&text).expect("YAML")["golden"].as_array().cloned().unwrap_or_default();
        Self { all }
    }

    fn has(&self, bundle: &str, rule: &str, about: &str, theirs: bool) -> bool {
        let fits = |known: &Value, key: &str, value: &str| known[key].as_str().is_none_or(|wanted| wanted == value);
        self.all.iter().any(|known| {
            let side = if theirs { "theirs" } else { "ours" };
            known["rule"] == rule
                && known["side"] == side
                && fits(known, "bundle", bundle)
                && fits(known, "about", about)
        })
    }
}
