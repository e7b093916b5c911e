//! Checks that all aggregated APIs answer. If one does not, Kubernetes cannot delete namespaces, and the contents of a
//! namespace are unknown.

use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService;
use kube::ResourceExt;

use crate::install::cluster::Cluster;
use crate::install::error::Error;
use crate::install::trouble::one_line;

/// Checks that every APIService is available, except one that is deleted itself.
///
/// # Errors
/// [`Error::InTheWay`] with those that are not. Also if the API server does not answer.
pub(in crate::install) async fn answer(cluster: &Cluster, except: Option<&str>) -> Result<(), Error> {
    let services = match cluster.list::<APIService>(None, "").await {
        Ok(services) => services,
        // Roles that were granted for an earlier version lack this permission. The kinds are listed anyway.
        Err(Error::Forbidden { .. }) => return Ok(()),
        Err(error) => return Err(error),
    };
    let broken = services.iter().filter(|service| Some(&*service.name_any()) != except).filter_map(broken);
    let (names, said): (Vec<String>, Vec<String>) = broken.unzip();
    if names.is_empty() {
        return Ok(());
    }
    Err(Error::InTheWay {
        message: format!(
            "{}: until it answers, Kubernetes cannot delete namespaces or list their contents; nothing was deleted",
            said.join("; ")
        ),
        help: format!(
            "start its server, or delete it if nobody needs it: `kubectl delete apiservice {}`",
            names.join(" ")
        ),
    })
}

/// The aggregator's message about an unavailable APIService, after its name.
fn broken(service: &APIService) -> Option<(String, String)> {
    let conditions = service.status.as_ref()?.conditions.as_ref()?;
    let condition = conditions.iter().find(|condition| condition.type_ == "Available" && condition.status != "True")?;
    let why = condition.message.as_deref().or(condition.reason.as_deref()).unwrap_or_default();
    let name = service.name_any();
    let said = format!("APIService {name} is not available: {}", one_line(why));
    Some((name, said))
}
