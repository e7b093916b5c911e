//! Compiles the registry API's protocol without protoc.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

const FOLDER: &str = "src/serve";
const FILE: &str = "registry.proto";

fn main() -> Result<(), Box<dyn Error>> {
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
