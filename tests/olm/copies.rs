//! Copies of ClusterServiceVersions in the namespaces that their operators watch.

use anyhow::Result;
use serde_json::{Value, json};

use super::Player;
use super::csv::is_copy;
use super::operator_group::targets;
use super::store::{Kind, Object, is_going, name, namespace, text};

impl Player {
    pub(super) async fn copies(&mut self) -> Result<()> {
        let kind = Kind::olm("ClusterServiceVersion");
        let (copies, originals): (Vec<Object>, Vec<Object>) = self.csvs.all().cloned().partition(|csv| is_copy(csv));
        let namespaces = self.server.list_metadata(&Kind::new("v1", "Namespace")).await?;
        let namespaces: Vec<&str> = namespaces.iter().filter(|one| !is_going(one)).map(name).collect();
        let mut wanted = Vec::new();
        for csv in originals.iter().filter(|csv| !is_going(csv) && !text(&csv["status"]["phase"]).is_empty()) {
            let Ok(group) = self.group_of(namespace(csv)) else { continue };
            let targets = targets(group);
            let is_target = |one: &&&str| (targets == [""] || targets.contains(*one)) && **one != namespace(csv);
            wanted.extend(namespaces.iter().filter(is_target).map(|target| (csv, *target)));
        }
        for copy in &copies {
            let origin = text(&copy["metadata"]["labels"]["olm.copiedFrom"]);
            let is_wanted = |(csv, target): &(&Object, &str)| {
                name(csv) == name(copy) && namespace(csv) == origin && *target == namespace(copy)
            };
            if !is_going(copy) && !wanted.iter().any(is_wanted) {
                self.server.delete(&kind, namespace(copy), name(copy)).await?;
            }
        }
        for (csv, target) in wanted {
            match self.csvs.get(target, name(csv)) {
                None => drop(self.server.create(&copy_of(csv, target)).await?),
                Some(copy) if is_copy(copy) && copy["status"]["phase"] != csv["status"]["phase"] => {
                    let mut status = csv["status"].clone();
                    status["reason"] = json!("Copied");
                    let from = namespace(csv);
                    status["message"] =
                        json!(format!("The operator is running in {from} but is managing this namespace"));
                    self.server.set_status(&kind, copy, &status).await?;
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

fn copy_of(csv: &Value, target: &str) -> Value {
    let mut labels = csv["metadata"]["labels"].clone();
    labels["olm.copiedFrom"] = csv["metadata"]["namespace"].clone();
    json!({
        "apiVersion": csv["apiVersion"], "kind": csv["kind"],
        "metadata": {"name": name(csv), "namespace": target, "labels": labels,
                     "annotations": csv["metadata"]["annotations"]},
        "spec": csv["spec"],
    })
}
