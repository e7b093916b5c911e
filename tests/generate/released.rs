//! A release that is added to this repository's definitions from its project's manifests: PXC 1.15 and PSMDB 1.16.
//!
//! As long as the definition also has entries, each difference is reported. When its entries end before the release,
//! the whole release is in the bundle, to the last field.

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::{Failed, Trial};
use olm_catalog::bundle::Bundle;
use olm_catalog::yaml;
use serde_json::Value;

use crate::accounted::{made, unaccounted};
use crate::{catalog, code, common, root};

struct Added {
    package: &'static str,
    api: &'static str,
    manifests: &'static str,
    version: &'static str,
    /// The release's images in addition to the operator's own.
    images: &'static str,
}

const ADDED: [Added; 2] = [
    Added {
        package: "percona-xtradb-cluster-operator",
        api: "pxc",
        manifests: "pxc/deploy__bundle.yaml",
        version: "1.15.0",
        images: "pmm: docker.io/percona/pmm-client:2.42.0\n    pxc: docker.io/percona/percona-xtradb-cluster:8.0.36-28.1",
    },
    Added {
        package: "percona-server-mongodb-operator",
        api: "psmdb",
        manifests: "psmdb/deploy__bundle.yaml",
        version: "1.16.0",
        images: "pmm: docker.io/percona/pmm-client:2.41.2\n    mongod: docker.io/percona/percona-server-mongodb:7.0.8-5\n    \
                 backup: docker.io/percona/percona-backup-mongodb:2.4.1",
    },
];

/// A case for each of them.
pub(crate) fn trials() -> Vec<Trial> {
    let folder = common::shared().map(|shared| shared.join("manifests")).filter(|folder| folder.is_dir());
    let trial = |added: Added| {
        let folder = folder.clone();
        let (missing, name) = (folder.is_none(), format!("released::{}@{}", added.package, added.version));
        let trial = Trial::test(name, move || add(&added, &folder.ok_or("the folder shared is gone")?));
        if missing { trial.with_ignored_flag(true).with_kind(common::NO_DATA) } else { trial }
    };
    ADDED.into_iter().map(trial).collect()
}

fn add(added: &Added, manifests: &Path) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let place = folder.path().join("bundles").join(added.package);
    fs::create_dir_all(&place)?;
    let own = root().join("bundles").join(added.package);
    fs::copy(own.join("icon.svg"), place.join("icon.svg"))?;
    let released = fs::read_to_string(manifests.join(added.manifests))?;
    fs::write(place.join("released.yaml"), &released)?;
    let digest = olm_catalog::image::Digest::of(released.as_bytes());
    let Added { api, version, images, .. } = added;
    let crds = format!(
        "crds:\n- {{until: {version}, api: {api}}}\n- {{since: {version}, manifests: released.yaml, sha256: {}}}\n",
        digest.hex()
    );
    let definition = fs::read_to_string(own.join("operator.yaml"))?;
    let both = replaced(&definition, &format!("crds:\n  api: {api}\n"), &crds);
    let both =
        format!("{both}- version: {version}\n  kubernetes: 27\n  controllerGen: 0.11.1\n  images:\n    {images}\n");
    fs::write(place.join("operator.yaml"), &both)?;

    // The definition wins, and differences are reported.
    let told = catalog(folder.path(), &["generate"]);
    let text = String::from_utf8(told.stderr.clone())?;
    assert_eq!(code(&told), 0, "{text}");
    let differs = |what: &str| {
        let line = text.lines().find(|line| line.starts_with("warning[operator-differs]") && line.contains(what));
        line.unwrap_or_else(|| panic!("nothing is told of {what}:\n{text}")).to_owned()
    };
    let deployment = differs(&format!("the Deployment {} here overrides", added.package));
    assert!(deployment.contains("livenessProbe") || deployment.contains("resources"), "{deployment}");
    let strict = catalog(folder.path(), &["generate", "--check", "--strict"]);
    assert_eq!(code(&strict), 1);

    // The definition's entries end where the manifests begin.
    let end = format!("- until: {version}\n  ");
    let apart = replaced(&both, "deployments:\n- ", &format!("deployments:\n{end}"));
    let apart = replaced(&apart, "\npermissions:\n- ", &format!("\npermissions:\n{end}"));
    fs::write(place.join("operator.yaml"), apart)?;
    let told = catalog(folder.path(), &["generate"]);
    let text = String::from_utf8(told.stderr.clone())?;
    assert_eq!(code(&told), 0, "{text}");
    assert!(!text.contains("operator-differs"), "{text}");
    let bundle = Bundle::read(&place.join(version))?;
    let objects: Vec<Value> = yaml::read(&released)?.into_iter().map(|document| document.value).collect();
    let missing = unaccounted(&objects, &made(&bundle), &text);
    assert!(missing.is_empty(), "{}\n{text}", missing.join("\n"));
    // Earlier releases are unchanged.
    let earlier: Vec<PathBuf> =
        fs::read_dir(&own)?.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    assert!(earlier.len() > 3);
    for folder in earlier {
        let name = folder.file_name().ok_or("no name")?;
        assert!(Bundle::read(&folder)? == Bundle::read(&place.join(name))?, "{} changed", folder.display());
    }
    Ok(())
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from:?} is there once");
    text.replace(from, to)
}
