//! `catalog.toml`: a project's settings of the rules for all its runs.
//!
//! ```toml
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
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Levels, SelectError};
use crate::files::{self, folder_of};
use crate::limits::TEXT_BYTES;
use crate::validate::{Target, UnknownTarget};

/// The file in the working directory that is read by default.
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
    /// It names an unknown target.
    #[error("{}: in [validate], {why}", path.display())]
    Target {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: UnknownTarget,
    },
}

/// `catalog.toml`: a project's settings of the rules, for all runs of `catalog validate` and `catalog build`.
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "catalog.toml")]
pub struct File {
    /// The settings.
    validate: Table,
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
    let path = named.unwrap_or(Path::new(CONFIG_FILE));
    match files::read_text(path, &TEXT_BYTES) {
        Ok(text) => parse(&text, path),
        Err(error) if named.is_none() && error.kind() == io::ErrorKind::NotFound => Ok(Config::default()),
        Err(source) => Err(ConfigError::Io { path: path.to_owned(), source }),
    }
}

fn parse(text: &str, path: &Path) -> Result<Config, ConfigError> {
    let syntax = |error: toml::de::Error| ConfigError::Syntax { path: path.to_owned(), why: error.to_string() };
    let Table { select, ignore, deny, target, baseline, packages } =
        toml::from_str::<File>(text).map_err(syntax)?.validate;
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
