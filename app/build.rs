//! Lets a fresh clone compile before the interface is built, and names the commands that the
//! interface may be permitted to call.

use std::{error::Error, fs, path::Path};

/// What `tauri.conf.json` embeds; `cargo xtask ui` fills it.
const INTERFACE: &str = "../target/ui";

const PLACEHOLDER: &str = "<!doctype html>
<meta charset=\"utf-8\">
<title>Keyrack</title>
<p>The interface is not built. Run <code>cargo xtask run</code>.</p>
";

fn main() -> Result<(), Box<dyn Error>> {
    let page = Path::new(INTERFACE).join("index.html");
    if !page.exists() {
        fs::create_dir_all(INTERFACE)?;
        fs::write(&page, PLACEHOLDER)?;
    }
    println!("cargo:rerun-if-changed={INTERFACE}");
    let commands = tauri_build::AppManifest::new().commands(&["ask", "act", "watch"]);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands))?;
    Ok(())
}
