//! Bundles that tests make up.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use olm_catalog::bundle::Bundle;

/// A minimal bundle of a package and version, named `<package>.v<version>`.
pub(crate) fn bundle(package: &str, version: &str) -> Bundle {
    let csv = format!(
        "apiVersion: operators.coreos.com/v1alpha1\n\
         kind: ClusterServiceVersion\n\
         metadata:\n  name: {package}.v{version}\n\
         spec:\n  version: {version:?}\n  description: d\n"
    );
    let annotations = format!("annotations:\n  operators.operatorframework.io.bundle.package.v1: {package}\n");
    let files = [("manifests/csv.yaml", csv), ("metadata/annotations.yaml", annotations)];
    Bundle { files: files.into_iter().map(|(path, text)| (path.to_owned(), text.into_bytes())).collect() }
}

/// The bundle of an image reference, `…/<package>:<version>`, where `_` in the tag is `+`. None without a tag.
pub(crate) fn bundle_of(reference: &str) -> Option<Bundle> {
    let (_, name) = reference.rsplit_once('/')?;
    let (package, tag) = name.split_once(':')?;
    Some(bundle(package, &tag.replace('_', "+")))
}
