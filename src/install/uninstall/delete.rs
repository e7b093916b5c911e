//! Deletes objects, and waits until they are gone.

use std::time::Duration;

use kube::api::ApiResource;
use kube::{Resource, ResourceExt};
use serde_json::Value;

use crate::install::cluster::Cluster;
use crate::install::error::Error;
use crate::install::marks::title_of;
use crate::install::report::{Event, Report};
use crate::install::wait::{Look, Waiter};
use crate::install::watches::Watches;

/// How long a deletion may take.
const GONE: Duration = Duration::from_secs(180);

/// Deletes every object of a kind that has these labels.
pub(super) async fn all<K>(
    cluster: &Cluster,
    report: &dyn Report,
    namespace: Option<&str>,
    selector: &str,
) -> Result<(), Error>
where
    K: Resource<DynamicType = ()> + serde::Serialize + serde::de::DeserializeOwned,
{
    for object in cluster.list::<K>(namespace, selector).await? {
        delete(cluster, report, &object).await?;
    }
    Ok(())
}

/// Waits until no object of a kind has these labels.
pub(super) async fn gone<K>(
    cluster: &Cluster,
    waiter: &Waiter<'_>,
    namespace: Option<&str>,
    selector: &str,
) -> Result<(), Error>
where
    K: Resource<DynamicType = ()> + serde::de::DeserializeOwned,
{
    gone_but::<K>(cluster, waiter, namespace, selector, &|_| true).await
}

/// Waits until no object of a kind that has these labels, and is to be deleted, exists.
pub(super) async fn gone_but<K>(
    cluster: &Cluster,
    waiter: &Waiter<'_>,
    namespace: Option<&str>,
    selector: &str,
    goes: &dyn Fn(&K) -> bool,
) -> Result<(), Error>
where
    K: Resource<DynamicType = ()> + serde::de::DeserializeOwned,
{
    let condition = format!("every {} is deleted", K::kind(&()));
    let watches = Watches::new().on::<K>(cluster, namespace);
    waiter
        .until(&condition, GONE, &watches, async || {
            let left: Vec<K> = cluster.list(namespace, selector).await?;
            let left = left.iter().find(|object| goes(object));
            Ok(left.map_or(Look::Met(()), |object| Look::NotYet(held(object))))
        })
        .await
}

/// The state of an object that is not deleted yet.
fn held<K: Resource<DynamicType = ()>>(object: &K) -> String {
    let finalizers = object.finalizers();
    match (object.meta().deletion_timestamp.is_some(), finalizers) {
        (true, [_, ..]) => format!("{} waits for its finalizers: {}", title_of(object), finalizers.join(", ")),
        (true, []) => format!("{} is being deleted", title_of(object)),
        (false, _) => format!("{} still exists", title_of(object)),
    }
}

/// Deletes an object.
pub(super) async fn delete<K>(cluster: &Cluster, report: &dyn Report, object: &K) -> Result<(), Error>
where
    K: Resource<DynamicType = ()>,
{
    let kind = ApiResource::erase::<K>(&());
    let mut it = kube::api::DynamicObject::new(&object.name_any(), &kind);
    it.metadata.namespace = object.namespace();
    it.metadata.uid = object.uid();
    it.data = Value::Null;
    if cluster.delete(&kind, &it).await? {
        report.tell(Event::Deleted { object: title_of(object) });
    }
    Ok(())
}
