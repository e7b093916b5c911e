//! The crates that a program for a platform is made of, as cargo resolves them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use serde::Deserialize;

/// A crate, as `cargo metadata` describes it.
#[derive(Clone, Deserialize)]
pub(crate) struct Crate {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    pub(crate) license_file: Option<PathBuf>,
    pub(crate) description: Option<String>,
    pub(crate) repository: Option<String>,
    pub(crate) manifest_path: PathBuf,
}

impl Crate {
    /// Its address in the package-URL scheme.
    pub(crate) fn purl(&self) -> String {
        format!("pkg:cargo/{}@{}", self.name, self.version)
    }

    /// Its folder.
    pub(crate) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(&self.manifest_path)
    }
}

/// The crates of a program, and what each needs. Crates that only build others are not in it.
pub(crate) struct Crates {
    /// The project itself.
    pub(crate) root: Crate,
    /// Sorted by name and version.
    pub(crate) others: Vec<Crate>,
    /// By the package URL, of the project too.
    pub(crate) needs: BTreeMap<String, BTreeSet<String>>,
    /// The SHA-256 of the packages from a registry, by name and version.
    pub(crate) sums: BTreeMap<(String, String), String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Crate>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
    root: String,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Need>,
}

#[derive(Deserialize)]
struct Need {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

impl Crates {
    /// The crates of a program for a platform.
    pub(crate) fn of_target(target: &str) -> anyhow::Result<Self> {
        let project = Path::new(env!("CARGO_MANIFEST_DIR"));
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let arguments = ["metadata", "--locked", "--format-version", "1", "--filter-platform", target];
        let told = super::run(Command::new(cargo).args(arguments).current_dir(project))?;
        let Metadata { packages, resolve } = serde_json::from_slice(&told).context("cargo metadata")?;
        let packages: BTreeMap<&str, &Crate> = packages.iter().map(|one| (one.id.as_str(), one)).collect();
        let nodes: BTreeMap<&str, &Node> = resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
        let (mut needs, mut left) = (BTreeMap::new(), vec![resolve.root.as_str()]);
        while let Some(id) = left.pop() {
            let node = nodes.get(id).with_context(|| format!("cargo did not resolve {id}"))?;
            let linked = node.deps.iter().filter(|need| need.dep_kinds.iter().any(|kind| kind.kind.is_none()));
            let linked: Vec<&str> = linked.map(|need| need.pkg.as_str()).collect();
            left.extend(linked.iter().filter(|id| !needs.contains_key(**id)));
            needs.insert(id, linked);
        }
        let found = |id: &&str| packages.get(id).copied().cloned().with_context(|| format!("no package is {id}"));
        let mut all = needs.keys().map(found).collect::<anyhow::Result<Vec<Crate>>>()?;
        all.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
        let purl = |id: &str| packages.get(id).map(|one| one.purl()).unwrap_or_default();
        let needs = needs.iter().map(|(id, linked)| (purl(id), linked.iter().map(|id| purl(id)).collect())).collect();
        let at = all.iter().position(|one| one.id == resolve.root).context("the project is not in its own crates")?;
        let root = all.remove(at);
        let lock: Lock = toml::from_str(&std::fs::read_to_string(project.join("Cargo.lock"))?)?;
        let sums = lock.package.into_iter().filter_map(|one| Some(((one.name, one.version), one.checksum?))).collect();
        Ok(Self { root, others: all, needs, sums })
    }
}
