//! Single settings of mongod, from releases in which a replica set did not yet have MongoDB's own configuration.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// Settings of mongod. MongoDB's documentation has each under the same name.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Mongod {
    /// Its ports.
    pub net: Option<Net>,
    /// Writing down what users do.
    pub audit_log: Option<AuditLog>,
    /// Writing down which operations are slow.
    pub operation_profiling: Option<OperationProfiling>,
    /// Replication.
    pub replication: Option<Replication>,
    /// Encryption of the data, and what logs may say of it.
    pub security: Option<Security>,
    /// Parameters that are set at the start.
    pub set_parameter: Option<MongodParameters>,
    /// How data is stored.
    pub storage: Option<Storage>,
}

/// Ports of mongod.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Net {
    /// The port that it listens on; 27017 where it is left out.
    pub port: Option<i32>,
    /// The port of the node that leads to it.
    pub host_port: Option<i32>,
}

/// Writing down what users do.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditLog {
    /// Where to: file, console or syslog.
    pub destination: Option<String>,
    /// In which form: BSON or JSON.
    pub format: Option<String>,
    /// Which events, as a query of MongoDB in JSON.
    pub filter: Option<String>,
}

/// Writing down which operations are slow.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OperationProfiling {
    /// Which operations: off for none, slowOp for slow ones, all.
    pub mode: Option<String>,
    /// Milliseconds from which on an operation is slow.
    pub slow_op_threshold_ms: Option<isize>,
    /// One of how many operations that are not slow is written down.
    pub rate_limit: Option<isize>,
}

/// Replication.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Replication {
    /// The size of the log of operations that members follow, in megabytes.
    #[serde(rename = "oplogSizeMB")]
    pub oplog_size_mb: Option<isize>,
}

/// Encryption of the data, and what logs may say of it.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Security {
    /// Whether data is encrypted at rest.
    pub enable_encryption: Option<bool>,
    /// The cipher: AES256-CBC or AES256-GCM.
    pub encryption_cipher_mode: Option<String>,
    /// The secret with the key.
    pub encryption_key_secret: Option<String>,
    /// Whether logs leave out the data of users.
    pub redact_client_log_data: Option<bool>,
}

/// Parameters of mongod.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MongodParameters {
    /// Milliseconds after which a cursor that nobody reads is closed.
    pub cursor_timeout_millis: Option<isize>,
    /// Seconds between two looks for documents whose time is over.
    pub ttl_monitor_sleep_secs: Option<isize>,
    /// How many reads the storage engine does at once.
    pub wired_tiger_concurrent_read_transactions: Option<isize>,
    /// How many writes the storage engine does at once.
    pub wired_tiger_concurrent_write_transactions: Option<isize>,
}

/// How data is stored.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Storage {
    /// The storage engine: wiredTiger, inMemory or mmapv1.
    pub engine: Option<String>,
    /// Whether each database has a folder of its own.
    #[serde(rename = "directoryPerDB")]
    pub directory_per_db: Option<bool>,
    /// Seconds between two writes of all data to the volume.
    pub sync_period_secs: Option<isize>,
    /// The engine that keeps data on the volume.
    pub wired_tiger: Option<WiredTiger>,
    /// The engine that keeps data in memory only.
    pub in_memory: Option<InMemory>,
    /// The engine that MongoDB had first.
    pub mmapv1: Option<MmapV1>,
}

/// The engine WiredTiger.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WiredTiger {
    /// Collections.
    pub collection_config: Option<CollectionConfig>,
    /// Cache, folders and journal.
    pub engine_config: Option<WiredTigerEngineConfig>,
    /// Indexes.
    pub index_config: Option<IndexConfig>,
}

/// How WiredTiger stores collections.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CollectionConfig {
    /// How they are compressed: none, snappy, zlib or zstd.
    pub block_compressor: Option<String>,
}

/// WiredTiger's cache, folders and journal.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WiredTigerEngineConfig {
    /// The part of the container's memory that the cache takes, from 0 to 1.
    pub cache_size_ratio: Option<f64>,
    /// Whether indexes have a folder of their own.
    pub directory_for_indexes: Option<bool>,
    /// How the journal is compressed: none, snappy, zlib or zstd.
    pub journal_compressor: Option<String>,
}

/// How WiredTiger stores indexes.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IndexConfig {
    /// Whether the common start of keys is stored once.
    pub prefix_compression: Option<bool>,
}

/// The engine that keeps data in memory.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InMemory {
    /// Its memory.
    pub engine_config: Option<InMemoryEngineConfig>,
}

/// The memory of the engine that keeps data in it.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InMemoryEngineConfig {
    /// The part of the container's memory that data may take, from 0 to 1.
    pub in_memory_size_ratio: Option<f64>,
}

/// The engine MMAPv1.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MmapV1 {
    /// The size of a new namespace file, in megabytes.
    pub ns_size: Option<isize>,
    /// Whether files of data begin small.
    pub smallfiles: Option<bool>,
}
