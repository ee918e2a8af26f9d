//! The floor of `cargo xtask regen`: what it cannot do without. Reads the same
//! files as JSON, and parses and formats the source that comes out.

use std::fs;
use std::path::{Path, PathBuf};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut values = 0;
    for path in files(&workspace.join("schemas"), "json")? {
        let _: serde_json::Value = serde_json::from_str(&fs::read_to_string(path)?)?;
        values += 1;
    }
    let mut lines = 0;
    let mut sources = files(&workspace.join("generated/src/shared"), "rs")?;
    sources.extend(files(&workspace.join("generated/src/versions"), "rs")?);
    for path in &sources {
        let file = syn::parse_file(&fs::read_to_string(path)?)?;
        lines += prettyplease::unparse(&file).lines().count();
    }
    println!(
        "{values} schemas read, {} files with {lines} lines formatted",
        sources.len()
    );
    Ok(())
}

fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(self::files(&path, extension)?);
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    Ok(files)
}
