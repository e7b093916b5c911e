//! Compiles the registry API's protocol without protoc.

#[cfg(feature = "serve")]
const FOLDER: &str = "src/serve";
#[cfg(feature = "serve")]
const FILE: &str = "registry.proto";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "serve")]
    protocol()?;
    Ok(())
}

#[cfg(feature = "serve")]
fn protocol() -> Result<(), Box<dyn std::error::Error>> {
    use std::path::PathBuf;
    use std::{env, fs};

    println!("cargo::rerun-if-changed={FOLDER}/{FILE}");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut compiler = protox::Compiler::new([FOLDER])?;
    // Reflection needs no comments. The generated code's documentation does.
    compiler.include_imports(true).include_source_info(false).open_file(FILE)?;
    fs::write(out.join("registry.bin"), compiler.encode_file_descriptor_set())?;
    compiler.include_source_info(true);
    tonic_prost_build::configure().compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
