//! Validation of a bundle: rules, each of which finds one kind of defect, with the place of each.
//!
//! Every check of operator-framework/api's validators is a finding of some rule here, with its level and the field that it
//! is about; so is what opm's `bundle validate` checks, and what OLM itself refuses when it installs a bundle.
//! `tests/validate_bundle/differences.yaml` lists where a peer is wrong, and why. The peers' optional validators are
//! [`Set`]s.

mod apis;
mod context;
mod examples;
mod images;
mod node;
mod options;
mod removed;
mod rule;
mod rules;
mod schema;
mod text;

pub use context::Context;
pub use node::Node;
pub use options::{Options, Set, UnknownSet};
pub use rule::Rule;
pub use rules::RULES;

use std::path::Path;

use crate::bundle::{self, Bundle};
use crate::diagnostic::Finding;

/// Holds every rule of the selected sets against a bundle. `root` is its folder, or what places name in its stead.
///
/// The findings come rule by rule; printing sorts them by place.
#[must_use]
pub fn validate(bundle: &Bundle, root: &Path, options: &Options) -> Vec<Finding> {
    run(&Context::new(bundle, root, options))
}

/// Reads a bundle's folder, and holds every rule of the selected sets against it.
///
/// # Errors
/// Files that cannot be read, and links that lead out of the folder. A folder that lacks manifests or metadata is not an
/// error but a finding.
pub fn validate_folder(folder: &Path, options: &Options) -> Result<Vec<Finding>, bundle::Error> {
    let (bundle, layout) = Bundle::read_parts(folder)?;
    let mut context = Context::new(&bundle, folder, options);
    context.layout = layout;
    Ok(run(&context))
}

fn run(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in RULES.iter().filter(|rule| context.options.runs(rule)) {
        (rule.check)(context, &mut findings);
    }
    findings
}
