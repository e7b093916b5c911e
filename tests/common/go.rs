//! Programs and data from Go's module proxy. Go verifies them against its checksum database.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// A program that Go builds, for example `github.com/rhysd/actionlint/cmd/actionlint@v1.7.12`. It is kept in the target
/// folder.
///
/// # Errors
/// Why it is not here.
pub(crate) fn tool(package: &str) -> Result<PathBuf, String> {
    type Known = HashMap<String, Result<PathBuf, String>>;
    static KNOWN: Mutex<Option<Known>> = Mutex::new(None);
    let (path, version) = package.split_once('@').expect("a version");
    let name = path.rsplit('/').next().expect("a name");
    let mut known = KNOWN.lock().expect("no thread panicked here");
    let known = known.get_or_insert_default();
    let build = || {
        let folder = tools().join(format!("{name}-{version}"));
        let program = folder.join(name);
        if program.is_file() {
            return Ok(program);
        }
        // Other test programs build at the same time: each has its own folder, and the last one to finish wins.
        let own = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).map_err(|error| error.to_string())?;
        go(&["install", package], &[("GOBIN", own.path())])
            .map_err(|error| format!("{name} cannot be built: {error}"))?;
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        fs::rename(own.path().join(name), &program).map_err(|error| error.to_string())?;
        Ok(program)
    };
    known.entry(package.to_owned()).or_insert_with(build).clone()
}

/// The text of a file of a module, for example `github.com/owenrumney/go-sarif/v3@v3.3.1`.
///
/// # Errors
/// Why it is not here.
pub(crate) fn file(module: &str, path: &str) -> Result<String, String> {
    let failed = |error: &dyn std::fmt::Display| format!("{path} of {module} cannot be read: {error}");
    let told = go(&["mod", "download", "-json", module], &[]).map_err(|error| failed(&error))?;
    let told: serde_json::Value = serde_json::from_str(&told).map_err(|error| failed(&error))?;
    let folder = told["Dir"].as_str().ok_or_else(|| failed(&told))?;
    fs::read_to_string(Path::new(folder).join(path)).map_err(|error| failed(&error))
}

fn tools() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a target folder").join("tools")
}

/// What Go prints, run outside of every module.
fn go(arguments: &[&str], environment: &[(&str, &Path)]) -> Result<String, String> {
    let mut command = Command::new("go");
    command.args(arguments).env_remove("GOFLAGS").envs(environment.iter().copied()).current_dir(std::env::temp_dir());
    match command.output() {
        Err(error) => Err(format!("Go is not installed: {error}")),
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(output) => {
            let stderr = String::from_utf8_lossy(&output.stderr);
            Err(stderr.lines().last().unwrap_or("go fails").to_owned())
        }
    }
}
