//! The ids of the findings. `docs/published.md` explains each.

/// A published package is gone.
pub const PACKAGE_GONE: &str = "published-package-gone";
/// A published channel is gone.
pub const CHANNEL_GONE: &str = "published-channel-gone";
/// The head of a channel is an older version than the published one.
pub const CHANNEL_BACK: &str = "published-channel-back";
/// The head of the default channel is an older version than the head of the published default channel.
pub const DEFAULT_BACK: &str = "published-default-channel-back";
/// A published bundle is gone.
pub const BUNDLE_GONE: &str = "published-bundle-gone";
/// A published bundle no longer stands in a channel.
pub const ENTRY_GONE: &str = "published-entry-gone";
/// A published bundle has other content under the same name.
pub const BUNDLE_CHANGED: &str = "published-bundle-changed";
/// Users of a published version no longer reach the head of their channel.
pub const WAY_LOST: &str = "published-way-lost";
/// An entry of a withdrawn list cannot be read.
pub const WITHDRAWN_INVALID: &str = "withdrawn-invalid";
/// What a withdrawn list names is still in the catalog.
pub const WITHDRAWN_PRESENT: &str = "withdrawn-present";
/// Users of a withdrawn version do not come to where the list says.
pub const WITHDRAWN_WAY: &str = "withdrawn-way";

/// Every id, sorted.
pub const EVERY: [&str; 11] = [
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
