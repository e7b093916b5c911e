//! A whole ClusterServiceVersion: `ClusterServiceVersion` in operator-framework/api's `v1alpha1`, without the status.

use k8s_openapi::api::admissionregistration::v1::RuleWithOperations;
use k8s_openapi::api::apps::v1::DeploymentSpec;
use k8s_openapi::api::rbac::v1::PolicyRule;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{API_SERVICES, CRDS, Field, GVK, INSTALL_MODE, LINK, MAINTAINER, Shape, TEXT, optional};
use crate::apis::schema;

/// A ClusterServiceVersion.
pub(crate) static CSV: Shape = Shape::Struct(&[
    optional("apiVersion", Shape::Text),
    optional("kind", Shape::Text),
    optional("metadata", Shape::Kubernetes(schema::of::<ObjectMeta>)),
    optional("spec", Shape::Struct(SPEC)),
]);

const SPEC: &[Field] = &[
    optional("annotations", Shape::Map(&TEXT)),
    optional("apiservicedefinitions", API_SERVICES),
    optional("cleanup", Shape::Struct(CLEANUP)),
    optional("customresourcedefinitions", CRDS),
    optional("description", Shape::Text),
    optional("displayName", Shape::Text),
    optional("icon", Shape::List(&ICON)),
    optional("install", INSTALL),
    optional("installModes", Shape::List(&INSTALL_MODE)),
    optional("keywords", Shape::List(&TEXT)),
    optional("labels", Shape::Map(&TEXT)),
    optional("links", Shape::List(&LINK_ITEM)),
    optional("maintainers", Shape::List(&MAINTAINER)),
    optional("maturity", Shape::Text),
    optional("minKubeVersion", Shape::Text),
    optional("nativeAPIs", Shape::List(&GVK)),
    optional("provider", LINK),
    optional("relatedImages", Shape::List(&RELATED_IMAGE)),
    optional("replaces", Shape::Text),
    optional("selector", SELECTOR),
    optional("skips", Shape::List(&TEXT)),
    optional("version", Shape::Text),
    optional("webhookdefinitions", Shape::List(&WEBHOOK)),
];

const CLEANUP: &[Field] = &[optional("enabled", Shape::Bool)];
const SELECTOR: Shape = Shape::Kubernetes(schema::of::<LabelSelector>);
static RULE: Shape = Shape::Kubernetes(schema::of::<PolicyRule>);
static WEBHOOK_RULE: Shape = Shape::Kubernetes(schema::of::<RuleWithOperations>);
static LINK_ITEM: Shape = LINK;

static ICON: Shape = Shape::Struct(&[optional("base64data", Shape::Text), optional("mediatype", Shape::Text)]);
static RELATED_IMAGE: Shape = Shape::Struct(&[optional("name", Shape::Text), optional("image", Shape::Text)]);

const INSTALL: Shape =
    Shape::Struct(&[optional("strategy", Shape::Text), optional("spec", Shape::Struct(INSTALL_SPEC))]);

const INSTALL_SPEC: &[Field] = &[
    optional("deployments", Shape::List(&DEPLOYMENT)),
    optional("permissions", Shape::List(&PERMISSION)),
    optional("clusterPermissions", Shape::List(&PERMISSION)),
];

static DEPLOYMENT: Shape = Shape::Struct(&[
    optional("name", Shape::Text),
    optional("label", Shape::Map(&TEXT)),
    optional("spec", Shape::Kubernetes(schema::of::<DeploymentSpec>)),
]);

static PERMISSION: Shape =
    Shape::Struct(&[optional("serviceAccountName", Shape::Text), optional("rules", Shape::List(&RULE))]);

static WEBHOOK: Shape = Shape::Struct(&[
    optional("admissionReviewVersions", Shape::List(&TEXT)),
    optional("containerPort", Shape::Int32),
    optional("conversionCRDs", Shape::List(&TEXT)),
    optional("deploymentName", Shape::Text),
    optional("failurePolicy", Shape::Text),
    optional("generateName", Shape::Text),
    optional("matchPolicy", Shape::Text),
    optional("objectSelector", SELECTOR),
    optional("reinvocationPolicy", Shape::Text),
    optional("rules", Shape::List(&WEBHOOK_RULE)),
    optional("sideEffects", Shape::Text),
    optional("targetPort", Shape::Kubernetes(schema::of::<IntOrString>)),
    optional("timeoutSeconds", Shape::Int32),
    optional("type", Shape::Text),
    optional("webhookPath", Shape::Text),
]);
