//! Writes the files of `tests/fuzz/corpus` that `keyrack_tests::hostile::corpus` makes.

use keyrack_tests::hostile::corpus;

fn main() -> std::io::Result<()> {
    for (target, inputs) in corpus::made() {
        let folder = corpus::folder().join(target);
        std::fs::create_dir_all(&folder)?;
        for (name, bytes) in inputs {
            std::fs::write(folder.join(name), bytes)?;
        }
    }
    Ok(())
}
