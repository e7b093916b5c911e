//! The custom resources of the DBaaS operator, which manages a database cluster through one resource for the operators
//! of all databases. Group `dbaas.percona.com`, version v1, releases 0.1.4 to 0.1.17.

mod backup;
mod cluster;
mod cluster_backup;
mod engine;
mod restore;
mod source;

pub use backup::{DatabaseClusterBackup, DatabaseClusterBackupSpec, DatabaseClusterBackupStatus};
pub use cluster::{
    DatabaseCluster, DatabaseClusterSpec, DatabaseClusterStatus, DbInstance, LoadBalancer, Monitoring, Pmm,
};
pub use cluster_backup::{Backup, BackupSchedule, BackupStorage};
pub use engine::{Component, DatabaseEngine, DatabaseEngineSpec, DatabaseEngineStatus, EngineVersions};
pub use restore::{DatabaseClusterRestore, DatabaseClusterRestoreSpec, DatabaseClusterRestoreStatus};
pub use source::{BackupSource, BackupStorageProvider};

pub use super::percona::VolumeSource;

use super::Kind;

/// The kinds of the group.
pub const KINDS: &[Kind] = &[
    Kind::of::<DatabaseCluster>(),
    Kind::of::<DatabaseClusterBackup>().since("0.1.17"),
    Kind::of::<DatabaseClusterRestore>(),
    Kind::of::<DatabaseEngine>(),
];
