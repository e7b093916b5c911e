//! The pages of the site, one kind per file.

mod definition;
mod home;
mod package;
mod search;
mod upgrade;
mod version;
mod version_facts;
mod version_rights;

pub(super) use definition::pages as definitions;
pub(super) use home::{Card, pages as home};
pub(super) use package::pages as package;
pub(super) use search::{Entry as Found, entries, index, page as search};
pub(super) use upgrade::pages as upgrades;
pub(super) use version::page as version;
