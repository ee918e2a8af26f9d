//! A file or standard input: JSON, or a zip with it or with a site in it.

use std::fs::File;
use std::io::{Read, Seek as _, Write as _};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use truenas_codegen::versions::is_version_name;

use super::archive::Archive;
use super::json;
use super::material::Material;
use super::pages::{Pages, folders};
use super::site;
use super::sources::beside;

/// Of a zip, in bytes; real ones have 16 MB.
const MOST: usize = 256 << 20;
/// What a zip starts with.
const MAGIC: &[u8] = b"PK\x03\x04";

/// Reads a file; `-` is standard input. A site needs its version.
pub(super) async fn read(path: &Path, api: Option<&str>) -> Result<Material> {
    let is_stdin = path == Path::new("-");
    let name = match is_stdin {
        true => "standard input".to_owned(),
        false => path.display().to_string(),
    };
    let file = path.to_owned();
    let bytes = beside(move || match is_stdin {
        true => take(std::io::stdin()),
        false => take(File::open(file)?),
    })
    .await;
    let bytes = bytes.with_context(|| format!("cannot read {name}"))?;
    if bytes.starts_with(MAGIC) {
        // A zip is read from its end, and standard input has none.
        let mut file = tempfile::NamedTempFile::new()?;
        file.write_all(&bytes)?;
        file.rewind()?;
        drop(bytes);
        check_name(path, api)?;
        return zipped(file.path(), &name, api).await.context(name);
    }
    let text = String::from_utf8(bytes).with_context(|| format!("{name}: not UTF-8"))?;
    material(name, text)
}

fn material(name: String, text: String) -> Result<Material> {
    json::check(&text).with_context(|| name.clone())?;
    Ok(Material {
        name,
        text,
        is_site: false,
        roles: None,
        absent: Vec::new(),
        unproven: Vec::new(),
    })
}

fn take(reader: impl Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut reader = reader.take(u64::try_from(MAGIC.len())?);
    reader.read_to_end(&mut bytes)?;
    let most = if bytes == MAGIC { MOST } else { json::MOST };
    // One more shows that it is more.
    reader.set_limit(u64::try_from(most.saturating_sub(bytes.len()))?.saturating_add(1));
    reader.read_to_end(&mut bytes)?;
    ensure!(bytes.len() <= most, "larger than {most} bytes");
    Ok(bytes)
}

/// Refuses the zip of a site that is called after another version, as all such
/// zips are after theirs.
fn check_name(path: &Path, api: Option<&str>) -> Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let version = name.strip_prefix("truenas-");
    let version = version.and_then(|rest| rest.strip_suffix("-docs.zip"));
    if let (Some(version), Some(api)) = (version, api) {
        let is_other = is_version_name(version) && !folders(api).contains(&version);
        ensure!(!is_other, "{name}: called after {version}, not {api}");
    }
    Ok(())
}

async fn zipped(path: &Path, name: &str, api: Option<&str>) -> Result<Material> {
    if let Some(pages) = Pages::zipped(path, name)? {
        let api = api.context("a site is in it, which needs its version: `--version v25.10.0`")?;
        return site::read(&pages, api, site::cores()).await;
    }
    let mut archive = Archive::open(File::open(path)?)?;
    let names = archive.names()?;
    let mut jsons = names.iter().filter(|name| name.ends_with(".json"));
    let (Some(json), None) = (jsons.next(), jsons.next()) else {
        bail!("expected the pages of a site or one .json file in this zip");
    };
    let text = archive.text(json)?.unwrap_or_default();
    material(format!("{name}: {json}"), text)
}
