//! `catalog.toml`: what a project says of the rules for all its runs.
//!
//! ```toml
//! [validate]
//! ignore = ["dependency-absent"]
//! deny = ["edge-downgrade"]
//!
//! [validate.packages.my-operator]
//! ignore = ["default-channel-behind"]
//! ```

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Levels, SelectError};
use crate::files::{self, folder_of};
use crate::limits::TEXT_BYTES;

/// The file in the working directory that is read where no other is named.
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
    /// It names a rule that cannot be selected so.
    #[error("{}: in [{table}], {why}", path.display())]
    Rule {
        /// The file.
        path: PathBuf,
        /// The table.
        table: String,
        /// What is wrong.
        why: SelectError,
    },
}

/// `catalog.toml`: what a project says of the rules for all its runs of `catalog validate` and `catalog build`.
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "catalog.toml")]
pub struct File {
    /// What counts.
    validate: Table,
}

/// What counts in all packages. Options of the command come before it.
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Table {
    /// Only the warnings of these rules count; without any, those of all rules.
    select: Vec<String>,
    /// The warnings of these rules do not count.
    ignore: Vec<String>,
    /// The warnings of these rules are errors. `warnings` stands for all rules.
    deny: Vec<String>,
    /// The baseline of `catalog validate`, seen from the folder of this file.
    baseline: Option<PathBuf>,
    /// What counts in single packages, by their names.
    packages: BTreeMap<String, Package>,
}

/// What counts in one package. It comes before what is said of all packages.
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Package {
    /// Only the warnings of these rules count; without any, those of all rules.
    select: Vec<String>,
    /// The warnings of these rules do not count.
    ignore: Vec<String>,
    /// The warnings of these rules are errors. `warnings` stands for all rules.
    deny: Vec<String>,
}

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct Config {
    pub(super) all: Levels,
    pub(super) packages: BTreeMap<String, Levels>,
    pub(super) baseline: Option<PathBuf>,
}

/// What the file says. One that nobody names need not be there.
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
    let Table { select, ignore, deny, baseline, packages } = toml::from_str::<File>(text).map_err(syntax)?.validate;
    let bad = |table: String| move |why| ConfigError::Rule { path: path.to_owned(), table, why };
    let all = Levels::new(&select, &ignore, &deny).map_err(bad("validate".into()))?;
    let mut levels = BTreeMap::new();
    for (name, Package { select, ignore, deny }) in packages {
        let table = format!("validate.packages.{name}");
        let of_package = Levels::new(&select, &ignore, &deny).map_err(bad(table))?;
        levels.insert(name, of_package);
    }
    let beside = |file: PathBuf| if folder_of(path) == Path::new(".") { file } else { folder_of(path).join(file) };
    Ok(Config { all, packages: levels, baseline: baseline.map(beside) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, String> {
        parse(text, Path::new(CONFIG_FILE)).map_err(|error| error.to_string())
    }

    #[test]
    fn the_table_says_it_for_all_and_for_packages() {
        let text = "[validate]\ndeny = ['warnings']\n[validate.packages.\"a.b\"]\nignore = ['edge-unknown']\n";
        let Config { all, packages, .. } = read(text).expect("it is good");
        assert_eq!(all, Levels::new(&[], &[], &["warnings"]).expect("rules"));
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
        for bad in ["validate = 1", "[validate", "[other]\n", "[validate]\nignore = 'edge-unknown'\n"] {
            read(bad).expect_err(bad);
        }
    }
}
