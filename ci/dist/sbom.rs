//! The software bill of materials of a program, in CycloneDX 1.6: <https://cyclonedx.org/docs/1.6/json>.
//!
//! It has no time and no random serial number, so that the same sources give the same file.

use serde_json::{Value, json};

use super::crates::{Crate, Crates};

/// The bill, as JSON with a newline at the end.
pub(crate) fn of(crates: &Crates, target: &str) -> anyhow::Result<String> {
    let component = |one: &Crate| {
        let mut component = json!({
            "type": "library",
            "bom-ref": one.purl(),
            "name": one.name,
            "version": one.version,
            "purl": one.purl(),
            "licenses": licenses(one),
        });
        if let Some(text) = &one.description {
            component["description"] = text.split_whitespace().collect::<Vec<_>>().join(" ").into();
        }
        if let Some(sum) = crates.sums.get(&(one.name.clone(), one.version.clone())) {
            component["hashes"] = json!([{"alg": "SHA-256", "content": sum}]);
        }
        if let Some(url) = &one.repository {
            component["externalReferences"] = json!([{"type": "vcs", "url": url}]);
        }
        component
    };
    let mut root = component(&crates.root);
    root["type"] = "application".into();
    let dependencies = crates.needs.iter().map(|(one, needs)| json!({"ref": one, "dependsOn": needs}));
    let bill = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": root,
            "properties": [{"name": "olm-catalog:target", "value": target}],
        },
        "components": crates.others.iter().map(component).collect::<Vec<_>>(),
        "dependencies": dependencies.collect::<Vec<_>>(),
    });
    Ok(format!("{bill:#}\n"))
}

/// The licences as an SPDX expression. Old crates separate alternatives by a slash.
fn licenses(one: &Crate) -> Value {
    match &one.license {
        Some(text) => json!([{"expression": text.replace(" / ", " OR ").replace('/', " OR ")}]),
        None => json!([]),
    }
}
