//! Images for several platforms: `catalog build --platform`, `push`, and the programs of published images. The programs
//! are Go's, which builds static ones for every platform. Where Go, docker-registry or skopeo are not installed, the
//! tests that need them are reported as ignored.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic and print")]

#[path = "common/distribution.rs"]
mod distribution;
#[path = "common/images.rs"]
mod images;

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output, Stdio};
use std::sync::OnceLock;

use libtest_mimic::{Arguments, Completion, Trial};
use olm_catalog::build::CatalogLayout;
use olm_catalog::image::spec::{Index, MediaType};
use olm_catalog::image::{Artifact as _, Digest, Image, PlatformImage, Program, program_image};
use olm_catalog::registry::{Client, Options};
use olm_catalog::schemas::SCHEMAS;
use serde_json::{Value, json};

use distribution::{DockerRegistry, SmallRegistry, installed};
use images::{AMD64, INTERPRETER, LOAD, elf, temp, tree};

/// Platforms with ELF's number of the machine, and the names that qemu has for them.
const PLATFORMS: [(&str, u8, &str); 4] = [
    ("linux/amd64", AMD64, "x86_64"),
    ("linux/arm64", 183, "aarch64"),
    ("linux/ppc64le", 21, "ppc64le"),
    ("linux/s390x", 22, "s390x"),
];
const EVERY: &str = "linux/amd64,linux/arm64,linux/ppc64le,linux/s390x";

fn main() -> ExitCode {
    let plain: [(&str, fn()); 4] = [
        ("an_index_has_an_image_for_each_platform", an_index_has_an_image_for_each_platform),
        ("one_platform_is_a_plain_image", one_platform_is_a_plain_image),
        ("programs_must_fit_their_platforms", programs_must_fit_their_platforms),
        ("programs_come_only_from_images_that_have_them", programs_come_only_from_images_that_have_them),
    ];
    let real: [(&str, fn()); 3] = [
        ("real_programs_are_read_back_by_skopeo", real_programs_are_read_back_by_skopeo),
        ("programs_come_from_a_published_image", programs_come_from_a_published_image),
        ("an_index_is_relocated_and_used_as_an_image", an_index_is_relocated_and_used_as_an_image),
    ];
    let missing: Vec<_> = ["docker-registry", "skopeo"].into_iter().filter(|program| !installed(program)).collect();
    let plain = plain.into_iter().map(|(name, test)| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    });
    let real = real.into_iter().map(|(name, test)| {
        let missing = missing.clone();
        Trial::ignorable_test(name, move || {
            if !missing.is_empty() {
                return Ok(Completion::ignored_with(format!("not installed: {}", missing.join(", "))));
            }
            match programs() {
                Ok(_) => Ok({
                    test();
                    Completion::Completed
                }),
                Err(why) => Ok(Completion::ignored_with(why)),
            }
        })
    });
    libtest_mimic::run(&Arguments::from_args(), plain.chain(real).collect()).exit_code()
}

/// A static program for each platform, `<architecture>/catalog`, which prints its architecture.
fn programs() -> Result<&'static Path, String> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let build = || {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("platforms");
        fs::create_dir_all(&folder).unwrap();
        let source = "package main\n\nimport \"runtime\"\n\nfunc main() { println(\"for\", runtime.GOARCH) }\n";
        fs::write(folder.join("main.go"), source).unwrap();
        for (platform, ..) in PLATFORMS {
            let architecture = platform.trim_start_matches("linux/");
            let mut go = Command::new("go");
            go.args(["build", "-trimpath", "-ldflags=-s -w", "-o"]).arg(folder.join(architecture).join("catalog"));
            go.arg("main.go").current_dir(&folder).stdin(Stdio::null());
            go.envs([("GOOS", "linux"), ("GOARCH", architecture), ("CGO_ENABLED", "0"), ("GOFLAGS", "-mod=mod")]);
            match go.output() {
                Ok(out) if out.status.success() => {}
                Ok(out) => panic!("go build for {platform}: {}", String::from_utf8_lossy(&out.stderr)),
                Err(_) => return Err("not installed: go".to_owned()),
            }
        }
        Ok(folder)
    };
    BUILT.get_or_init(build).as_deref().map_err(Clone::clone)
}

/// The options that name those programs.
fn named_programs() -> Vec<String> {
    let folder = programs().unwrap();
    let option = |(platform, ..): (&str, u8, &str)| {
        let file = folder.join(platform.trim_start_matches("linux/")).join("catalog");
        ["--program".to_owned(), format!("{platform}={}", file.display())]
    };
    PLATFORMS.into_iter().flat_map(option).collect()
}

/// A repository with one package, and a program for each platform that nothing runs.
fn repository() -> tempfile::TempDir {
    let copy = temp();
    let bundle = copy.path().join("bundles/demo/1.0.0");
    for (path, bytes) in images::bundle("1.0.0").files {
        let path = bundle.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    fs::write(copy.path().join("bundles/repository.yaml"), "repository: registry.example/catalog\n").unwrap();
    fs::create_dir(copy.path().join("channels")).unwrap();
    let template =
        "schema: olm.semver\ngenerateMajorChannels: true\nstable:\n  bundles:\n  - image: ../bundles/demo/1.0.0\n";
    fs::write(copy.path().join("channels/demo.yaml"), template).unwrap();
    for (platform, machine, _) in PLATFORMS {
        let file = copy.path().join(platform.trim_start_matches("linux/"));
        fs::write(file, elf(machine, LOAD, machine == 22)).unwrap();
    }
    copy
}

fn catalog(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_catalog"));
    command
        .current_dir(folder)
        .args(arguments)
        .env("HOME", "/nonexistent")
        .env("DOCKER_CONFIG", "/nonexistent")
        .env("OLM_CATALOG_NO_CACHE", "1");
    for name in ["XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "REGISTRY_AUTH_FILE"] {
        command.env_remove(name);
    }
    command.output().unwrap()
}

fn done(folder: &Path, arguments: &[&str]) -> Value {
    let out = catalog(folder, &[arguments, &["-o", "json"]].concat());
    assert!(out.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap()
}

fn failed(folder: &Path, arguments: &[&str]) -> String {
    let out = catalog(folder, arguments);
    let text = String::from_utf8(out.stderr).unwrap();
    assert_eq!(out.status.code(), Some(2), "{arguments:?}: {text}");
    text
}

fn skopeo(arguments: &[&str]) -> Vec<u8> {
    let out = Command::new("skopeo").arg("--insecure-policy").args(arguments).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    out.stdout
}

/// The four small programs, in another order than that of the index.
const SMALL: [&str; 8] =
    ["--program", "s390x", "--program", "linux/arm64=arm64", "--program", "ppc64le", "--program", "linux/amd64=amd64"];

fn an_index_has_an_image_for_each_platform() {
    let (one, other) = (repository(), repository());
    let built = done(one.path(), &[&["build"], &SMALL[..]].concat());
    let again = done(
        other.path(),
        &[&["build", "--platform", EVERY, "--program", "ppc64le"], &SMALL[..4], &SMALL[6..]].concat(),
    );
    assert_eq!(built, again);
    assert_eq!(tree(&one.path().join("target")), tree(&other.path().join("target")), "the same bytes");

    let schema = SCHEMAS.iter().find(|schema| schema.name == "build").unwrap().json();
    assert_eq!(jsonschema::validate(&schema, &built).map_err(|error| error.to_string()), Ok(()));
    let platforms = built["catalog"]["platforms"].as_array().unwrap();
    let names: Vec<_> = platforms.iter().map(|platform| platform["platform"].as_str().unwrap()).collect();
    assert_eq!(names.join(","), EVERY);
    let layout = CatalogLayout::read(&one.path().join("target/catalog")).unwrap();
    let index: Index = serde_json::from_slice(&layout.catalog.top().bytes().unwrap()).unwrap();
    assert_eq!(layout.catalog.top().descriptor().media_type, MediaType::INDEX);
    assert_eq!(layout.catalog.digest().as_str(), built["catalog"]["digest"]);
    assert_eq!(index.media_type.as_deref(), Some(MediaType::INDEX));
    for ((entry, image), (name, ..)) in index.manifests.iter().zip(layout.catalog.images()).zip(PLATFORMS) {
        let platform = entry.platform.as_ref().unwrap();
        assert_eq!(format!("{}/{}", platform.os, platform.architecture), name);
        assert_eq!(image.platform().unwrap(), *platform);
        assert_eq!(entry.digest, *image.digest());
        assert_eq!(image.layers()[1].digest(), layout.catalog.images()[0].layers()[1].digest(), "one catalog for all");
        image.layers().iter().for_each(|layer| layer.verify().unwrap());
    }
    let mut programs: Vec<_> = layout.catalog.images().iter().map(|image| image.layers()[0].digest()).collect();
    programs.dedup();
    assert_eq!(programs.len(), 4);

    let out = catalog(one.path(), &[&["build"], &SMALL[..]].concat());
    let text = String::from_utf8(out.stdout).unwrap();
    insta::assert_snapshot!("platforms", text);
}

fn one_platform_is_a_plain_image() {
    let folder = repository();
    let plain = done(folder.path(), &["build", "--program", "amd64"]);
    for arguments in [["--platform", "linux/amd64", "--program", "amd64"], ["--program", "linux/amd64=amd64", "-q", ""]]
    {
        let arguments: Vec<_> = arguments.into_iter().take_while(|argument| *argument != "-q").collect();
        assert_eq!(done(folder.path(), &[&["build"], &arguments[..]].concat())["catalog"], plain["catalog"]);
    }
    let layout = CatalogLayout::read(&folder.path().join("target/catalog")).unwrap();
    assert!(!layout.catalog.is_index());
    // Its image in an index is the same.
    let index = done(folder.path(), &[&["build"], &SMALL[..]].concat());
    assert_eq!(index["catalog"]["platforms"][0]["digest"], plain["catalog"]["digest"]);
}

fn programs_must_fit_their_platforms() {
    let folder = repository();
    fs::write(folder.path().join("dynamic"), elf(183, INTERPRETER, false)).unwrap();
    let cases: [(&[&str], &str); 9] = [
        (&["--program", "linux/arm64=amd64"], "error: amd64 is a program for linux/amd64, not for linux/arm64\n"),
        (
            &["--platform", "linux/arm64", "--program", "amd64"],
            "error: amd64 is a program for linux/amd64, which --platform does not name\n",
        ),
        (
            &["--platform", "linux/amd64,linux/s390x", "--program", "amd64"],
            "error: there is no program for linux/s390x; name one with --program linux/s390x=FILE, or an image that has \
             it with --program-from IMAGE\n",
        ),
        (
            &["--program", "amd64", "--program", "linux/amd64=amd64"],
            "amd64 and amd64 are both programs for linux/amd64",
        ),
        (&["--program", "linux/arm64=dynamic"], "dynamic cannot run alone in an image: it is dynamically linked"),
        (&["--program", "linux/arm64=none"], "error: cannot read none: No such file"),
        (
            &["--program", "linux/arm=arm64"],
            "\"linux/arm\" is not a supported platform; choose linux/amd64, linux/arm64",
        ),
        (&["--program", "windows/amd64=amd64"], "\"windows/amd64\" is not a supported platform"),
        (&["--platform", "linux/aarch64"], "[possible values: linux/amd64, linux/arm64, linux/ppc64le, linux/s390x]"),
    ];
    for (arguments, expected) in cases {
        let text = failed(folder.path(), &[&["build"], arguments].concat());
        assert!(text.contains(expected), "{arguments:?}: {text}");
        assert!(!folder.path().join("target").exists(), "nothing is written");
    }
    // A `=` in the name of a file.
    fs::copy(folder.path().join("amd64"), folder.path().join("a=b")).unwrap();
    done(folder.path(), &["build", "--program", "a=b"]);
}

/// The image of `catalog` itself, with these programs, in a registry.
fn published(registry: &SmallRegistry, tag: &str, images: &[Image], platforms: &[&str]) {
    images.iter().for_each(|image| registry.put_image("x", image));
    let manifests = images.iter().zip(platforms).map(|(image, platform)| {
        let mut entry = serde_json::to_value(image.manifest().descriptor()).unwrap();
        let (os, architecture) = platform.split_once('/').unwrap();
        entry["platform"] = json!({"os": os, "architecture": architecture});
        entry
    });
    let index = json!({"schemaVersion": 2, "mediaType": MediaType::INDEX, "manifests": manifests.collect::<Vec<_>>()});
    registry.put_manifest(tag, MediaType::INDEX, index.to_string().as_bytes());
}

fn programs_come_only_from_images_that_have_them() {
    let folder = repository();
    let registry = SmallRegistry::start(|_, _, _| None);
    let image =
        |file: &str, name: &str| program_image(&Program::open(&folder.path().join(file)).unwrap(), name).unwrap();
    let (amd64, arm64) = (image("amd64", "catalog"), image("arm64", "catalog"));
    published(&registry, "good", &[amd64.clone(), arm64.clone()], &["linux/amd64", "linux/arm64"]);
    let alone = std::slice::from_ref(&amd64);
    published(&registry, "lies", alone, &["linux/arm64"]);
    published(&registry, "other", &[image("arm64", "tool")], &["linux/arm64"]);
    published(&registry, "windows", alone, &["windows/amd64"]);
    registry.put_image("single", &arm64);
    let from = |tag: &str| registry.repository(&format!("tool:{tag}"));

    let both = done(folder.path(), &["build", "--program-from", &from("good")]);
    let files = done(folder.path(), &["build", "--program", "amd64", "--program", "arm64"]);
    assert_eq!(both["catalog"], files["catalog"], "as if the programs were here");
    let mixed =
        ["build", "--platform", "linux/amd64,linux/arm64", "--program", "amd64", "--program-from", &from("single")];
    assert_eq!(done(folder.path(), &mixed)["catalog"], files["catalog"]);
    let blobs = |registry: &SmallRegistry| registry.asked().iter().filter(|asked| asked.contains("/blobs/")).count();
    let before = blobs(&registry);
    let one = ["build", "--platform", "linux/arm64", "--program-from", &from("good")];
    assert_eq!(done(folder.path(), &one)["catalog"]["digest"], files["catalog"]["platforms"][1]["digest"]);
    assert_eq!(blobs(&registry), before + 1, "only the program that is needed");

    for (tag, platform, expected) in [
        ("good", "linux/s390x", "tool:good cannot be used: it has no program for linux/s390x"),
        ("lies", "linux/arm64", "tool:lies lists for linux/arm64 is a program for linux/amd64, not for linux/arm64"),
        ("other", "linux/arm64", "it contains \"bin/tool\", which is not in a program's layer"),
        ("windows", "linux/arm64", "tool:windows cannot be used: it has no program for linux/arm64"),
        ("none", "linux/arm64", "tool:none does not exist"),
    ] {
        let text = failed(folder.path(), &["build", "--platform", platform, "--program-from", &from(tag)]);
        assert!(text.contains(expected), "{tag}: {text}");
    }
}

fn real_programs_are_read_back_by_skopeo() {
    let (folder, registry) = (repository(), DockerRegistry::start(None).unwrap());
    let named = named_programs();
    let named: Vec<&str> = named.iter().map(String::as_str).collect();
    let built = done(folder.path(), &[&["build"], &named[..]].concat());
    let target = registry.repository("catalog:v1");
    let place = registry.repository("catalog");
    let pushed = done(folder.path(), &["push", &target, "--repository", &place]);
    assert_eq!(pushed["catalog"]["sent"], 4 * 3 + 1 + 1, "programs, configurations, manifests, a catalog and an index");
    let again = done(folder.path(), &["push", &target]);
    assert_eq!((&again["catalog"]["sent"], &again["catalog"]["skipped"]), (&0.into(), &14.into()));
    assert_eq!(built["catalog"]["platforms"].as_array().unwrap().len(), 4);

    let raw = skopeo(&["inspect", "--tls-verify=false", "--raw", &format!("docker://{target}")]);
    assert_eq!(pushed["catalog"]["digest"], Digest::of(&raw).as_str());
    let index: Index = serde_json::from_slice(&raw).unwrap();
    let from = format!("docker://{target}");
    for (entry, (platform, _, emulator)) in index.manifests.iter().zip(PLATFORMS) {
        let architecture = platform.trim_start_matches("linux/");
        let to = folder.path().join("copies").join(architecture);
        let copy = format!("oci:{}", to.display());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        skopeo(&["--override-arch", architecture, "copy", "--src-tls-verify=false", &from, &copy]);
        let inspected: Value = serde_json::from_slice(&skopeo(&["inspect", &copy])).unwrap();
        assert_eq!(inspected["Architecture"], architecture);
        assert_eq!(inspected["Digest"], entry.digest.as_str());
        // The program in it is the one for the platform, and runs where something can run it.
        let layer = inspected["Layers"][0].as_str().unwrap().trim_start_matches("sha256:");
        let layer = fs::File::open(to.join("blobs/sha256").join(layer)).unwrap();
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(layer));
        let unpacked = folder.path().join("unpacked").join(architecture);
        archive.unpack(&unpacked).unwrap();
        let program = unpacked.join("bin/catalog");
        assert!(
            fs::read(&program).unwrap() == fs::read(programs().unwrap().join(architecture).join("catalog")).unwrap()
        );
        let run = match architecture {
            "amd64" => Command::new(&program).output(),
            _ => Command::new(format!("qemu-{emulator}-static")).arg(&program).output(),
        };
        match run {
            Ok(out) => assert_eq!(String::from_utf8_lossy(&out.stderr), format!("for {architecture}\n")),
            Err(_) => eprintln!("{platform} is not run: qemu-{emulator}-static is not installed"),
        }
    }
    // The whole index, by another tool.
    let copy = format!("oci:{}:all", folder.path().join("all").display());
    skopeo(&["copy", "--all", "--src-tls-verify=false", &from, &copy]);
    assert_eq!(Digest::of(&skopeo(&["inspect", "--raw", &copy])), Digest::of(&raw));
}

fn programs_come_from_a_published_image() {
    let (folder, registry) = (repository(), DockerRegistry::start(None).unwrap());
    let named = named_programs();
    let named: Vec<&str> = named.iter().map(String::as_str).collect();
    let tool = registry.repository("tool:v1");
    let pushed = done(folder.path(), &[&["push", &tool], &named[..]].concat());
    let pinned = pushed["image"]["reference"].as_str().unwrap();
    let index: Index =
        serde_json::from_slice(&skopeo(&["inspect", "--tls-verify=false", "--raw", &format!("docker://{tool}")]))
            .unwrap();
    assert_eq!(index.manifests.len(), 4);
    let built = done(folder.path(), &["build", "--platform", EVERY, "--program", named[1], "--program-from", pinned]);
    let catalog = |arguments: &[&str]| done(folder.path(), arguments)["catalog"].clone();
    assert_eq!(built["catalog"], catalog(&[&["build"], &named[..]].concat()));
    assert_eq!(built["catalog"], catalog(&["build", "--program-from", pinned]));
    // The registry has the programs already.
    let target = registry.repository("tool:catalog");
    let pushed = done(folder.path(), &["push", &target]);
    assert_eq!((&pushed["catalog"]["sent"], &pushed["catalog"]["skipped"]), (&10.into(), &4.into()));
    // From a catalog's image, too.
    assert_eq!(built["catalog"], catalog(&["build", "--program-from", &target]));
}

fn an_index_is_relocated_and_used_as_an_image() {
    let (folder, registry) = (repository(), DockerRegistry::start(None).unwrap());
    done(folder.path(), &[&["build"], &SMALL[..]].concat());
    let place = registry.repository("elsewhere");
    let target = format!("{place}:v1");
    let pushed = done(folder.path(), &["push", &target]);
    assert_eq!(pushed["relocatedFrom"], "registry.example/catalog");
    let there = done(folder.path(), &[&["build", "--repository", &place], &SMALL[..]].concat());
    assert_eq!(pushed["catalog"]["digest"], there["catalog"]["digest"], "as if it was built for there");

    let rendered = catalog(folder.path(), &["render", "-oyaml", &target]);
    assert!(rendered.status.success(), "{}", String::from_utf8_lossy(&rendered.stderr));
    assert!(String::from_utf8(rendered.stdout).unwrap().contains(&format!("image: {place}@sha256:")));
    let validated = catalog(folder.path(), &["validate", &target]);
    assert!(validated.status.success(), "{}", String::from_utf8_lossy(&validated.stderr));

    // A part that is missing keeps the tag where it is.
    let client = Client::new(Options { credentials: Vec::new(), ..Options::default() }).unwrap();
    let layout = CatalogLayout::read(&folder.path().join("target/catalog")).unwrap();
    let file =
        folder.path().join("target/catalog/blobs/sha256").join(layout.catalog.images()[3].layers()[0].digest().hex());
    fs::write(&file, b"damaged").unwrap();
    let elsewhere = registry.repository("damaged").parse().unwrap();
    client.upload(&elsewhere, &[&layout.catalog], &|_, _| ()).unwrap_err();
    assert!(!client.has(&elsewhere, layout.catalog.digest()).unwrap());
    let mut read = String::new();
    fs::File::open(folder.path().join("target/catalog/index.json")).unwrap().read_to_string(&mut read).unwrap();
    assert!(read.contains(MediaType::INDEX));
    let twice = PlatformImage::new(vec![layout.catalog.images()[0].clone(), layout.catalog.images()[0].clone()]);
    assert!(images::text(twice.unwrap_err()).ends_with("two of its images are for linux/amd64"));
}
