//! Each file of a bundle folder is read once, also where there is a catalog beside that needs its manifests. `strace`
//! counts.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use libtest_mimic::{Failed, Trial};

const NAME: &str = "run/each_file_of_a_bundle_is_read_once";

pub(super) fn trial() -> Trial {
    let mut probe = strace(Path::new("/dev/null"), &["true"]);
    let status = probe.stdout(Stdio::null()).stderr(Stdio::null()).status();
    match status.is_ok_and(|status| status.success()) {
        true => Trial::test(NAME, once),
        false => Trial::test(NAME, || Ok(())).with_ignored_flag(true).with_kind("needs strace"),
    }
}

fn strace(out: &Path, command: &[&str]) -> Command {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-e", "trace=openat", "-o"]).arg(out).args(command);
    strace
}

fn once() -> Result<(), Failed> {
    let out = tempfile::NamedTempFile::new()?;
    // Files with findings are read once more to show the lines: of this rule there are none.
    let program = env!("CARGO_BIN_EXE_catalog");
    let mut command = strace(out.path(), &[program, "validate", "bundles", "catalog", "--select", "skip-range", "-q"]);
    let run = command.output()?;
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let mut opens: BTreeMap<String, usize> = BTreeMap::new();
    for line in fs::read_to_string(out.path())?.lines() {
        let Some(file) = line.split('"').nth(1).filter(|file| file.starts_with("bundles/")) else { continue };
        if ["/manifests/", "/metadata/"].iter().any(|folder| file.contains(folder)) {
            *opens.entry(file.to_owned()).or_default() += 1;
        }
    }
    assert!(opens.len() > 100, "{opens:?}");
    let several: Vec<_> = opens.iter().filter(|(_, opens)| **opens != 1).collect();
    assert!(several.is_empty(), "{several:?}");
    Ok(())
}
