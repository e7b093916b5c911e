//! Images for the node: the tests' own, and those that a test has built.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use olm_catalog::image::spec::{ImageConfig, Run};
use olm_catalog::image::{Entry, Image, Layout, Program, layer};

use super::programs;

/// The name of the image with the program `pod.rs`, which waits by default.
pub(crate) const POD: &str = "olm-catalog.test/pod:1";

/// The image with the program `pod.rs`.
pub(crate) fn pod() -> Result<Image> {
    let program = Program::open(&pod_program()?)?;
    let layer = layer([Entry::copy("pod", program.path()).mode(0o755)])?;
    let run = Run {
        user: "65534:65534".into(),
        entrypoint: vec!["/pod".into()],
        cmd: vec!["pause".into()],
        ..Run::default()
    };
    Ok(Image::new(ImageConfig::linux(program.architecture(), run), vec![layer]))
}

/// Writes an image with a name to an archive that containerd imports.
pub(super) fn archive(image: &Image, name: &str, path: &Path) -> Result<()> {
    let folder = tempfile::tempdir().context("no temporary folder")?;
    let layout = folder.path().join("layout");
    Layout::write(&layout, &[(image, BTreeMap::from([("io.containerd.image.name".to_owned(), name.to_owned())]))])?;
    let file = File::create(path).with_context(|| format!("cannot make {}", path.display()))?;
    let mut archive = tar::Builder::new(file);
    archive.append_dir_all("", &layout).and_then(|()| archive.finish()).context("cannot write an archive")
}

/// The program, rebuilt if it is out of date.
fn pod_program() -> Result<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cluster/pod.rs");
    let program = programs::target().join("bin/pod");
    let changed = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    if changed(&program) > changed(&source) {
        return Ok(program);
    }
    let output = Command::new("rustc")
        .args(["--edition", "2024", "-D", "warnings", "-C", "opt-level=s", "-C", "panic=abort", "-C", "strip=symbols"])
        .args(["-C", "target-feature=+crt-static", "-o"])
        .args([&program, &source])
        .stdin(Stdio::null())
        .output()
        .context("cannot run rustc")?;
    if !output.status.success() {
        bail!("{} was not built:\n{}", source.display(), String::from_utf8_lossy(&output.stderr));
    }
    Ok(program)
}
