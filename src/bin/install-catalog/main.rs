//! `install-catalog`: puts OLM, a catalog and its operators on a cluster, and upgrades them once a user accepts it.

fn main() {}
