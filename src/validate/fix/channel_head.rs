//! Entries that the head passes over, and does not skip.

use super::Fix;

pub(super) static FIX: Fix = Fix { rule: "channel-head", find: |seen| seen.additions() };
