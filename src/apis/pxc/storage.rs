//! The object stores for backups.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// A bucket of Amazon S3, or of a store that speaks the same protocol.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct S3 {
    /// The bucket, with a folder in it where wanted: bucket/folder.
    pub bucket: Option<String>,
    /// The secret with the keys, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
    pub credentials_secret: Option<String>,
    /// The region of the bucket.
    pub region: Option<String>,
    /// The address of the store, where it is not Amazon's.
    pub endpoint_url: Option<String>,
}

/// A container of Azure Blob Storage.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Azure {
    /// The container, with a folder in it where wanted: container/folder.
    pub container: Option<String>,
    /// The secret with the account's name and key, AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY.
    pub credentials_secret: Option<String>,
    /// The address of the store, where it is not the account's own.
    pub endpoint_url: Option<String>,
    /// The access tier: Hot, Cool or Archive.
    pub storage_class: Option<String>,
}
