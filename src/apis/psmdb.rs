//! The custom resources of the operator of Percona Server for MongoDB. Group `psmdb.percona.com`, version v1, releases
//! 1.11.0 to 1.14.0.
//!
//! [`PerconaServerMongoDB`] is a cluster: one or several replica sets ([`replset`]), their sharding ([`sharding`]), and
//! its [`backups`]. [`PerconaServerMongoDBBackup`] takes one backup, [`PerconaServerMongoDBRestore`] restores one.
//!
//! Each release up to 1.12.0 stored clusters in a separate API version (v1-12-0), and later ones still list these:
//! `versions`.

mod backup;
pub mod backups;
mod cluster;
pub mod mongod;
pub mod replset;
mod restore;
pub mod sharding;
mod status;
pub mod storage;
mod versions;
pub mod volume;

pub use backup::{BackupDetails, BackupType, PerconaServerMongoDBBackup, PerconaServerMongoDBBackupSpec};
pub use cluster::{MultiCluster, PerconaServerMongoDB, PerconaServerMongoDBSpec, Pmm, Secrets, Tls, UpgradeOptions};
pub use restore::{
    PerconaServerMongoDBRestore, PerconaServerMongoDBRestoreSpec, PerconaServerMongoDBRestoreStatus, PointInTime,
};
pub use status::{ClusterCondition, MemberStatus, MongosStatus, PerconaServerMongoDBStatus, ReplicaSetStatus};

use super::Kind;

/// The kinds of the group.
pub const KINDS: &[Kind] = &[
    Kind::of::<PerconaServerMongoDB>().settled_by(versions::of_clusters),
    Kind::of::<PerconaServerMongoDBBackup>().settled_by(versions::of_backups),
    Kind::of::<PerconaServerMongoDBRestore>().settled_by(versions::of_restores),
];
