//! The versions of the CRDs.
//!
//! A cluster was first stored as v1alpha1, then by each release as a separate version, from v1-1-0 to v1-12-0. Since
//! 1.13.0 it is stored as v1, and the earlier versions are deprecated: the last three are served, the others are only
//! listed.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, CustomResourceDefinitionVersion,
};
use semver::Version;

use crate::apis::crd::{opaque, opaque_version};

/// Whether the release's CRDs were written by hand, without schemas.
fn by_hand(release: &Version) -> bool {
    *release < Version::new(1, 12, 0)
}

/// Removes the schemas, and the name of the tool that did not generate them.
fn open(crd: &mut CustomResourceDefinition) {
    crd.metadata.annotations = None;
    for version in &mut crd.spec.versions {
        version.schema = Some(opaque());
    }
}

/// Clusters: the versions of their release.
pub(super) fn of_clusters(crd: &mut CustomResourceDefinition, release: &Version) {
    if by_hand(release) {
        open(crd);
    }
    let Some(v1) = crd.spec.versions.pop() else { return };
    if *release < Version::new(1, 13, 0) {
        // 1.12.0 was written by hand, from versions without a schema and a generated one.
        crd.metadata.annotations = None;
        crd.spec.versions = before_v1(v1, release);
    } else {
        crd.spec.versions = (2..=12).map(|minor| deprecated(&v1, minor)).collect();
        crd.spec.versions.push(v1);
    }
}

/// All versions are served, and the release's own is stored.
fn before_v1(v1: CustomResourceDefinitionVersion, release: &Version) -> Vec<CustomResourceDefinitionVersion> {
    let names = ["v1alpha1".to_owned(), "v1".to_owned()].into_iter();
    let names = names.chain((1..release.minor).map(|minor| format!("v1-{minor}-0")));
    let mut versions: Vec<_> = names.map(|name| opaque_version(&v1, &name)).collect();
    versions.push(CustomResourceDefinitionVersion { name: format!("v1-{}-0", release.minor), ..v1 });
    versions
}

/// One of the versions before v1, as in releases since v1.
fn deprecated(v1: &CustomResourceDefinitionVersion, minor: u64) -> CustomResourceDefinitionVersion {
    CustomResourceDefinitionVersion {
        served: minor >= 10,
        deprecated: Some(true),
        deprecation_warning: Some(format!(
            "psmdb.percona.com/v1-{minor}-0 PerconaServerMongoDB goes away with release 1.17.0: use psmdb.percona.com/v1"
        )),
        ..opaque_version(v1, &format!("v1-{minor}-0"))
    }
}

/// Backups: the columns of their release.
pub(super) fn of_backups(crd: &mut CustomResourceDefinition, release: &Version) {
    for columns in crd.spec.versions.iter_mut().filter_map(|version| version.additional_printer_columns.as_mut()) {
        if *release < Version::new(1, 14, 0) {
            columns.retain(|column| column.name != "Type");
        }
        if by_hand(release) {
            for cluster in columns.iter_mut().filter(|column| column.name == "Cluster") {
                cluster.json_path = ".spec.psmdbCluster".to_owned();
            }
        }
    }
    of_restores(crd, release);
}

/// Restores.
pub(super) fn of_restores(crd: &mut CustomResourceDefinition, release: &Version) {
    if by_hand(release) {
        open(crd);
    }
}
