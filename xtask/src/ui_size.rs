//! How much a web view downloads before a page is there, and how much when more is wanted.

use std::{fmt, path::Path};

use crate::{
    problem::{Problem, While},
    ui_build::{self, FIRST, Files, OTHERS},
    ui_parts::Parts,
};

/// What the first download should stay below, in bytes compressed by brotli.
const TARGET: usize = 300_000;

/// In bytes compressed by brotli, each file by itself.
#[derive(Debug, Default)]
pub struct Sizes {
    /// What is loaded before the page on which a window opens can be worked on.
    first: usize,
    wasm_of_first: usize,
    /// What each other page needs besides the program.
    pages: Vec<(&'static str, usize)>,
    /// Each file that is loaded later, by the parts that need it.
    later: Vec<(String, usize)>,
    all: usize,
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "The interface, compressed by brotli:")?;
        writeln!(
            f,
            "{:>5} kB first, {} kB of it wasm; {} the target of {} kB",
            kilo(self.first),
            kilo(self.wasm_of_first),
            if self.first > TARGET {
                "ABOVE"
            } else {
                "below"
            },
            kilo(TARGET),
        )?;
        for (parts, size) in &self.later {
            writeln!(f, "{:>5} kB later for {parts}", kilo(*size))?;
        }
        for (page, size) in &self.pages {
            writeln!(f, "{:>5} kB more for all of {page}", kilo(*size))?;
        }
        write!(f, "{:>5} kB in total", kilo(self.all))
    }
}

fn kilo(bytes: usize) -> usize {
    bytes.div_ceil(1000)
}

/// The sizes of the interface that was built last.
pub fn measured() -> Result<Sizes, Problem> {
    measure(&ui_build::files()?, &Parts::of_last_build()?)
}

fn measure(files: &Files, parts: &Parts) -> Result<Sizes, Problem> {
    let mut sizes = Sizes::default();
    for name in FIRST.files() {
        let size = size_of(files, &name)?;
        sizes.first += size;
        if name.ends_with(".wasm") {
            sizes.wasm_of_first += size;
        }
    }
    for page in OTHERS {
        let before = FIRST.files();
        let mut more = 0;
        for name in page.files().iter().filter(|name| !before.contains(name)) {
            more += size_of(files, name)?;
        }
        for name in parts.of(page.part) {
            more += size_of(files, name)?;
        }
        sizes.pages.push((page.html, more));
    }
    for file in parts.files() {
        let needed_by = parts
            .names()
            .filter(|part| parts.of(part).iter().any(|of| of == file));
        let needed_by = needed_by.collect::<Vec<_>>().join(", ");
        sizes.later.push((needed_by, size_of(files, file)?));
    }
    for name in files.keys() {
        sizes.all += size_of(files, &name.to_string_lossy())?;
    }
    Ok(sizes)
}

fn size_of(files: &Files, name: &str) -> Result<usize, Problem> {
    let content = files.get(Path::new(name)).map_or(&[][..], Vec::as_slice);
    brotli_size(content).while_doing(|| format!("{name} cannot be compressed"))
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

    #[test]
    fn what_comes_with_a_part_is_not_in_the_first_download() {
        let file = |name: &str| (name.into(), name.as_bytes().to_vec());
        let first = FIRST.files().map(|name| file(&name));
        let settings = ["settings.html", "settings.css", "split_settings.wasm"].map(file);
        let files: Files = first.into_iter().chain(settings).collect();
        let parts = Parts::from_lines("settings split_settings.wasm\n");
        let sizes = measure(&files, &parts).unwrap();
        let later: Vec<_> = sizes.later.iter().map(|(part, _)| part.as_str()).collect();
        assert_eq!(later, ["settings"]);
        assert_eq!(sizes.first + sizes.pages[0].1, sizes.all);
        assert!(sizes.pages[0].1 > sizes.later[0].1, "its page is its own");
    }
}
