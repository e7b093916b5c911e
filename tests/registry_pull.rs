//! Pulling unusual, damaged or hostile images: the result is exactly the content of the layers, and nothing is ever
//! written outside of its folder or without limits.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "common/distribution.rs"]
mod distribution;
#[path = "common/images.rs"]
mod images;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;

use flate2::write::GzEncoder;
use olm_catalog::image::spec::MediaType;
use olm_catalog::image::{CONFIGS_LABEL, Digest, PACKAGE_LABEL, bundle_image};
use olm_catalog::registry::{self, Client, Error, Options, PulledCatalog};
use proptest::prelude::*;
use ruzstd::encoding::CompressionLevel;
use serde_json::json;

use distribution::{Fault, SmallRegistry};
use images::{bundle, text, tree};

fn client() -> Client {
    let (credentials, max_unpacked, max_download) = (Vec::new(), 64 << 20, 16 << 20);
    let options = Options { credentials, max_unpacked, max_download, ..Options::default() };
    Client::new(options).unwrap()
}

fn registry() -> SmallRegistry {
    SmallRegistry::start(|_, _, _| None)
}

/// An archive of entries: type, path, and text or link target.
fn archive(entries: &[(tar::EntryType, &str, &str)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (kind, path, text) in entries {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        // Raw, because a builder would reject hostile archives.
        header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
        let link = matches!(kind, tar::EntryType::Link | tar::EntryType::Symlink);
        if link {
            header.as_mut_bytes()[157..157 + text.len()].copy_from_slice(text.as_bytes());
        }
        let body = if link { "" } else { text };
        header.set_size(body.len() as u64);
        header.set_cksum();
        archive.append(&header, body.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap()
}

const FILE: tar::EntryType = tar::EntryType::Regular;
const FOLDER: tar::EntryType = tar::EntryType::Directory;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Pulls a catalog of these layers, whose files are in `/configs`.
fn pull(registry: &SmallRegistry, layers: &[(&str, Vec<u8>)]) -> Result<PulledCatalog, Error> {
    registry.put_layers("v1", layers, &[(CONFIGS_LABEL, "/configs")]);
    client().pull_catalog(&registry::reference(&registry.repository("x:v1")).unwrap())
}

fn plain(layers: &[&[(tar::EntryType, &str, &str)]]) -> Vec<(&'static str, Vec<u8>)> {
    layers.iter().map(|entries| (MediaType::LAYER, archive(entries))).collect()
}

fn files(pulled: &PulledCatalog) -> Vec<(String, String)> {
    let line = |(path, bytes): (PathBuf, Vec<u8>)| (path.display().to_string(), String::from_utf8(bytes).unwrap());
    tree(&pulled.path()).into_iter().map(line).collect()
}

fn owned(files: &[(&str, &str)]) -> Vec<(String, String)> {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn later_layers_change_earlier_ones() {
    let first: &[_] = &[
        (FOLDER, "configs/", ""),
        (FILE, "configs/a/one", "1"),
        (FILE, "configs/a/two", "2"),
        (FILE, "./configs/b/three", "3"),
        (FILE, "/configs/c", "file"),
        (FILE, "configs/d/four", "4"),
        (FILE, "elsewhere/file", "not wanted"),
        (FILE, "configs-too", "not wanted"),
    ];
    let second: &[_] = &[
        (FILE, "configs/a/.wh.one", ""),
        (FILE, "configs/a/two", "new"),
        (FILE, "configs/c/now-a-folder", "5"),
        (FILE, "configs/b", "now a file"),
        // The mark is for the content of older layers, wherever it is.
        (FILE, "configs/d/new", "6"),
        (FILE, "configs/d/.wh..wh..opq", ""),
        (FILE, "configs/.wh.none", ""),
        (FILE, "configs/none/.wh.none", ""),
        (FILE, "configs/b/.wh.none", ""),
    ];
    let expected = owned(&[("a/two", "new"), ("b", "now a file"), ("c/now-a-folder", "5"), ("d/new", "6")]);
    let pulled = pull(&registry(), &plain(&[first, second])).unwrap();
    assert_eq!(files(&pulled), expected);
    // A parent of the wanted folder can be removed too, and everything in the root.
    let third: &[_] = &[(FILE, ".wh.configs", ""), (FILE, "configs/last", "7")];
    assert_eq!(files(&pull(&registry(), &plain(&[first, second, third])).unwrap()), owned(&[("last", "7")]));
    let third: &[_] = &[(FILE, "configs/last", "7"), (FILE, ".wh..wh..opq", "")];
    assert_eq!(files(&pull(&registry(), &plain(&[first, third])).unwrap()), owned(&[("last", "7")]));
}

#[test]
fn second_names_of_a_file_are_files() {
    let link = tar::EntryType::Link;
    let first: &[_] =
        &[(FILE, "configs/a", "text"), (link, "configs/b", "configs/a"), (link, "configs/c", "/configs/b")];
    // Writing one does not change the other.
    let second: &[_] = &[(FILE, "configs/a", "new")];
    let pulled = pull(&registry(), &plain(&[first, second])).unwrap();
    assert_eq!(files(&pulled), owned(&[("a", "new"), ("b", "text"), ("c", "text")]));
}

#[test]
fn compressed_layers_are_known_by_their_first_bytes() {
    let layer = archive(&[(FILE, "configs/a", "1")]);
    let zstd = |bytes: &[u8], level| ruzstd::encoding::compress_to_vec(bytes, level);
    let (fast, stored) = (zstd(&layer, CompressionLevel::Fastest), zstd(&layer, CompressionLevel::Uncompressed));
    // A skippable frame: its number, and the length of its content.
    let skipped = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3], &fast[..]].concat();
    let parts = [&layer[..700], &layer[700..]].map(|part| zstd(part, CompressionLevel::Fastest)).concat();
    for (media_type, bytes) in [
        (MediaType::LAYER, layer.clone()),
        (MediaType::DOCKER_LAYER, layer.clone()),
        (MediaType::LAYER_GZIP, gzip(&layer)),
        (MediaType::DOCKER_LAYER_GZIP, gzip(&layer)),
        // Several compressed parts, one after another, as pigz and estargz write them.
        (MediaType::LAYER_GZIP, [gzip(&layer[..700]), gzip(&layer[700..])].concat()),
        ("application/vnd.oci.image.layer.v1.tar+zstd", fast.clone()),
        ("application/vnd.docker.image.rootfs.diff.tar.zstd", stored),
        ("application/vnd.oci.image.layer.v1.tar+zstd", skipped),
        ("application/vnd.oci.image.layer.v1.tar+zstd", parts),
        // The declared type does not count.
        (MediaType::LAYER, gzip(&layer)),
        (MediaType::LAYER_GZIP, layer.clone()),
        (MediaType::LAYER_GZIP, fast.clone()),
        ("application/x-other", layer.clone()),
    ] {
        assert_eq!(files(&pull(&registry(), &[(media_type, bytes)]).unwrap()), owned(&[("a", "1")]), "{media_type}");
    }
    for bytes in [fast[..fast.len() / 2].to_vec(), vec![0x28, 0xb5, 0x2f, 0xfd]] {
        let error = text(pull(&registry(), &[(MediaType::LAYER, bytes)]).unwrap_err());
        assert!(error.contains("cannot be unpacked: its layer sha256:"), "{error}");
    }
}

#[test]
fn paths_that_lead_out_are_refused() {
    for path in ["../escape", "configs/../../escape", "configs/..", "/..", "configs/a\\b", "configs/.wh...", "..\\x"] {
        let error = text(pull(&registry(), &plain(&[&[(FILE, path, "x")]])).unwrap_err());
        let layer = Digest::of(&archive(&[(FILE, path, "x")]));
        let expected = format!("cannot be unpacked: its layer {layer} contains ");
        assert!(
            error.contains(&expected) && error.ends_with(", a path that leads out of the image"),
            "{path}: {error}"
        );
    }
    let error = text(pull(&registry(), &plain(&[&[(FILE, "configs/.wh.", "x")]])).unwrap_err());
    assert!(error.ends_with("a whiteout without a name"), "{error}");
}

#[test]
fn links_are_not_made() {
    use tar::EntryType as T;
    for kind in [T::Fifo, T::Char, T::Block] {
        let error = text(pull(&registry(), &plain(&[&[(kind, "configs/link", "")]])).unwrap_err());
        assert!(error.ends_with(r#"contains "configs/link", which is not a file, folder or link"#), "{error}");
    }
    for target in ["etc/passwd", "/etc/passwd", "configs/none", "configs", "configs/link"] {
        let error = text(pull(&registry(), &plain(&[&[(T::Link, "configs/link", target)]])).unwrap_err());
        assert!(error.contains("contains \"configs/link\", a link to "), "{error}");
        assert!(error.ends_with("which is not a file in the image"), "{error}");
    }
    // Files of this machine are not files of the image.
    for (target, why) in [
        ("/etc/passwd", "which is not in the image"),
        ("../../../../etc/passwd", "which is not in the image"),
        ("link", "a link that leads back to itself"),
        ("a", "which is a folder"),
        ("a/../b", "which is not followed"),
        ("/", "which is not followed"),
        ("..", "which is not followed"),
        ("", "which is a folder"),
    ] {
        let layer: &[_] = &[(FILE, "configs/a/b", "1"), (T::Symlink, "configs/link", target)];
        let error = text(pull(&registry(), &plain(&[layer])).unwrap_err());
        assert!(error.contains("contains \"configs/link\"") && error.ends_with(why), "{target}: {error}");
    }
    let many: Vec<String> = (0..201).map(|i| format!("configs/{i}")).collect();
    let many: Vec<_> = many.iter().map(|path| (T::Symlink, path.as_str(), "a")).collect();
    let error = text(pull(&registry(), &plain(&[&many])).unwrap_err());
    assert!(error.ends_with("more than 200 links among the files that are read"), "{error}");
    let error = text(pull(&registry(), &plain(&[&[(T::Link, "configs/link", "../../etc/passwd")]])).unwrap_err());
    assert!(error.ends_with("a path that leads out of the image"), "{error}");
    // Outside of the wanted folder, an image can contain anything.
    let entries: &[_] = &[(T::Symlink, "bin/sh", "../../../etc"), (T::Char, "dev/null", ""), (FILE, "configs/a", "1")];
    assert_eq!(files(&pull(&registry(), &plain(&[entries])).unwrap()), owned(&[("a", "1")]));
}

#[test]
fn links_lead_to_what_the_image_has() {
    use tar::EntryType as T;
    let layers: &[(&[_], &[_])] = &[
        // A file behind a link, and behind several.
        (&[(T::Symlink, "configs/a", "b"), (FILE, "configs/b", "1")], &[("a", "1"), ("b", "1")]),
        (&[(T::Symlink, "configs/a", "../x"), (T::Symlink, "x", "y/z"), (FILE, "y/z", "1")], &[("a", "1")]),
        // A hard link to a file elsewhere, and one that comes before its file.
        (&[(FILE, "x", "1"), (T::Link, "configs/a", "x")], &[("a", "1")]),
        // The folder is a link, or its path contains one.
        (&[(FILE, "x/a", "1"), (FILE, "x/b/c", "2"), (T::Symlink, "configs", "x")], &[("a", "1"), ("b/c", "2")]),
        (&[(T::Symlink, "configs", "/opt/x"), (T::Symlink, "opt", "usr"), (FILE, "usr/x/a", "1")], &[("a", "1")]),
        // Files that are written through a link, and a link that is replaced.
        (&[(T::Symlink, "configs", "x"), (FILE, "configs/a", "1"), (FILE, "x/b", "2")], &[("a", "1"), ("b", "2")]),
        (&[(T::Symlink, "configs/a", "none"), (FILE, "configs/a", "1")], &[("a", "1")]),
        (
            &[(T::Symlink, "configs/a", "none"), (FILE, "configs/b", "1"), (T::Symlink, "configs/a", "b")],
            &[("a", "1"), ("b", "1")],
        ),
    ];
    for (layer, expected) in layers {
        let pulled = pull(&registry(), &plain(&[layer])).unwrap_or_else(|error| panic!("{layer:?}: {}", text(error)));
        assert_eq!(files(&pulled), owned(expected), "{layer:?}");
    }
    // In layers: a link is removed, and with it the files behind it.
    let first: &[_] = &[(T::Symlink, "configs/a", "../x/y"), (FILE, "x/y", "1"), (FILE, "configs/b", "2")];
    let gone: &[_] = &[(FILE, "configs/.wh.a", "")];
    assert_eq!(files(&pull(&registry(), &plain(&[first, gone])).unwrap()), owned(&[("b", "2")]));
    // The target of a link is that of the last layer.
    let newer: &[_] = &[(FILE, "x/y", "new")];
    assert_eq!(files(&pull(&registry(), &plain(&[first, newer])).unwrap()), owned(&[("a", "new"), ("b", "2")]));
    // A folder that contains itself would have no end.
    let round: &[_] = &[(T::Symlink, "configs", "x"), (T::Symlink, "x", "configs"), (FILE, "y", "")];
    assert!(text(pull(&registry(), &plain(&[round])).unwrap_err()).ends_with("a link that leads back to itself"));
}

#[test]
fn archives_have_bounds() {
    // 200 MB of zeros are 200 KB.
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(200 << 20);
    archive.append_data(&mut header, "configs/zeros", std::io::repeat(0).take(200 << 20)).unwrap();
    let zeros = gzip(&archive.into_inner().unwrap());
    let error = text(pull(&registry(), &[(MediaType::LAYER_GZIP, zeros)]).unwrap_err());
    assert!(
        error.ends_with(" is too large: the unpacked size of its layers would be more than 67108864 bytes"),
        "{error}"
    );

    // The same in many small layers.
    let layer = archive_of_zeros(20 << 20);
    let layers: Vec<_> = (0..4).map(|_| (MediaType::LAYER_GZIP, layer.clone())).collect();
    assert!(matches!(pull(&registry(), &layers).unwrap_err(), Error::TooLarge { .. }));
    assert!(pull(&registry(), &layers[..3]).is_ok());

    // A name of 30 MB would have to be kept in memory.
    for first in [false, true] {
        let mut archive = tar::Builder::new(Vec::new());
        if first {
            let mut header = tar::Header::new_gnu();
            header.set_size(0);
            archive.append_data(&mut header, "configs/a", std::io::empty()).unwrap();
        }
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::GNULongName);
        header.set_size(30 << 20);
        header.set_cksum();
        archive.append(&header, std::io::repeat(b'a').take(30 << 20)).unwrap();
        let layer = gzip(&archive.into_inner().unwrap());
        let error = text(pull(&registry(), &[(MediaType::LAYER_GZIP, layer)]).unwrap_err());
        assert!(error.ends_with("cannot be read: it or its headers are too large"), "{error}");
    }
}

fn archive_of_zeros(size: u64) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    archive.append_data(&mut header, "configs/zeros", std::io::repeat(0).take(size)).unwrap();
    gzip(&archive.into_inner().unwrap())
}

#[test]
fn downloads_have_bounds() {
    // The size in the manifest counts before anything is downloaded.
    let registry = registry();
    let config = json!({"config": {"Labels": {CONFIGS_LABEL: "/configs"}}}).to_string();
    let digest = registry.put_blob(config.as_bytes());
    let manifest = |layer: &Digest, size: u64| {
        let describe = |media_type: &str, digest: &Digest, size: u64| json!({"mediaType": media_type, "digest": digest, "size": size});
        let layer = describe(MediaType::LAYER, layer, size);
        json!({"schemaVersion": 2, "config": describe(MediaType::CONFIG, &digest, config.len() as u64), "layers": [layer, layer]})
    };
    let pull = |manifest: &serde_json::Value| {
        registry.put_manifest("v1", MediaType::MANIFEST, manifest.to_string().as_bytes());
        text(client().pull(&registry::reference(&registry.repository("x:v1")).unwrap()).unwrap_err())
    };
    let layer = registry.put_blob(&archive(&[(FILE, "configs/a", "1")]));
    for size in [u64::MAX, u64::MAX / 2, 9 << 20] {
        assert!(
            pull(&manifest(&layer, size)).ends_with(" is too large: the download would be more than 16777216 bytes")
        );
    }
    for size in [0, 10, 5000] {
        let error = pull(&manifest(&layer, size));
        assert!(
            error.ends_with(&format!(
                "@{layer} was damaged in transfer: its size differs from the {size} bytes in its manifest"
            )),
            "{error}"
        );
    }
    let mut large = manifest(&layer, 1);
    large["config"]["size"] = (100 << 20).into();
    assert!(pull(&large).contains(" is too large: its configuration would be more than"));
}

#[test]
fn damaged_bytes_are_refused() {
    let good = archive(&[(FILE, "configs/a", "1")]);
    let mut other = good.clone();
    other[600] ^= 1;
    let name = Digest::of(&good);
    let path = format!("/blobs/{name}");
    let registry = SmallRegistry::start(move |_, asked, _| asked.ends_with(&path).then(|| Fault::Body(other.clone())));
    let error = text(pull(&registry, &[(MediaType::LAYER, good.clone())]).unwrap_err());
    assert!(error.contains(&format!("@{name} was damaged in transfer: ")), "{error}");

    let registry = SmallRegistry::start(|method, asked, _| {
        (method == "GET" && asked.contains("/manifests/")).then(|| Fault::Body(b"{}".to_vec()))
    });
    let error = text(pull(&registry, &[(MediaType::LAYER, good.clone())]).unwrap_err());
    assert!(error.contains("/x:v1 was damaged in transfer: "), "{error}");

    // Complete, but not archives.
    let half = gzip(&good);
    for bytes in
        [gzip(&good)[..half.len() / 2].to_vec(), b"no gzip".to_vec(), gzip(b"no archive".repeat(100).as_slice())]
    {
        let error = text(pull(&self::registry(), &[(MediaType::LAYER_GZIP, bytes)]).unwrap_err());
        assert!(
            error.contains("cannot be unpacked: its layer sha256:") && error.contains(" cannot be read: "),
            "{error}"
        );
    }
}

#[test]
fn an_index_is_resolved() {
    let registry = registry();
    let image = bundle_image(&bundle("1.0.0")).unwrap();
    let other = bundle_image(&bundle("2.0.0")).unwrap();
    registry.put_image("amd64", &image);
    registry.put_image("arm64", &other);
    let entry = |digest: &Digest, os: &str, architecture: &str| json!({"mediaType": MediaType::MANIFEST, "digest": digest, "size": 1, "platform": {"os": os, "architecture": architecture, "variant": "v8"}});
    let none = Digest::of(b"none");
    let pull = |media_type: &str, entries: Vec<serde_json::Value>| {
        let index = json!({"schemaVersion": 2, "mediaType": media_type, "manifests": entries}).to_string();
        let digest = registry.put_manifest("v1", media_type, index.as_bytes());
        let pulled = client().pull_bundle(&registry::reference(&registry.repository("x:v1")).unwrap());
        pulled.map(|pulled| {
            assert_eq!(pulled.digest, digest, "what the reference stands for is the index");
            pulled.bundle
        })
    };
    let (amd64, arm64) = (entry(image.digest(), "linux", "amd64"), entry(other.digest(), "linux", "arm64"));
    let others = [entry(&none, "unknown", "unknown"), entry(&none, "windows", "amd64")];
    for media_type in [MediaType::INDEX, MediaType::DOCKER_LIST] {
        let all = [&others[..], &[arm64.clone(), amd64.clone()]].concat();
        assert_eq!(pull(media_type, all).unwrap(), bundle("1.0.0"));
        assert_eq!(pull(media_type, [&others[..], std::slice::from_ref(&arm64)].concat()).unwrap(), bundle("2.0.0"));
    }
    let bare = json!({"mediaType": MediaType::MANIFEST, "digest": image.digest(), "size": 1});
    assert_eq!(pull(MediaType::INDEX, vec![bare]).unwrap(), bundle("1.0.0"));
    let error = text(pull(MediaType::INDEX, others.to_vec()).unwrap_err());
    assert!(error.ends_with("/x:v1 cannot be used: its index lists no image for linux"), "{error}");
    assert!(matches!(pull(MediaType::INDEX, Vec::new()).unwrap_err(), Error::Unsupported { .. }));
    // An index within an index, as buildx writes them.
    let inner = json!({"schemaVersion": 2, "mediaType": MediaType::INDEX, "manifests": [amd64]}).to_string();
    let inner = registry.put_manifest("inner", MediaType::INDEX, inner.as_bytes());
    let nested = json!({"mediaType": MediaType::INDEX, "digest": inner, "size": 1});
    assert_eq!(pull(MediaType::INDEX, vec![nested]).unwrap(), bundle("1.0.0"));
}

#[test]
fn images_of_other_kinds_are_refused() {
    let registry = registry();
    let layer = [(MediaType::LAYER, archive(&[(FILE, "configs/a", "1")]))];
    let pull = |labels: &[(&str, &str)]| {
        registry.put_layers("v1", &layer, labels);
        text(client().pull(&registry::reference(&registry.repository("x:v1")).unwrap()).unwrap_err())
    };
    assert!(pull(&[("maintainer", "x")]).contains("/x:v1 cannot be used: it is neither a bundle (label "));
    let sqlite = pull(&[("operators.operatorframework.io.index.database.v1", "/database/index.db")]);
    assert!(sqlite.ends_with(
        "it is an SQLite catalog, which OLM no longer supports; `opm migrate` converts it to a file-based catalog"
    ));
    for label in ["", "/", "/..", "/configs/../.."] {
        let error = pull(&[(CONFIGS_LABEL, label)]);
        assert!(error.ends_with(&format!("names no folder: {label:?}")), "{error}");
    }
    let error = pull(&[(CONFIGS_LABEL, "/other")]);
    assert!(error.ends_with(r#"names the folder "other", which the image does not have"#), "{error}");
    let error = pull(&[(PACKAGE_LABEL, "demo")]);
    assert!(
        error.ends_with("/x:v1 cannot be used as a bundle: the image is not a bundle: it has no manifests folder"),
        "{error}"
    );
    // Not of the requested kind, and not readable.
    for (manifest, why) in [
        (json!({"schemaVersion": 1, "fsLayers": []}), "its manifest has an unknown format: it lists no layers"),
        (json!({"schemaVersion": 2, "layers": [], "config": {}}), "its manifest or configuration cannot be read: "),
        (json!({"schemaVersion": 2, "manifests": 5}), "its manifest or configuration cannot be read: "),
        (json!("text"), "its manifest has an unknown format: it lists no layers"),
    ] {
        registry.put_manifest("v1", MediaType::MANIFEST, manifest.to_string().as_bytes());
        let error = text(client().pull(&registry::reference(&registry.repository("x:v1")).unwrap()).unwrap_err());
        assert!(error.contains(why), "{error}");
    }
}

/// Files outside of the wanted folders cost nothing, and those within are kept for any label.
#[test]
fn labels_are_paths_of_any_form() {
    let registry = registry();
    let layer = [(MediaType::LAYER, archive(&[(FILE, "a/configs/x", "1"), (FILE, "a/b", "2")]))];
    for label in ["/a/configs", "a/configs/", "./a//configs/."] {
        registry.put_layers("v1", &layer, &[(CONFIGS_LABEL, label)]);
        let pulled = client().pull_catalog(&registry::reference(&registry.repository("x:v1")).unwrap()).unwrap();
        assert_eq!(files(&pulled), owned(&[("x", "1")]), "{label}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// No archive makes the puller panic or write outside of its folder; accepted archives give the same result as an
    /// independent model of layers.
    #[test]
    fn any_layers_are_unpacked_or_refused(
        layers in prop::collection::vec(
            prop::collection::vec((
                prop::sample::select(vec![FILE, FILE, FILE, FOLDER, tar::EntryType::Symlink, tar::EntryType::Symlink]),
                "(configs/)?(\\.\\./|/)?[ab]/([ab](/c)?|\\.wh\\.[ab])|configs/[ab]/\\.wh\\.\\.wh\\.\\.opq|configs/\\.wh\\.[ab]",
                "[ab]|\\.\\./[ab]|/configs/[ab](/[ab])?|/[ab]",
            ), 0..6),
            1..4,
        ),
    ) {
        let registry = registry();
        let archives: Vec<_> = layers.iter().map(|entries| {
            let entries: Vec<_> = entries.iter().map(|(kind, path, text)| (*kind, path.as_str(), if *kind == FOLDER { "" } else { text })).collect();
            (MediaType::LAYER, archive(&entries))
        }).collect();
        let leaves = layers.iter().flatten().any(|(_, path, _)| path.contains("../"));
        let links = layers.iter().flatten().any(|(kind, ..)| *kind == tar::EntryType::Symlink);
        let gone = layers.iter().flatten().any(|(_, path, _)| path.contains(".wh."));
        match pull(&registry, &archives) {
            Ok(pulled) => {
                prop_assert!(!leaves);
                // The models process marks and links in a different order.
                if !(links && gone) {
                    let expected = if links { model_of_links(&layers) } else { model(&layers) };
                    prop_assert_eq!(files(&pulled).into_iter().collect::<BTreeMap<_, _>>(), expected);
                }
            }
            // An image without the wanted folder is rejected too.
            Err(error) => prop_assert!(leaves || links || model(&layers).is_empty(), "{}", text(error)),
        }
    }
}

type Layers = [Vec<(tar::EntryType, String, String)>];

/// The meaning of layers, by paths alone: first a layer's marks, then its files.
fn model(layers: &Layers) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let below = |path: &str, folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    let clean = |path: &str| path.replace("//", "/");
    for layer in layers {
        for (_, path, _) in layer {
            let path = clean(path);
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
            if name == ".wh..wh..opq" {
                files.retain(|file, _| !below(file, folder));
            } else if let Some(name) = name.strip_prefix(".wh.") {
                let gone = format!("{folder}/{name}");
                files.retain(|file, _| *file != gone && !below(file, &gone));
            }
        }
        for (kind, path, text) in layer {
            let path = &clean(path);
            if path.contains(".wh.") || !path.starts_with("configs/") {
                continue;
            }
            // A file above it becomes a folder; a file replaces a folder.
            let displaced = |file: &str| match *kind {
                FILE => below(path, file) || below(file, path),
                _ => below(path, file) || file == path,
            };
            files.retain(|file, _| !displaced(file));
            if *kind == FILE {
                files.insert(path.clone(), text.clone());
            }
        }
    }
    files.into_iter().map(|(path, text)| (path["configs/".len()..].to_owned(), text)).collect()
}

enum Thing {
    Folder,
    File(String),
    Link(String),
}

/// The meaning of layers without marks: a file system of paths, in which links are followed name by name.
fn model_of_links(layers: &Layers) -> BTreeMap<String, String> {
    let mut things: BTreeMap<String, Thing> = BTreeMap::new();
    for (kind, path, text) in layers.iter().flatten() {
        let (folder, name) = path.trim_start_matches('/').rsplit_once('/').expect("a folder");
        let path = format!("{}/{name}", walk(&things, "", folder, true, 0).expect("an end"));
        let path = path.trim_start_matches('/').to_owned();
        let below = format!("{path}/");
        for (end, _) in path.match_indices('/') {
            things.retain(|at, thing| at != &path[..end] || !matches!(thing, Thing::File(_)));
        }
        if *kind != FOLDER {
            things.retain(|at, _| !at.starts_with(&below));
        }
        match (*kind, things.get(&path)) {
            (FILE, _) => drop(things.insert(path, Thing::File(text.clone()))),
            (FOLDER, _) => drop(things.insert(path, Thing::Folder)),
            _ => drop(things.insert(path, Thing::Link(text.clone()))),
        }
    }
    let top = format!("{}/", walk(&things, "", "configs", true, 0).expect("an end"));
    let file = |path: &String| match things.get(&walk(&things, "", path, true, 0)?)? {
        Thing::File(text) => Some(text.clone()),
        _ => None,
    };
    let below = things.keys().filter(|path| path.starts_with(&top));
    below.filter_map(|path| Some((path[top.len()..].to_owned(), file(path)?))).collect()
}

/// The real path of a path, seen from a folder.
fn walk(things: &BTreeMap<String, Thing>, from: &str, path: &str, last: bool, depth: usize) -> Option<String> {
    let mut at = if path.starts_with('/') { String::new() } else { from.to_owned() };
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    for (i, part) in parts.iter().enumerate() {
        if *part == ".." {
            at = at.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
            continue;
        }
        let next = if at.is_empty() { (*part).to_owned() } else { format!("{at}/{part}") };
        at = match things.get(&next) {
            Some(Thing::Link(target)) if last || i + 1 < parts.len() => {
                if depth > 50 {
                    return None;
                }
                walk(things, &at, target, true, depth + 1)?
            }
            _ => next,
        };
    }
    Some(at)
}
