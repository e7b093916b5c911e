//! Bundles and catalogs to blobs. A case is a folder in tests/render with a bundle: `opm.json` contains the result of
//! opm (after v1.73.0) for it as the image `example.com/case:v1`, by migrate level; `error.txt` the error message
//! (`BLESS=1` writes that one).

#[path = "common/cases.rs"]
mod cases;
#[path = "common/cli.rs"]
mod cli;
mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use libtest_mimic::{Arguments, Failed, Trial};
use olm_catalog::bundle::Bundle;
use olm_catalog::catalog::{self, Catalog, MigrateLevel, property, read_text};
use olm_catalog::draw::{self, Selection};
use olm_catalog::render::{Error, Renderer};
use olm_catalog::validate::Context;
use serde_json::{Value, json};

const IMAGE: &str = "example.com/case:v1";

fn main() {
    let mut trials: Vec<Trial> = cases::folders("render")
        .into_iter()
        .map(|folder| Trial::test(format!("case::{}", name(&folder)), move || case(&folder)))
        .collect();
    trials.extend([
        Trial::test("image::bundle", bundle_image),
        Trial::test("image::catalog", catalog_image),
        Trial::test("image::template", image_template),
        Trial::test("path::missing", missing_path),
        Trial::test("cli::output", cli_output),
        Trial::test("cli::errors", cli_errors),
    ]);
    match common::shared() {
        Some(shared) => trials.extend(real(&shared)),
        None => trials.push(common::without_data("real")),
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

fn renderer(level: MigrateLevel, image: Option<&str>) -> Renderer<'static> {
    let image = image.map(|template| template.parse().expect("a template"));
    let pull = &|reference: &str| Err(Error::NoPath(reference.to_owned()));
    Renderer { level, image, pull, tell: &|_, _| () }
}

fn blobs(catalog: &Catalog) -> Value {
    json!(catalog.blobs())
}

fn case(folder: &Path) -> Result<(), Failed> {
    let render = |level| renderer(level, Some(IMAGE)).render(folder.to_str().expect("a UTF-8 path"));
    let expected = folder.join("opm.json");
    if let Ok(text) = fs::read_to_string(&expected) {
        let expected: Value = serde_json::from_str(&text)?;
        for level in [MigrateLevel::None, MigrateLevel::BundleObjectToCsvMetadata] {
            cases::expect_equal(&blobs(&render(level)?), &expected[level.as_str()])
                .map_err(|error| format!("{level}: {}", error.message().unwrap_or_default()))?;
        }
        return Ok(());
    }
    match render(MigrateLevel::All) {
        Ok(catalog) => Err(format!("no error, but {}", blobs(&catalog)).into()),
        Err(error) => cases::expect_text(&folder.join("error.txt"), &format!("{:#}\n", anyhow::Error::from(error))),
    }
}

fn full() -> Bundle {
    Bundle::read(Path::new("tests/render/full")).expect("a bundle")
}

fn bundle_image() -> Result<(), Failed> {
    let pull = |reference: &str| {
        assert_eq!(reference, IMAGE);
        Ok(Catalog { bundles: vec![full().render(reference).expect("a bundle")], ..Catalog::default() })
    };
    let renderer = Renderer { level: MigrateLevel::None, image: None, pull: &pull, tell: &|_, _| () };
    let expected: Value = serde_json::from_str(&fs::read_to_string("tests/render/full/opm.json")?)?;
    cases::expect_equal(&blobs(&renderer.render(IMAGE)?), &expected["none"])
}

/// The bundles of a catalog are sorted in opm's order.
fn catalog_image() -> Result<(), Failed> {
    let renders = |level| {
        let pull = |_: &str| {
            let mut bundle = full().render(IMAGE).expect("a bundle");
            bundle.properties.rotate_right(3);
            bundle.related_images.reverse();
            Ok(Catalog { bundles: vec![bundle], ..Catalog::default() })
        };
        Renderer { level, image: None, pull: &pull, tell: &|_, _| () }.render(IMAGE)
    };
    let first = |kind: &str, catalog: &Catalog| catalog.bundles[0].properties.iter().position(|p| p.kind == kind);
    let with_objects = renders(MigrateLevel::None)?;
    let properties = &with_objects.bundles[0].properties;
    let objects = first(property::BUNDLE_OBJECT, &with_objects).expect("objects");
    assert!(properties[objects..].iter().all(|property| property.kind == property::BUNDLE_OBJECT));
    assert!(with_objects.bundles[0].related_images.is_sorted_by_key(|related| related.image.clone()));
    let migrated = renders(MigrateLevel::All)?;
    assert_eq!(first(property::BUNDLE_OBJECT, &migrated), None);
    assert_eq!(first(property::CSV_METADATA, &migrated), Some(migrated.bundles[0].properties.len() - 1));
    Ok(())
}

fn image_template() -> Result<(), Failed> {
    let render = |level, image| renderer(level, image).render("tests/render/full");
    let image = "example.com/{{.Package}}/{{ .Name }}:{{.Version}}";
    let bundle = &render(MigrateLevel::None, Some(image))?.bundles[0];
    assert_eq!(bundle.image, "example.com/full/full.v1.2.3:1.2.3");
    assert!(bundle.related_images.iter().any(|related| related.image == bundle.image));
    // Without an image the objects stay at any level, because they are needed for the installation.
    let bundle = &render(MigrateLevel::All, None)?.bundles[0];
    assert!(bundle.image.is_empty() && bundle.objects().count() > 3);
    assert!(bundle.related_images.iter().all(|related| !related.image.is_empty()));
    Ok(())
}

fn missing_path() -> Result<(), Failed> {
    let pull = |reference: &str| Err(Error::NoPath(format!("the image {reference}")));
    let renderer = Renderer { level: MigrateLevel::None, image: None, pull: &pull, tell: &|_, _| () };
    for (reference, message) in [
        ("./nowhere", "./nowhere does not exist"),
        ("/nowhere", "/nowhere does not exist"),
        ("nowhere/at:all", "no file or folder nowhere/at:all exists, so it was read as an image"),
        ("127.0.0.1:1/at:all", "the image 127.0.0.1:1/at:all does not exist"),
    ] {
        assert_eq!(renderer.render(reference).expect_err(reference).to_string(), message);
    }
    Ok(())
}

/// The warning about a document that opm ignores.
const SECOND_DOCUMENT: &str = "warning: tests/render/full/manifests/widgets.yaml:28: opm and OLM read only the first document of a file, \
    so this one is not in the catalog; move it into a separate file\n";

/// The program prints the library's result for folders, files and standard input.
fn cli_output() -> Result<(), Failed> {
    let folder = "tests/render/full";
    for level in MigrateLevel::EVERY {
        let catalog = renderer(level, Some(IMAGE)).render(folder)?;
        let options = ["--image-ref-template", IMAGE, "--migrate-level", level.as_str()];
        let printed = |arguments: &[&str], input: &str| {
            let run = cli::catalog(&[&["render"], &options[..], arguments].concat(), input);
            // The folder has more than the first documents of its files, which is reported; the library's catalogs no
            // longer have it.
            let told = if arguments.contains(&folder) { SECOND_DOCUMENT } else { "" };
            assert_eq!((run.status, run.stderr.as_str()), (Some(0), told), "{arguments:?}");
            run.stdout
        };
        let (yaml, json) = (catalog.to_go_yaml()?, catalog.to_json()?);
        assert_eq!(printed(&[folder], ""), json);
        assert_eq!(printed(&[folder, "-o", "yaml"], ""), yaml);
        assert_eq!(printed(&[folder, "-o", "json"], ""), json);
        assert_eq!(printed(&["-", "-o", "yaml"], &json), yaml);
        assert_eq!(printed(&["-", "-o", "json"], &yaml), json);
        assert_eq!(printed(&["-"], &catalog.to_yaml()?), json);
        let mut file = tempfile::NamedTempFile::new()?;
        std::io::Write::write_all(&mut file, yaml.as_bytes())?;
        assert_eq!(printed(&["-oyaml", file.path().to_str().expect("a UTF-8 path")], ""), yaml);
        // Several are combined.
        let bare = renderer(level, Some(IMAGE)).render("tests/render/bare")?;
        let mut both = catalog.clone();
        both.merge(bare);
        assert_eq!(printed(&[folder, "tests/render/bare"], ""), both.to_json()?);
    }
    Ok(())
}

fn cli_errors() -> Result<(), Failed> {
    for (arguments, input, message) in [
        (["./nowhere", "-oyaml"], "", "error: ./nowhere does not exist\n"),
        (
            ["tests/render/error-no-csv", "-oyaml"],
            "",
            "error: cannot render the bundle tests/render/error-no-csv: no file in manifests/ is a ClusterServiceVersion\n",
        ),
        (
            ["-", "-ojson"],
            "name: a",
            "error: standard input: the blob has no schema; every blob of a catalog must name one\n",
        ),
        (["tests/render/bare", "--image-ref-template={{.A}}"], "", "unknown placeholder `{{.A}}`"),
        (
            ["tests/render/bare", "--migrate-level=some"],
            "",
            "[possible values: none, bundle-object-to-csv-metadata, all]",
        ),
        (["UPPER/CASE", "-oyaml"], "", "UPPER/CASE"),
    ] {
        let run = cli::catalog(&[&["render"], &arguments[..]].concat(), input);
        assert_eq!((run.status, run.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(run.stderr.contains(message), "{}", run.stderr);
    }
    Ok(())
}

fn real(shared: &Path) -> Vec<Trial> {
    let mut trials = Vec::new();
    let upstream = shared.join("upstream");
    let packages = subfolders(&upstream);
    for level in [MigrateLevel::None, MigrateLevel::BundleObjectToCsvMetadata] {
        let golden = shared.join(format!("golden/render/upstream-{level}.json.gz"));
        let files: Vec<_> = packages.iter().map(|package| package.join("catalog.yaml")).collect();
        trials.push(Trial::test(format!("golden::{level}"), move || upstream_golden(level, &golden, &files)));
    }
    for package in packages {
        let catalog = package.join("catalog.yaml");
        let bundles = subfolders(&package);
        trials.push(Trial::test(format!("upstream::{}", name(&package)), move || upstream_bundles(&catalog, &bundles)));
    }
    for catalog in subfolders(&shared.join("corpus/catalogs/community-v4.16")) {
        trials.push(Trial::test(format!("corpus::{}", name(&catalog)), move || corpus_catalog(&catalog)));
    }
    let folder = shared.join("corpus/catalogs/community-v4.16");
    trials.push(Trial::test("corpus::graphs", move || corpus_graphs(&folder)));
    for bundle in subfolders(&shared.join("corpus/bundles")).iter().flat_map(|package| subfolders(package)) {
        let name = format!("corpus::bundle::{}", bundle.strip_prefix(shared).expect("within").display());
        trials.push(Trial::test(name, move || corpus_bundle(&bundle)));
    }
    trials
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut folders: Vec<_> =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    assert!(!folders.is_empty(), "{} is empty", folder.display());
    folders
}

fn upstream_golden(level: MigrateLevel, golden: &Path, files: &[PathBuf]) -> Result<(), Failed> {
    let mut catalog = Catalog::default();
    for file in files {
        catalog.merge(renderer(level, None).render(file.to_str().expect("a UTF-8 path"))?);
    }
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(fs::File::open(golden)?), &mut text)?;
    let expected: Vec<Value> = serde_json::Deserializer::from_str(&text).into_iter().collect::<Result<_, _>>()?;
    cases::expect_equal(&blobs(&catalog), &Value::Array(expected))
}

/// The released catalogs were made from the bundle images whose files are next to them.
fn upstream_bundles(catalog: &Path, bundles: &[PathBuf]) -> Result<(), Failed> {
    let released = Catalog::read(catalog)?;
    for folder in bundles {
        let rendered = Bundle::read(folder)?.render("example.com/image:v1")?;
        let released = released.bundles.iter().find(|released| released.name == rendered.name).ok_or("not released")?;
        let Some(image) = Some(&released.image).filter(|image| !image.is_empty()) else {
            return Err(format!("{} has no image", released.name).into());
        };
        let rendered = Bundle::read(folder)?.render(image)?;
        cases::expect_equal(&comparable(&rendered), &comparable(released))
            .map_err(|error| format!("{}: {}", rendered.name, error.message().unwrap_or_default()))?;
    }
    Ok(())
}

/// A bundle's blob with its objects as data: opm has escaped them differently over time, and sorts them by that.
fn comparable(bundle: &catalog::Bundle) -> Value {
    let mut bundle = bundle.clone();
    let mut objects: Vec<_> = bundle.objects().map(|object| object.expect("a manifest").to_string()).collect();
    objects.sort();
    bundle.properties.retain(|property| property.kind != property::BUNDLE_OBJECT);
    json!({"bundle": bundle, "objects": objects})
}

/// Reading, writing and reading again gives the same result, and so does rendering.
fn corpus_catalog(path: &Path) -> Result<(), Failed> {
    let read = Catalog::read(path)?;
    assert!(!read.bundles.is_empty());
    for text in [read.to_yaml()?, read.to_json()?] {
        let again = read_text(&text, Path::new("again"));
        assert!(again.bad.is_empty(), "{:?}", again.bad);
        cases::expect_equal(&blobs(&again.catalog), &blobs(&read))?;
    }
    let rendered = renderer(MigrateLevel::None, None).render(path.to_str().expect("a UTF-8 path"))?;
    let sorted = |catalog: &Catalog| {
        let mut bundles = catalog.bundles.clone();
        bundles.iter_mut().for_each(|bundle| {
            bundle.properties.sort_by_key(|property| (property.kind.clone(), property.value.to_string()));
            bundle.related_images.sort();
        });
        blobs(&Catalog { bundles, ..catalog.clone() })
    };
    cases::expect_equal(&sorted(&rendered), &sorted(&read))
}

/// The graphs of real channels are complete, and drawn quickly.
fn corpus_graphs(folder: &Path) -> Result<(), Failed> {
    let scan = catalog::scan(folder)?;
    let before = common::time::of_thread();
    let context = Context::new(&scan, folder);
    let pictures = draw::pictures(&context, &Selection::default())?;
    let texts = [draw::svg(&pictures), draw::mermaid(&pictures), draw::dot(&pictures), draw::text(&pictures).plain()];
    let took = common::time::of_thread() - before;
    assert_eq!(pictures.len(), scan.catalog.channels.len());
    for picture in &pictures {
        assert!(picture.defects.is_empty(), "{} {}: {:?}", picture.package, picture.channel, picture.defects);
        let heads: Vec<_> = picture.rows.iter().filter(|row| row.is_head()).collect();
        assert!(heads.len() == 1 && texts.iter().all(|text| text.contains(&heads[0].label)));
    }
    assert!(took < Duration::from_secs(5), "{took:?}");
    Ok(())
}

/// Every object is in the blob byte for byte as Go writes it, and no two properties are equal.
fn corpus_bundle(path: &Path) -> Result<(), Failed> {
    let bundle = Bundle::read(path)?.render(IMAGE)?;
    for property in bundle.properties.iter().filter(|property| property.kind == property::BUNDLE_OBJECT) {
        let data = property.value["data"].as_str().expect("data");
        let text = String::from_utf8(base64::engine::general_purpose::STANDARD.decode(data)?)?;
        let object: Value = serde_json::from_str(&text)?;
        assert_eq!(olm_catalog::yaml::to_compact_json(&object), text);
    }
    let mut migrated = bundle.clone();
    migrated.migrate(MigrateLevel::All)?;
    let kinds: Vec<_> = migrated.properties.iter().map(|property| property.kind.as_str()).collect();
    assert!(kinds.contains(&property::PACKAGE) && kinds.last() == Some(&property::CSV_METADATA), "{kinds:?}");
    let mut unique = bundle.properties.iter().map(|p| (&p.kind, p.value.to_string())).collect::<Vec<_>>();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), bundle.properties.len());
    Ok(())
}
