//! The versions of the CRDs.
//!
//! A cluster was first stored as v1alpha1, then by each release as a separate version, from v1-1-0 to v1-11-0. Since
//! 1.12.0 it is stored as v1, and the earlier versions are deprecated: the last two are served, the others are only
//! listed.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceColumnDefinition, CustomResourceDefinition, CustomResourceDefinitionVersion,
    CustomResourceSubresourceScale, CustomResourceValidation, JSONSchemaProps,
};
use semver::Version;

use crate::apis::crd::{opaque, opaque_version};

/// Versions from before HAProxy was added, without its column.
const BEFORE_HAPROXY: &[&str] = &["v1alpha1", "v1-1-0", "v1-2-0", "v1-3-0", "v1-4-0", "v1-5-0"];

/// Whether the release's CRDs were written by hand, without schemas.
fn by_hand(release: &Version) -> bool {
    *release < Version::new(1, 11, 0)
}

/// The earlier backups: without a schema and without a status subresource.
pub(super) fn of_old_backups(crd: &mut CustomResourceDefinition, release: &Version) {
    open(crd, release);
    for version in &mut crd.spec.versions {
        version.subresources = None;
    }
}

/// Removes the schemas, and the name of the tool that did not generate them.
fn open(crd: &mut CustomResourceDefinition, _: &Version) {
    crd.metadata.annotations = None;
    for version in &mut crd.spec.versions {
        version.schema = Some(opaque());
    }
}

/// Clusters: the versions of their release.
pub(super) fn of_clusters(crd: &mut CustomResourceDefinition, release: &Version) {
    if by_hand(release) {
        open(crd, release);
    }
    let Some(v1) = crd.spec.versions.pop() else { return };
    crd.spec.versions = if *release < Version::new(1, 12, 0) { before_v1(v1, release) } else { since_v1(v1) };
}

/// All versions are served, and the release's own is stored.
fn before_v1(v1: CustomResourceDefinitionVersion, release: &Version) -> Vec<CustomResourceDefinitionVersion> {
    let names = ["v1alpha1".to_owned(), "v1".to_owned()].into_iter();
    let names = names.chain((1..release.minor).map(|minor| format!("v1-{minor}-0")));
    let mut versions: Vec<_> = names.map(|name| before_haproxy(opaque_version(&v1, &name))).collect();
    for version in &mut versions {
        let scales = matches!(version.name.as_str(), "v1" | "v1-8-0" | "v1-9-0" | "v1-10-0");
        scale(version, scales.then_some(".status.pxc.ready"));
    }
    let mut stored = CustomResourceDefinitionVersion { name: format!("v1-{}-0", release.minor), ..v1 };
    scale(&mut stored, by_hand(release).then_some(".status.pxc.ready"));
    versions.push(stored);
    versions
}

/// v1 is stored. It keeps unknown fields, because objects of earlier versions have them.
fn since_v1(mut v1: CustomResourceDefinitionVersion) -> Vec<CustomResourceDefinitionVersion> {
    if let Some(schema) = root(&mut v1) {
        schema.x_kubernetes_preserve_unknown_fields = Some(true);
    }
    scale(&mut v1, Some(".status.pxc.size"));
    let mut versions: Vec<_> = (2..=11).map(|minor| deprecated(&v1, minor)).collect();
    versions.push(v1);
    versions
}

/// One of the versions before v1, as in releases since v1.
fn deprecated(v1: &CustomResourceDefinitionVersion, minor: u64) -> CustomResourceDefinitionVersion {
    let mut version = opaque_version(v1, &format!("v1-{minor}-0"));
    version.served = minor >= 10;
    version.deprecated = Some(true);
    version.deprecation_warning = Some(format!(
        "pxc.percona.com/v1-{minor}-0 PerconaXtraDBCluster goes away with release 1.16.0: use pxc.percona.com/v1"
    ));
    scale(&mut version, None);
    let columns = version.additional_printer_columns.iter_mut().flatten();
    version.additional_printer_columns = Some(columns.filter_map(|column| of_deprecated(column)).collect());
    version
}

/// The form of a v1 column in the deprecated versions.
fn of_deprecated(column: &CustomResourceColumnDefinition) -> Option<CustomResourceColumnDefinition> {
    match column.name.as_str() {
        "Endpoint" => Some(CustomResourceColumnDefinition { name: "ENDPOINT".into(), ..column.clone() }),
        "Status" | "Age" => Some(column.clone()),
        _ => None,
    }
}

fn before_haproxy(mut version: CustomResourceDefinitionVersion) -> CustomResourceDefinitionVersion {
    if let (true, Some(columns)) =
        (BEFORE_HAPROXY.contains(&version.name.as_str()), &mut version.additional_printer_columns)
    {
        columns.retain(|column| column.name != "haproxy");
    }
    version
}

/// Whether `kubectl scale` can set the number of database nodes.
fn scale(version: &mut CustomResourceDefinitionVersion, replicas: Option<&str>) {
    let scale = replicas.map(|path| CustomResourceSubresourceScale {
        label_selector_path: Some(".status.pxc.labelSelectorPath".to_owned()),
        spec_replicas_path: ".spec.pxc.size".to_owned(),
        status_replicas_path: path.to_owned(),
    });
    version.subresources.get_or_insert_default().scale = scale;
}

/// Backups: they have two settings of their pod outside of their spec.
pub(super) fn of_backups(crd: &mut CustomResourceDefinition, release: &Version) {
    if by_hand(release) {
        return open(crd, release);
    }
    for properties in crd.spec.versions.iter_mut().filter_map(|version| root(version)?.properties.as_mut()) {
        for (name, description) in [
            ("priorityClassName", "The priority class of the backup's pod."),
            ("schedulerName", "The scheduler that places the backup's pod."),
        ] {
            let description = Some(description.to_owned());
            let text = JSONSchemaProps { type_: Some("string".to_owned()), description, ..Default::default() };
            properties.insert(name.to_owned(), text);
        }
    }
}

/// Restores.
pub(super) fn of_restores(crd: &mut CustomResourceDefinition, release: &Version) {
    if by_hand(release) {
        open(crd, release);
    }
}

fn root(version: &mut CustomResourceDefinitionVersion) -> Option<&mut JSONSchemaProps> {
    let CustomResourceValidation { open_api_v3_schema } = version.schema.as_mut()?;
    open_api_v3_schema.as_mut()
}

#[cfg(test)]
mod tests {
    use crate::apis::{Api, Release};

    /// The versions of the clusters' CRD in a release: its name, and whether it is stored, served or deprecated.
    fn versions(release: &str) -> Vec<String> {
        let release = release.parse().unwrap();
        let release = Release { version: release, kubernetes: 25, controller_gen: "0.8.0".parse().unwrap() };
        let crds = Api::named("pxc").unwrap().crds(&release).unwrap();
        let clusters = crds.iter().find(|crd| crd.spec.names.kind == "PerconaXtraDBCluster").unwrap();
        let told = clusters.spec.versions.iter().map(|version| {
            let marks = [
                (version.storage, " stored"),
                (version.served, " served"),
                (version.deprecated == Some(true), " deprecated"),
                (version.subresources.as_ref().is_some_and(|subresources| subresources.scale.is_some()), " scales"),
            ];
            let marks = marks.into_iter().filter(|(holds, _)| *holds).map(|(_, mark)| mark);
            version.name.clone() + &marks.collect::<String>()
        });
        told.collect()
    }

    #[test]
    fn each_release_up_to_1_11_stores_a_version_of_its_own() {
        let old = ["v1-1-0", "v1-2-0", "v1-3-0", "v1-4-0", "v1-5-0", "v1-6-0", "v1-7-0"].map(|n| format!("{n} served"));
        let all = |rest: &[&str]| {
            let first = ["v1alpha1 served", "v1 served scales"].map(str::to_owned);
            let rest = rest.iter().map(|&version| version.to_owned());
            first.into_iter().chain(old.clone()).chain(rest).collect::<Vec<_>>()
        };
        assert_eq!(
            versions("1.10.0"),
            all(&["v1-8-0 served scales", "v1-9-0 served scales", "v1-10-0 stored served scales"])
        );
        assert_eq!(
            versions("1.11.0"),
            all(&["v1-8-0 served scales", "v1-9-0 served scales", "v1-10-0 served scales", "v1-11-0 stored served"])
        );
    }

    #[test]
    fn later_releases_store_v1() {
        let versions = versions("1.13.0");
        assert_eq!(versions.first().unwrap(), "v1-2-0 deprecated");
        assert_eq!(
            versions[7..],
            ["v1-9-0 deprecated", "v1-10-0 served deprecated", "v1-11-0 served deprecated", "v1 stored served scales"]
        );
    }
}
