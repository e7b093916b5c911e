//! Images: the same files give the same bytes, which other programs can read; layouts are complete or absent.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic and print")]

#[path = "common/images.rs"]
mod images;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Command;

use flate2::read::GzDecoder;
use olm_catalog::build::{BundleImage, CatalogLayout};
use olm_catalog::bundle::Bundle;
use olm_catalog::image::{
    self, Artifact as _, Digest, Entry, Image, Layer, Layout, PlatformImage, Program, bundle_image, catalog_image,
    layer,
};
use proptest::prelude::*;

use images::{AMD64, INTERPRETER, LOAD, bundle, catalog, elf, repository, temp, text, tree};

/// An item of an archive: path, type, mode, link target or text.
fn listing(layer: &Layer) -> Vec<String> {
    let mut archive = tar::Archive::new(GzDecoder::new(layer.blob.open().unwrap()));
    let line = |entry: std::io::Result<tar::Entry<'_, _>>| {
        let mut entry = entry.unwrap();
        let header = entry.header().clone();
        assert_eq!((header.mtime().unwrap(), header.uid().unwrap(), header.gid().unwrap()), (0, 0, 0));
        assert_eq!((header.username().unwrap(), header.groupname().unwrap()), (Some(""), Some("")));
        let (kind, mode) = (header.entry_type().as_byte() as char, header.mode().unwrap());
        let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let target = entry.link_name().unwrap().map(|target| target.display().to_string());
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        format!("{kind} {mode:04o} {path} {}", target.unwrap_or(text)).trim_end().to_owned()
    };
    archive.entries().unwrap().map(line).collect()
}

#[test]
fn layers_are_sorted_and_have_their_folders() {
    let entries = [
        Entry::file("b/c/file", b"text"),
        Entry::symlink("b/link", "c/file"),
        Entry::file("b-file", b"").mode(0o755),
        Entry::folder("a").mode(0o1777),
    ];
    let expected =
        ["5 1777 a/", "5 0755 b/", "0 0755 b-file", "5 0755 b/c/", "0 0644 b/c/file text", "2 0777 b/link c/file"];
    assert_eq!(listing(&layer(entries).unwrap()), expected);
}

/// A change of these digests changes the digest of every image that was ever built: bundles that users have installed
/// would seem to be different. Only change them on purpose.
#[test]
fn golden_digests() {
    let long = "manifests/".to_owned() + &"long-name-".repeat(20) + ".yaml";
    let text = "The quick brown fox jumps over the lazy dog. ".repeat(5000);
    let entries = [Entry::file(long, text.as_bytes()), Entry::file("a/b", b"c"), Entry::symlink("l", "a/b")];
    let layer = layer(entries).unwrap();
    assert_eq!(layer.diff_id.as_str(), "sha256:423c520293aa35fb62c8ecbf3a58c738095ee274ac2e99017932faf8d2465222");
    assert_eq!(layer.blob.digest().as_str(), "sha256:ffd7ba7f0468f0b99624e7d7574a9f196169a4dd4ed180352f862bbb993d3146");
    assert_eq!(
        bundle_image(&bundle("1.0.0")).unwrap().digest().as_str(),
        "sha256:8d475448f0ad82026ee92cee69544da95a075913ff8204dde101692c7d07a41d"
    );
}

#[test]
fn layers_refuse_what_is_no_path_in_an_image() {
    let folder = temp();
    let refused = |entries: Vec<Entry<'static>>| text(layer(entries).unwrap_err());
    for path in ["", "/etc/passwd", "../escape", "a/../../b", "a//b", "a/", ".", "nul\0"] {
        let error = refused(vec![Entry::file(path, b"")]);
        assert!(error.starts_with(&format!("an image cannot contain {path:?}: its path must be relative")), "{error}");
    }
    let twice = refused(vec![Entry::file("a", b"1"), Entry::file("a", b"2")]);
    assert_eq!(twice, "an image cannot contain \"a\": it occurs twice");
    let within = refused(vec![Entry::file("a", b""), Entry::file("a/b", b"")]);
    assert_eq!(within, "an image cannot contain \"a/b\": its parent is not a folder");
    let missing = refused(vec![Entry::copy("a", folder.path().join("none"))]);
    assert!(missing.ends_with("none: No such file or directory (os error 2)"), "{missing}");
}

/// Linux reports this file as empty, but it is not: like one that grows while it is read.
#[test]
#[cfg(target_os = "linux")]
fn files_that_change_while_they_are_read_are_refused() {
    let error = text(layer([Entry::copy("status", "/proc/self/status")]).unwrap_err());
    assert_eq!(error, "/proc/self/status changed while it was read; try again");
}

#[test]
fn tar_reads_layers() {
    let folder = temp();
    let path = folder.path().join("layer.tar.gz");
    let long = "long/".repeat(60) + "file";
    let built = layer([Entry::file(long.as_str(), b"text"), Entry::symlink("link", "long")]).unwrap();
    fs::write(&path, built.blob.bytes().unwrap()).unwrap();
    let out = Command::new("tar").arg("-tzf").arg(&path).output().unwrap();
    let list = String::from_utf8(out.stdout).unwrap();
    assert!(out.status.success() && out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
    assert_eq!((list.lines().count(), list.lines().any(|line| line == long)), (62, true));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// The order of files, and whether they are in memory or on disk, does not matter; everything else does.
    #[test]
    fn layers_depend_on_their_files_alone(
        files in prop::collection::btree_map("[a-z]{1,3}(/[a-z]{1,3}){0,2}\\.[a-z]", prop::collection::vec(any::<u8>(), 0..200_000), 1..6),
        seed in any::<u64>(),
    ) {
        let folder = temp();
        let entries = || files.iter().map(|(path, bytes)| Entry::file(path, bytes));
        let Ok(expected) = layer(entries()) else { return Ok(()) };
        let mut others: Vec<_> = files.iter().enumerate().map(|(i, (path, bytes))| {
            let source = folder.path().join(i.to_string());
            fs::write(&source, bytes).unwrap();
            if seed >> i & 1 == 0 { Entry::copy(path, source) } else { Entry::file(path, bytes) }
        }).collect();
        let middle = seed as usize % others.len();
        others.rotate_left(middle);
        let built = layer(others).unwrap();
        prop_assert_eq!(built.blob.digest(), expected.blob.digest());
        prop_assert_eq!(&built.diff_id, &expected.diff_id);

        let mut archive = Vec::new();
        GzDecoder::new(expected.blob.open().unwrap()).read_to_end(&mut archive).unwrap();
        prop_assert_eq!(&Digest::of(&archive), &expected.diff_id);
        prop_assert_eq!(&Digest::of(&expected.blob.bytes().unwrap()), expected.blob.digest());

        let more = entries().chain([Entry::folder("another")]);
        prop_assert_ne!(&layer(more).unwrap().diff_id, &expected.diff_id);
    }
}

fn json(blob: &image::Blob) -> serde_json::Value {
    serde_json::from_slice(&blob.bytes().unwrap()).unwrap()
}

#[test]
fn bundles_have_their_files_and_the_labels_of_their_annotations() {
    let bundle = bundle("1.0.0");
    let image = bundle_image(&bundle).unwrap();
    insta::assert_json_snapshot!("bundle_manifest", json(image.manifest()));
    insta::assert_json_snapshot!("bundle_config", json(image.config()));
    let mut archive = tar::Archive::new(GzDecoder::new(image.layers()[0].open().unwrap()));
    let mut found = Bundle::default();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        if entry.header().entry_type().is_file() {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            found.files.insert(entry.path().unwrap().display().to_string(), bytes);
        }
    }
    assert_eq!(found, bundle);
}

#[test]
fn bundles_without_useful_annotations_are_refused() {
    let with = |annotations: Option<&str>| {
        let mut bundle = bundle("1.0.0");
        bundle.files.remove(image::ANNOTATIONS);
        bundle.files.extend(annotations.map(|text| (image::ANNOTATIONS.to_owned(), text.as_bytes().to_vec())));
        text(bundle_image(&bundle).unwrap_err())
    };
    let package = "operators.operatorframework.io.bundle.package.v1";
    let lacks = format!("it lacks the annotation {package}, which names the package");
    for (annotations, why) in [
        (None, "the bundle has no such file"),
        (Some("labels: {}"), "it has no mapping named `annotations`"),
        (Some("annotations: {a: ["), "1:18: unclosed bracket"),
        (Some("annotations: {other: 1}"), &lacks),
        (Some(&format!("annotations: {{{package}: ''}}")), &lacks),
        (
            Some(&format!("annotations: {{{package}: 1}}")),
            &format!("the annotation {package} must be a string; quote it"),
        ),
    ] {
        let error = with(annotations);
        assert!(error.starts_with(&format!("metadata/annotations.yaml: {why}")), "{error}");
    }
}

#[test]
fn catalogs_share_the_layer_of_their_program() {
    let folder = temp();
    let program = images::program(folder.path());
    let build =
        |yaml: &'static str| catalog_image(&program, [Entry::file("demo/catalog.yaml", yaml.as_bytes())]).unwrap();
    let (one, two) = (build("schema: a"), build("schema: b"));
    insta::assert_json_snapshot!("catalog_config", json(one.config()));
    let digests = |image: &Image| image.layers().iter().map(|layer| layer.digest().clone()).collect::<Vec<_>>();
    assert_eq!(digests(&one)[0], digests(&two)[0]);
    assert_ne!(digests(&one)[1], digests(&two)[1]);
    let list = |image: &Image, layer: usize| {
        let mut archive = tar::Archive::new(GzDecoder::new(image.layers()[layer].open().unwrap()));
        let line = |entry: std::io::Result<tar::Entry<'_, _>>| {
            let entry = entry.unwrap();
            format!("{:o} {}", entry.header().mode().unwrap(), entry.path().unwrap().display())
        };
        archive.entries().unwrap().map(line).collect::<Vec<_>>()
    };
    assert_eq!(list(&one, 0), ["755 bin/", "755 bin/catalog", "777 bin/grpc_health_probe", "1777 tmp/"]);
    assert_eq!(list(&one, 1), ["755 configs/", "755 configs/demo/", "644 configs/demo/catalog.yaml"]);
}

#[test]
fn programs_must_be_static() {
    let folder = temp();
    let open = |bytes: &[u8]| {
        let path = folder.path().join("program");
        fs::write(&path, bytes).unwrap();
        Program::open(&path).map(|program| program.architecture()).map_err(text)
    };
    assert_eq!(open(&elf(AMD64, LOAD, false)).unwrap(), "amd64");
    assert_eq!(open(&elf(183, LOAD, false)).unwrap(), "arm64");
    assert_eq!(open(&elf(21, LOAD, false)).unwrap(), "ppc64le");
    assert_eq!(open(&elf(22, LOAD, true)).unwrap(), "s390x");

    let whole = elf(AMD64, LOAD, false);
    let with = |offset: usize, value: u8| {
        let mut bytes = whole.clone();
        bytes[offset] = value;
        bytes
    };
    for (bytes, why) in [
        (elf(AMD64, INTERPRETER, false), "it is dynamically linked, but the image has no libraries"),
        (elf(3, LOAD, false), "OLM has no images for its architecture (ELF machine 3)"),
        (b"#!/bin/sh\n".repeat(20), "it is not a Linux program (not an ELF file)"),
        (with(4, 1), "it is not a 64-bit program"),
        (with(16, 1), "it is an object file or a library, not a program"),
        (with(24, 0), "it is an object file or a library, not a program"),
        (with(54, 1), "its ELF program headers are not valid"),
        (whole[..100].to_vec(), "it is not a complete ELF file"),
        (Vec::new(), "it is not a complete ELF file"),
    ] {
        let error = open(&bytes).unwrap_err();
        assert!(error.contains(&format!(" cannot run alone in an image: {why}. Build a static program")), "{error}");
        assert!(error.contains("target-feature=+crt-static"), "{error}");
    }
    // This test is a program of this machine, and linked as most are.
    let own = Program::open(Path::new("/proc/self/exe")).unwrap_err();
    assert!(matches!(own, image::Error::Program { .. }), "{own}");
}

#[test]
fn layouts_are_read_as_they_were_written() {
    let (folder, repository) = (temp(), repository("registry.example/operators/catalog"));
    let out = folder.path().join("target/catalog");
    let mut layout = catalog(folder.path(), &repository, &["1.0.0", "1.1.0+build.5"]);
    layout.write(&out).unwrap();
    let first = tree(&out);
    for (path, bytes) in first.iter().filter(|(path, _)| path.starts_with("blobs")) {
        assert_eq!(path, &Path::new("blobs/sha256").join(Digest::of(bytes).hex()));
    }
    insta::assert_snapshot!("layout_index", String::from_utf8_lossy(&first[Path::new("index.json")]));

    let read = CatalogLayout::read(&out).unwrap();
    assert_eq!(read.repository, repository);
    assert_eq!(read.catalog.digest(), layout.catalog.digest());
    let names = |layout: &CatalogLayout| -> Vec<_> {
        layout.bundles.iter().map(|bundle| (bundle.tag(), bundle.reference(&repository))).collect()
    };
    assert_eq!(names(&read), names(&layout));
    assert_eq!(names(&read)[1].0, "demo-v1.1.0_build.5");
    read.catalog.images()[0].layers().iter().for_each(|layer| layer.verify().unwrap());

    // In another order, and replacing the existing one: not a byte changes. Images that were read can be written too.
    layout.bundles.reverse();
    layout.write(&out).unwrap();
    assert_eq!(tree(&out), first);
    read.write(&out).unwrap();
    assert_eq!(tree(&out), first);

    // Unused files are removed, and so are the remains of a killed build.
    fs::write(out.join("blobs/sha256/.partial-x"), "half").unwrap();
    catalog(folder.path(), &repository, &["1.0.0"]).write(&out).unwrap();
    let fewer = tree(&out);
    assert_eq!(fewer.len(), first.len() - 3, "three blobs of a bundle less");
    assert_eq!(CatalogLayout::read(&out).unwrap().bundles.len(), 1);
}

#[test]
fn layouts_do_not_take_the_place_of_other_files() {
    let (folder, repository) = (temp(), repository("registry.example/catalog"));
    fs::write(folder.path().join("precious"), "text").unwrap();
    let layout = catalog(temp().path(), &repository, &[]);
    let error = text(layout.write(folder.path()).unwrap_err());
    let why = "it contains precious, which does not belong to a layout, so nothing was changed; name another folder or \
         an empty one";
    assert!(error.ends_with(why), "{error}");
    assert_eq!(tree(folder.path()).len(), 1);
    let error = text(CatalogLayout::read(folder.path()).unwrap_err());
    assert!(
        error.ends_with("is not an OCI layout of a catalog: it has no file oci-layout; `catalog build` writes one"),
        "{error}"
    );
}

/// No layout of another program, and none with foreign files, is replaced or removed.
#[test]
fn foreign_layouts_are_not_changed() {
    let (folder, repository) = (temp(), repository("registry.example/catalog"));
    let layout = catalog(folder.path(), &repository, &["1.0.0"]);
    let image = bundle_image(&bundle("1.0.0")).unwrap();
    let named = |name: &str| BTreeMap::from([("org.opencontainers.image.ref.name".to_owned(), name.to_owned())]);
    type Prepare<'p> = Box<dyn Fn(&Path) + 'p>;
    let cases: [(&str, Prepare<'_>); 6] = [
        (
            "none of its images is a catalog",
            Box::new(|out| drop(Layout::write(out, &[(&image, named("busybox"))]).unwrap())),
        ),
        (
            "its image extra was not made by",
            Box::new(|out| {
                layout.write(out).unwrap();
                let index = fs::read_to_string(out.join("index.json")).unwrap();
                let more = r#""manifests": [{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":2,
                    "digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
                    "annotations":{"org.opencontainers.image.ref.name":"extra"}},"#;
                fs::write(out.join("index.json"), index.replacen("\"manifests\": [", more, 1)).unwrap();
            }),
        ),
        (
            "it contains blobs/sha512",
            Box::new(|out| {
                layout.write(out).unwrap();
                fs::create_dir(out.join("blobs/sha512")).unwrap();
            }),
        ),
        (
            "it contains blobs/sha256/note",
            Box::new(|out| {
                layout.write(out).unwrap();
                fs::write(out.join("blobs/sha256/note"), "").unwrap();
            }),
        ),
        (
            "is a link",
            Box::new(|out| {
                layout.write(out).unwrap();
                fs::rename(out.join("blobs"), out.with_extension("blobs")).unwrap();
                std::os::unix::fs::symlink(out.with_extension("blobs"), out.join("blobs")).unwrap();
            }),
        ),
        ("it has no oci-layout and index.json", Box::new(|out| fs::create_dir_all(out.join("blobs/sha256")).unwrap())),
    ];
    for (number, (why, prepare)) in cases.into_iter().enumerate() {
        let out = folder.path().join(number.to_string());
        prepare(&out);
        let before = tree(folder.path());
        let error = text(catalog(folder.path(), &repository, &["2.0.0"]).write(&out).unwrap_err());
        assert!(error.contains(why) && error.contains(&*out.to_string_lossy()), "{error}");
        assert!(tree(folder.path()) == before, "{why}: something changed");
    }
}

#[test]
fn damaged_layouts_are_refused() {
    let (folder, repository) = (temp(), repository("registry.example/catalog"));
    let out = folder.path().join("catalog");
    let layout = catalog(folder.path(), &repository, &["1.0.0"]);
    let damage = |digest: &Digest, bytes: Option<&[u8]>| {
        layout.write(&out).unwrap();
        let path = out.join("blobs/sha256").join(digest.hex());
        match bytes {
            Some(bytes) => fs::write(&path, bytes).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        CatalogLayout::read(&out)
    };
    for digest in [layout.catalog.digest(), layout.bundles[0].image.config().digest()] {
        let error = text(damage(digest, Some(b"{}")).unwrap_err());
        assert!(error.contains(&format!("{} is damaged", digest.hex())), "{error}");
        assert!(text(damage(digest, None).unwrap_err()).contains("cannot read"));
    }
    let configs = layout.catalog.images()[0].layers()[1].digest();
    let error =
        damage(configs, Some(b"spoilt")).unwrap().relocated(&images::repository("other.example/x")).unwrap_err();
    assert!(text(error).contains("is damaged"));
    let error = damage(configs, Some(b"spoilt")).unwrap().write(&folder.path().join("copy")).unwrap_err();
    assert!(text(error).contains("is damaged"));

    layout.write(&out).unwrap();
    for (index, why) in
        [("", "EOF"), ("{}", "missing field"), (r#"{"schemaVersion":2,"manifests":[]}"#, "no image named `catalog`")]
    {
        fs::write(out.join("index.json"), index).unwrap();
        let error = text(CatalogLayout::read(&out).unwrap_err());
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn two_bundles_cannot_have_one_tag() {
    let (folder, repository) = (temp(), repository("registry.example/catalog"));
    let layout = catalog(folder.path(), &repository, &["1.0.0+a", "1.0.0_a"]);
    let error = text(layout.write(&folder.path().join("catalog")).unwrap_err());
    assert!(error.starts_with("two bundles would have the tag demo-v1.0.0_a"), "{error}");
    for (package, version) in [("demo", "1 0"), ("-demo", "1.0"), ("ä", "1"), (&*"x".repeat(128), "1")] {
        let error = text(BundleImage::new(package, version, &bundle("1.0.0")).unwrap_err());
        assert!(error.contains("is not a valid tag; use up to 128 letters, digits"), "{error}");
    }
}

#[test]
fn relocating_changes_the_references_to_the_bundles_alone() {
    let folder = temp();
    let (from, to) = (repository("reg.example/catalog"), repository("localhost:5000/deep/er/catalog"));
    let (here, there) =
        (catalog(folder.path(), &from, &["1.0.0", "1.1.0"]), catalog(folder.path(), &to, &["1.0.0", "1.1.0"]));
    assert_eq!(here.relocated(&to).unwrap().digest(), there.catalog.digest());
    assert_eq!(here.relocated(&from).unwrap().digest(), here.catalog.digest());
    assert_ne!(here.catalog.digest(), there.catalog.digest());

    // Text that only resembles one of the references stays: longer names, other digests, tags.
    let digest = here.bundles[0].image.digest();
    let other = Digest::of(b"");
    let configs = |repository: &str| {
        format!(
            "a: mirror.{repository}@{digest}\nb: x/{repository}@{digest}\nc: {repository}@{other}\nd: {repository}:tag\n\
             e: {repository}@sha256:\nf: {repository}@sha256:äää\n"
        )
    };
    let build = |first: &str| {
        let text = format!("image: {first}@{digest}\n\"{first}@{digest}\"\n{}", configs("reg.example/catalog"));
        let entries = [
            Entry::file("demo/catalog.yaml", text.into_bytes()),
            Entry::file("binary", b"\xff reg.example/catalog@".as_slice()),
        ];
        PlatformImage::from(catalog_image(&images::program(folder.path()), entries).unwrap())
    };
    let mut changed = here.clone();
    changed.catalog = build("reg.example/catalog");
    assert_eq!(changed.relocated(&to).unwrap().digest(), build("localhost:5000/deep/er/catalog").digest());
}

#[test]
fn layouts_of_plain_images_have_no_annotations() {
    let folder = temp();
    let image = bundle_image(&bundle("1.0.0")).unwrap();
    let layout = Layout::write(folder.path(), &[(&image, BTreeMap::new())]).unwrap();
    assert_eq!(layout.manifests()[0].annotations, None);
    let read = Layout::open(layout.folder()).unwrap();
    assert_eq!(read.image(&read.manifests()[0]).unwrap().digest(), image.digest());
}
