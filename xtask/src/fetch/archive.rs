//! A zip, which may be made to do harm.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use anyhow::{Context, Result, anyhow, ensure};
use zip::ZipArchive;

const MOST_ENTRIES: usize = 50_000;
/// Of one entry, in bytes; the largest page of a real site has 1 MB.
const MOST: u64 = 32 << 20;
/// Of everything in it, in bytes, as it announces.
const MOST_IN_ALL: u64 = 2 << 30;
/// Of what is read from it; a real site has 28 MB of sources, 165 of HTML.
const MOST_READ: u64 = 512 << 20;
/// Bytes for one byte of the zip. Real pages shrink to a 27th; what is small
/// does no harm.
const MOST_EXPANSION: u64 = 200;
const SMALL: u64 = 64 << 10;

/// A zip whose entries are read one at a time, and never written anywhere.
#[derive(Debug)]
pub(super) struct Archive {
    zip: ZipArchive<File>,
    left: u64,
}

/// Refuses a zip that announces more entries than may be, before a program
/// makes place for them. As a zip64 it could announce any number, elsewhere.
fn check_end(file: &mut File) -> Result<()> {
    /// Longer than an end record with the longest comment, and than what the
    /// library looks at.
    const TAIL: u64 = 128 << 10;
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.take(TAIL).read_to_end(&mut tail)?;
    for record in tail.windows(22) {
        // Two counts of entries, and where the list of them is.
        let [b'P', b'K', 5, 6, _, _, _, _, a, b, c, d, place @ .., _, _] = record else {
            continue;
        };
        for count in [[*a, *b], [*c, *d]] {
            let count = usize::from(u16::from_le_bytes(count));
            ensure!(count <= MOST_ENTRIES, "{count} entries are too many");
        }
        // What a zip64 has in place of a number.
        let is_elsewhere = place.chunks_exact(4).any(|number| number == [0xff; 4]);
        ensure!(
            !is_elsewhere,
            "a zip64, which nothing of this size has to be"
        );
    }
    file.rewind()?;
    Ok(())
}

impl Archive {
    /// Opens a zip, and refuses one that no honest program makes.
    pub(super) fn open(mut file: File) -> Result<Self> {
        check_end(&mut file)?;
        let mut zip = ZipArchive::new(file).context("not a zip that can be read")?;
        let entries = zip.len();
        ensure!(entries <= MOST_ENTRIES, "{entries} entries are too many");
        ensure!(
            !zip.has_duplicate_names(),
            "two entries have the same name: which one counts?"
        );
        let overlaps = zip.has_overlapping_files();
        ensure!(
            !overlaps.context("not a zip that can be read")?,
            "two entries share their bytes, as in a zip bomb"
        );
        let mut total = 0_u64;
        for index in 0..entries {
            let entry = zip.by_index_data(index)?;
            let name = entry.name()?;
            let outside = name.starts_with('/')
                || name.contains(['\\', ':', '\0'])
                || name.split('/').any(|part| part == "..");
            ensure!(!outside, "the entry {name:?} is to lie outside of the zip");
            let (size, packed) = (entry.size(), entry.compressed_size());
            ensure!(size <= MOST, "{name}: {size} bytes are too many");
            let expands = size > SMALL && size / packed.max(1) > MOST_EXPANSION;
            ensure!(
                !expands,
                "{name}: {packed} bytes become {size}, as in a zip bomb"
            );
            total = total.saturating_add(size);
        }
        ensure!(total <= MOST_IN_ALL, "{total} bytes are too many");
        Ok(Self {
            zip,
            left: MOST_READ,
        })
    }

    /// The names of all entries.
    pub(super) fn names(&self) -> Result<Vec<String>> {
        let names = self.zip.file_names();
        names.map(|name| Ok(name?.into_owned())).collect()
    }

    /// The text of an entry; `None` if there is no such entry.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>> {
        let Some(index) = self.zip.index_for_name(name) else {
            return Ok(None);
        };
        let entry = self.zip.by_index(index).with_context(|| name.to_owned())?;
        // What the zip says of its sizes need not be true.
        let most = MOST.min(self.left);
        let mut bytes = Vec::new();
        let read = entry.take(most.saturating_add(1)).read_to_end(&mut bytes);
        read.with_context(|| format!("{name}: damaged"))?;
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.left = self
            .left
            .checked_sub(size)
            .filter(|_| size <= most)
            .ok_or_else(|| anyhow!("{name}: more than {most} bytes"))?;
        let text = String::from_utf8(bytes);
        text.map(Some).with_context(|| format!("{name}: not UTF-8"))
    }
}
