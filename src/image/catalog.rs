//! A catalog's image: the program that serves it, and its file-based catalog.

use std::collections::BTreeMap;

use super::spec::{ImageConfig, Run, ports};
use super::{Entry, Error, Image, Layer, PlatformImage, Program, ProgramLayer, layer};

/// The folder of the file-based catalog, in the image.
pub const CONFIGS: &str = "configs";

/// The label that identifies the image of a file-based catalog: the folder of its files.
pub const CONFIGS_LABEL: &str = "operators.operatorframework.io.index.configs.v1";

/// The label with an image's title, from <https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md>: a
/// catalog's display name.
pub const TITLE_LABEL: &str = "org.opencontainers.image.title";

/// The label with an image's publisher, from the same list.
pub const VENDOR_LABEL: &str = "org.opencontainers.image.vendor";

/// The label with a catalog's default operators for `install-catalog install`: their packages, separated by commas.
pub const OPERATORS_LABEL: &str = "dev.olm-catalog.default-operators";

/// The path of the program.
pub(super) const PROGRAM: &str = "bin/catalog";

/// OLM up to 0.46 checks the readiness of a catalog's pod by executing this in it. The program acts as a probe under
/// this name. A relative symbolic link works with every tool that unpacks the layer, in any place.
pub(super) const PROBE: &str = "bin/grpc_health_probe";

/// The port of OLM's registry API, for CatalogSources of type `grpc` with an image.
const PORT: u16 = 50051;

/// The user and group that OLM runs catalogs as.
const USER: &str = "1001:0";

/// Builds a catalog image from only a static program and the catalog's files. Their names are relative to the configs
/// folder: `<package>/catalog.yaml`.
///
/// The program's layer comes first, so that catalogs served by the same program share it. It runs as an unprivileged
/// user, writes nothing outside `/tmp`, and works on a read-only root file system. The image's platform is that of the
/// program.
///
/// # Errors
/// Files that cannot be read, and paths that an image cannot contain.
pub fn catalog_image<'a>(program: &Program, configs: impl IntoIterator<Item = Entry<'a>>) -> Result<Image, Error> {
    Ok(one_catalog_image(&ProgramLayer::of(program)?, configs_layer(configs)?))
}

/// Builds a catalog image for the platforms of several programs: an index, or the image of [`catalog_image`] if there
/// is only one program. The layer of the catalog's files is the same for all.
///
/// # Errors
/// Those of [`catalog_image`], no programs, and two for one platform.
pub fn platform_catalog_image<'a>(
    programs: &[ProgramLayer],
    configs: impl IntoIterator<Item = Entry<'a>>,
) -> Result<PlatformImage, Error> {
    let configs = configs_layer(configs)?;
    let mut programs: Vec<&ProgramLayer> = programs.iter().collect();
    programs.sort_by_key(|program| program.platform());
    PlatformImage::new(programs.into_iter().map(|program| one_catalog_image(program, configs.clone())).collect())
}

fn one_catalog_image(program: &ProgramLayer, configs: Layer) -> Image {
    let run = Run {
        user: USER.into(),
        exposed_ports: ports([PORT]),
        // `grpc_health_probe` is executed by name, without a path.
        env: vec!["PATH=/bin".into()],
        entrypoint: vec![format!("/{PROGRAM}")],
        cmd: vec!["serve".into(), format!("/{CONFIGS}")],
        working_dir: "/".into(),
        labels: BTreeMap::from([(CONFIGS_LABEL.into(), format!("/{CONFIGS}"))]),
    };
    let config = ImageConfig::linux(program.platform().architecture(), run);
    Image::new(config, vec![program.layer().clone(), configs])
}

/// Builds an image with only a static program. It runs as an unprivileged user, with the container's arguments. `name`
/// is the name of the program in it. If that is `catalog`, the layer is the first one of catalog images, so catalogs
/// can be built from such an image: see [`ProgramLayer::read`].
///
/// # Errors
/// A program that cannot be read, and a name that is not a valid file name.
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
    let layer = if path == PROGRAM {
        program_layer(program)?
    } else {
        layer([Entry::copy(path, program.path()).mode(0o755), Entry::folder("tmp").mode(0o1777)])?
    };
    Ok(Image::new(ImageConfig::linux(program.architecture(), run), vec![layer]))
}

/// The layer of the program that serves a catalog.
pub(super) fn program_layer(program: &Program) -> Result<Layer, Error> {
    layer([
        Entry::copy(PROGRAM, program.path()).mode(0o755),
        Entry::symlink(PROBE, "catalog"),
        Entry::folder("tmp").mode(0o1777),
    ])
}

/// Builds the layer of the catalog's files, the last layer of the image.
///
/// # Errors
/// Those of [`layer`].
pub fn configs_layer<'a>(configs: impl IntoIterator<Item = Entry<'a>>) -> Result<Layer, Error> {
    // A catalog without packages has the folder too.
    let folder = Entry::folder(CONFIGS);
    layer([folder].into_iter().chain(configs.into_iter().map(|entry| entry.within(CONFIGS))))
}
