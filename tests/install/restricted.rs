//! A namespace that enforces a Pod Security Standard: the installer reports before the first write whether it accepts
//! an operator's pods.

use std::path::Path;

use kube::api::DynamicObject;
use libtest_mimic::Failed;
use olm_catalog::bundle::Bundle;
use olm_catalog::catalog::Catalog;
use olm_catalog::image::{Entry, catalog_image};
use serde_json::json;

use crate::cases::expect_text;
use crate::cluster::Cluster;
use crate::distribution::SmallRegistry;
use crate::images;
use crate::objects::{api, apply};
use crate::whole_way::run;

/// The namespace.
const TEAM: &str = "hardened-team";

/// A registry with a catalog of one operator and its objects.
fn registry() -> Result<SmallRegistry, Failed> {
    let bundle = Bundle::read(Path::new("bundles/dbaas-operator/0.1.17"))?.render("")?;
    let mut text = Catalog { bundles: vec![bundle], ..Catalog::default() }.to_yaml()?;
    text += "---\nschema: olm.package\nname: dbaas-operator\ndefaultChannel: stable\n";
    text +=
        "---\nschema: olm.channel\npackage: dbaas-operator\nname: stable\nentries: [{name: dbaas-operator.v0.1.17}]\n";
    let registry = SmallRegistry::start(|_, _, _| None);
    let folder = images::temp();
    let files = [Entry::file("dbaas-operator/catalog.yaml", text.into_bytes())];
    registry.put_image("1", &catalog_image(&images::program(folder.path()), files)?);
    Ok(registry)
}

pub(crate) fn restricted(cluster: &Cluster) -> Result<(), Failed> {
    let registry = registry()?;
    let image = registry.repository("catalog:1");
    let mut transcript = String::new();
    let level = |level: &str| {
        let labels = json!({"pod-security.kubernetes.io/enforce": level});
        apply(cluster, &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": TEAM, "labels": labels}}))
    };
    let mut told = |more: &str, image: &str| -> Result<(), Failed> {
        let line =
            format!("install {more}--image {image} --operators dbaas-operator --namespace {TEAM} --catalog hardened");
        transcript += &run(cluster.kubeconfig(), &line, &[])?;
        Ok(())
    };
    level("restricted")?;
    told("", &image)?;
    let catalog = json!({"apiVersion": "operators.coreos.com/v1alpha1", "kind": "CatalogSource",
        "metadata": {"name": "hardened", "namespace": "olm"}});
    let (api, name) = api(cluster, &catalog);
    let written: Option<DynamicObject> = cluster.run(api.get_opt(&name))?;
    if written.is_some() {
        return Err("the CatalogSource was written".into());
    }
    // Unknown facts are reported, and stop nothing.
    told("--dry-run=server ", &registry.repository("catalog:2"))?;
    level("baseline")?;
    told("--dry-run=server ", &image)?;
    expect_text(
        Path::new("tests/install/restricted.txt"),
        &transcript.replace(&registry.repository(""), "registry.example/"),
    )
}
