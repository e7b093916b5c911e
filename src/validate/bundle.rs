//! Validation of a bundle by rules. Each rule finds one kind of defect, and reports the place of each.
//!
//! Every check of operator-framework/api's validators, of opm's `bundle validate`, and of OLM when it installs a bundle
//! is a finding of some rule here, with the same level and field. `tests/validate_bundle/differences.yaml` lists where
//! a peer is wrong, and why. The optional validators of the peers are [`Set`]s.

mod apis;
mod context;
mod examples;
mod images;
mod near;
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
pub(super) use rules::known_annotation;

use std::path::Path;

use crate::bundle::{self, Bundle};
use crate::diagnostic::Finding;
use crate::safety::Facts;
use crate::validate::{About, Commented, RuleFacts, comments};

/// A bundle that was checked.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The package that its annotations name, or empty.
    pub package: String,
    /// The findings, rule by rule; printing sorts by place.
    pub findings: Vec<Finding>,
}

/// Runs every rule of the selected sets on a bundle, and omits the warnings that a comment in a file ignores. `root` is
/// its folder, or whatever the places in findings name instead.
#[must_use]
pub fn check(bundle: &Bundle, root: &Path, options: &Options) -> Checked {
    run(&Context::new(bundle, root, options))
}

/// Reads a bundle's folder, and does the same.
///
/// # Errors
/// Files that cannot be read, and links that lead out of the folder. A folder that lacks manifests or metadata is not an
/// error but a finding.
pub fn check_folder(folder: &Path, options: &Options) -> Result<Checked, bundle::Error> {
    read(folder, options, |context| run(&context))
}

/// The same, with what counts of the bundle in an upgrade: none where it cannot be read as a bundle. Each file is read
/// once for both.
///
/// # Errors
/// Those of [`check_folder`].
pub fn check_folder_with_facts(folder: &Path, options: &Options) -> Result<(Checked, Option<Facts>), bundle::Error> {
    read(folder, options, |context| (run(&context), context.facts()))
}

fn read<T>(folder: &Path, options: &Options, look: impl FnOnce(Context<'_>) -> T) -> Result<T, bundle::Error> {
    let (bundle, layout) = Bundle::read_parts(folder)?;
    let mut context = Context::new(&bundle, folder, options);
    context.layout = layout;
    Ok(look(context))
}

/// The findings of [`check_folder`] alone.
///
/// # Errors
/// Those of [`check_folder`].
pub fn validate_folder(folder: &Path, options: &Options) -> Result<Vec<Finding>, bundle::Error> {
    Ok(check_folder(folder, options)?.findings)
}

fn run(context: &Context<'_>) -> Checked {
    let mut findings = Vec::new();
    for rule in RULES.iter().filter(|rule| context.options.runs(rule)) {
        (rule.check)(context, &mut findings);
    }
    let text =
        |(file, bytes): (&String, &Vec<u8>)| Commented::find(str::from_utf8(bytes).ok()?, &context.root.join(file));
    let commented: Vec<Commented> = context.bundle.files.iter().filter_map(text).collect();
    let ran = |rule: &RuleFacts| match rule.about {
        About::Bundle(_) => Rule::find(rule.id).is_some_and(|rule| context.options.runs(rule)),
        _ => true,
    };
    comments::apply(&commented, &mut findings, ran);
    Checked { package: context.package.clone(), findings }
}
