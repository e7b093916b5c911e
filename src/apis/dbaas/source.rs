//! The location of a backup, for the resources that read it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// A backup to restore from, wherever it was taken.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BackupSource {
    /// The backup's place in the storage, such as s3://bucket/folder.
    pub destination: Option<String>,
    /// The name of the cluster's storage that holds it.
    pub storage_name: Option<String>,
    /// The object store that holds it, where that speaks S3.
    pub s3: Option<BackupStorageProvider>,
    /// The object store that holds it, where that is Azure Blob Storage.
    pub azure: Option<BackupStorageProvider>,
    /// What kind of place holds it: s3, azure or filesystem.
    #[serde(rename = "storage_type")]
    pub storage_type: String,
    /// The image of the tool that restores it.
    pub image: Option<String>,
    /// The secret with the certificates for connections from outside.
    pub ssl_secret_name: Option<String>,
    /// The secret with the certificates for connections between the nodes.
    pub ssl_internal_secret_name: Option<String>,
    /// The secret with the access to Vault, for data that is encrypted at rest.
    pub vault_secret_name: Option<String>,
}

/// An object store.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BackupStorageProvider {
    /// The bucket, for S3.
    pub bucket: Option<String>,
    /// The container, for Azure.
    pub container_name: Option<String>,
    /// The folder within it.
    pub prefix: Option<String>,
    /// The secret with the keys of the store.
    pub credentials_secret: String,
    /// The region of the bucket.
    pub region: Option<String>,
    /// The address of the store, where it is not the provider's own.
    pub endpoint_url: Option<String>,
    /// The class to store with: STANDARD, NEARLINE, COLDLINE or ARCHIVE at Google, Hot, Cool or Archive at Azure.
    pub storage_class: Option<String>,
}
