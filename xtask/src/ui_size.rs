//! How much a web view downloads before the interface is there.

use std::fmt;

use crate::{
    problem::{Problem, While},
    ui_build,
};

/// What the interface should stay below, in bytes compressed by brotli.
const TARGET: usize = 300_000;

/// Bytes compressed by brotli, each file by itself.
pub struct Size {
    wasm: usize,
    all: usize,
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "interface, compressed by brotli: {} kB of wasm, {} kB with everything; the target is \
             {} kB",
            self.wasm.div_ceil(1000),
            self.all.div_ceil(1000),
            TARGET / 1000
        )
    }
}

/// The size of the interface that was built last.
pub fn measured() -> Result<Size, Problem> {
    let mut size = Size { wasm: 0, all: 0 };
    for (name, content) in ui_build::files()? {
        let bytes = brotli_size(&content)
            .while_doing(|| format!("{} cannot be compressed", name.display()))?;
        size.all += bytes;
        if name
            .extension()
            .is_some_and(|extension| extension == "wasm")
        {
            size.wasm += bytes;
        }
    }
    Ok(size)
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
