//! The problems found so far, and what the rest only follows from.

use std::collections::BTreeSet;

use kube::api::ObjectMeta;

use super::Trouble;
use crate::install::marks;
use crate::install::trouble::one_line;

/// The topic of a problem. Test cases have the same name.
macro_rules! topics {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What a trouble is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Topic { $($(#[$doc])* $variant,)* }

        impl Topic {
            pub(super) fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }

        pub(super) const TOPICS: &[&str] = &[$($name,)*];
    };
}

topics! {
    NamespaceMissing = "namespace-missing",
    NamespaceTerminating = "namespace-terminating",
    OlmMissing = "olm-missing",
    OlmDefinition = "olm-definition",
    OlmDeployment = "olm-deployment",
    CatalogMissing = "catalog-missing",
    CatalogInvalid = "catalog-invalid",
    CatalogNotServed = "catalog-not-served",
    CatalogPodMissing = "catalog-pod-missing",
    ImagePull = "image-pull",
    CrashLoop = "crash-loop",
    OutOfMemory = "out-of-memory",
    Unschedulable = "unschedulable",
    Container = "container",
    Probe = "probe",
    Evicted = "evicted",
    PodStart = "pod-start",
    Quota = "quota",
    PodSecurity = "pod-security",
    Refused = "refused",
    GroupMissing = "group-missing",
    TooManyGroups = "too-many-groups",
    GroupTargets = "group-targets",
    GroupOverlap = "group-overlap",
    GroupServiceAccount = "group-service-account",
    Unpack = "unpack",
    PackageUnknown = "package-unknown",
    ChannelUnknown = "channel-unknown",
    StartUnknown = "start-unknown",
    Conflict = "conflict",
    CatalogsUnhealthy = "catalogs-unhealthy",
    Resolution = "resolution",
    PlanMissing = "plan-missing",
    VersionDeleted = "version-deleted",
    NoReaction = "no-reaction",
    PlanFailed = "plan-failed",
    Approval = "approval",
    Requirements = "requirements",
    OwnerConflict = "owner-conflict",
    Component = "component",
    Upgradeable = "upgradeable",
    CsvFailed = "csv-failed",
    Deployment = "deployment",
    Permission = "permission",
    PackageServer = "package-server",
}

/// The problems found so far.
#[derive(Default)]
pub(super) struct Found {
    list: Vec<(Topic, Trouble)>,
    /// OLM is missing, and therefore everything else.
    pub(super) nothing: bool,
    /// OLM itself has a problem, so its inactivity is not reported separately.
    pub(super) olm: bool,
    /// CatalogSources with a problem, as `namespace/name`. Missing packages of these are not reported separately.
    pub(super) catalogs: BTreeSet<String>,
    /// ClusterServiceVersions with a problem, as `namespace/name`.
    pub(super) csvs: BTreeSet<String>,
    /// A bundle that cannot be unpacked was reported.
    pub(super) unpack: bool,
    /// Namespaces in which OLM can do nothing.
    pub(super) namespaces: BTreeSet<String>,
}

impl Found {
    /// Adds a problem, unless it was already reported.
    pub(super) fn add(&mut self, topic: Topic, trouble: Trouble) {
        let known = |(_, other): &(Topic, Trouble)| *other == trouble;
        if !self.list.iter().any(known) {
            self.list.push((topic, trouble));
        }
    }

    pub(super) fn extend(&mut self, troubles: impl IntoIterator<Item = (Topic, Trouble)>) {
        for (topic, trouble) in troubles {
            self.add(topic, trouble);
        }
    }

    /// Whether a problem of an object with this text in its name was reported.
    pub(super) fn has(&self, name: &str) -> bool {
        self.list.iter().any(|(_, trouble)| trouble.object.contains(name))
    }

    pub(super) fn into_troubles(self) -> Vec<(&'static str, Trouble)> {
        self.list.into_iter().map(|(topic, trouble)| (topic.name(), trouble)).collect()
    }
}

/// `Pod olm/dbaas-catalog-x7k2p`.
pub(super) fn title(kind: &str, meta: &ObjectMeta) -> String {
    marks::title(kind, meta.namespace.as_deref(), meta.name.as_deref().unwrap_or_default())
}

/// The cluster's words as a part of a sentence: on one line, without the full stop.
pub(super) fn words(text: &str) -> String {
    one_line(text).trim_end_matches('.').to_owned()
}

/// `a`, `a and b`, `a, b and c`. Only the first names of a long list.
pub(super) fn list<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> String {
    const MOST: usize = 12;
    let names: Vec<String> = names.into_iter().map(|name| name.as_ref().to_owned()).collect();
    match names.as_slice() {
        [] => "none".into(),
        [name] => name.clone(),
        [first @ .., last] if names.len() <= MOST => format!("{} and {last}", first.join(", ")),
        _ => format!("{} and {} more", names[..MOST].join(", "), names.len() - MOST),
    }
}
