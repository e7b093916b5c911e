//! From an operator's definition to the registry+v1 bundles of its releases.
//!
//! The files are named as operator-sdk names them: `<package>.clusterserviceversion.yaml`, `<group>_<plural>.yaml` for
//! a CRD, `<name>_<group>_<version>_<kind>.yaml` for any other object, `metadata/annotations.yaml`.

mod annotations;
mod crds;
mod csv;
mod examples;
mod icon;
mod import;
mod inventory;
mod manifests;
mod package_manifests;

pub use import::{Import, ImportError, ImportFile, Imported};
pub use inventory::Inventory;
pub use package_manifests::{PackageManifests, PackageManifestsError, package_manifests};

use std::path::Path;

use rayon::prelude::*;
use semver::Version;

use crate::apis;
use crate::bundle::csv::{CONVERSION_MODES, converts_with};
use crate::bundle::{Bundle, MANIFESTS, METADATA};
use crate::diagnostic::Finding;
use crate::files;
use crate::limits::TEXT_BYTES;
use crate::operator::{Defined, Misfit, Object, Operator, rule};
use crate::validate::comments;
use crate::yaml::{self, Route};

/// The builder that the bundles name. It has no version: every version makes the same bundle.
pub const BUILDER: &str = "olm-catalog";

/// The annotation that says which program made a bundle.
const MARK: &str = "operators.operatorframework.io.metrics.builder";

/// Downloads a file of manifests, at most 16 MiB.
///
/// # Errors
/// A URL that does not begin with `https://`, and one that cannot be downloaded.
pub fn fetch_manifests(url: &str) -> Result<Vec<u8>, String> {
    manifests::fetch(url)
}

/// Caches a file from the web in `target/manifests` of a repository, where [`generate`] finds it by its digest.
///
/// # Errors
/// A file that cannot be written.
pub fn keep_manifests(bytes: &[u8], root: &Path) -> Result<(), String> {
    manifests::keep(bytes, root)
}

/// What the files of manifests of a release contain. Nothing where the definition has problems: [`generate`] reports them.
#[must_use]
pub fn inventory_of(operator: &Operator, version: &Version) -> Inventory {
    let (releases, _) = operator.releases();
    let Some(defined) = releases.iter().find(|defined| defined.release.version == *version) else {
        return Inventory::default();
    };
    let mut entries = Vec::new();
    for (name, text) in manifests::files(defined).unwrap_or_default() {
        entries.extend(manifests::objects(&text, &name, &Route::root()).unwrap_or_default());
    }
    Inventory::of(&entries)
}

/// The bundles of an operator's releases, or the problems of its definition.
#[derive(Debug, Default)]
pub struct Generated {
    /// All releases in the definition, including those with problems.
    pub versions: Vec<Version>,
    /// The bundles, in the order of their versions.
    pub bundles: Vec<(Version, Bundle)>,
    /// The problems, in the order of their places. Releases with errors have no bundle.
    pub findings: Vec<Finding>,
}

/// Why bundles could not be made, although the definition is valid.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The Rust types of an API have no CRD.
    #[error("cannot make the CRDs of {bundle}")]
    Api {
        /// The name of the bundle's CSV.
        bundle: String,
        /// The cause.
        source: Box<apis::Error>,
    },
    /// A manifest cannot be written as YAML.
    #[error("cannot write {file} of {bundle}")]
    Write {
        /// The name of the bundle's CSV.
        bundle: String,
        /// The file in the bundle.
        file: String,
        /// The cause.
        source: yaml::WriteError,
    },
}

/// Whether a folder has a bundle that this program made: its annotations name the builder.
#[must_use]
pub fn is_generated(bundle: &Path) -> bool {
    let text = files::read_text(&bundle.join(METADATA).join("annotations.yaml"), &TEXT_BYTES).unwrap_or_default();
    yaml::read_one(&text).is_ok_and(|value| value["annotations"][MARK] == BUILDER)
}

/// Makes the bundles of all releases.
///
/// # Errors
/// Types that have no CRD. Problems of the definition are findings, not errors.
pub fn generate(operator: &Operator) -> Result<Generated, Error> {
    let (mut releases, mut told) = operator.defined();
    // One after the other: a file from the web that several releases use is downloaded for the first.
    let folded: Vec<(Misfits, Misfits)> = releases.iter_mut().map(folded).collect();
    // If parts are missing, further checks would report problems that do not exist.
    let whole = |(defined, (mut misfits, warnings)): (Defined, (Misfits, Misfits))| {
        let bundle = if misfits.is_empty() { Some(bundle(&defined, &mut misfits)?) } else { None };
        Ok((defined, bundle, misfits, warnings))
    };
    let made: Vec<Result<_, Error>> = releases.into_par_iter().zip(folded).map(whole).collect();
    let mut bundles = Vec::new();
    for made in made {
        let (defined, bundle, misfits, warnings) = made?;
        bundles.extend(bundle.filter(|_| misfits.is_empty()).map(|bundle| (defined.release.version.clone(), bundle)));
        for (rule, misfit) in misfits {
            told.add(defined.finding(rule, misfit), &defined.release.version);
        }
        for (rule, misfit) in warnings {
            told.add(defined.warning(rule, misfit), &defined.release.version);
        }
    }
    let mut findings = told.findings();
    comments::apply(operator.commented(), &mut findings, |_| true);
    Ok(Generated { versions: operator.version_list(), bundles, findings })
}

fn folded(defined: &mut Defined) -> (Misfits, Misfits) {
    let (mut misfits, mut warnings) = (Misfits::new(), Misfits::new());
    manifests::fold(defined, &mut misfits, &mut warnings);
    (misfits, warnings)
}

/// The problems of a release, by rule.
type Misfits = Vec<(&'static str, Misfit)>;

fn misfit(route: Route, message: impl Into<String>) -> Misfit {
    Misfit { route, message: message.into(), help: None }
}

fn bundle(defined: &Defined, misfits: &mut Misfits) -> Result<Bundle, Error> {
    let definition = &defined.definition;
    if definition.deployments.is_empty() {
        let message = "the operator has no deployment; OLM can run an operator only as a Deployment";
        misfits.push((rule::DEPLOYMENTS, misfit(Route::root().key("deployments"), message)));
    }
    let converts = definition.webhooks.iter().any(|webhook| webhook.kind == "ConversionWebhook");
    if converts && !converts_with(definition.install_modes.iter().map(|mode| mode.as_str())) {
        let help = "write `installModes: [AllNamespaces]`; OLM rejects any other".to_owned();
        let route = Route::root().key("installModes");
        misfits.push((rule::INSTALL_MODES, Misfit { help: Some(help), ..misfit(route, CONVERSION_MODES) }));
    }
    let crds = crds::of(defined, misfits)?;
    examples::check(defined, &crds, misfits);
    let icon = icon::read(defined, misfits);
    let mut bundle = Bundle::default();
    let mut add = |file: String, text: Result<String, yaml::WriteError>| -> Result<bool, Error> {
        let failed = |source| Error::Write { bundle: defined.name(), file: file.clone(), source };
        let text = text.map_err(failed)?;
        Ok(bundle.files.insert(file, text.into_bytes()).is_none())
    };
    let csv = csv::of(defined, &crds, icon, misfits);
    add(format!("{MANIFESTS}/{}.clusterserviceversion.yaml", definition.package), yaml::to_yaml(&csv))?;
    add(format!("{METADATA}/annotations.yaml"), yaml::to_yaml(&annotations::of(definition)))?;
    for crd in crds.iter().filter(|crd| crd.object.is_none()) {
        let names = &crd.crd.spec;
        let file = format!("{MANIFESTS}/{}_{}.yaml", names.group, names.names.plural);
        add(file, yaml::to_yaml(&apis::crd::to_value(&crd.crd)))?;
    }
    for (i, object) in definition.objects.iter().enumerate() {
        let file = format!("{MANIFESTS}/{}", file_name(object));
        if !add(file.clone(), yaml::to_yaml(&object.0))? {
            let route = Route::root().key("objects").index(i);
            misfits.push((
                rule::OBJECT,
                misfit(
                    route,
                    format!(
                        "another object would have the same file {file}: give \
                 one of them another name, or end one with `until`"
                    ),
                ),
            ));
        }
    }
    Ok(bundle)
}

/// The file of an object. Source: `makeObjectFileName` and `makeCRDFileName` in operator-sdk's
/// `internal/cmd/operator-sdk/generate/internal/genutil.go`.
fn file_name(object: &Object) -> String {
    let (group, version) = object.group_version();
    let (name, kind) = (object.name(), object.kind().to_lowercase());
    match (crds::is_crd(object), name.split_once('.'), group) {
        (true, Some((plural, group)), _) => format!("{group}_{plural}.yaml"),
        (_, _, "") => format!("{name}_{version}_{kind}.yaml"),
        _ => format!("{name}_{group}_{version}_{kind}.yaml"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn files_are_named_as_operator_sdk_names_them() {
        let name = |object: serde_json::Value| file_name(&serde_json::from_value(object).unwrap());
        let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a-metrics"}});
        assert_eq!(name(service), "a-metrics_v1_service.yaml");
        let role =
            json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "a"}});
        assert_eq!(name(role), "a_rbac.authorization.k8s.io_v1_clusterrole.yaml");
        let crd = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                         "metadata": {"name": "as.example.com"}});
        assert_eq!(name(crd), "example.com_as.yaml");
    }
}
