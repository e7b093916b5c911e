//! The krew manifests of a release: krew's own check of them, and krew installs the plugins.

use std::path::Path;
use std::process::Command;

use libtest_mimic::Completion;

use crate::archive::{name, release};
use crate::{Outcome, common, succeeds, text};

const KREW: &str = "sigs.k8s.io/krew/cmd/krew@v0.4.3";
const CHECK: &str = "sigs.k8s.io/krew/cmd/validate-krew-manifest@v0.4.3";
const MANIFESTS: [(&str, &str, &str); 2] = [
    ("catalog.yaml", "kubectl-catalog", "kubectl catalog"),
    ("install-catalog.yaml", "kubectl-install_catalog", "kubectl install-catalog"),
];

pub(crate) fn manifests_are_valid() -> Outcome {
    let (release, check) = match (release(), common::go::tool(CHECK)) {
        (Ok(release), Ok(check)) => (release, check),
        (Err(reason), _) => return Ok(Completion::ignored_with(reason)),
        (_, Err(reason)) => return Ok(Completion::ignored_with(reason)),
    };
    let validate = |manifest: &Path| Command::new(&check).arg("-skip-install").arg("-manifest").arg(manifest).output();
    for (manifest, ..) in MANIFESTS {
        let checked = validate(&release.join(manifest))?;
        assert!(checked.status.success(), "{}", text(&checked.stderr));
    }
    // It is a check: a wrong version is found.
    let wrong = tempfile::tempdir()?;
    let manifest = std::fs::read_to_string(release.join("catalog.yaml"))?;
    std::fs::write(wrong.path().join("catalog.yaml"), manifest.replace("version: v", "version: "))?;
    assert!(!validate(&wrong.path().join("catalog.yaml"))?.status.success());
    Ok(Completion::Completed)
}

/// krew checks the archive's sum, unpacks it, and links the program under the name that kubectl looks for.
pub(crate) fn installs_the_plugins() -> Outcome {
    let (release, krew) = match (release(), common::go::tool(KREW)) {
        (Ok(release), Ok(krew)) => (release, krew),
        (Err(reason), _) => return Ok(Completion::ignored_with(reason)),
        (_, Err(reason)) => return Ok(Completion::ignored_with(reason)),
    };
    let (root, other) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let install = |root: &Path, manifest: &Path, archive: &Path| {
        let mut command = Command::new(&krew);
        command.arg("install").arg("--manifest").arg(manifest).arg("--archive").arg(archive);
        command.env("KREW_ROOT", root).env("KREW_NO_UPGRADE_CHECK", "1").output()
    };
    let archive = release.join(format!("{}.tar.gz", name()));
    for (manifest, plugin, called) in MANIFESTS {
        let installed = install(root.path(), &release.join(manifest), &archive)?;
        assert!(installed.status.success(), "{}", text(&installed.stderr));
        let help = succeeds(Command::new(root.path().join("bin").join(plugin)).arg("--help"));
        assert!(text(&help.stdout).contains(&format!("Usage: {called} ")), "{}", text(&help.stdout));
    }
    let damaged = other.path().join("damaged.tar.gz");
    let mut bytes = std::fs::read(&archive)?;
    bytes.push(0);
    std::fs::write(&damaged, bytes)?;
    let refused = install(&other.path().join("krew"), &release.join("catalog.yaml"), &damaged)?;
    assert!(!refused.status.success() && text(&refused.stderr).contains("checksum"), "{}", text(&refused.stderr));
    Ok(Completion::Completed)
}
