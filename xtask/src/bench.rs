//! `cargo xtask bench`: the measuring program on a release build and a durable Postgres, and the
//! size of the interface as it is shipped.

use std::process::Command;

use crate::{
    arguments::Bench,
    cargo::{Mode, cargo, programs, workspace},
    cluster::Durability,
    packages,
    problem::{Problem, While},
    process::finish,
    progress, setup,
    surroundings::TemporaryCluster,
    ui_build::{self, Optimisation},
    wasm_target,
};

/// Measures and prints.
pub fn bench(wishes: &Bench) -> Result<(), Problem> {
    let groups = [packages::BUILD, packages::POSTGRES, packages::MEASURING];
    setup::packages(&groups, wishes.consent)?;
    wasm_target::ensure()?;
    ui_build::build(Optimisation::Shipped)?;
    progress::aloud("Building the programs as they are shipped", || {
        let mut build = cargo(&["build", "--release"]);
        build.args(["--package", "keyrack-server", "--package", "keyrack-tests"]);
        for program in ["keyrack-server", "bench", "bench_client"] {
            build.args(["--bin", program]);
        }
        finish("Building the programs", &mut build)
    })?;
    let postgres = TemporaryCluster::start(Durability::Durable)?;
    let mut bench = Command::new(programs(Mode::Release).join("bench"));
    bench.args(&wishes.arguments).current_dir(workspace());
    if let Some(peers) = &wishes.peers {
        let folder = peers
            .canonicalize()
            .while_doing(|| format!("{} cannot be entered", peers.display()))?;
        bench.arg("--peers").arg(folder);
    }
    postgres.introduce(&mut bench, Mode::Release);
    finish("Measuring", &mut bench)?;
    let (wasm, all) = interface_size()?;
    println!(
        "interface, compressed by brotli: {} kB of wasm, {} kB with everything",
        wasm.div_ceil(1000),
        all.div_ceil(1000)
    );
    Ok(())
}

/// Bytes over the wire: of the wasm alone, and of all files.
fn interface_size() -> Result<(usize, usize), Problem> {
    let (mut wasm, mut all) = (0, 0);
    for (name, content) in ui_build::files()? {
        let size = brotli_size(&content)
            .while_doing(|| format!("{} cannot be compressed", name.display()))?;
        all += size;
        if name
            .extension()
            .is_some_and(|extension| extension == "wasm")
        {
            wasm += size;
        }
    }
    Ok((wasm, all))
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
