//! The text of a manifests file: from the repository, or from the web.

use std::io::{self, Read as _};
use std::path::{Component, Path};

use super::remote;
use crate::channel::root_of;
use crate::digest::Digest;
use crate::files;
use crate::limits::MANIFEST_BYTES;
use crate::operator::{Defined, Manifests};

/// Why there is no text: the key, the problem, and the remedy.
#[derive(Debug)]
pub(super) struct Bad {
    pub(super) key: &'static str,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl Bad {
    fn file(message: impl Into<String>) -> Self {
        Self { key: "manifests", message: message.into(), help: None }
    }
}

/// Reads a file that an `operator.yaml` names, and checks its digest.
pub(super) fn read(defined: &Defined, file: &Manifests) -> Result<String, Bad> {
    let definition = defined.file();
    let root = root_of(definition);
    let bytes = match (defined.known(&file.sha256), file.manifests.split_once("://")) {
        (Some(known), _) => known.to_vec(),
        (None, Some(_)) => remote::get(&file.manifests, &file.sha256, &root).map_err(Bad::file)?,
        (None, None) => local(definition, &file.manifests, &root)?,
    };
    let digest = Digest::of(&bytes);
    if digest.hex() != file.sha256 {
        let message = format!("the digest of {} is {}, which differs from the one here", file.manifests, digest.hex());
        let help = "if this file is the right one, write its digest here".to_owned();
        return Err(Bad { key: "sha256", message, help: Some(help) });
    }
    String::from_utf8(bytes).map_err(|_| Bad::file(format!("{} is not UTF-8", file.manifests)))
}

fn local(definition: &Path, name: &str, root: &Path) -> Result<Vec<u8>, Bad> {
    let unread = |error: io::Error| Bad::file(format!("cannot read {name}: {error}"));
    let path = Path::new(name);
    if path.components().any(|part| matches!(part, Component::RootDir | Component::Prefix(_))) {
        return Err(Bad::file(format!("{name} is not a path relative to this file's folder")));
    }
    let real = definition.parent().unwrap_or(Path::new("")).join(path).canonicalize().map_err(unread)?;
    // With links followed: the contents of a bundle must be in the repository.
    if !real.starts_with(root.canonicalize().map_err(unread)?) {
        return Err(Bad::file(format!("{name} is outside the repository")));
    }
    if !real.is_file() {
        return Err(Bad::file(format!("{name} is not a file")));
    }
    bounded(files::open(&real).map_err(unread)?).map_err(unread)
}

/// Reads to the end, up to a limit.
pub(super) fn bounded(from: impl io::Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MANIFEST_BYTES.get() + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MANIFEST_BYTES.get() { Err(MANIFEST_BYTES.exceeded().into()) } else { Ok(bytes) }
}
