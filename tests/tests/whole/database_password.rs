//! The database's password in a file, where whatever keeps an operator's secrets puts it.

use keyrack_tests::{hotel::CODE, postgres::Database, server::Cli, world::World};
use std::{
    fs,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
};

/// With which the tests' cluster knows the application's role.
const PASSWORD: &str = "keyrack";

#[tokio::test]
async fn the_databases_password_may_lie_in_a_file_and_not_in_the_address() {
    let world = World::new();
    let with_password = Database::with_demo().await.app_url();
    let address = with_password.replacen(&format!(":{PASSWORD}@"), "@", 1);
    assert_ne!(address, with_password);
    let code = ["device", "code", "--hotel", CODE];
    let file = world.folder().join("database-password");
    let cli = Cli::at(&address).with("PGPASSFILE", &file.display().to_string());
    let refused = cli.run(&code, "").await;
    assert_ne!(refused.code, Some(0), "{refused:?}");

    let line = format!("*:*:*:keyrack_app:{PASSWORD}\n");
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let mut written = options
        .open(&file)
        .expect("the test's folder can be written");
    std::io::Write::write_all(&mut written, line.as_bytes()).expect("it is written");
    cli.succeed(&code, "").await;

    // What others may read is no secret.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("they are its owner's");
    let refused = cli.run(&code, "").await;
    assert_ne!(refused.code, Some(0), "{refused:?}");
}
