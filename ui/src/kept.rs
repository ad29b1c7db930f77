//! The few words that this device keeps for the interface from one start to the next.
//!
//! They are no data of the hotel's. Where nothing can be kept, a word holds for this run.

/// A word, as it is kept.
pub fn kept(name: &str) -> Option<String> {
    storage()?.get_item(name).ok().flatten()
}

/// Keeps `word`, or forgets the one that is kept.
pub fn keep(name: &str, word: Option<&str>) {
    if let Some(storage) = storage() {
        let _ = match word {
            Some(word) => storage.set_item(name, word),
            None => storage.remove_item(name),
        };
    }
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
