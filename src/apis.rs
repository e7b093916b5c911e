//! The custom resources of the operators that this crate knows, as Rust types, and the CRDs of their releases.
//!
//! The types describe the newest release, and marks say in which releases each field exists. They have two uses:
//! [`Api::crds`] generates the CRDs of one release from them, and with a `kube` client they are a typed client.
//!
//! # How to write the types
//!
//! One folder per operator, one file per kind, one table of the kinds ([`Kind`]), one line in [`APIS`].
//!
//! ```
//! use k8s_openapi::api::core::v1::Affinity;
//! use kube::CustomResource;
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//! use serde_with::skip_serializing_none;
//!
//! /// The desired backup.
//! #[skip_serializing_none]
//! #[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
//! #[kube(group = "demo.example.com", version = "v1", kind = "Backup", namespaced)]
//! #[kube(derive = "PartialEq", derive = "JsonSchema", schema = "disabled")]
//! #[kube(doc = "One backup of a cluster.", status = "BackupStatus", shortname = "bk")]
//! #[kube(printcolumn(name = "Cluster", type_ = "string", json_path = ".spec.cluster"))]
//! #[serde(rename_all = "camelCase")]
//! pub struct BackupSpec {
//!     /// The cluster to take a backup of.
//!     pub cluster: String,
//!     /// Where the backup's pod can run.
//!     #[schemars(extend("x-since" = "1.1.0"))]
//!     pub affinity: Option<Affinity>,
//!     /// How many backups to keep. A 32 bit number before 1.2.0.
//!     #[schemars(extend("x-changes" = [{"until": "1.2.0", "schema": {"format": "int32"}}]))]
//!     pub keep: Option<i64>,
//! }
//!
//! /// The state of a backup.
//! #[skip_serializing_none]
//! #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
//! pub struct BackupStatus {
//!     /// The current phase.
//!     pub state: Option<String>,
//! }
//!
//! use olm_catalog::apis::{Api, Kind, Release};
//! const DEMO: Api = Api { name: "demo", kinds: &[Kind::of::<Backup>().since("1.0.0")] };
//!
//! let old = Release { version: "1.0.0".parse()?, kubernetes: 24, controller_gen: "0.9.2".parse()? };
//! let crds = DEMO.crds(&old)?;
//! let schema = serde_json::to_value(&crds[0].spec.versions[0].schema)?;
//! let spec = &schema["openAPIV3Schema"]["properties"]["spec"]["properties"];
//! assert!(spec["affinity"].is_null());
//! assert_eq!(spec["keep"]["format"], "int32");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - Every type has `#[skip_serializing_none]`, derives at least `Clone, Debug, PartialEq, Serialize, Deserialize,
//!   JsonSchema`, and every type and field has a doc comment: `kubectl explain` shows it. A field without one shows
//!   its type's. Lines of a paragraph are joined. It is plain text, in our own words: no links to Rust items.
//! - kube's own schema is disabled: it does not support releases, and is slow to make. The resource still derives
//!   `JsonSchema`.
//! - A field that the CRD requires is `T`, any other is `Option<T>`; never `#[serde(default)]`, and
//!   `#[serde(rename = "…")]` only if camel case does not give the name.
//! - Go's `int` is `isize`, `int32` is `i32`, `int64` is `i64`, `uint16` is `u16`: the formats follow as controller-gen
//!   writes them. A `map[string]T` is a `BTreeMap<String, T>`, a `[]T` is a `Vec<T>`, JSON of any kind is a
//!   [`serde_json::Value`], a string with an `enum` marker is an `enum` without data.
//! - Kubernetes' own types come from `k8s_openapi`, including `Quantity`, `IntOrString`, `Time`, `Condition` and
//!   `ObjectMeta`. Fields that the release's Kubernetes did not have yet are omitted automatically; see [`kubernetes`].
//! - Bounds are schemars': `#[schemars(range(min = 1))]`, `length(min = 1)`, `regex(pattern = "…")`. Any other
//!   keyword of a CRD is an extension: `#[schemars(extend("default" = "TCP", "nullable" = true))]`.
//! - An inlined Go struct is `#[serde(flatten)]`. Mark the fields in it: a mark on the flattened field is lost.
//! - A type must not contain itself: a CRD cannot express that. Make the inner one a [`serde_json::Value`].
//!
//! # Marks
//!
//! Marks are written in `#[schemars(extend(…))]` on a field, on a variant of an enum, or on a type, where they apply to every
//! field of that type. A misspelled one is an [`Error`].
//!
//! | mark | meaning |
//! |---|---|
//! | `"x-since" = "1.1.0"` | the first release that has the field |
//! | `"x-until" = "1.2.0"` | the first release without it |
//! | `"x-required" = RANGE` | an `Option` is required in these releases, or a `T` only in these; on the type of `spec`: whether the resource requires its `spec` (by default it does not, as with controller-gen) |
//! | `"x-opaque" = RANGE` | in these releases the schema only has the type, and keeps unknown fields |
//! | `"x-changes" = [{"since": "1.1.0", "until": "1.2.0", "schema": {"format": "int32"}}]` | in these releases the finished schema is changed by a JSON merge patch (RFC 7386: null removes a keyword) |
//!
//! A `RANGE` is `true` for all releases, or `{"since": …, "until": …}` with one or both. If both the type and the field
//! have a mark, the field's is applied last. Values are JSON, or in parentheses any Rust expression, so that a
//! frequent mark gets a name: `extend("x-changes" = (flat_until("0.24.0")))`.
//!
//! Changes that marks cannot express (further versions of a CRD, columns that differ between releases) go into
//! [`Kind::settled_by`]: a function that changes the release's finished CRD.
#![allow(clippy::duplicated_attributes, reason = "kube's attributes come once for every column")]

pub mod crd;
pub mod dbaas;
pub mod kubernetes;
pub mod percona;
pub mod psmdb;
pub mod pxc;
pub mod schema;
pub mod victoriametrics;

use std::sync::Arc;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;
use schemars::JsonSchema;
use semver::Version;
use serde_json::Value;

pub use crd::Error;

/// Every API that an `operator.yaml` can name.
pub const APIS: &[Api] = &[
    Api { name: "dbaas", kinds: dbaas::KINDS },
    Api { name: "psmdb", kinds: psmdb::KINDS },
    Api { name: "pxc", kinds: pxc::KINDS },
    Api { name: "victoriametrics", kinds: victoriametrics::KINDS },
];

/// The custom resources of one operator.
#[derive(Clone, Copy, Debug)]
pub struct Api {
    /// Its name in `crds.api` of an `operator.yaml`.
    pub name: &'static str,
    /// Its kinds in any release.
    pub kinds: &'static [Kind],
}

/// A release, and the tools with which its CRDs were generated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The operator's version.
    pub version: Version,
    /// The minor version of the Kubernetes API that the operator was built with: 24 for `k8s.io/api` 0.24.
    pub kubernetes: u32,
    /// The version of controller-gen.
    pub controller_gen: Version,
}

/// One kind of custom resource, for all releases that have it.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    crd: fn() -> CustomResourceDefinition,
    schema: fn() -> Arc<Value>,
    since: Option<&'static str>,
    until: Option<&'static str>,
    settle: Option<fn(&mut CustomResourceDefinition, &Version)>,
}

impl Kind {
    /// The kind of a resource type.
    #[must_use]
    pub const fn of<R: CustomResourceExt + JsonSchema + 'static>() -> Self {
        Self { crd: R::crd, schema: schema::of::<R>, since: None, until: None, settle: None }
    }

    /// The first release that has the kind.
    #[must_use]
    pub const fn since(mut self, release: &'static str) -> Self {
        self.since = Some(release);
        self
    }

    /// The first release that no longer has the kind.
    #[must_use]
    pub const fn until(mut self, release: &'static str) -> Self {
        self.until = Some(release);
        self
    }

    /// Changes that marks cannot express, made to the finished CRD of a release: further versions, other columns.
    #[must_use]
    pub const fn settled_by(mut self, settle: fn(&mut CustomResourceDefinition, &Version)) -> Self {
        self.settle = Some(settle);
        self
    }
}

impl Api {
    /// The API with a name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        APIS.iter().find(|api| api.name == name)
    }

    /// The CRDs of a release, in the order of the kinds.
    ///
    /// # Errors
    /// Types that a CRD cannot express, which is a mistake in the types.
    pub fn crds(&self, release: &Release) -> Result<Vec<CustomResourceDefinition>, Error> {
        self.kinds.iter().filter_map(|kind| crd::of(kind, release).transpose()).collect()
    }
}
