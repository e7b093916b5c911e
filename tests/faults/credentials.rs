//! Credentials that the API server rejects, or stops accepting.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::rbac::v1::ClusterRoleBinding;
use kube::api::PostParams;
use kube::{Api, ResourceExt as _};
use libtest_mimic::Failed;
use rcgen::{KeyPair, SigningKey as _};
use serde_json::{Value, json};

use super::{NEW, Outcome, State, WAIT};

/// The namespace of the service accounts.
const ACCOUNTS: &str = "olm";
const NOT_TAKEN: &str = "the API server rejected the credentials";
/// Credentials are only retried for some seconds.
const SOON: Duration = Duration::from_secs(20);

/// An expired token, and one whose owner was deleted.
pub(crate) fn rejected(state: &State) -> Outcome {
    let mut place = state.place("strangers");
    let account = account(state, "expired")?;
    for (expires, codes) in [(3600, [0, 1]), (-60, [2, 2])] {
        let token = signed(state, &account, expires)?;
        place.kubeconfig = state.cluster.kubeconfig_with("expired", None, Some(&token))?;
        let ended = place.start("status", &[])?.ends(SOON)?;
        if !codes.contains(&ended.code) {
            return Err(ended.but("that is the wrong status"));
        }
    }
    let install = place.start("install", &[])?.ends(SOON)?;
    install.saying(2, &[NOT_TAKEN, "help:"])?;
    let account = self::account(state, "revoked")?;
    let token = state.cluster.token(ACCOUNTS, &account.name_any())?;
    remove(state, &account)?;
    place.kubeconfig = state.cluster.kubeconfig_with("revoked", None, Some(&token))?;
    place.start("install", &[])?.ends(SOON)?.saying(2, &[NOT_TAKEN, "help:"])
}

/// The token is revoked while the program waits; with another one it resumes.
pub(crate) fn revoked_meanwhile(state: &State) -> Outcome {
    let mut place = state.place("revoked");
    let account = account(state, "revoked-meanwhile")?;
    place.kubeconfig = kubeconfig(state, &account)?;
    place.hold_plans(true);
    let mut program = place.start("install", &[])?;
    program.says("approved")?;
    remove(state, &account)?;
    program.ends(WAIT)?.saying(2, &[NOT_TAKEN, "run the same command"])?;
    place.hold_plans(false);
    let account = self::account(state, "renewed")?;
    place.kubeconfig = kubeconfig(state, &account)?;
    place.run("install", &[])?.with(0)?;
    place.is_installed(NEW, 1)
}

/// A service account with all permissions.
pub(super) fn account(state: &State, name: &str) -> Result<ServiceAccount, Failed> {
    let accounts: Api<ServiceAccount> = Api::namespaced(state.cluster.client(), ACCOUNTS);
    let account = serde_json::from_value(json!({"metadata": {"name": name}}))?;
    let account = state.run(accounts.create(&PostParams::default(), &account))?;
    let bindings: Api<ClusterRoleBinding> = Api::all(state.cluster.client());
    let binding = serde_json::from_value(json!({
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": ACCOUNTS}],
    }))?;
    state.run(bindings.create(&PostParams::default(), &binding))?;
    Ok(account)
}

/// The kubeconfig file of a service account, with a new token.
pub(super) fn kubeconfig(state: &State, account: &ServiceAccount) -> Result<PathBuf, Failed> {
    let name = account.name_any();
    Ok(state.cluster.kubeconfig_with(&name, None, Some(&state.cluster.token(ACCOUNTS, &name)?))?)
}

fn remove(state: &State, account: &ServiceAccount) -> Outcome {
    let accounts: Api<ServiceAccount> = Api::namespaced(state.cluster.client(), ACCOUNTS);
    Ok(state.run(accounts.delete(&account.name_any(), &Default::default())).map(drop)?)
}

/// A token like the API server's own, but expired: the server issues none for less than ten minutes.
fn signed(state: &State, account: &ServiceAccount, expires: i64) -> Result<String, Failed> {
    let given = state.cluster.token(ACCOUNTS, &account.name_any())?;
    let mut parts = given.split('.').take(2).map(decoded);
    let (mut head, mut claims) = (parts.next().ok_or("no head")??, parts.next().ok_or("no claims")??);
    let now = k8s_openapi::jiff::Timestamp::now().as_second();
    (claims["exp"], claims["iat"], claims["nbf"]) = (json!(now + expires), json!(now - 600), json!(now - 600));
    head["alg"] = json!("ES256");
    let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", encode(&head), encode(&claims));
    let key = fs::read_to_string(state.cluster.kubeconfig().with_file_name("service-accounts.key"))?;
    let signature = KeyPair::from_pem(&key)?.sign(text.as_bytes())?;
    Ok(format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(plain(&signature)?)))
}

fn decoded(part: &str) -> Result<Value, Failed> {
    Ok(serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part)?)?)
}

/// The two numbers of a signature, of 32 bytes each, from its DER encoding.
fn plain(der: &[u8]) -> Result<Vec<u8>, Failed> {
    let mut rest = der.get(2..).ok_or("no signature")?;
    let mut both = Vec::new();
    for _ in 0..2 {
        let length = usize::from(*rest.get(1).ok_or("no number")?);
        let number = rest.get(2..2 + length).ok_or("no number")?;
        let number = &number[number.iter().take_while(|byte| **byte == 0).count()..];
        both.extend(std::iter::repeat_n(0, 32 - number.len()));
        both.extend(number);
        rest = &rest[2 + length..];
    }
    Ok(both)
}
