//! The custom resources of the operator of Percona XtraDB Cluster (PXC), a MySQL with synchronous replication between
//! its nodes. Group `pxc.percona.com`, version v1, releases 1.10.0 to 1.13.0.
//!
//! [`PerconaXtraDBCluster`] is a cluster: the database nodes and two kinds of proxies, all three a [`component`], the
//! agents in their pods ([`agents`]), and its [`backups`]. [`PerconaXtraDBClusterBackup`] takes one backup,
//! [`PerconaXtraDBClusterRestore`] restores one.
//!
//! Each release up to 1.11.0 stored clusters in a separate API version (v1-11-0), and later ones still list these:
//! `versions`.

pub mod agents;
mod backup;
pub mod backups;
mod cluster;
pub mod component;
pub mod replication;
mod restore;
mod status;
pub mod storage;
mod versions;

pub use backup::{
    BackupDetails, PerconaXtraDBBackup, PerconaXtraDBBackupSpec, PerconaXtraDBClusterBackup,
    PerconaXtraDBClusterBackupSpec,
};
pub use cluster::{Issuer, PerconaXtraDBCluster, PerconaXtraDBClusterSpec, Tls};
pub use restore::{
    PerconaXtraDBClusterRestore, PerconaXtraDBClusterRestoreSpec, PerconaXtraDBClusterRestoreStatus, PointInTime,
};
pub use status::{
    ClusterCondition, ComponentStatus, PerconaXtraDBClusterStatus, ReplicationChannelStatus, ReplicationStatus,
    SidecarStatus,
};

use super::Kind;

/// The kinds of the group.
pub const KINDS: &[Kind] = &[
    Kind::of::<PerconaXtraDBBackup>().until("1.11.0").settled_by(versions::of_old_backups),
    Kind::of::<PerconaXtraDBCluster>().settled_by(versions::of_clusters),
    Kind::of::<PerconaXtraDBClusterBackup>().settled_by(versions::of_backups),
    Kind::of::<PerconaXtraDBClusterRestore>().settled_by(versions::of_restores),
];
