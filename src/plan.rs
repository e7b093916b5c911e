//! What OLM will do: the InstallPlans, one after the other, that take an installed version to the head of a channel.
//!
//! 1. [`Request::way`] finds the way by OLM's resolver ([`crate::graph::Resolver`]), with what each InstallPlan installs along
//!    to meet its requirements.
//! 2. [`Way::plan`] adds what each step does to users ([`crate::safety`]): the manifests for that may have to be read first.
//! 3. [`text()`] is what people read before they accept an upgrade.
//!
//! What is said of InstallPlans follows operator-lifecycle-manager: `pkg/controller/registry/resolver` for what is chosen,
//! `pkg/controller/operators/catalog/operator.go` for approval and for the definitions that it does not install. A
//! catalog says nothing of other catalogs and of what else is in the namespace.

mod dependencies;
mod model;
mod request;
mod text;
mod way;

pub use model::{Dependency, Deprecated, Deprecation, End, InstallPlan, Installed, Met, OtherChannel, Plan};
pub use request::{Error, Request};
pub use text::text;
pub use way::Way;
