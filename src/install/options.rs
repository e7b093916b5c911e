//! What is to be installed, and where.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::time::Duration;

/// The operators that are installed where none are named: those of the DBaaS catalog.
pub const OPERATORS: [&str; 4] = [
    "dbaas-operator",
    "percona-server-mongodb-operator",
    "percona-xtradb-cluster-operator",
    "victoriametrics-operator",
];

/// The name of the CatalogSource, and the field owner of everything that the installer writes.
pub const CATALOG: &str = "dbaas-catalog";

/// What is to be installed, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The catalog's image.
    pub image: String,
    /// The CatalogSource's name.
    pub catalog: String,
    /// The namespace of the operators.
    pub namespace: String,
    /// The namespace of OLM, and of the CatalogSource.
    pub olm_namespace: String,
    /// The operators: their packages' names.
    pub operators: Vec<Operator>,
    /// Who approves upgrades.
    pub approval: Approval,
    /// Which namespaces the operators watch.
    pub watch: Watch,
    /// Whether each operator gets a namespace of its own, so that upgrades are approved one by one.
    pub isolate: bool,
    /// How often OLM asks the registry for a newer catalog under the same tag.
    pub poll: Duration,
}

/// One operator to subscribe to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operator {
    /// Its package.
    pub package: String,
    /// The channel; the package's default one where there is none.
    pub channel: Option<String>,
    /// The version to begin with; the channel's head where there is none.
    pub version: Option<String>,
    /// Environment variables of its pods, by name.
    pub env: BTreeMap<String, String>,
}

/// Who approves upgrades.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Approval {
    /// A user, with `install-catalog approve`.
    #[default]
    Manual,
    /// OLM itself, at once.
    Automatic,
}

impl Approval {
    /// As a Subscription says it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "Manual",
            Self::Automatic => "Automatic",
        }
    }
}

/// Which namespaces the operators watch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Watch {
    /// The namespace of the operators alone.
    #[default]
    Own,
    /// All of them.
    All,
}

/// A value for one operator: `operator=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct For<T> {
    /// The operator's package.
    pub operator: String,
    /// The value.
    pub value: T,
}

/// An environment variable for one operator: `operator:NAME=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Env {
    /// The variable's name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl FromStr for For<String> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((operator, value)) if !operator.is_empty() && !value.is_empty() => {
                Ok(Self { operator: operator.to_owned(), value: value.to_owned() })
            }
            _ => Err(format!("{text:?} is not OPERATOR=VALUE")),
        }
    }
}

impl FromStr for For<Env> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once(':').and_then(|(operator, rest)| Some((operator, rest.split_once('=')?)));
        match parts {
            Some((operator, (name, value))) if !operator.is_empty() && !name.is_empty() => {
                let value = Env { name: name.to_owned(), value: value.to_owned() };
                Ok(Self { operator: operator.to_owned(), value })
            }
            _ => Err(format!("{text:?} is not OPERATOR:NAME=VALUE")),
        }
    }
}

/// Puts the operators together with what is said of each.
///
/// # Errors
/// A setting for an operator that is not installed, an operator or a setting that is named twice.
pub fn operators(
    packages: &[String],
    channels: &[For<String>],
    versions: &[For<String>],
    env: &[For<Env>],
) -> Result<Vec<Operator>, String> {
    let mut operators: BTreeMap<&str, Operator> = BTreeMap::new();
    for package in packages {
        let operator = Operator { package: package.clone(), ..Operator::default() };
        if operators.insert(package, operator).is_some() {
            return Err(format!("the operator {package} is named twice"));
        }
    }
    let known: BTreeSet<String> = operators.keys().map(|name| (*name).to_owned()).collect();
    let unknown = |operator: &str| {
        let known: Vec<_> = known.iter().map(String::as_str).collect();
        format!("{operator} is not among the operators to install: {}", known.join(", "))
    };
    for (what, list) in [("channel", channels), ("version", versions)] {
        for For { operator, value } in list {
            let entry = operators.get_mut(operator.as_str()).ok_or_else(|| unknown(operator))?;
            let field = if what == "channel" { &mut entry.channel } else { &mut entry.version };
            if field.replace(value.clone()).is_some() {
                return Err(format!("{operator} is given two {what}s"));
            }
        }
    }
    for For { operator, value } in env {
        let entry = operators.get_mut(operator.as_str()).ok_or_else(|| unknown(operator))?;
        if entry.env.insert(value.name.clone(), value.value.clone()).is_some() {
            return Err(format!("{operator} is given {} twice", value.name));
        }
    }
    Ok(operators.into_values().collect())
}
