//! `catalog.toml`: the folders of a repository, and the settings of the rules for all its runs.
//!
//! ```toml
//! [layout]
//! catalog = "configs"
//!
//! [validate]
//! ignore = ["dependency-absent"]
//! deny = ["edge-downgrade"]
//! target = ["olm-v1"]
//!
//! [validate.packages.my-operator]
//! ignore = ["default-channel-behind"]
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Component, Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Levels, SelectError};
use crate::files::{self, folder_of};
use crate::limits::TEXT_BYTES;
use crate::root;
use crate::validate::{Target, UnknownTarget};

/// The file in the root of a repository that is read by default.
pub const CONFIG_FILE: &str = "catalog.toml";

/// Why a `catalog.toml` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It could not be read.
    #[error("cannot read {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not TOML, or has other fields.
    #[error("{}: {}", path.display(), why.trim_end())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the line.
        why: String,
    },
    /// It names a rule that cannot be selected that way.
    #[error("{}: in [{table}], {why}", path.display())]
    Rule {
        /// The file.
        path: PathBuf,
        /// The table.
        table: String,
        /// What is wrong.
        why: SelectError,
    },
    /// A folder that is not in the repository.
    #[error("{}: in [layout], `{field}` must be a path below the folder of this file, without `..`", path.display())]
    Folder {
        /// The file.
        path: PathBuf,
        /// The field.
        field: &'static str,
    },
    /// It names an unknown target.
    #[error("{}: in [validate], {why}", path.display())]
    Target {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: UnknownTarget,
    },
}

/// `catalog.toml`: the folders of a repository, and the settings of the rules for all runs of `catalog validate` and
/// `catalog build`. It marks the root of the repository.
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "catalog.toml")]
pub struct File {
    /// The folders of the repository.
    layout: Folders,
    /// The settings of the rules.
    validate: Table,
}

/// The folders of the repository, relative to the folder of this file. Options of the command take precedence.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Folders {
    /// The folder of bundles, with one folder per package.
    pub bundles: PathBuf,
    /// The folder of channel templates, one per package.
    pub channels: PathBuf,
    /// The folder of the catalog, with one folder per package.
    pub catalog: PathBuf,
    /// The OCI layout that `catalog build` writes and `catalog push` reads.
    pub images: PathBuf,
}

impl Default for Folders {
    fn default() -> Self {
        let [bundles, channels, catalog, images] =
            ["bundles", "channels", "catalog", "target/catalog"].map(PathBuf::from);
        Self { bundles, channels, catalog, images }
    }
}

impl File {
    /// Reads a file.
    ///
    /// # Errors
    /// A file that cannot be read, is not TOML, has other fields, or names a folder outside of its own.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = files::read_text(path, &TEXT_BYTES);
        Self::parse(&text.map_err(|source| ConfigError::Io { path: path.to_owned(), source })?, path)
    }

    fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let syntax = |error: toml::de::Error| ConfigError::Syntax { path: path.to_owned(), why: error.to_string() };
        let file: Self = toml::from_str(text).map_err(syntax)?;
        let Folders { bundles, channels, catalog, images } = &file.layout;
        for (field, folder) in [("bundles", bundles), ("channels", channels), ("catalog", catalog), ("images", images)]
        {
            let inside = folder.components().all(|part| matches!(part, Component::Normal(_)));
            if !inside || folder.as_os_str().is_empty() {
                return Err(ConfigError::Folder { path: path.to_owned(), field });
            }
        }
        Ok(file)
    }

    /// The folders of the repository.
    #[must_use]
    pub fn into_folders(self) -> Folders {
        self.layout
    }
}

/// The settings for all packages. Options of the command take precedence.
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Table {
    /// Only the warnings of these rules count; if empty, those of all rules.
    select: Vec<String>,
    /// The warnings of these rules do not count.
    ignore: Vec<String>,
    /// The warnings of these rules are errors. `warnings` stands for all rules.
    deny: Vec<String>,
    /// The targets in addition to OLM whose rules run too: `olm-v1`.
    target: Vec<String>,
    /// The baseline of `catalog validate`, relative to the folder of this file.
    baseline: Option<PathBuf>,
    /// The settings for single packages, by name.
    packages: BTreeMap<String, Package>,
}

/// The settings for one package. They take precedence over the settings for all packages.
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Package {
    /// Only the warnings of these rules count; if empty, those of all rules.
    select: Vec<String>,
    /// The warnings of these rules do not count.
    ignore: Vec<String>,
    /// The warnings of these rules are errors. `warnings` stands for all rules.
    deny: Vec<String>,
}

/// The content of a file.
#[derive(Debug, Default)]
pub(super) struct Config {
    pub(super) all: Levels,
    pub(super) packages: BTreeMap<String, Levels>,
    pub(super) targets: BTreeSet<Target>,
    pub(super) baseline: Option<PathBuf>,
}

/// Reads the file. The default file does not have to exist.
pub(super) fn read(named: Option<&Path>) -> Result<Config, ConfigError> {
    let default = root::path(CONFIG_FILE);
    let path = named.unwrap_or(&default);
    match files::read_text(path, &TEXT_BYTES) {
        Ok(text) => parse(&text, path),
        Err(error) if named.is_none() && error.kind() == io::ErrorKind::NotFound => Ok(Config::default()),
        Err(source) => Err(ConfigError::Io { path: path.to_owned(), source }),
    }
}

fn parse(text: &str, path: &Path) -> Result<Config, ConfigError> {
    let Table { select, ignore, deny, target, baseline, packages } = File::parse(text, path)?.validate;
    let bad = |table: String| move |why| ConfigError::Rule { path: path.to_owned(), table, why };
    let all = Levels::new(&select, &ignore, &deny).map_err(bad("validate".into()))?;
    let mut levels = BTreeMap::new();
    for (name, Package { select, ignore, deny }) in packages {
        let table = format!("validate.packages.{name}");
        let of_package = Levels::new(&select, &ignore, &deny).map_err(bad(table))?;
        levels.insert(name, of_package);
    }
    let targets = target.iter().map(|name| name.parse()).collect::<Result<_, _>>();
    let targets = targets.map_err(|why| ConfigError::Target { path: path.to_owned(), why })?;
    let beside = |file: PathBuf| if folder_of(path) == Path::new(".") { file } else { folder_of(path).join(file) };
    Ok(Config { all, packages: levels, targets, baseline: baseline.map(beside) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, String> {
        parse(text, Path::new(CONFIG_FILE)).map_err(|error| error.to_string())
    }

    #[test]
    fn the_table_says_it_for_all_and_for_packages() {
        let text = "[validate]\ndeny = ['warnings']\ntarget = ['olm-v1']\n[validate.packages.\"a.b\"]\nignore = ['edge-unknown']\n";
        let Config { all, packages, targets, .. } = read(text).expect("it is good");
        assert_eq!(all, Levels::new(&[], &[], &["warnings"]).expect("rules"));
        assert_eq!(targets, BTreeSet::from([Target::OlmV1]));
        assert_eq!(packages["a.b"], Levels::new(&[], &["edge-unknown"], &[]).expect("rules"));
        assert!(read("").expect("it may be empty").packages.is_empty());
        let text = "[validate]\nbaseline = 'known.yaml'\n";
        assert_eq!(read(text).expect("it is good").baseline, Some("known.yaml".into()));
        let elsewhere = parse(text, Path::new("ci/catalog.toml")).expect("it is good");
        assert_eq!(elsewhere.baseline, Some("ci/known.yaml".into()));
    }

    #[test]
    fn folders_are_below_the_file() {
        let folders = |text: &str| File::parse(text, Path::new(CONFIG_FILE)).map(File::into_folders);
        let Folders { bundles, catalog, .. } = folders("[layout]\ncatalog = 'configs'\n").expect("it is good");
        assert_eq!((bundles, catalog), ("bundles".into(), "configs".into()));
        for bad in ["'../a'", "'/a'", "''", "'a/../../b'"] {
            let error = folders(&format!("[layout]\nimages = {bad}\n")).expect_err(bad).to_string();
            assert!(error.starts_with("catalog.toml: in [layout], `images` must be a path below"), "{error}");
        }
    }

    #[test]
    fn what_is_wrong_says_where() {
        let error = read("[validate]\nignores = []\n").expect_err("there is no such field");
        assert!(error.starts_with("catalog.toml: TOML parse error at line 2") && error.contains("ignores"), "{error}");
        let error = read("[validate.packages.demo]\nignore = ['edge-unknow']\n").expect_err("there is no such rule");
        let expected =
            r#"catalog.toml: in [validate.packages.demo], "edge-unknow" is not a rule; did you mean "edge-unknown"?"#;
        assert_eq!(error, expected);
        let error = read("[validate]\ntarget = ['olm-v2']\n").expect_err("there is no such target");
        assert_eq!(error, r#"catalog.toml: in [validate], "olm-v2" is not a known target; use olm-v1"#);
        for bad in ["validate = 1", "[validate", "[other]\n", "[validate]\nignore = 'edge-unknown'\n"] {
            read(bad).expect_err(bad);
        }
    }
}
