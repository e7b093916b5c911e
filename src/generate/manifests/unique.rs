//! Finds objects that occur more than once.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Entry, clean};
use crate::generate::misfit;
use crate::operator::{Defined, Misfit};

/// The objects without duplicates. The first of equal objects is kept.
///
/// # Errors
/// Two different objects with the same kind, namespace and name.
pub(in crate::generate) fn unique(entries: Vec<Entry>, defined: &Defined) -> Result<Vec<Entry>, Misfit> {
    deduplicated(entries).map_err(|pair| {
        let (first, second) = *pair;
        let lines = [&first, &second].map(|entry| defined.line(&entry.route));
        let help = match lines {
            [Some(one), Some(two)] if one != two => format!(
                "lines {one} and {two} of operator.yaml both apply to {}; end one with `until`, or begin it with `since`",
                defined.release.version
            ),
            _ => "remove one of them from the file".to_owned(),
        };
        Misfit { help: Some(help), ..misfit(second.route.clone(), differ(&first, &second)) }
    })
}

/// The message about two objects with the same name.
pub(in crate::generate) fn differ(first: &Entry, second: &Entry) -> String {
    let (kind, name) = (second.object.kind(), second.object.name());
    format!("{kind} {name} occurs twice, with differences: at {} and at {}", first.place(), second.place())
}

/// The same, for two objects that differ.
pub(in crate::generate) fn deduplicated(entries: Vec<Entry>) -> Result<Vec<Entry>, Box<(Entry, Entry)>> {
    let mut kept: Vec<Entry> = Vec::new();
    let mut seen: BTreeMap<[String; 4], usize> = BTreeMap::new();
    for entry in entries {
        let object = &entry.object;
        let key = [object.group_version().0, object.kind(), entry.namespace(), object.name()].map(str::to_owned);
        match seen.get(&key) {
            Some(first) if !object.name().is_empty() => {
                if said(&kept[*first]) != said(&entry) {
                    return Err(Box::new((kept[*first].clone(), entry)));
                }
            }
            _ => {
                seen.insert(key, kept.len());
                kept.push(entry);
            }
        }
    }
    Ok(kept)
}

fn said(entry: &Entry) -> Value {
    let mut object = entry.object.0.clone();
    clean(&mut object);
    object.into()
}
