//! PackageManifests: the package server's view of every connected catalog. It serves them itself; here they are objects
//! of a definition that the simulation creates.

use std::collections::BTreeMap;

use anyhow::Result;
use olm_catalog::serve::api::{Bundle, Package};
use serde_json::{Map, Value, json};

use super::Player;
use super::served::Contents;
use super::store::{Kind, Object, is_going, list, name, namespace, text};

const GROUP: &str = "packages.operators.coreos.com";

fn kind() -> Kind {
    Kind::new("packages.operators.coreos.com/v1", "PackageManifest")
}

impl Player {
    pub(super) async fn package_manifests(&mut self) -> Result<()> {
        let sources: Vec<Object> = self.catalogs.all().filter(|source| !is_going(source)).cloned().collect();
        if sources.is_empty() && self.server.get(&Kind::definition(), "", &definition_name()).await?.is_none() {
            return Ok(());
        }
        self.forget_packages(&sources).await?;
        for source in &sources {
            let Some(connection) = self.sources.get_mut(source) else { continue };
            if connection.shown {
                continue;
            }
            let contents = connection.contents.clone();
            if self.server.get(&Kind::definition(), "", &definition_name()).await?.is_none() {
                self.server.create(&definition()).await?;
            }
            for package in contents.packages.values() {
                self.server.apply(&manifest(source, package, &contents)).await?;
            }
            if let Some(connection) = self.sources.get_mut(source) {
                connection.shown = true;
            }
        }
        Ok(())
    }

    /// Deletes those of catalogs that are not connected, and of packages that are no longer in their catalog.
    async fn forget_packages(&self, sources: &[Object]) -> Result<()> {
        for manifest in self.server.list_metadata(&kind()).await? {
            let catalog = text(&manifest["metadata"]["labels"]["catalog"]);
            let mut of = sources.iter();
            let source = of.find(|source| name(source) == catalog && namespace(source) == namespace(&manifest));
            let contents = source.and_then(|source| self.sources.contents(source));
            if !contents.is_some_and(|contents| contents.packages.contains_key(name(&manifest))) {
                self.server.delete(&kind(), namespace(&manifest), name(&manifest)).await?;
            }
        }
        Ok(())
    }
}

fn definition_name() -> String {
    format!("packagemanifests.{GROUP}")
}

fn definition() -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": definition_name(), "annotations": {
            "api-approved.kubernetes.io": "unapproved, in place of the aggregated API"}},
        "spec": {
            "group": GROUP, "scope": "Namespaced",
            "names": {"kind": "PackageManifest", "listKind": "PackageManifestList", "plural": "packagemanifests",
                      "singular": "packagemanifest"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {
                "openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}],
        },
    })
}

fn manifest(source: &Value, package: &Package, contents: &Contents) -> Value {
    let mut channels: Vec<_> = package.channels.iter().collect();
    channels.sort_by(|a, b| a.name.cmp(&b.name));
    let (mut described, mut provider) = (Vec::new(), Value::Null);
    let mut labels = source["metadata"]["labels"].as_object().cloned().unwrap_or_default();
    for channel in channels {
        let of = |bundle: &&Bundle| bundle.package_name == package.name && bundle.channel_name == channel.name;
        let bundles: Vec<&Bundle> = contents.bundles.iter().filter(of).collect();
        let Some(head) = bundles.iter().find(|bundle| bundle.csv_name == channel.csv_name) else { continue };
        let csv: Value = serde_json::from_str(&head.csv_json).unwrap_or_default();
        // Newest first.
        let mut entries: BTreeMap<_, Value> = BTreeMap::new();
        for bundle in &bundles {
            let version = olm_catalog::version::parse(&bundle.version).ok();
            entries.insert((version, &bundle.csv_name), json!({"name": bundle.csv_name, "version": bundle.version}));
        }
        let entries: Vec<Value> = entries.into_values().rev().collect();
        if provider.is_null() || channel.name == package.default_channel_name {
            provider = csv["spec"]["provider"].clone();
            if let Some(Value::Object(own)) = csv["metadata"].get("labels") {
                labels.extend(own.clone());
            }
        }
        described.push(json!({
            "name": channel.name, "currentCSV": channel.csv_name, "currentCSVDesc": describe(&csv, head),
            "entries": entries,
        }));
    }
    for (key, value) in [("catalog", name(source)), ("catalog-namespace", namespace(source))] {
        labels.insert(key.into(), json!(value));
    }
    for (key, value) in [("provider", &provider["name"]), ("provider-url", &provider["url"])] {
        labels.insert(key.into(), json!(label(text(value))));
    }
    json!({
        "apiVersion": kind().api_version, "kind": "PackageManifest",
        "metadata": {"name": package.name, "namespace": namespace(source), "labels": labels},
        "spec": {},
        "status": {
            "catalogSource": name(source), "catalogSourceNamespace": namespace(source),
            "catalogSourceDisplayName": text(&source["spec"]["displayName"]),
            "catalogSourcePublisher": text(&source["spec"]["publisher"]),
            "packageName": package.name, "provider": provider, "defaultChannel": package.default_channel_name,
            "channels": described,
        },
    })
}

/// A label's value. The package server accepts any text, because nothing checks its output; a definition's objects are
/// checked.
fn label(text: &str) -> String {
    let plain: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    plain.trim_matches(|c: char| !c.is_ascii_alphanumeric()).chars().take(63).collect()
}

/// The package server's view of a ClusterServiceVersion.
fn describe(csv: &Value, bundle: &Bundle) -> Value {
    let mut description = Map::new();
    let same = ["displayName", "icon", "provider", "keywords", "links", "maintainers", "maturity", "description"];
    for field in same.into_iter().chain(["installModes", "customresourcedefinitions", "minKubeVersion"]) {
        if let Some(value) = csv["spec"].get(field) {
            description.insert(field.into(), value.clone());
        }
    }
    let images: Vec<&Value> = list(&csv["spec"]["relatedImages"]).iter().map(|image| &image["image"]).collect();
    description.insert("relatedImages".into(), json!(images));
    description.insert("version".into(), json!(bundle.version));
    description.insert("annotations".into(), csv["metadata"]["annotations"].clone());
    Value::Object(description)
}
