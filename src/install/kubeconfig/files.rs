//! The kubeconfig files, by the rules of client-go's `ClientConfigLoadingRules`.

use std::ffi::OsString;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use super::Error;
use super::fields::{self, Entry};
use crate::yaml;

/// The most bytes in a configuration file.
pub(super) const MOST: u64 = 4 << 20;
/// How long reading a file may take. It may be a pipe, as in `--kubeconfig <(…)`, which may have no writer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The kubeconfig to read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// A file named by an option. It must exist.
    File(PathBuf),
    /// The files of `$KUBECONFIG`. Files that do not exist are left out, but at least one must exist.
    List(Vec<PathBuf>),
    /// The user's own file, which exists.
    Home(PathBuf),
    /// No file is named, and the user's own does not exist.
    Nowhere {
        /// The path where the user's own file would be.
        home: Option<PathBuf>,
    },
}

/// The merged contents of all files.
#[derive(Debug, Default)]
pub(super) struct Merged {
    /// The files that were read.
    pub(super) files: Vec<PathBuf>,
    /// The current context, from the first file that has one.
    pub(super) current: Option<String>,
    /// The entries, each with its file. Of two entries with the same name, the first one counts.
    pub(super) clusters: Vec<Entry>,
    pub(super) users: Vec<Entry>,
    pub(super) contexts: Vec<Entry>,
}

/// Finds the files: the option, `$KUBECONFIG`, `~/.kube/config`.
pub(super) fn paths(option: Option<&Path>, variable: impl Fn(&str) -> Option<OsString>) -> Named {
    if let Some(path) = option {
        return Named::File(path.to_owned());
    }
    let list = variable("KUBECONFIG").unwrap_or_default();
    let list: Vec<PathBuf> = std::env::split_paths(&list).filter(|path| !path.as_os_str().is_empty()).collect();
    if !list.is_empty() {
        return Named::List(list);
    }
    let home = variable("HOME").filter(|home| !home.is_empty()).map(|home| PathBuf::from(home).join(".kube/config"));
    match home {
        Some(home) if home.exists() => Named::Home(home),
        home => Named::Nowhere { home },
    }
}

pub(super) async fn read(named: Named) -> Result<Merged, Error> {
    let (paths, may_miss) = match named {
        Named::File(path) | Named::Home(path) => (vec![path], false),
        Named::List(paths) => (paths, true),
        Named::Nowhere { .. } => (Vec::new(), false),
    };
    let mut merged = Merged::default();
    for path in &paths {
        if may_miss && !path.exists() {
            continue;
        }
        let text = text(path).await?;
        add(&mut merged, path, &text)?;
        merged.files.push(path.clone());
    }
    if merged.files.is_empty() {
        let names: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
        return Err(Error::new(
            format!("no file of $KUBECONFIG exists: {}", names.join(", ")),
            "correct $KUBECONFIG, or name a file with --kubeconfig",
        ));
    }
    Ok(merged)
}

/// The text of a file. It is read on a separate thread, because a pipe may never end.
pub(super) async fn text(path: &Path) -> Result<String, Error> {
    let failed = |why: &str| {
        Error::new(
            format!("cannot read {}: {why}", path.display()),
            "name another file with --kubeconfig, or correct this one",
        )
    };
    let (send, receive) = tokio::sync::oneshot::channel();
    let file = path.to_owned();
    std::thread::spawn(move || drop(send.send(bytes(&file))));
    let bytes = match tokio::time::timeout(PATIENCE, receive).await {
        Ok(Ok(Ok(bytes))) => bytes,
        Ok(Ok(Err(error))) => return Err(failed(&plain(&error))),
        _ => return Err(failed("timed out after 10 s")),
    };
    if bytes.len() as u64 > MOST {
        return Err(failed("it is larger than 4 MiB"));
    }
    String::from_utf8(bytes).map_err(|_| failed("it is not UTF-8 text"))
}

fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MOST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// An I/O error without the system's error number.
pub(super) fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

fn add(merged: &mut Merged, path: &Path, text: &str) -> Result<(), Error> {
    let shown = path.display();
    // The reader's message may quote the line, and the line may be a secret.
    let value = yaml::read(text).map_err(|error| {
        Error::new(
            format!("{shown}:{}:{}: not valid YAML", error.line, error.column),
            "correct the file at this line (the line is not shown, as it may be a secret)",
        )
    })?;
    let mut documents = value.into_iter().map(|document| document.value);
    let value = documents.next().unwrap_or(Value::Null);
    let config = fields::Node::new(path, text, &value);
    if value.is_null() {
        return Ok(());
    }
    config.object()?;
    if let Some(current) = config.string("current-context")?
        && merged.current.is_none()
    {
        merged.current = Some(current);
    }
    let lists = [
        ("clusters", "cluster", &mut merged.clusters),
        ("users", "user", &mut merged.users),
        ("contexts", "context", &mut merged.contexts),
    ];
    for (list, field, into) in lists {
        for entry in config.entries(list, field)? {
            if into.iter().all(|there: &Entry| there.name != entry.name) {
                into.push(entry);
            }
        }
    }
    Ok(())
}
