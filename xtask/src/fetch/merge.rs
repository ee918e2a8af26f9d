//! What several sources gave, as one version.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use sha2::{Digest, Sha256};
use truenas_codegen::model::InputKind;
use truenas_codegen::read::{self, Options, Reading, Source};

use super::cache::hex;
use super::material::Material;

/// Brings what sources gave to the canonical form. Of which release it is, they
/// do not say.
pub(crate) fn read_materials(
    materials: &[Material],
    api: Option<&str>,
    keep_docs: bool,
) -> Result<Reading> {
    ensure!(!materials.is_empty(), "there is nothing to read");
    let completed = completed(materials)?;
    let sources: Vec<Source<'_>> = materials
        .iter()
        .map(|material| match &completed {
            Some((name, text)) if material.is_site => Source { name, text },
            _ => Source {
                name: &material.name,
                text: &material.text,
            },
        })
        .collect();
    let options = Options {
        api: api.map(str::to_owned),
        keep_docs,
    };
    let mut reading = read::read("", &sources, &options)?;
    for (input, material) in reading.version.provenance.iter_mut().zip(materials) {
        input.roles.clone_from(&material.roles);
        if material.is_site {
            input.kind = InputKind::Site;
            input.sha256 = hex(Sha256::digest(&material.text));
        }
    }
    Ok(reading)
}

/// A site with what its pages have no words for, if `core.get_methods` is there
/// to say it, and what messages call that. What cannot be parsed is refused by
/// the reader, with its place.
fn completed(materials: &[Material]) -> Result<Option<(String, String)>> {
    let find = |is_site| materials.iter().find(|one| one.is_site == is_site);
    let Some((site, other)) = find(true).zip(find(false)) else {
        return Ok(None);
    };
    let Ok(methods) = serde_json::from_str::<Value>(&other.text) else {
        return Ok(None);
    };
    let mut dump: Value = serde_json::from_str(&site.text)?;
    truenas_site::complete(&mut dump, &methods).with_context(|| other.name.clone())?;
    let name = format!("{}, with {}", site.name, other.name);
    Ok(Some((name, dump.to_string())))
}
