//! The plan of OLM: the InstallPlans, one after the other, that upgrade an installed version to the head of a channel.
//!
//! 1. [`Request::way`] finds the upgrade path with OLM's resolver ([`crate::graph::Resolver`]), and the dependencies
//!    that each InstallPlan also installs.
//! 2. [`Way::plan`] adds the effects of each step on users ([`crate::safety`]): this can require reading manifests
//!    first.
//! 3. [`text()`] prints it for people who decide about an upgrade.
//!
//! The statements about InstallPlans follow operator-lifecycle-manager: `pkg/controller/registry/resolver` for the
//! choice of versions, `pkg/controller/operators/catalog/operator.go` for approval and for the definitions that it does
//! not install. The plan of one catalog ignores other catalogs and everything else in the namespace.

mod dependencies;
mod model;
mod request;
mod text;
mod way;

pub use model::{Dependency, Deprecated, Deprecation, End, InstallPlan, Installed, Met, OtherChannel, Plan};
pub use request::{Error, Request};
pub use text::text;
pub use way::Way;
