//! The APIs that a bundle's CRDs define and that its ClusterServiceVersion owns.

use std::collections::BTreeSet;

use super::{Context, Node, examples};
use crate::bundle::Gvk;

/// Whether a CRD has the v1beta1 form, which Kubernetes 1.22 removed.
pub(super) fn is_v1beta1(crd: &Node<'_>) -> bool {
    crd.get("apiVersion").text() == "apiextensions.k8s.io/v1beta1"
}

/// Every version of every CRD, with the CRD. v1beta1 can name its only version outside of the list.
pub(super) fn of_crds<'c>(context: &'c Context<'_>) -> Vec<(Gvk, Node<'c>)> {
    let mut apis = Vec::new();
    for crd in context.crds() {
        let names: Vec<&str> = crd.at("spec.versions").items().map(|version| version.get("name").text()).collect();
        let old = (names.is_empty() && is_v1beta1(&crd)).then(|| crd.at("spec.version").text());
        for version in names.into_iter().chain(old) {
            let (group, kind) = (crd.at("spec.group").text().to_owned(), crd.at("spec.names.kind").text().to_owned());
            apis.push((Gvk { group, version: version.to_owned(), kind }, crd.clone()));
        }
    }
    apis
}

/// The APIs of the CRDs that the ClusterServiceVersion owns. A name without a dot counts as the group, as in
/// operator-framework/api.
pub(super) fn owned(context: &Context<'_>) -> BTreeSet<Gvk> {
    let owned = context.spec("customresourcedefinitions.owned");
    let api = |crd: &Node<'_>| {
        let name = crd.get("name").text();
        examples::described(name.split_once('.').map_or(name, |(_, group)| group), crd)
    };
    owned.iter().map(api).collect()
}
