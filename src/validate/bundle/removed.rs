//! The API versions that Kubernetes has removed.
//!
//! Source: <https://kubernetes.io/docs/reference/using-api/deprecation-guide/>. Removals before 1.22 are omitted: no
//! such cluster is left to upgrade from.

/// An API version of some kinds that a version of Kubernetes removed.
#[derive(Debug)]
pub(super) struct Removed {
    /// Its group and version.
    api: &'static str,
    /// Its kinds.
    kinds: &'static [&'static str],
    /// The first minor version of Kubernetes without it.
    pub(super) minor: u64,
    /// The group and version to use instead; empty if there is none.
    pub(super) instead: &'static str,
}

macro_rules! removed {
    ($($minor:literal $api:literal -> $instead:literal: $($kind:literal)+;)+) => {
        [$(Removed { api: $api, kinds: &[$($kind),+], minor: $minor, instead: $instead }),+]
    };
}

#[rustfmt::skip]
static ALL: [Removed; 24] = removed! {
    22 "admissionregistration.k8s.io/v1beta1" -> "admissionregistration.k8s.io/v1": "MutatingWebhookConfiguration" "ValidatingWebhookConfiguration";
    22 "apiextensions.k8s.io/v1beta1" -> "apiextensions.k8s.io/v1": "CustomResourceDefinition";
    22 "apiregistration.k8s.io/v1beta1" -> "apiregistration.k8s.io/v1": "APIService";
    22 "authentication.k8s.io/v1beta1" -> "authentication.k8s.io/v1": "TokenReview";
    22 "authorization.k8s.io/v1beta1" -> "authorization.k8s.io/v1": "LocalSubjectAccessReview" "SelfSubjectAccessReview" "SelfSubjectRulesReview" "SubjectAccessReview";
    22 "certificates.k8s.io/v1beta1" -> "certificates.k8s.io/v1": "CertificateSigningRequest";
    22 "coordination.k8s.io/v1beta1" -> "coordination.k8s.io/v1": "Lease";
    22 "extensions/v1beta1" -> "networking.k8s.io/v1": "Ingress";
    22 "networking.k8s.io/v1beta1" -> "networking.k8s.io/v1": "Ingress" "IngressClass";
    22 "rbac.authorization.k8s.io/v1beta1" -> "rbac.authorization.k8s.io/v1": "ClusterRole" "ClusterRoleBinding" "Role" "RoleBinding";
    22 "scheduling.k8s.io/v1beta1" -> "scheduling.k8s.io/v1": "PriorityClass";
    22 "storage.k8s.io/v1beta1" -> "storage.k8s.io/v1": "CSIDriver" "CSINode" "StorageClass" "VolumeAttachment";
    25 "autoscaling/v2beta1" -> "autoscaling/v2": "HorizontalPodAutoscaler";
    25 "batch/v1beta1" -> "batch/v1": "CronJob";
    25 "discovery.k8s.io/v1beta1" -> "discovery.k8s.io/v1": "EndpointSlice";
    25 "events.k8s.io/v1beta1" -> "events.k8s.io/v1": "Event";
    25 "node.k8s.io/v1beta1" -> "node.k8s.io/v1": "RuntimeClass";
    25 "policy/v1beta1" -> "policy/v1": "PodDisruptionBudget";
    25 "policy/v1beta1" -> "": "PodSecurityPolicy";
    26 "autoscaling/v2beta2" -> "autoscaling/v2": "HorizontalPodAutoscaler";
    26 "flowcontrol.apiserver.k8s.io/v1beta1" -> "flowcontrol.apiserver.k8s.io/v1": "FlowSchema" "PriorityLevelConfiguration";
    27 "storage.k8s.io/v1beta1" -> "storage.k8s.io/v1": "CSIStorageCapacity";
    29 "flowcontrol.apiserver.k8s.io/v1beta2" -> "flowcontrol.apiserver.k8s.io/v1": "FlowSchema" "PriorityLevelConfiguration";
    32 "flowcontrol.apiserver.k8s.io/v1beta3" -> "flowcontrol.apiserver.k8s.io/v1": "FlowSchema" "PriorityLevelConfiguration";
};

/// The removal of a kind of an API version, if Kubernetes has removed it.
pub(super) fn find(api: &str, kind: &str) -> Option<&'static Removed> {
    ALL.iter().find(|removed| removed.api == api && removed.kinds.contains(&kind))
}
