//! How much a web view downloads before a page is there.

use std::{fmt, path::Path};

use crate::{
    problem::{Problem, While},
    ui_build::{self, PAGES},
};

/// What each page should stay below, in bytes compressed by brotli.
const TARGET: usize = 300_000;

/// A page in bytes compressed by brotli, each file by itself.
struct Size {
    page: &'static str,
    wasm: usize,
    all: usize,
}

/// Every page by itself.
pub struct Sizes(Vec<Size>);

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for size in &self.0 {
            writeln!(
                f,
                "{}, compressed by brotli: {} kB of wasm, {} kB with everything",
                size.page,
                size.wasm.div_ceil(1000),
                size.all.div_ceil(1000),
            )?;
        }
        write!(f, "the target is {} kB for each", TARGET / 1000)
    }
}

/// The sizes of the interface that was built last.
pub fn measured() -> Result<Sizes, Problem> {
    let files = ui_build::files()?;
    let mut sizes = Vec::new();
    for page in PAGES {
        let (mut wasm, mut all) = (0, 0);
        for name in page.files() {
            let content = files.get(Path::new(&name)).map_or(&[][..], Vec::as_slice);
            let bytes =
                brotli_size(content).while_doing(|| format!("{name} cannot be compressed"))?;
            all += bytes;
            if name.ends_with(".wasm") {
                wasm += bytes;
            }
        }
        let page = page.html;
        sizes.push(Size { page, wasm, all });
    }
    Ok(Sizes(sizes))
}

fn brotli_size(content: &[u8]) -> std::io::Result<usize> {
    let mut compressed = Vec::new();
    let settings = brotli::enc::BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut &content[..], &mut compressed, &settings)?;
    Ok(compressed.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_repeats_itself_compresses_well() {
        let size = brotli_size("room 204 is clean\n".repeat(1000).as_bytes()).unwrap();
        assert!(size < 100, "{size} bytes");
    }
}
