//! Images and layouts: tests that need something from this machine, and are reported as skipped if it is missing.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic and print")]

mod common;
#[path = "common/images.rs"]
mod images;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Completion, Trial};
use olm_catalog::build::CatalogLayout;
use olm_catalog::bundle::Bundle;
use olm_catalog::image::{Digest, Entry, Program, bundle_image, catalog_image};

use images::{catalog, repository, temp, text, tree};

type Test = fn() -> Completion;

fn main() -> ExitCode {
    let tests: [(&str, Test); 3] = [
        ("a_full_disk_leaves_the_older_layout", a_full_disk_leaves_the_older_layout),
        ("a_static_program_of_the_compiler_is_taken", a_static_program_of_the_compiler_is_taken),
        ("real_bundles_have_images", real_bundles_have_images),
    ];
    let trials = tests.into_iter().map(|(name, test)| Trial::ignorable_test(name, move || Ok(test()))).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// A full disk leaves the older layout unchanged, and the error explains what happened.
fn a_full_disk_leaves_the_older_layout() -> Completion {
    struct Disk(PathBuf);
    impl Drop for Disk {
        fn drop(&mut self) {
            let _ = Command::new("umount").arg(&self.0).status();
        }
    }
    let (folder, disk) = (temp(), temp());
    let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=256k", "tmpfs"]).arg(disk.path()).output();
    if !mount.is_ok_and(|out| out.status.success()) {
        return Completion::ignored_with("only root can mount a small disk");
    }
    let disk_guard = Disk(disk.path().to_owned());
    let repository = repository("registry.example/catalog");
    let out = disk.path().join("catalog");
    catalog(folder.path(), &repository, &["1.0.0"]).write(&out).unwrap();
    let before = tree(&out);

    let mut large = catalog(folder.path(), &repository, &["2.0.0"]);
    // Bytes that gzip cannot make smaller: a chain of hashes.
    let noise = (0..20_000).scan(Digest::of(b"seed"), |digest, _| {
        *digest = Digest::of(digest.as_str().as_bytes());
        Some(digest.hex().to_owned())
    });
    let noise = Entry::file("demo/catalog.yaml", noise.collect::<String>().into_bytes());
    large.catalog = catalog_image(&images::program(folder.path()), [noise]).unwrap().into();
    let error = text(large.write(&out).unwrap_err());
    assert!(error.starts_with("cannot write ") && error.ends_with("No space left on device (os error 28)"), "{error}");
    let after = tree(&out);
    assert!(before.iter().all(|(path, bytes)| after[path] == *bytes), "the older layout is as it was");
    assert!(!after.keys().any(|path| path.display().to_string().contains("partial")), "nothing half-written is left");
    assert_eq!(CatalogLayout::read(&out).unwrap().bundles[0].version, "1.0.0");

    // With free space again, the next build cleans up.
    catalog(folder.path(), &repository, &["1.0.0"]).write(&out).unwrap();
    assert_eq!(tree(&out), before);
    drop(disk_guard);
    Completion::Completed
}

/// A program that the compiler links statically is accepted; its platform is that of this machine.
fn a_static_program_of_the_compiler_is_taken() -> Completion {
    let folder = temp();
    let (source, program) = (folder.path().join("main.c"), folder.path().join("main"));
    fs::write(&source, "int main(void) { return 0; }").unwrap();
    for link in ["-static", "-static-pie"] {
        let built = Command::new("cc").arg(link).arg("-o").arg(&program).arg(&source).output();
        if !built.is_ok_and(|out| out.status.success()) {
            return Completion::ignored_with(format!("`cc {link}` does not work here"));
        }
        Program::open(&program).unwrap();
    }
    Completion::Completed
}

/// Every real bundle has an image, and its digest is the same each time.
fn real_bundles_have_images() -> Completion {
    let Some(shared) = common::shared() else {
        return Completion::ignored_with(common::NO_DATA);
    };
    let mut seen = BTreeMap::new();
    for package in fs::read_dir(shared.join("upstream")).unwrap() {
        let Ok(versions) = fs::read_dir(package.unwrap().path()) else { continue };
        for version in versions.map(|version| version.unwrap().path()).filter(|path| Bundle::is_at(path)) {
            let bundle = Bundle::read(&version).unwrap();
            let image = bundle_image(&bundle).unwrap();
            assert_eq!(image.digest(), bundle_image(&bundle).unwrap().digest());
            seen.insert(image.digest().clone(), version);
        }
    }
    assert_eq!(seen.len(), 19);
    Completion::Completed
}
