//! A disk of a few megabytes that a test can fill.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

const SIZE: &str = "size=48m";

/// A small file system in memory; unmounted with the value.
pub struct SmallDisk {
    folder: PathBuf,
}

impl SmallDisk {
    /// Mounts one below `folder`; None when this user may not mount.
    pub fn mount(folder: &Path, name: &str) -> Option<Self> {
        let folder = folder.join(name);
        fs::create_dir(&folder).expect("the test's folder can be written");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", SIZE, "keyrack-test"])
            .arg(&folder)
            .output()
            .expect("mount runs");
        mount.status.success().then_some(Self { folder })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Fills the disk until no more than `left` bytes are free.
    pub fn fill_but(&self, left: usize) {
        const BLOCK: usize = 4 << 10;
        let mut file = File::create(self.filler()).expect("the disk takes a file");
        while file.write_all(&[0; BLOCK]).is_ok() {}
        let written = file.metadata().expect("its size").len();
        let kept = written.saturating_sub(left as u64);
        file.set_len(kept).expect("a file can be cut");
    }

    /// Frees what `fill_but` took.
    pub fn make_room(&self) {
        fs::remove_file(self.filler()).expect("the filler is there");
    }

    fn filler(&self) -> PathBuf {
        self.folder.join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a process that is about to end may still hold a file.
        let _ = Command::new("umount")
            .arg("--lazy")
            .arg(&self.folder)
            .status();
    }
}
