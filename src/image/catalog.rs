//! A catalog's image: the program that serves it, and its file-based catalog.

use std::collections::BTreeMap;

use super::spec::{ImageConfig, Run, ports};
use super::{Entry, Error, Image, Layer, Program, layer};

/// The folder of the file-based catalog, in the image.
pub const CONFIGS: &str = "configs";

/// The label that makes an image a file-based catalog's: where its files are.
pub const CONFIGS_LABEL: &str = "operators.operatorframework.io.index.configs.v1";

/// The label that says what people call an image, from
/// <https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md>: a catalog's display name.
pub const TITLE_LABEL: &str = "org.opencontainers.image.title";

/// The label that says who publishes an image, from the same list.
pub const VENDOR_LABEL: &str = "org.opencontainers.image.vendor";

/// The label that names the operators of a catalog which `install-catalog install` installs where none are named: their
/// packages, with commas between them.
pub const OPERATORS_LABEL: &str = "dev.olm-catalog.default-operators";

/// Where the program is.
const PROGRAM: &str = "bin/catalog";

/// OLM up to 0.46 asks a catalog's pod whether it is ready by executing this in it. The program answers to the name;
/// a symbolic link, and a relative one, works whatever unpacks the layer and wherever.
const PROBE: &str = "bin/grpc_health_probe";

/// The port of OLM's registry API, which CatalogSources of type `grpc` with an image are reached at.
const PORT: u16 = 50051;

/// The user and group that OLM runs catalogs as.
const USER: &str = "1001:0";

/// Builds a catalog's image, from nothing but a static program and the catalog's files, which are named relative to
/// the configs folder: `<package>/catalog.yaml`.
///
/// The program's layer comes first, so that catalogs served by the same program share it. It runs as a user without
/// rights, writes nothing outside `/tmp`, and works on a read-only root file system. The platform is the program's.
///
/// # Errors
/// Files that cannot be read, and paths that an image cannot hold.
pub fn catalog_image<'a>(program: &Program, configs: impl IntoIterator<Item = Entry<'a>>) -> Result<Image, Error> {
    let run = Run {
        user: USER.into(),
        exposed_ports: ports([PORT]),
        // `grpc_health_probe` is executed by its bare name.
        env: vec!["PATH=/bin".into()],
        entrypoint: vec![format!("/{PROGRAM}")],
        cmd: vec!["serve".into(), format!("/{CONFIGS}")],
        working_dir: "/".into(),
        labels: BTreeMap::from([(CONFIGS_LABEL.into(), format!("/{CONFIGS}"))]),
    };
    let config = ImageConfig::linux(program.architecture(), run);
    Ok(Image::new(config, vec![program_layer(program)?, configs_layer(configs)?]))
}

/// Builds the image of a static program alone: it runs it as a user without rights, with the arguments that the
/// container gets. `name` is what the program is called there.
///
/// # Errors
/// A program that cannot be read, and a name that is no file's.
pub fn program_image(program: &Program, name: &str) -> Result<Image, Error> {
    let path = format!("bin/{name}");
    let run = Run {
        user: USER.into(),
        exposed_ports: ports([]),
        env: vec!["PATH=/bin".into()],
        entrypoint: vec![format!("/{path}")],
        cmd: Vec::new(),
        working_dir: "/".into(),
        labels: BTreeMap::new(),
    };
    let layer = layer([Entry::copy(path, program.path()).mode(0o755), Entry::folder("tmp").mode(0o1777)])?;
    Ok(Image::new(ImageConfig::linux(program.architecture(), run), vec![layer]))
}

fn program_layer(program: &Program) -> Result<Layer, Error> {
    layer([
        Entry::copy(PROGRAM, program.path()).mode(0o755),
        Entry::symlink(PROBE, "catalog"),
        Entry::folder("tmp").mode(0o1777),
    ])
}

/// Builds the layer of the catalog's files, which is the image's last one.
///
/// # Errors
/// Those of [`layer`].
pub fn configs_layer<'a>(configs: impl IntoIterator<Item = Entry<'a>>) -> Result<Layer, Error> {
    // The folder is there for a catalog without packages too.
    let folder = Entry::folder(CONFIGS);
    layer([folder].into_iter().chain(configs.into_iter().map(|entry| entry.within(CONFIGS))))
}
