//! Settings of the whole catalog: the repository of its images, and their labels.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use schemars::JsonSchema;
use serde_json::Value;

use super::Error;
use crate::image::{OPERATORS_LABEL, Repository, TITLE_LABEL, VENDOR_LABEL};
use crate::limits::TEXT_BYTES;
use crate::{files, yaml};

/// The file with the settings of the whole catalog, in the folder of bundles.
pub const REPOSITORY_FILE: &str = "repository.yaml";

/// The fields of the file, for its schema. [`repository`] and [`labels`] read them.
#[derive(Debug, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct File {
    /// The repository of the catalog image and of the bundle images, as REGISTRY/NAME.
    pub repository: String,
    /// The catalog's name in user interfaces.
    pub display_name: Option<String>,
    /// The catalog's publisher.
    pub publisher: Option<String>,
    /// The packages that `install-catalog install` installs without `--operators`.
    #[schemars(length(min = 1))]
    pub default_operators: Option<Vec<String>>,
}

/// The contents of the file.
#[derive(Default)]
struct Settings {
    repository: Option<String>,
    labels: BTreeMap<String, String>,
}

/// The repository of the bundles in a folder, from its `repository.yaml`. `None` if the file does not exist.
///
/// # Errors
/// A file that cannot be read or is not valid.
pub fn repository(bundles: &Path) -> Result<Option<Repository>, Error> {
    let settings = read(bundles)?;
    let named = settings.repository.map(|name| name.parse().map_err(|error| bad(bundles, format!("{error}"))));
    named.transpose()
}

/// The labels that the catalog's image gets from the same file: [`TITLE_LABEL`] from `displayName`, [`VENDOR_LABEL`]
/// from `publisher`, and [`OPERATORS_LABEL`] from `defaultOperators`. `install-catalog` reads them.
///
/// # Errors
/// A file that cannot be read or is not valid.
pub fn labels(bundles: &Path) -> Result<BTreeMap<String, String>, Error> {
    Ok(read(bundles)?.labels)
}

fn bad(bundles: &Path, why: String) -> Error {
    Error::BadSettings { path: bundles.join(REPOSITORY_FILE), why }
}

fn read(bundles: &Path) -> Result<Settings, Error> {
    let path = bundles.join(REPOSITORY_FILE);
    let text = match files::read_text(&path, &TEXT_BYTES) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Settings::default()),
        Err(source) => return Err(Error::Settings { path, source }),
    };
    let bad = |why: String| bad(bundles, why);
    let value = yaml::read_one(&text).map_err(|error| bad(error.to_string()))?;
    let fields = value.as_object().ok_or_else(|| bad("it must contain `repository: REGISTRY/NAME`".into()))?;
    let mut settings = Settings::default();
    for (field, value) in fields {
        let text = || {
            let text = value.as_str().filter(|text| !text.trim().is_empty() && !text.chars().any(char::is_control));
            text.map(str::to_owned).ok_or_else(|| bad(format!("`{field}` must be text on one line")))
        };
        match field.as_str() {
            "repository" => settings.repository = Some(text()?),
            "displayName" => drop(settings.labels.insert(TITLE_LABEL.to_owned(), text()?)),
            "publisher" => drop(settings.labels.insert(VENDOR_LABEL.to_owned(), text()?)),
            "defaultOperators" => {
                let names: Option<Vec<&str>> =
                    value.as_array().map(|names| names.iter().map_while(Value::as_str).collect());
                let names =
                    names.filter(|names| !names.is_empty() && Some(names.len()) == value.as_array().map(Vec::len));
                let names = names.filter(|names| names.iter().all(|name| is_package(name)));
                let names = names.ok_or_else(|| bad("`defaultOperators` must be a list of packages".to_owned()))?;
                settings.labels.insert(OPERATORS_LABEL.to_owned(), names.join(","));
            }
            _ => {
                let known = "repository, displayName, publisher and defaultOperators";
                return Err(bad(format!("unknown field `{field}`; known fields are {known}")));
            }
        }
    }
    if settings.repository.is_none() {
        return Err(bad("it must contain `repository: REGISTRY/NAME`".into()));
    }
    Ok(settings)
}

/// Whether a text can be a package's name: OLM uses it as the value of a label.
fn is_package(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let edges = name.bytes().next().is_some_and(inner) && name.bytes().last().is_some_and(inner);
    edges && name.len() <= 63 && name.bytes().all(|byte| inner(byte) || byte == b'-' || byte == b'.')
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_file_names_the_repository_or_says_why_not() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(repository(folder.path()).unwrap(), None);
        let says = |text: &str| {
            fs::write(folder.path().join(REPOSITORY_FILE), text).unwrap();
            repository(folder.path()).map(|repository| repository.unwrap().to_string())
        };
        assert_eq!(says("repository: quay.io/a/b\n").unwrap(), "quay.io/a/b");
        for bad in ["repository: quay.io/a/b:tag", "repo: x", "- a", "a: [", ""] {
            let error = says(bad).expect_err(bad).to_string();
            assert!(error.contains(REPOSITORY_FILE), "{error}");
        }
    }

    #[test]
    fn labels_come_from_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        assert!(labels(folder.path()).unwrap().is_empty());
        let says = |more: &str| {
            fs::write(folder.path().join(REPOSITORY_FILE), format!("repository: quay.io/a/b\n{more}")).unwrap();
            labels(folder.path()).map(|labels| format!("{labels:?}"))
        };
        assert_eq!(
            says("displayName: My catalog\npublisher: Me\ndefaultOperators: [a, b-c]\n").unwrap(),
            format!(
                "{:?}",
                BTreeMap::from([(TITLE_LABEL, "My catalog"), (VENDOR_LABEL, "Me"), (OPERATORS_LABEL, "a,b-c")])
            )
        );
        for bad in ["displayName: 1", "publisher: ''", "defaultOperators: []", "defaultOperators: ['a,b']", "x: y"] {
            assert!(says(bad).expect_err(bad).to_string().contains(REPOSITORY_FILE), "{bad}");
        }
    }
}
