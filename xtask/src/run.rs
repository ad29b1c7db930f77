//! `cargo xtask run`: from a fresh clone to an open window on a hotel full of guests.

use std::{
    env, io,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::ExitStatus,
};

use crate::{
    arguments::Run,
    cargo::{Mode, cargo, programs},
    cluster::{Cluster, Durability, Settings, check_place},
    demo, interrupt, leftovers,
    network::{Keyboard, Network},
    notice::{self, Notice, Open},
    packages,
    problem::Problem,
    process::{Background, Farewell, Running, finish},
    progress, setup,
    state::{Server, State, Windows},
    sync_server::{check_port, log_tail},
    ui_build::{self, Optimisation},
    wasm_target,
};

/// Builds, starts and waits until the windows are closed or the person presses Ctrl-C.
pub fn run(wishes: &Run) -> Result<(), Problem> {
    check_display()?;
    let state = match State::hold(wishes.state.as_deref()) {
        Err(Problem::AlreadyRunning { folder }) if only_second(wishes) => {
            return join(&folder);
        }
        held => held?,
    };
    match &wishes.server {
        Some(address) => {
            prepare_machine(&[packages::BUILD], wishes)?;
            build()?;
            let mut windows = open_windows(wishes, &state, Server::Other(address), None)?;
            println!("\nThe app uses the server at {address}. Ctrl-C stops it.");
            stay(&mut windows, None)?;
        }
        None => {
            check_port(wishes.port)?;
            check_place(&state.postgres())?;
            prepare_machine(&[packages::BUILD, packages::POSTGRES], wishes)?;
            build()?;
            if wishes.reset {
                progress::quietly("Forgetting the old demo", || state.reset())?;
            }
            let cluster = progress::quietly("Starting Postgres", || {
                Cluster::start(Settings {
                    folder: state.postgres(),
                    durability: Durability::Durable,
                    role_password: state.password()?,
                })
            })?;
            demo::prepare(&state, &cluster)?;
            let mut network = progress::quietly("Starting the sync server", || {
                Network::bring(&state, &cluster, wishes.port)
            })?;
            let listens = SocketAddr::from((Ipv4Addr::LOCALHOST, wishes.port));
            let address = format!("http://{listens}");
            let open = Open {
                server: listens,
                database: cluster.application_url(demo::DATABASE),
            };
            let _notice = Notice::post(&state, &open)?;
            let demo = Server::Demo(&address);
            let mut windows = open_windows(wishes, &state, demo, Some(&open.database))?;
            greet(wishes, &address);
            stay(&mut windows, Some(&mut network))?;
        }
    }
    println!(
        "Everything is stopped. The data is kept in {}; run it again to continue.",
        state.folder().display()
    );
    Ok(())
}

/// Whether a demo that is open elsewhere can give what is asked for: another window, and no more.
fn only_second(wishes: &Run) -> bool {
    wishes.second && !wishes.reset && wishes.server.is_none()
}

/// Opens the housekeeper's window on the server of a demo that another process has open, and stays
/// until it is closed. What the other one started is left alone.
fn join(folder: &Path) -> Result<(), Problem> {
    let open = notice::open_demo(folder)?;
    let address = format!("http://{}", open.server);
    let place = Place {
        windows: Windows(folder),
        log: "second-window",
    };
    let window = progress::quietly("Opening the second window", || {
        open_window(
            "housekeeper",
            place,
            Server::Demo(&address),
            Some(&open.database),
        )
    })?;
    println!(
        "\nIt uses the server at {address}, which the other `cargo xtask run` started. Sign in as \
         maria, password maria-keyrack. Ctrl-C here closes this window only."
    );
    stay(&mut vec![window], None)
}

fn check_display() -> Result<(), Problem> {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    if is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") {
        Ok(())
    } else {
        Err(Problem::NoDisplay)
    }
}

fn prepare_machine(groups: &[packages::Group], wishes: &Run) -> Result<(), Problem> {
    setup::packages(groups, wishes.consent)?;
    wasm_target::ensure(wishes.consent)
}

fn build() -> Result<(), Problem> {
    ui_build::build(Optimisation::Quick)?;
    progress::aloud("Building the app and the sync server", || {
        // The selection of the tests: cargo joins features per selection, and another one would
        // build the dependencies again for whoever does both.
        finish("The build", &mut cargo(&["build", "--workspace", "--bins"]))
    })
}

/// A window and the log of its process.
struct Window {
    running: Running,
    log_file: PathBuf,
}

/// The database is that of a server whose hotel is ours to add devices to.
fn open_windows(
    wishes: &Run,
    state: &State,
    server: Server<'_>,
    database: Option<&str>,
) -> Result<Vec<Window>, Problem> {
    let names = if wishes.second {
        &["desk", "housekeeper"][..]
    } else {
        &["desk"]
    };
    progress::quietly("Opening the app", || {
        names
            .iter()
            .map(|name| {
                let place = Place {
                    windows: state.windows(),
                    log: name,
                };
                open_window(name, place, server, database)
            })
            .collect()
    })
}

/// Where a window keeps its data, and its process its log.
#[derive(Clone, Copy)]
struct Place<'a> {
    windows: Windows<'a>,
    log: &'a str,
}

fn open_window(
    name: &str,
    place: Place<'_>,
    server: Server<'_>,
    database: Option<&str>,
) -> Result<Window, Problem> {
    let (log, log_file) = place.windows.log(place.log)?;
    let program = programs(Mode::Debug).join("keyrack");
    let mut app = Background::new(program, Farewell::Terminate);
    let data = place.windows.window(server, name)?;
    app.command.arg("--data").arg(&data);
    // Where somebody has signed in, the hotel knows the device.
    if let Some(database) = database
        && !data.join("hotels").exists()
    {
        app.command.arg("--code").arg(demo::device_code(database)?);
    }
    match server {
        Server::Demo(address) => app
            .command
            .args(["--server", address, "--hotel", demo::HOTEL]),
        Server::Other(address) => app.command.args(["--server", address]),
    };
    leftovers::mark(&mut app.command);
    Ok(Window {
        running: app.start(&log)?,
        log_file,
    })
}

fn greet(wishes: &Run, address: &str) {
    println!(
        "\nThe hotel `{}` is open at {address}. Its people:\n",
        demo::HOTEL
    );
    print!("{}", demo::people());
    println!(
        "The columns are name, password, role. Sign in as ana{}.\n\nEnter takes the network away \
         by stopping the sync server, and brings it back. Ctrl-C stops everything.",
        if wishes.second {
            ", and as maria in the second window"
        } else {
            ""
        }
    );
}

/// Until the last window is closed, or Ctrl-C. Enter switches the network, where it is ours.
fn stay(windows: &mut Vec<Window>, mut network: Option<&mut Network<'_>>) -> Result<(), Problem> {
    let mut keyboard = Keyboard::new(io::stdin());
    let outcome = interrupt::wait_for(|| {
        if let Some(network) = network.as_deref_mut() {
            network.check()?;
            if keyboard.enter() {
                println!("{}", network.switch()?);
            }
        }
        let mut failed = None;
        windows.retain_mut(|window| match window.running.end() {
            None => true,
            Some(status) => {
                failed = failed.take().or(failure(status, window));
                false
            }
        });
        match failed {
            Some(problem) => Err(problem),
            None => Ok(windows.is_empty().then_some(())),
        }
    });
    match outcome {
        // The usual way to end it.
        Err(Problem::Interrupted) => {
            println!();
            Ok(())
        }
        other => other,
    }
}

fn failure(status: ExitStatus, window: &Window) -> Option<Problem> {
    (!status.success()).then(|| Problem::WindowFailed {
        status: status.to_string(),
        log_file: window.log_file.clone(),
        log: log_tail(&window.log_file),
    })
}
