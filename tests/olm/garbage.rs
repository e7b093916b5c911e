//! Objects that are deleted with their owners: OLM's own objects everywhere, and on a cluster without Kubernetes'
//! controllers those that these would delete.

use std::collections::BTreeSet;
use std::time::Instant;

use anyhow::Result;
use serde_json::{Value, json};

use super::store::{Kind, is_going, list, name, namespace, text, texts, uid};
use super::{GARBAGE, Player};

/// Objects that an OLM object can own, the owners themselves, and other objects in the tests' namespaces.
const OWNERS: [&str; 3] = ["Subscription", "ClusterServiceVersion", "CatalogSource"];

fn owned() -> Vec<Kind> {
    let rbac = "rbac.authorization.k8s.io/v1";
    let mut kinds: Vec<Kind> =
        ["ServiceAccount", "Service", "ConfigMap", "Pod"].map(|kind| Kind::new("v1", kind)).into();
    kinds.extend(["Role", "RoleBinding"].map(|kind| Kind::new(rbac, kind)));
    kinds.extend([Kind::deployment(), Kind::olm("InstallPlan"), Kind::new("batch/v1", "Job")]);
    kinds
}

impl Player {
    pub(super) async fn garbage(&mut self) -> Result<()> {
        if self.collected.elapsed() < GARBAGE {
            return Ok(());
        }
        self.collected = Instant::now();
        self.cluster_roles().await?;
        if self.has_node() {
            return Ok(());
        }
        self.owned().await?;
        self.namespaces().await
    }

    /// Cluster-wide roles have no owner: OLM finds them by their labels.
    async fn cluster_roles(&self) -> Result<()> {
        for kind in ["ClusterRole", "ClusterRoleBinding"] {
            let kind = Kind::new("rbac.authorization.k8s.io/v1", kind);
            for role in self.server.list_metadata(&kind).await? {
                let labels = &role["metadata"]["labels"];
                let (owner, home) = (text(&labels["olm.owner"]), text(&labels["olm.owner.namespace"]));
                if labels["olm.owner.kind"] == "ClusterServiceVersion" && self.csvs.get(home, owner).is_none() {
                    let csvs = Kind::olm("ClusterServiceVersion");
                    // The plan that creates both can have done so since the last check.
                    if self.server.get(&csvs, home, owner).await?.is_none() {
                        self.server.delete(&kind, "", name(&role)).await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The garbage collector. Owned objects are listed before the owners, which are then older.
    async fn owned(&self) -> Result<()> {
        let mut dependents = Vec::new();
        for kind in owned() {
            for object in self.server.list_metadata(&kind).await? {
                self.unblock(&kind, &object).await?;
                if !list(&object["metadata"]["ownerReferences"]).is_empty() && !is_going(&object) {
                    dependents.push((kind.clone(), object));
                }
            }
        }
        let mut there = BTreeSet::new();
        for kind in OWNERS.map(Kind::olm).into_iter().chain([Kind::deployment()]) {
            for object in self.server.list_metadata(&kind).await? {
                self.unblock(&kind, &object).await?;
                if !is_going(&object) {
                    there.insert(uid(&object).to_owned());
                }
            }
        }
        for (kind, object) in dependents {
            let known = |owner: &Value| OWNERS.contains(&text(&owner["kind"])) || owner["kind"] == "Deployment";
            let gone = |owner: &Value| known(owner) && !there.contains(text(&owner["uid"]));
            if list(&object["metadata"]["ownerReferences"]).iter().all(gone) {
                self.server.delete(&kind, namespace(&object), name(&object)).await?;
            }
        }
        Ok(())
    }

    /// Foreground deletion waits for a finalizer that the garbage collector removes.
    async fn unblock(&self, kind: &Kind, object: &Value) -> Result<()> {
        let finalizers = texts(&object["metadata"]["finalizers"]);
        let is_ours = |one: &&str| ["foregroundDeletion", "orphan"].contains(one);
        if is_going(object) && finalizers.iter().any(is_ours) {
            let left: Vec<_> = finalizers.iter().filter(|one| !is_ours(one)).collect();
            self.server.patch(kind, object, "", json!({"metadata": {"finalizers": left}})).await?;
        }
        Ok(())
    }

    /// A namespace is deleted with everything in it.
    async fn namespaces(&self) -> Result<()> {
        let kind = Kind::new("v1", "Namespace");
        for metadata in self.server.list_metadata(&kind).await?.iter().filter(|one| is_going(one)) {
            let olm = ["Subscription", "InstallPlan", "ClusterServiceVersion", "CatalogSource"].map(Kind::olm);
            let packages = Kind::new("packages.operators.coreos.com/v1", "PackageManifest");
            let more = [Kind::operator_group(), packages, Kind::new("v1", "Event"), Kind::new("v1", "Secret")];
            for kind in olm.into_iter().chain(owned()).chain(more) {
                for object in self.server.list_metadata(&kind).await? {
                    if namespace(&object) == name(metadata) && !is_going(&object) {
                        self.server.delete(&kind, namespace(&object), name(&object)).await?;
                    }
                }
            }
            if let Some(namespace) = self.server.get(&kind, "", name(metadata)).await? {
                self.server.finalize(&namespace).await?;
            }
        }
        Ok(())
    }
}
