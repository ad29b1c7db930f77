//! The demo hotel: the busiest week of a real one, and the people who work there.

use std::process::Command;

use crate::{
    cargo::{Mode, programs, workspace},
    cluster::Cluster,
    leftovers,
    problem::Problem,
    process::listen_to,
    progress,
    state::State,
};

pub const HOTEL: &str = "resort";
const HOTEL_NAME: &str = "Resort H1";
const BUSINESS_DATE: &str = "2017-05-25";
const BOOKINGS: &str = "sync-server/demo/resort-busiest-week.csv";
pub const DATABASE: &str = "keyrack";
/// Until somebody signs in at a window that has just opened.
const CODE_MINUTES: &str = "60";

struct Person {
    name: &'static str,
    display: &'static str,
    role: &'static str,
}

const PEOPLE: [Person; 6] = [
    person("ana", "Ana Costa", "manager"),
    person("rui", "Rui Alves", "frontdesk"),
    person("maria", "Maria Silva", "housekeeper"),
    person("joao", "João Reis", "housekeeper"),
    person("ines", "Inês Dias", "supervisor"),
    person("tomas", "Tomás Nunes", "engineer"),
];

/// With Maria and João twelve, among whom the day's 179 rooms are shared: a list of 14 or 15 each,
/// as a shift is.
const HOUSEKEEPERS: [Person; 10] = [
    person("beatriz", "Beatriz Lopes", "housekeeper"),
    person("carla", "Carla Pinto", "housekeeper"),
    person("diogo", "Diogo Matos", "housekeeper"),
    person("elisa", "Elisa Rocha", "housekeeper"),
    person("filipa", "Filipa Nobre", "housekeeper"),
    person("helena", "Helena Cruz", "housekeeper"),
    person("marta", "Marta Gomes", "housekeeper"),
    person("nuno", "Nuno Faria", "housekeeper"),
    person("sofia", "Sofia Leal", "housekeeper"),
    person("teresa", "Teresa Vaz", "housekeeper"),
];

const fn person(name: &'static str, display: &'static str, role: &'static str) -> Person {
    Person {
        name,
        display,
        role,
    }
}

impl Person {
    fn password(&self) -> String {
        format!("{}-keyrack", self.name)
    }
}

/// Brings the database to today's tables, and makes the hotel when it is not there to the end.
pub fn prepare(state: &State, cluster: &Cluster) -> Result<(), Problem> {
    if state.demo_is_made() {
        return progress::quietly("Bringing the database up to date", || migrate(cluster));
    }
    progress::quietly("Making the tables", || {
        // What an interrupted first run left behind holds nobody's work.
        cluster.make_database(DATABASE)?;
        migrate(cluster)
    })?;
    progress::quietly("Making the demo hotel and its people", || {
        make_hotel(cluster)?;
        let mut people = PEOPLE.iter().chain(&HOUSEKEEPERS);
        people.try_for_each(|person| add(person, cluster))
    })?;
    progress::quietly("Importing a week of real bookings", || {
        let mut import = server(cluster);
        import
            .args(["import", "bookings", BOOKINGS, "--hotel", HOTEL])
            .args(["--business-date", BUSINESS_DATE, "--assign"]);
        listen_to("Importing the bookings", &mut import)
    })?;
    state.remember_demo()
}

/// Who can sign in, for the person at the terminal.
pub fn people() -> String {
    let lines = PEOPLE.iter().map(|person| {
        format!(
            "    {:<6} {:<14} {:<12} {}\n",
            person.name,
            person.password(),
            person.role,
            person.display
        )
    });
    let more: Vec<&str> = HOUSEKEEPERS.iter().map(|person| person.name).collect();
    let (last, others) = more.split_last().unwrap_or((&"", &[]));
    lines.collect::<String>()
        + &format!(
            "\nMore housekeepers, with passwords like Maria's: {} and {last}.\n",
            others.join(", ")
        )
}

/// A code with which one window's device comes to the hotel whose database this is.
pub fn device_code(database: &str) -> Result<String, Problem> {
    let mut make = server_of(database);
    make.args(["device", "code", "--hotel", HOTEL])
        .args(["--minutes", CODE_MINUTES]);
    let code = listen_to("Making a code for the window's device", &mut make)?;
    Ok(code.trim().to_owned())
}

/// The sync server's program, with the demo's database.
pub fn server(cluster: &Cluster) -> Command {
    server_of(&cluster.application_url(DATABASE))
}

fn server_of(database: &str) -> Command {
    let mut command = Command::new(programs(Mode::Debug).join("keyrack-server"));
    command
        .env("KEYRACK_DATABASE_URL", database)
        .current_dir(workspace());
    leftovers::mark(&mut command);
    command
}

fn migrate(cluster: &Cluster) -> Result<(), Problem> {
    let mut migrate = server(cluster);
    migrate
        .arg("migrate")
        .env("KEYRACK_OWNER_DATABASE_URL", cluster.owner_url(DATABASE));
    listen_to("Making the tables", &mut migrate).map(drop)
}

fn make_hotel(cluster: &Cluster) -> Result<(), Problem> {
    let mut create = server(cluster);
    create
        .args(["hotel", "create", "--code", HOTEL, "--name", HOTEL_NAME])
        .args(["--business-date", BUSINESS_DATE]);
    listen_to("Making the hotel", &mut create).map(drop)
}

fn add(person: &Person, cluster: &Cluster) -> Result<(), Problem> {
    let mut add = server(cluster);
    add.args(["user", "add", "--hotel", HOTEL, "--name", person.name])
        .args(["--display", person.display, "--role", person.role])
        .env("KEYRACK_PASSWORD", person.password());
    listen_to("Adding a person", &mut add).map(drop)
}
