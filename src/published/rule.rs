//! The rules about published catalogs. `docs/published.md` describes what they have in common.

mod gone;
mod users;
mod withdrawn;

pub use gone::{BUNDLE_GONE, CHANNEL_GONE, ENTRY_GONE, PACKAGE_GONE};
pub use users::{BUNDLE_CHANGED, CHANNEL_BACK, DEFAULT_BACK, WAY_LOST};
pub use withdrawn::{WITHDRAWN_INVALID, WITHDRAWN_PRESENT, WITHDRAWN_WAY};

use crate::validate::{About, Level, RuleFacts};

/// Every rule, sorted by id.
pub const EVERY: [RuleFacts; 11] = [
    BUNDLE_CHANGED,
    BUNDLE_GONE,
    CHANNEL_BACK,
    CHANNEL_GONE,
    DEFAULT_BACK,
    ENTRY_GONE,
    PACKAGE_GONE,
    WAY_LOST,
    WITHDRAWN_INVALID,
    WITHDRAWN_PRESENT,
    WITHDRAWN_WAY,
];

const fn rule(id: &'static str, level: Level, summary: &'static str, docs: &'static str) -> RuleFacts {
    RuleFacts { id, level, about: About::Published, summary, docs }
}
