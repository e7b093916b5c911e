//! What the files of manifests of a release contain.

use std::collections::BTreeSet;

use super::crds::is_crd;
use super::manifests::{self, Entry};

/// The contents of manifests, as far as a definition can have the same itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// The names of deployments.
    pub deployments: BTreeSet<String>,
    /// The service accounts that have permissions.
    pub accounts: BTreeSet<String>,
    /// Whether there are webhooks.
    pub has_webhooks: bool,
    /// The kinds of the CRDs.
    pub kinds: BTreeSet<String>,
    /// Kind and name of every object.
    pub objects: BTreeSet<(String, String)>,
}

impl Inventory {
    /// Whether there are CRDs.
    #[must_use]
    pub fn has_crds(&self) -> bool {
        !self.kinds.is_empty()
    }

    pub(super) fn of(entries: &[Entry]) -> Self {
        let mut inventory = Self::default();
        for entry in entries {
            let (kind, name) = (entry.object.kind().to_owned(), entry.object.name().to_owned());
            match kind.as_str() {
                "Deployment" => drop(inventory.deployments.insert(name.clone())),
                "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration" => inventory.has_webhooks = true,
                "RoleBinding" | "ClusterRoleBinding" => {
                    let subjects = entry.object.0.get("subjects").and_then(|subjects| subjects.as_array());
                    let names = subjects.into_iter().flatten().filter_map(|subject| subject["name"].as_str());
                    inventory.accounts.extend(names.map(str::to_owned));
                }
                _ if is_crd(&entry.object) => drop(inventory.kinds.insert(entry.text("spec/names/kind").to_owned())),
                _ => {}
            }
            if let Some(Ok(csv)) = manifests::csv::read(entry) {
                let install = &csv.spec.install.spec;
                inventory.deployments.extend(install.deployments.iter().map(|it| it.name.clone()));
                let permissions = install.permissions.iter().chain(&install.cluster_permissions);
                inventory.accounts.extend(permissions.map(|it| it.service_account_name.clone()));
                inventory.has_webhooks |= !csv.spec.webhook_definitions.is_empty();
            }
            inventory.objects.insert((kind, name));
        }
        inventory
    }
}
