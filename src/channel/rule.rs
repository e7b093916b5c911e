//! The rules that findings about templates name.

mod bundles;
mod file;

use crate::validate::{About, Level, RuleFacts};

/// The file is neither YAML nor JSON.
pub const SYNTAX: &str = "template-syntax";
/// The first document is no template.
pub const SCHEMA: &str = "template-schema";
/// A field is not known, stands twice, or has a value that it does not take.
pub const FIELD: &str = "template-field";
/// The template names no bundles.
pub const EMPTY: &str = "template-empty";
/// A bundle could not be had.
pub const BUNDLE: &str = "template-bundle";
/// A bundle does not say one version of one package.
pub const VERSION: &str = "template-version";
/// A bundle or blob is of another package than the others.
pub const PACKAGE: &str = "template-package";
/// A bundle stands twice where it can stand once.
pub const DUPLICATE: &str = "template-duplicate";
/// Versions cannot be brought in an order.
pub const ORDER: &str = "template-order";
/// A document after the template does not fit what the template made.
pub const OVERLAY: &str = "template-overlay";

/// Every rule, for those who list and explain them.
pub const EVERY: [RuleFacts; 10] = [
    file::NOT_YAML,
    file::NO_TEMPLATE,
    file::BAD_FIELD,
    file::NOTHING,
    file::BAD_OVERLAY,
    bundles::NO_BUNDLE,
    bundles::NO_VERSION,
    bundles::OTHER_PACKAGE,
    bundles::TWICE,
    bundles::NO_ORDER,
];

const fn rule(id: &'static str, level: Level, summary: &'static str, docs: &'static str) -> RuleFacts {
    RuleFacts { id, level, about: About::Template, summary, docs }
}
