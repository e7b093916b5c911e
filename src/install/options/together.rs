//! The operators, each with its options.

use std::collections::{BTreeMap, BTreeSet};

use super::{Amount, Env, For, Label, Operator, Placement};
use crate::install::api::Toleration;
use crate::version;

/// The name for settings of the catalog's pod.
pub const CATALOG_POD: &str = "catalog";
/// The name for settings of every operator.
pub const EVERY_OPERATOR: &str = "all";

/// The settings of operators, and of the catalog's pod.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings<'s> {
    /// Channels.
    pub channels: &'s [For<String>],
    /// Versions to install first.
    pub versions: &'s [For<String>],
    /// Environment variables.
    pub env: &'s [For<Env>],
    /// Labels of nodes.
    pub node_selectors: &'s [For<Label>],
    /// Tolerated node taints.
    pub tolerations: &'s [For<Toleration>],
    /// Requested resources.
    pub requests: &'s [For<Amount>],
    /// Limits of resources.
    pub limits: &'s [For<Amount>],
}

/// Combines the operators with their settings, and those of the catalog's pod. Environment variables, node selectors,
/// tolerations and resources may be for [every operator](EVERY_OPERATOR); a setting for one operator takes precedence.
/// All except environment variables may be for the [catalog's pod](CATALOG_POD).
///
/// # Errors
/// A setting for an operator that is not installed, or an operator or a setting that is given twice or empty.
pub fn together(packages: &[String], settings: &Settings<'_>) -> Result<(Vec<Operator>, Placement), String> {
    let mut targets = Targets::new(packages)?;
    for For { operator, value } in settings.versions {
        if version::parse(value.trim_start_matches('v')).is_err() {
            return Err(format!("--version {operator}={value}: {value:?} is not a version (example: 1.2.3)"));
        }
    }
    for (what, list) in [("channel", settings.channels), ("version", settings.versions)] {
        for For { operator, value } in list {
            let operator = targets.operator(operator)?;
            let field = if what == "channel" { &mut operator.channel } else { &mut operator.version };
            if field.replace(value.clone()).is_some() {
                return Err(format!("two {what}s were given for {}", operator.package));
            }
        }
    }
    for For { operator: who, value } in ordered(settings.env, |env| &env.name, packages)? {
        for operator in targets.operators(who)? {
            operator.env.entry(value.name.clone()).or_insert_with(|| value.value.clone());
        }
    }
    for For { operator: who, value } in ordered(settings.node_selectors, |label| &label.key, packages)? {
        for placement in targets.placements(who)? {
            placement.node_selector.entry(value.key.clone()).or_insert_with(|| value.value.clone());
        }
    }
    for For { operator: who, value } in settings.tolerations {
        for placement in targets.placements(who)? {
            if !placement.tolerations.contains(value) {
                placement.tolerations.push(value.clone());
            }
        }
    }
    for For { operator: who, value } in ordered(settings.requests, |amount| &amount.resource, packages)? {
        if targets.is_catalog(who) && value.resource != "memory" {
            return Err(format!("OLM can set only the memory request of the catalog's pod, not {}", value.resource));
        }
        for placement in targets.placements(who)? {
            placement.requests.entry(value.resource.clone()).or_insert_with(|| value.quantity.clone());
        }
    }
    for For { operator: who, value } in ordered(settings.limits, |amount| &amount.resource, packages)? {
        for operator in targets.operators(who)? {
            operator.placement.limits.entry(value.resource.clone()).or_insert_with(|| value.quantity.clone());
        }
    }
    Ok((targets.operators.into_values().collect(), targets.catalog))
}

/// The settings, those for one operator first: those for all then only fill in what is missing.
fn ordered<'s, T>(
    list: &'s [For<T>],
    name: impl Fn(&T) -> &String,
    packages: &[String],
) -> Result<impl Iterator<Item = &'s For<T>>, String> {
    let mut seen = BTreeSet::new();
    for For { operator, value } in list {
        if !seen.insert((operator, name(value))) {
            return Err(format!("{} was given twice for {operator}", name(value)));
        }
    }
    let is_general = |setting: &For<T>| is_every(&setting.operator, packages);
    let (general, special): (Vec<_>, Vec<_>) = list.iter().partition(|setting| is_general(setting));
    Ok(special.into_iter().chain(general))
}

/// Except if a package has that name.
fn is_every(who: &str, packages: &[String]) -> bool {
    who == EVERY_OPERATOR && !packages.iter().any(|package| package == who)
}

/// The target of a setting.
struct Targets<'p> {
    operators: BTreeMap<&'p str, Operator>,
    catalog: Placement,
    packages: &'p [String],
}

impl<'p> Targets<'p> {
    fn new(packages: &'p [String]) -> Result<Self, String> {
        let mut operators: BTreeMap<&str, Operator> = BTreeMap::new();
        for package in packages {
            if package.is_empty() {
                return Err("--operators contains an empty name".to_owned());
            }
            let operator = Operator { package: package.clone(), ..Operator::default() };
            if operators.insert(package, operator).is_some() {
                return Err(format!("--operators names {package} twice"));
            }
        }
        Ok(Self { operators, catalog: Placement::default(), packages })
    }

    fn is_catalog(&self, who: &str) -> bool {
        who == CATALOG_POD && !self.operators.contains_key(who)
    }

    fn operator(&mut self, who: &str) -> Result<&mut Operator, String> {
        if self.is_catalog(who) {
            return Err("OLM cannot set environment variables or limits of the catalog's pod".to_owned());
        }
        let packages = self.packages;
        let unknown = || format!("{who} is not among the operators to install: {}", packages.join(", "));
        self.operators.get_mut(who).ok_or_else(unknown)
    }

    fn operators(&mut self, who: &str) -> Result<Vec<&mut Operator>, String> {
        match is_every(who, self.packages) {
            true => Ok(self.operators.values_mut().collect()),
            false => self.operator(who).map(|operator| vec![operator]),
        }
    }

    fn placements(&mut self, who: &str) -> Result<Vec<&mut Placement>, String> {
        if self.is_catalog(who) {
            return Ok(vec![&mut self.catalog]);
        }
        Ok(self.operators(who)?.into_iter().map(|operator| &mut operator.placement).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed<T>(texts: &[&str]) -> Vec<For<T>>
    where
        For<T>: std::str::FromStr<Err = String>,
    {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn packages() -> Vec<String> {
        ["a", "b"].map(str::to_owned).to_vec()
    }

    #[test]
    fn what_is_said_of_one_counts_more() {
        let (env, labels) = (parsed(&["a:X=1", "all:X=2", "all:Y=3"]), parsed(&["all:os=linux", "catalog:disk=ssd"]));
        let (tolerations, requests) = (parsed(&["all:t", "catalog:t=v"]), parsed(&["b:cpu=1", "catalog:memory=64Mi"]));
        let settings = Settings {
            env: &env,
            node_selectors: &labels,
            tolerations: &tolerations,
            requests: &requests,
            ..Settings::default()
        };
        let (operators, catalog) = together(&packages(), &settings).unwrap();
        let env = |n: usize| operators[n].env.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(" ");
        assert_eq!((env(0).as_str(), env(1).as_str()), ("X=1 Y=3", "X=2 Y=3"));
        assert_eq!(operators[0].placement.node_selector, BTreeMap::from([("os".into(), "linux".into())]));
        assert_eq!(catalog.node_selector, BTreeMap::from([("disk".into(), "ssd".into())]));
        assert_eq!(catalog.requests, BTreeMap::from([("memory".into(), "64Mi".into())]));
        assert_eq!((operators[1].placement.tolerations.len(), catalog.tolerations.len()), (1, 1));
        assert!(operators[0].placement.requests.is_empty() && operators[1].placement.requests.contains_key("cpu"));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let error = |packages: &[&str], settings: &Settings<'_>| {
            let packages: Vec<String> = packages.iter().map(|&name| name.to_owned()).collect();
            together(&packages, settings).unwrap_err()
        };
        let none = Settings::default();
        assert_eq!(error(&["a", ""], &none), "--operators contains an empty name");
        assert_eq!(error(&["a", "a"], &none), "--operators names a twice");
        let (channels, env) = (parsed(&["a=x", "a=y"]), parsed(&["a:X=1", "a:X=1"]));
        assert_eq!(error(&["a"], &Settings { channels: &channels, ..none }), "two channels were given for a");
        assert_eq!(error(&["a"], &Settings { env: &env, ..none }), "X was given twice for a");
        let env = parsed(&["all:X=1", "all:X=2"]);
        assert_eq!(error(&["a"], &Settings { env: &env, ..none }), "X was given twice for all");
        let (channels, labels) = (parsed(&["c=x"]), parsed(&["c:k=v"]));
        assert_eq!(
            error(&["a"], &Settings { channels: &channels, ..none }),
            "c is not among the operators to install: a"
        );
        assert_eq!(
            error(&["a"], &Settings { node_selectors: &labels, ..none }),
            "c is not among the operators to install: a"
        );
        let (requests, env) = (parsed(&["catalog:cpu=1"]), parsed(&["catalog:A=b"]));
        let limits = parsed(&["catalog:memory=1Gi"]);
        assert!(
            error(&["a"], &Settings { requests: &requests, ..none }).starts_with("OLM can set only the memory request")
        );
        assert!(
            error(&["a"], &Settings { limits: &limits, ..none }).starts_with("OLM cannot set environment variables")
        );
        assert!(error(&["a"], &Settings { env: &env, ..none }).starts_with("OLM cannot set environment variables"));
    }
}
