//! Certificates for registries, from docker's and podman's folders: `certs.d/<host>[:<port>]/` with authorities in
//! `*.crt`, and a client's certificate in `*.cert` with its key in `*.key` (containers-certs.d(5)).

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{Error, Options};
use crate::files;
use crate::limits::CREDENTIALS_FILE;
use crate::tls::{Identity, Trust};

/// The folders `certs.d` of podman and docker. The first that has a folder for a registry counts.
#[must_use]
pub fn certificate_folders() -> Vec<PathBuf> {
    let home = env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    let home = home.map(|home| home.join(".config/containers/certs.d"));
    home.into_iter().chain(["/etc/containers/certs.d", "/etc/docker/certs.d"].map(PathBuf::from)).collect()
}

/// The trusted certificates for a registry, and the client certificate.
pub(super) fn find(registry: &str, options: &Options) -> Result<(Trust, Option<Identity>), Error> {
    let mut trust = Trust { anything: options.insecure, ..Trust::default() };
    for file in &options.authorities {
        trust.more.extend(certificates(file)?);
    }
    let Some(folder) = options.certificates.iter().map(|folder| folder.join(registry)).find(|folder| folder.is_dir())
    else {
        return Ok((trust, None));
    };
    let failed = |why: std::io::Error| bad(&folder, &why);
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).map_err(failed)? {
        files.push(entry.map_err(failed)?.path());
    }
    files.sort();
    let mut identity = None;
    for file in files {
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("crt") => trust.more.extend(certificates(&file)?),
            Some("cert") if identity.is_none() => {
                let key = file.with_extension("key");
                let read = |bytes: Vec<u8>| PrivateKeyDer::from_pem_slice(&bytes).map_err(|error| bad(&key, &error));
                let key =
                    files::read_small(&key, CREDENTIALS_FILE).map_err(|error| bad(&key, &error)).and_then(read)?;
                identity = Some((certificates(&file)?, key));
            }
            _ => {}
        }
    }
    Ok((trust, identity))
}

/// The certificates of a file in PEM.
fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let bytes = files::read_small(file, CREDENTIALS_FILE).map_err(|error| bad(file, &error))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match found {
        Ok(found) if found.is_empty() => Err(bad(file, &"it has no certificate in PEM form")),
        Ok(found) => Ok(found),
        Err(error) => Err(bad(file, &error)),
    }
}

fn bad(path: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::Certificate { path: path.to_owned(), why: why.to_string() }
}
