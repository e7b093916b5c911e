//! The object stores for backups.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// A bucket of Amazon S3, or of a store that speaks the same protocol.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct S3 {
    /// The bucket.
    pub bucket: String,
    /// The folder in the bucket.
    pub prefix: Option<String>,
    /// The region of the bucket.
    pub region: Option<String>,
    /// The address of the store, where it is not Amazon's.
    pub endpoint_url: Option<String>,
    /// The secret with the keys, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
    pub credentials_secret: Option<String>,
    /// The storage class of what is written, such as STANDARD_IA.
    pub storage_class: Option<String>,
    /// The size of the parts of an upload, in bytes.
    pub upload_part_size: Option<isize>,
    /// How many parts an upload may have. Parts are made larger where it takes that.
    pub max_upload_parts: Option<isize>,
    /// Whether a bad certificate of the store is let pass.
    #[serde(rename = "insecureSkipTLSVerify")]
    pub insecure_skip_tls_verify: Option<bool>,
}

/// A container of Azure Blob Storage.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Azure {
    /// The container.
    pub container: Option<String>,
    /// The folder in the container.
    pub prefix: Option<String>,
    /// The secret with the account's name and key, AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY.
    pub credentials_secret: String,
}
