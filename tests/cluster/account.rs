//! Other access to the API server than the administrator's: by another address, or with another token.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::Api;
use kube::api::PostParams;
use olm_catalog::yaml;
use serde_json::json;

use super::Cluster;

impl Cluster {
    /// A new token of a service account.
    ///
    /// # Errors
    /// A service account that does not exist.
    pub(crate) fn token(&self, namespace: &str, account: &str) -> Result<String> {
        let accounts: Api<ServiceAccount> = Api::namespaced(self.client(), namespace);
        let spec = TokenRequestSpec { audiences: Some(Vec::new()), ..TokenRequestSpec::default() };
        let request = TokenRequest { spec: Some(spec), ..TokenRequest::default() };
        let answer = self.run(accounts.create_token_request(account, &PostParams::default(), &request))?;
        answer.status.and_then(|status| status.token).context("an answer without a token")
    }

    /// A kubeconfig file of this name, in the cluster's folder: the administrator's with another server, or another token.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(crate) fn kubeconfig_with(&self, name: &str, server: Option<&str>, token: Option<&str>) -> Result<PathBuf> {
        let mut config = yaml::read_one(&fs::read_to_string(&self.kubeconfig)?)?;
        if let Some(server) = server {
            config["clusters"][0]["cluster"]["server"] = json!(server);
        }
        if let Some(token) = token {
            config["users"][0]["user"] = json!({"token": token});
        }
        let path = self.folder.path().join(format!("other-{name}.kubeconfig"));
        fs::write(&path, yaml::to_yaml(&config)?).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }
}
