//! The manifests with which krew installs the programs as plugins of kubectl:
//! <https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest>.

use std::path::Path;

use anyhow::{Context as _, bail};

use super::{VERSION, sums};

/// A manifest with `VERSION`, `HOMEPAGE`, and `PLATFORM` lines in place of what is known when an archive is made.
const TEMPLATES: [(&str, &str); 2] = [
    ("catalog.yaml", include_str!("../krew/catalog.yaml")),
    ("install-catalog.yaml", include_str!("../krew/install-catalog.yaml")),
];

/// The names of processors, as Rust and as krew write them.
const PROCESSORS: [(&str, &str); 4] =
    [("x86_64", "amd64"), ("aarch64", "arm64"), ("powerpc64le", "ppc64le"), ("s390x", "s390x")];

/// The manifests for the archives of a folder, which is at this address on the web, by file name.
pub(crate) fn manifests(folder: &Path, url: &str, homepage: &str) -> anyhow::Result<Vec<(&'static str, String)>> {
    let start = format!("olm-catalog-{VERSION}-");
    let mut platforms = Vec::new();
    for name in sums::files(folder)? {
        let Some(target) = name.strip_prefix(&start).and_then(|name| name.strip_suffix(".tar.gz")) else { continue };
        let processor = target.split('-').next().unwrap_or_default();
        let known = PROCESSORS.iter().find(|(rust, _)| *rust == processor && target.contains("-linux-"));
        let (_, processor) = known.with_context(|| format!("krew has no name for the platform {target}"))?;
        platforms.push((*processor, name.clone(), sums::of_file(&folder.join(&name))?));
    }
    if platforms.is_empty() {
        bail!("{} has no archive {start}TARGET.tar.gz", folder.display());
    }
    let fill = |template: &str| -> anyhow::Result<String> {
        let (before, platform) =
            template.split_once("  # For each platform:\n").context("the template has platforms")?;
        let platforms = platforms.iter().map(|(processor, name, sum)| {
            let uri = format!("{}/{name}", url.trim_end_matches('/'));
            platform.replace("PROCESSOR", processor).replace("URI", &uri).replace("SHA256", sum)
        });
        let before = before.replace("VERSION", VERSION).replace("HOMEPAGE", homepage);
        Ok(before + &platforms.collect::<String>())
    };
    TEMPLATES.into_iter().map(|(name, template)| Ok((name, fill(template)?))).collect()
}
