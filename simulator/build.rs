//! Writes the list of the schema files that are built in, so that a version
//! added to `schemas/versions.json` needs no edit here.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let schemas = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../schemas");
    let versions = schemas.join("versions.json");
    let corrections = schemas.join("corrections.json");
    println!("cargo::rerun-if-changed={}", versions.display());

    let list: serde_json::Value = serde_json::from_str(&fs::read_to_string(&versions)?)?;
    let names = list.as_array().into_iter().flatten();
    let files: Vec<String> = names
        .filter_map(|version| version.get("api")?.as_str())
        .map(|api| {
            let file = schemas.join(format!("{api}.json"));
            format!("    ({api:?}, include_str!({file:?})),\n")
        })
        .collect();
    let source = format!(
        "const VERSIONS: &str = include_str!({versions:?});\n\
         const CORRECTIONS: &str = include_str!({corrections:?});\n\
         const FILES: &[(&str, &str)] = &[\n{}];\n",
        files.concat()
    );
    fs::write(
        PathBuf::from(env::var("OUT_DIR")?).join("schemas.rs"),
        source,
    )?;
    Ok(())
}
