//! The rules that findings about an `operator.yaml` name.

mod file;
mod made;

use crate::validate::{About, Level, RuleFacts};

/// The file is not as its JSON Schema says.
pub const SCHEMA: &str = "operator-schema";
/// A range or a choice cannot be applied, or no release is in it.
pub const RANGE: &str = "operator-range";
/// A placeholder is unknown.
pub const PLACEHOLDER: &str = "operator-placeholder";
/// The package is not named as its folder.
pub const PACKAGE: &str = "operator-package";
/// The releases are not a list of different versions.
pub const RELEASES: &str = "operator-releases";
/// CRDs cannot be made, or are spoken of and not there.
pub const CRDS: &str = "operator-crds";
/// The definition and the manifests say different things.
pub const DIFFERS: &str = "operator-differs";
/// OLM does not allow the install modes.
pub const INSTALL_MODES: &str = "operator-install-modes";
/// A file of manifests cannot be used, or something in it is left out.
pub const MANIFESTS: &str = "operator-manifests";
/// Nothing runs the operator.
pub const DEPLOYMENTS: &str = "operator-deployments";
/// An example is not as its CRD says.
pub const EXAMPLE: &str = "operator-example";
/// Two objects would have the same file.
pub const OBJECT: &str = "operator-object";
/// The icon cannot be used.
pub const ICON: &str = "operator-icon";

/// Every rule, for those who list and explain them.
pub const EVERY: [RuleFacts; 13] = [
    file::FILE_SCHEMA,
    file::FILE_RANGE,
    file::FILE_PLACEHOLDER,
    file::FILE_PACKAGE,
    file::FILE_RELEASES,
    made::CRDS_MISSING,
    made::MANIFESTS_DIFFER,
    made::MODES,
    made::MANIFESTS_LEFT_OUT,
    made::NO_DEPLOYMENT,
    made::BAD_EXAMPLE,
    made::SAME_FILE,
    made::BAD_ICON,
];

const fn rule(id: &'static str, level: Level, summary: &'static str, docs: &'static str) -> RuleFacts {
    RuleFacts { id, level, about: About::Operator, summary, docs }
}
