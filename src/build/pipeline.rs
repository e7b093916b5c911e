//! The templates of an operator in a repository with the layout of community-operators: `operators/<package>/ci.yaml`
//! maps each file of `operators/<package>/catalog-templates` to catalogs, `catalogs/<name>/<package>/catalog.yaml`.
//!
//! The format: <https://redhat-openshift-ecosystem.github.io/operator-pipelines/users/fbc_workflow/>.

use std::collections::BTreeSet;
use std::io;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use super::Error;
use crate::catalog::MigrateLevel;
use crate::channel::schema;
use crate::limits::TEXT_BYTES;
use crate::{files, yaml};

/// The file with an operator's settings.
pub const CI_FILE: &str = "ci.yaml";

/// The folder of its templates.
const TEMPLATES: &str = "catalog-templates";

/// The folder of catalogs, beside that of the operators.
const CATALOGS: &str = "catalogs";

/// OpenShift 4.17 is the first whose console reads `olm.csv.metadata`.
const CSV_METADATA: u64 = 17;

/// A template and the files that it makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The template.
    pub template: PathBuf,
    /// Its schema.
    pub schema: &'static str,
    /// The folder of all catalogs.
    pub catalogs: PathBuf,
    /// The file in each catalog, with the migrations that the readers of that catalog understand.
    pub files: Vec<(PathBuf, MigrateLevel)>,
}

/// The mappings of an operator's folder. `None` if it has no `ci.yaml` with a table `fbc`.
///
/// # Errors
/// A `ci.yaml` that cannot be read, or whose mappings are not valid.
pub fn mappings(operator: &Path) -> Result<Option<Vec<Mapping>>, Error> {
    let path = operator.join(CI_FILE);
    let text = match files::read_text(&path, &TEXT_BYTES) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(source) => return Err(Error::Settings { path, source }),
    };
    let bad = |why: String| Error::BadSettings { path: path.clone(), why };
    let settings = yaml::read_one(&text).map_err(|error| bad(error.to_string()))?;
    let Some(fbc) = settings.get("fbc") else { return Ok(None) };
    if fbc["enabled"] == Value::Bool(false) {
        return Err(bad("`fbc.enabled` is false, so this operator has no catalog".into()));
    }
    let Some(list) = fbc["catalog_mapping"].as_array().filter(|list| !list.is_empty()) else {
        return Err(bad("`fbc.catalog_mapping` must be a list of templates and their catalogs".into()));
    };
    let real = operator.canonicalize().map_err(|source| Error::Folder { path: operator.to_owned(), source })?;
    let package = real.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    let catalogs = beside(operator);
    let (mut mappings, mut made) = (Vec::new(), BTreeSet::new());
    for (i, mapping) in list.iter().enumerate() {
        let bad = |why: String| bad(format!("`fbc.catalog_mapping[{i}]`: {why}"));
        let name = |value: &Value, field: &str| match value.as_str() {
            Some(name) if is_name(name) => Ok(name.to_owned()),
            _ => Err(bad(format!("`{field}` must be the name of a file or folder, without `/`"))),
        };
        let template = operator.join(TEMPLATES).join(name(&mapping["template_name"], "template_name")?);
        let kind = mapping["type"].as_str().unwrap_or_default();
        let Some(schema) = schema::ALL.into_iter().find(|schema| *schema == kind) else {
            return Err(bad(format!("`type` must be one of {}", schema::ALL.join(", "))));
        };
        let names = mapping["catalog_names"].as_array().filter(|names| !names.is_empty());
        let names = names.ok_or_else(|| bad("`catalog_names` must be a list of catalogs".into()))?;
        let mut files = Vec::new();
        for catalog in names {
            let catalog = name(catalog, "catalog_names")?;
            if !made.insert(catalog.clone()) {
                return Err(bad(format!("another template makes the catalog {catalog} too")));
            }
            files.push((catalogs.join(&catalog).join(&package).join(super::FILE), level(&catalog)));
        }
        mappings.push(Mapping { template, schema, catalogs: catalogs.clone(), files });
    }
    Ok(Some(mappings))
}

/// Whether a text is the name of a file, and not a path.
fn is_name(text: &str) -> bool {
    let mut parts = Path::new(text).components();
    matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None)) && !text.contains('/')
}

/// The folder of catalogs beside that of the operators.
fn beside(operator: &Path) -> PathBuf {
    let normal = operator.components().rev().take_while(|part| matches!(part, Component::Normal(_))).count();
    match operator.ancestors().nth(2).filter(|_| normal >= 2) {
        Some(root) => root.join(CATALOGS),
        None => operator.join("../..").join(CATALOGS),
    }
}

/// The migrations for a catalog: all of them, except for the releases of OpenShift that do not know their result.
fn level(catalog: &str) -> MigrateLevel {
    match catalog.strip_prefix("v4.").and_then(|minor| minor.parse::<u64>().ok()) {
        Some(minor) if minor < CSV_METADATA => MigrateLevel::None,
        _ => MigrateLevel::All,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn read(text: &str) -> Result<Option<Vec<Mapping>>, String> {
        let root = tempfile::tempdir().expect("a folder");
        let operator = root.path().join("operators/demo");
        fs::create_dir_all(&operator).expect("made");
        fs::write(operator.join(CI_FILE), text).expect("written");
        let strip = |path: &Path| path.strip_prefix(root.path()).map(Path::to_owned).expect("in it");
        let seen = |mapping: Mapping| Mapping {
            template: strip(&mapping.template),
            catalogs: strip(&mapping.catalogs),
            files: mapping.files.iter().map(|(file, level)| (strip(file), *level)).collect(),
            ..mapping
        };
        let read = mappings(&operator).map_err(|error| error.to_string());
        read.map(|mappings| mappings.map(|list| list.into_iter().map(seen).collect()))
    }

    #[test]
    fn templates_are_mapped_to_files() {
        let text = "fbc:\n  enabled: true\n  catalog_mapping:\n  - template_name: a.yaml\n    catalog_names: [v4.16, v4.17]\n    \
                    type: olm.template.basic\n";
        let expected = Mapping {
            template: "operators/demo/catalog-templates/a.yaml".into(),
            schema: schema::BASIC,
            catalogs: "catalogs".into(),
            files: vec![
                ("catalogs/v4.16/demo/catalog.yaml".into(), MigrateLevel::None),
                ("catalogs/v4.17/demo/catalog.yaml".into(), MigrateLevel::All),
            ],
        };
        assert_eq!(read(text), Ok(Some(vec![expected])));
        assert_eq!(read("reviewers: [me]\n"), Ok(None));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let one = |template: &str, catalogs: &str, kind: &str| {
            let text = format!("{{template_name: {template}, catalog_names: {catalogs}, type: {kind}}}");
            read(&format!("fbc: {{catalog_mapping: [{text}]}}\n")).expect_err(&text)
        };
        assert!(one("../a.yaml", "[a]", "olm.semver").contains("`template_name` must be the name"));
        assert!(one("a.yaml", "['..']", "olm.semver").contains("`catalog_names` must be the name"));
        assert!(one("a.yaml", "[a, a]", "olm.semver").contains("makes the catalog a too"));
        assert!(one("a.yaml", "[]", "olm.semver").contains("`catalog_names` must be a list"));
        assert!(one("a.yaml", "[a]", "semver").contains("`type` must be one of olm.semver"));
        assert!(read("fbc: {enabled: false}\n").expect_err("off").contains("`fbc.enabled` is false"));
        assert!(read("fbc: {enabled: true}\n").expect_err("empty").contains("must be a list"));
    }
}
