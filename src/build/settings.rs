//! The one place that says which repository a catalog's images are in.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::Value;

use super::{Error, UNSET_REPOSITORY};
use crate::image::Repository;
use crate::yaml;

/// The file, in the folder of the bundles, that names their repository: `repository: REGISTRY/NAME`.
pub const REPOSITORY_FILE: &str = "repository.yaml";

/// The repository of the bundles in a folder: what its `repository.yaml` says, or [`UNSET_REPOSITORY`] where there is
/// no such file.
///
/// # Errors
/// A file that cannot be read or says something else.
pub fn repository(bundles: &Path) -> Result<Repository, Error> {
    let path = bundles.join(REPOSITORY_FILE);
    let bad = |why: String| Error::BadSettings { path: path.clone(), why };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return UNSET_REPOSITORY.parse().map_err(|error| bad(format!("{error}")));
        }
        Err(source) => return Err(Error::Settings { path, source }),
    };
    let value = yaml::read_one(&text).map_err(|error| bad(error.to_string()))?;
    let only = value.as_object().filter(|map| map.len() == 1).and_then(|map| map.get("repository"));
    let name = only.and_then(Value::as_str).ok_or_else(|| bad("it must say `repository: REGISTRY/NAME`".into()))?;
    name.parse().map_err(|error| bad(format!("{error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_names_the_repository_or_says_why_not() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(repository(folder.path()).unwrap().to_string(), UNSET_REPOSITORY);
        let says = |text: &str| {
            fs::write(folder.path().join(REPOSITORY_FILE), text).unwrap();
            repository(folder.path()).map(|repository| repository.to_string())
        };
        assert_eq!(says("repository: quay.io/a/b\n").unwrap(), "quay.io/a/b");
        for bad in ["repository: quay.io/a/b:tag", "repo: x", "- a", "a: [", ""] {
            let error = says(bad).expect_err(bad).to_string();
            assert!(error.contains(REPOSITORY_FILE), "{error}");
        }
    }
}
