//! Codes for devices that a hotel does not know yet: made by its operator, as they are asked for.
//!
//! A device knows nothing but where it reaches a server; who operates the server there is noted when
//! a test starts it, or puts a network before it.

use crate::{hotel, server::Cli};
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
};

/// How long they are good: longer than any test takes.
const MINUTES: &str = "1440";

static OPERATORS: LazyLock<Mutex<HashMap<SocketAddr, Cli>>> = LazyLock::new(Mutex::default);

fn operators() -> MutexGuard<'static, HashMap<SocketAddr, Cli>> {
    OPERATORS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Devices that reach a server there get their codes by these commands.
pub fn operated(server: SocketAddr, by: Cli) {
    operators().insert(server, by);
}

/// Whoever reaches a network there comes to a server.
pub fn leads(network: SocketAddr, server: SocketAddr) {
    let mut operators = operators();
    if let Some(operator) = operators.get(&server).cloned() {
        operators.insert(network, operator);
    }
}

/// Whether devices are given codes for what is reached there.
pub fn is_operated(server: SocketAddr) -> bool {
    operators().contains_key(&server)
}

/// A code of the demo hotel, for one device.
///
/// # Panics
/// When nobody operates a server there.
pub async fn code(server: SocketAddr) -> String {
    let mut codes = codes(server, 1).await;
    codes.pop().expect("one code")
}

/// Some at once; fewer may be open than a crowd needs.
pub async fn codes(server: SocketAddr, count: usize) -> Vec<String> {
    let operator = operators().get(&server).cloned();
    let operator = operator.unwrap_or_else(|| panic!("nobody operates a server at {server}"));
    let count = count.to_string();
    let wish = ["device", "code", "--hotel", hotel::CODE];
    let terms = ["--minutes", MINUTES, "--count", &count];
    let printed = operator.succeed(&[wish, terms].concat(), "").await;
    printed.lines().map(str::to_owned).collect()
}
