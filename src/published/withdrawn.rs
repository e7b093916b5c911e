//! The parts that a catalog withdrew: blobs of the schema `olm-catalog.withdrawn`.
//!
//! ```yaml
//! schema: olm-catalog.withdrawn
//! package: demo
//! withdrawn:
//! - bundle: demo.v1.2.0
//!   version: 1.2.0
//!   reason: It deletes backups that are in use.
//!   upgradeTo: demo.v1.2.1
//! ```
//!
//! The list is a blob of the catalog, not a separate file. A maintainer writes it where the channels are defined, in
//! the template after its first document or in the catalog's folder, and a check that only gets the catalog finds it.
//! opm keeps blobs of other schemas, and OLM ignores them. It is part of the image, so later releases are still checked
//! for the users of versions that were withdrawn earlier.

use semver::Version;
use serde_json::Value;

use super::rule;
use crate::catalog::{Catalog, Other};
use crate::diagnostic::{Finding, Place};
use crate::go_json::fields::{Fields, Misfit};
use crate::version;
use crate::yaml::Route;

/// The schema of the blobs.
pub const SCHEMA: &str = "olm-catalog.withdrawn";

/// The value of `upgradeTo` if users stay at their version.
pub const NONE: &str = "none";

/// One entry of a withdrawn list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// The package.
    pub package: String,
    /// The withdrawn bundle. Empty: the whole channel, or the whole package.
    pub bundle: String,
    /// The channel from which it is withdrawn. Empty: every channel.
    pub channel: String,
    /// The bundle's version. With it, later checks know which skipRange includes its users.
    pub version: Option<Version>,
    /// The reason.
    pub reason: String,
    /// Where its users go: a bundle of their channel, or another channel for a withdrawn channel. [`NONE`] if they
    /// stay.
    pub upgrade_to: String,
    /// Where it is written.
    pub place: Place,
}

impl Withdrawal {
    /// Whether users stay at their version.
    #[must_use]
    pub fn strands(&self) -> bool {
        self.upgrade_to == NONE
    }
}

/// The withdrawn lists of a catalog. Their defects are added to the findings.
#[must_use]
pub fn read(catalog: &Catalog, findings: &mut Vec<Finding>) -> Vec<Withdrawal> {
    let mut all = Vec::new();
    for blob in catalog.others.iter().filter(|blob| blob.schema == SCHEMA) {
        let read = items(blob).and_then(|items| {
            if blob.package.is_empty() {
                return Err(wrong(Route::root(), "the withdrawn list has no `package`"));
            }
            Ok(items)
        });
        let results = read.unwrap_or_else(|bad| vec![Err(bad)]);
        for result in results {
            match result {
                Ok(withdrawal) => all.push(withdrawal),
                Err(Misfit { route, message }) => {
                    let finding = Finding::error(rule::WITHDRAWN_INVALID.id, blob.origin.place(route), message);
                    findings.push(finding.help("see docs/published.md for the fields of a withdrawn list"));
                }
            }
        }
    }
    all
}

type Item = Result<Withdrawal, Misfit>;

fn items(blob: &Other) -> Result<Vec<Item>, Misfit> {
    let mut fields = Fields::new(blob.blob.clone(), Route::root())?;
    let items = fields.list("withdrawn", |value, route| Ok(item(blob, value, route)))?;
    let known = |key: &str| ["schema", "package", "name"].iter().any(|known| key.eq_ignore_ascii_case(known));
    match fields.rest().keys().find(|key| !known(key)) {
        Some(key) => Err(wrong(Route::root().key(key), &format!("`{key}` is not a field of a withdrawn list"))),
        None => Ok(items),
    }
}

fn item(blob: &Other, value: Value, route: Route) -> Item {
    let mut fields = Fields::new(value, route.clone())?;
    let version = fields.string("version")?;
    let withdrawal = Withdrawal {
        package: blob.package.clone(),
        bundle: fields.string("bundle")?,
        channel: fields.string("channel")?,
        version: match version.as_str() {
            "" => None,
            text => Some(version::parse(text).map_err(|error| wrong(fields.route("version"), &error.to_string()))?),
        },
        reason: fields.string("reason")?,
        upgrade_to: fields.string("upgradeTo")?,
        place: blob.origin.place(route.clone()),
    };
    if withdrawal.reason.trim().is_empty() {
        return Err(wrong(route, "the entry has no `reason`"));
    }
    if withdrawal.upgrade_to.is_empty() {
        let message = "the entry has no `upgradeTo`: name the bundle or channel for its users, or `none` if they stay";
        return Err(wrong(route, message));
    }
    match fields.rest().keys().next() {
        Some(key) => Err(wrong(route.key(key), &format!("`{key}` is not a field of a withdrawn entry"))),
        None => Ok(withdrawal),
    }
}

fn wrong(route: Route, message: &str) -> Misfit {
    Misfit { route, message: message.to_owned() }
}
