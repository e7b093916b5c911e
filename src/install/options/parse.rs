//! Values of options: each is for an operator, or for the catalog's pod.

use std::fmt;
use std::str::FromStr;

use crate::install::api::Toleration;
use crate::quantity::is_quantity;

/// A value for one operator, written as `OPERATOR=VALUE`, or as `OPERATOR:NAME=VALUE` if the value itself has an `=`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct For<T> {
    /// The operator's package.
    pub operator: String,
    /// The value.
    pub value: T,
}

/// An environment variable: `NAME=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Env {
    /// The variable's name.
    pub name: String,
    /// Its value, which may be empty.
    pub value: String,
}

/// A label of nodes: `KEY=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The label's key.
    pub key: String,
    /// Its value, which may be empty.
    pub value: String,
}

/// An amount of a resource: `RESOURCE=QUANTITY`, such as `memory=128Mi`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    /// The resource: `cpu`, `memory`, `ephemeral-storage`…
    pub resource: String,
    /// A quantity as Kubernetes writes it.
    pub quantity: String,
}

impl FromStr for For<String> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((operator, value)) if !operator.is_empty() && !value.is_empty() => {
                Ok(Self { operator: operator.to_owned(), value: value.to_owned() })
            }
            _ => Err(format!("{text:?} is not of the form OPERATOR=VALUE")),
        }
    }
}

/// `WHO:VALUE`; package names have no colon.
fn who<T>(text: &str, form: &str, value: impl FnOnce(&str) -> Option<T>) -> Result<For<T>, String> {
    let parts = text.split_once(':').filter(|(operator, _)| !operator.is_empty());
    match parts.and_then(|(operator, rest)| Some((operator, value(rest)?))) {
        Some((operator, value)) => Ok(For { operator: operator.to_owned(), value }),
        None => Err(format!("{text:?} is not of the form {form}")),
    }
}

fn pair(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=').filter(|(name, _)| !name.is_empty())?;
    Some((name.to_owned(), value.to_owned()))
}

impl FromStr for For<Env> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        who(text, "OPERATOR:NAME=VALUE", |rest| pair(rest).map(|(name, value)| Env { name, value }))
    }
}

impl FromStr for For<Label> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        who(text, "WHO:KEY=VALUE", |rest| pair(rest).map(|(key, value)| Label { key, value }))
    }
}

impl FromStr for For<Amount> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = "WHO:RESOURCE=QUANTITY, such as all:memory=128Mi";
        who(text, form, |rest| {
            let (resource, quantity) = pair(rest).filter(|(_, quantity)| is_quantity(quantity))?;
            Some(Amount { resource, quantity })
        })
    }
}

/// A taint in the syntax of `kubectl taint`: `KEY=VALUE:EFFECT`. Without the value it means any value, without the
/// effect all effects.
impl FromStr for For<Toleration> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        who(text, "WHO:KEY[=VALUE][:EFFECT]; an effect is NoSchedule, PreferNoSchedule or NoExecute", |rest| {
            let (taint, effect) = match rest.split_once(':') {
                Some((taint, effect @ ("NoSchedule" | "PreferNoSchedule" | "NoExecute"))) => (taint, Some(effect)),
                Some(_) => return None,
                None => (rest, None),
            };
            let (key, value) = match taint.split_once('=') {
                Some((key, value)) => (key, Some(value.to_owned())),
                None => (taint, None),
            };
            let operator = if value.is_some() { "Equal" } else { "Exists" };
            (!key.is_empty()).then(|| Toleration {
                key: Some(key.to_owned()),
                operator: Some(operator.to_owned()),
                value,
                effect: effect.map(str::to_owned),
                ..Toleration::default()
            })
        })
    }
}

impl fmt::Display for For<String> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.operator, self.value)
    }
}

impl fmt::Display for For<Env> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}={}", self.operator, self.value.name, self.value.value)
    }
}

impl fmt::Display for For<Label> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}={}", self.operator, self.value.key, self.value.value)
    }
}

impl fmt::Display for For<Amount> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}={}", self.operator, self.value.resource, self.value.quantity)
    }
}

impl fmt::Display for For<Toleration> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Toleration { key, value, effect, .. } = &self.value;
        write!(f, "{}:{}", self.operator, key.as_deref().unwrap_or_default())?;
        value.iter().try_for_each(|value| write!(f, "={value}"))?;
        effect.iter().try_for_each(|effect| write!(f, ":{effect}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round<T>(texts: &[&str])
    where
        For<T>: FromStr<Err = String> + fmt::Display,
    {
        for text in texts {
            assert_eq!(text.parse::<For<T>>().unwrap_or_else(|error| panic!("{error}")).to_string(), *text);
        }
    }

    fn refused<T>(texts: &[&str])
    where
        For<T>: FromStr<Err = String> + fmt::Display,
    {
        for text in texts {
            assert!(text.parse::<For<T>>().is_err(), "{text}");
        }
    }

    #[test]
    fn values_are_for_somebody() {
        round::<String>(&["a=b", "a=b=c"]);
        refused::<String>(&["", "a", "=b", "a="]);
        round::<Env>(&["a:B=c", "a:B=", "a:B=c:d=e"]);
        refused::<Env>(&["a", "a:B", ":B=c", "a:=c"]);
        round::<Label>(&["a:node-role.kubernetes.io/infra=", "catalog:kubernetes.io/os=linux"]);
        refused::<Label>(&["a:b", "kubernetes.io/os=linux"]);
        round::<Toleration>(&["a:k", "a:k=v", "a:k=v:NoSchedule", "catalog:k:NoExecute", "a:k=:NoSchedule"]);
        refused::<Toleration>(&["k", "a:", "a:=v", "a:k:Never", "a:k=v:noschedule"]);
    }

    #[test]
    fn quantities_are_those_of_kubernetes() {
        round::<Amount>(&["a:cpu=1", "a:cpu=100m", "a:cpu=.5", "a:memory=1.5Gi", "a:memory=1e6", "a:memory=1E+3"]);
        round::<Amount>(&["all:memory=2E", "all:nvidia.com/gpu=1"]);
        refused::<Amount>(&["a:cpu", "a:cpu=", "a:cpu=-1", "a:cpu=1.2.3", "a:cpu=.", "a:memory=1GB", "a:memory=1 Gi"]);
        refused::<Amount>(&["a:memory=1e", "a:memory=1eM", "a:=1"]);
    }
}
