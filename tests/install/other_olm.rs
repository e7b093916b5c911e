//! Other installations of OLM: in a different namespace, and too old for a field.

use std::fs;
use std::path::Path;

use libtest_mimic::Failed;
use olm_catalog::image::Digest;
use tempfile::TempDir;

use crate::cases::expect_text;
use crate::cluster::Cluster;
use crate::common;
use crate::whole_way::run;

/// OLM's manifests after a change, and the options that install them.
struct Changed {
    folder: TempDir,
    options: String,
}

fn changed(change: impl Fn(&str) -> String) -> Result<Changed, Failed> {
    let source = common::shared().ok_or(common::NO_DATA)?.join("olm/v0.28.0");
    let folder = tempfile::tempdir()?;
    let mut options = format!("--olm-manifests {}", folder.path().display());
    for file in ["crds.yaml", "olm.yaml"] {
        let text = change(&fs::read_to_string(source.join(file))?);
        fs::write(folder.path().join(file), &text)?;
        options += &format!(" --olm-sha256 {file}={}", Digest::of(text.as_bytes()).hex());
    }
    Ok(Changed { folder, options })
}

impl Changed {
    /// Runs the installer; the folder and the digests in its output are replaced by fixed ones.
    fn run(&self, cluster: &Cluster, line: &str) -> Result<String, Failed> {
        let told = run(cluster.kubeconfig(), &line.replace("$OLM", &self.options), &[])?;
        let told = told.replace(&self.options, "--olm-manifests olm --olm-sha256 …");
        Ok(told.replace(&self.folder.path().display().to_string(), "olm"))
    }
}

/// A definition of CatalogSources from OLM before 0.22: it has no field for the pod's security.
pub(crate) fn older(cluster: &Cluster) -> Result<(), Failed> {
    let manifests = changed(|text| {
        let text = text.replace("grpcPodConfig:", "grpcPodConfigOfLater:");
        // Its namespace cannot enforce a standard that its pods cannot declare.
        text.replace("pod-security.kubernetes.io/enforce: restricted", "pod-security.kubernetes.io/enforce: baseline")
    })?;
    let install = "install --wait 60s --image registry.example/dbaas/catalog:2 --operators dbaas-operator --namespace team --catalog older";
    let mut transcript = manifests.run(cluster, &format!("{install} $OLM"))?;
    transcript += &manifests.run(cluster, install)?;
    transcript += &manifests.run(cluster, &format!("{install} --dry-run=server"))?;
    expect_text(Path::new("tests/install/older-olm.txt"), &transcript)
}

/// OLM is in a namespace with another name: the global catalog namespace is used or reported.
pub(crate) fn elsewhere(cluster: &Cluster) -> Result<(), Failed> {
    let manifests = changed(|text| {
        // The namespace, its objects, and the catalog operator's argument.
        ["namespace: olm\n", "  name: olm\n", "  - olm\n"]
            .iter()
            .fold(text.to_owned(), |text, line| text.replace(line, &line.replace("olm", "everest-olm")))
    })?;
    let install = "install --wait 60s --image registry.example/dbaas/catalog:2 --operators dbaas-operator --namespace team --catalog elsewhere";
    let mut transcript = manifests.run(cluster, &format!("{install} $OLM"))?;
    transcript += &manifests.run(cluster, &format!("{install} $OLM --olm-namespace everest-olm"))?;
    transcript += &manifests.run(cluster, install)?;
    transcript += &manifests.run(cluster, "status --namespace team --catalog elsewhere --olm-namespace everest-olm")?;
    expect_text(Path::new("tests/install/olm-elsewhere.txt"), &transcript)
}
