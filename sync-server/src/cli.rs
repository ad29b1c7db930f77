//! The commands of the server's program.

mod accounts;
mod audit;
mod devices;
mod import;
mod import_file;
mod pack;
mod password;
mod review;
mod serve;

use crate::addresses::Address;
use clap::{Args, Parser, Subcommand};
use keyrack_model::{
    administration::KnownHead,
    import::ImportKind,
    limits::{DEVICE_CODE_MINUTES, MAX_DEVICE_CODE_MINUTES, MAX_OPEN_DEVICE_CODES},
    policy::Role,
    time::BusinessDate,
};
use std::{net::SocketAddr, path::PathBuf, process::ExitCode};
use uuid::Uuid;

/// The Keyrack sync server and its administration.
#[derive(Parser)]
#[command(name = "keyrack-server", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve devices until asked to stop.
    Serve(Serve),
    /// Bring the database's schema up to date.
    Migrate(OwnerUrl),
    /// Hotels of this server.
    #[command(subcommand)]
    Hotel(Hotel),
    /// People of a hotel.
    #[command(subcommand)]
    User(User),
    /// Bring in what another system has.
    #[command(subcommand)]
    Import(Import),
    /// What was refused because its author's role had changed, and waits for a decision.
    #[command(subcommand)]
    Review(Review),
    /// Devices of a hotel.
    #[command(subcommand)]
    Device(Device),
    /// What happened to people's access, and whether anybody has changed what is written of it.
    #[command(subcommand)]
    Audit(Audit),
}

#[derive(Args)]
struct Serve {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, env = "KEYRACK_LISTEN", default_value = "127.0.0.1:7300")]
    listen: SocketAddr,
    /// Address for metrics, if they are not to be on the main one.
    #[arg(long, env = "KEYRACK_METRICS_LISTEN")]
    metrics_listen: Option<SocketAddr>,
    /// Certificate for https and those that it rests on, as PEM; read again on SIGHUP.
    #[arg(long, env = "KEYRACK_TLS_CERTIFICATE", requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// The certificate's private key, as PEM.
    #[arg(long, env = "KEYRACK_TLS_KEY", requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
    /// Where devices reach this server, as `https://keyrack.example` with commas between several: a
    /// sign-in counts only at the server for which its device signed it. Without this it is reached
    /// from its own machine alone.
    #[arg(long, env = "KEYRACK_ADDRESSES", value_delimiter = ',')]
    addresses: Vec<Address>,
    /// Proxies before this server, as addresses or networks with commas between them: what they say
    /// in X-Forwarded-For of whom they ask for is believed.
    #[arg(
        long,
        env = "KEYRACK_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_parser = crate::peer::network
    )]
    trusted_proxies: Vec<ipnet::IpNet>,
    #[command(flatten)]
    audit: Audited,
    #[command(flatten)]
    database: DatabaseUrl,
}

#[derive(Args)]
struct Audited {
    /// The server's key for signing where the hotels' audit logs end, as 64 hexadecimal digits; it is
    /// made if the file is not there. Devices keep its public half: keep a copy of the file.
    #[arg(long, env = "KEYRACK_AUDIT_KEY")]
    audit_key: Option<PathBuf>,
    /// A file to which a signed line is added for each hotel whose audit log has grown, at most once
    /// a minute. On another disk than the database's it shows what was cut off there.
    #[arg(long, env = "KEYRACK_AUDIT_HEADS", requires = "audit_key")]
    audit_heads: Option<PathBuf>,
}

#[derive(Args)]
struct DatabaseUrl {
    /// The database as the application role reaches it.
    #[arg(long, env = "KEYRACK_DATABASE_URL", hide_env_values = true)]
    database_url: String,
}

#[derive(Subcommand)]
enum Hotel {
    /// Make a hotel.
    Create {
        /// What people type to sign in; it never changes.
        #[arg(long)]
        code: String,
        #[arg(long)]
        name: String,
        /// The hotel's present day, as 2017-05-25.
        #[arg(long)]
        business_date: BusinessDate,
        #[command(flatten)]
        database: DatabaseUrl,
    },
    /// Say that a hotel's log was brought back to an older state, before it is served again:
    /// devices then send again what it has lost.
    Restored {
        /// The hotel's code.
        #[arg(long)]
        hotel: String,
        /// The last entry that is surely as it was. Only needed if something was received since the
        /// database was started; the log's end otherwise.
        #[arg(long)]
        shared: Option<u64>,
        #[command(flatten)]
        database: DatabaseUrl,
    },
    /// Pack what is old in a hotel's log, to a fraction of its size. Everybody can still read
    /// all of it.
    Pack {
        /// The hotel's code.
        #[arg(long)]
        hotel: String,
        #[command(flatten)]
        owner: OwnerUrl,
    },
}

#[derive(Args)]
struct OwnerUrl {
    /// The database as the owner of its tables reaches it.
    #[arg(long, env = "KEYRACK_OWNER_DATABASE_URL", hide_env_values = true)]
    owner_database_url: String,
}

#[derive(Subcommand)]
enum User {
    /// Take somebody on. The password is read from KEYRACK_PASSWORD or a line of standard input.
    Add {
        /// The hotel's code.
        #[arg(long)]
        hotel: String,
        /// What the person signs in with.
        #[arg(long)]
        name: String,
        /// What others see.
        #[arg(long)]
        display: String,
        /// admin, manager, supervisor, frontdesk, housekeeper or engineer.
        #[arg(long)]
        role: Role,
        #[command(flatten)]
        database: DatabaseUrl,
    },
    /// Give somebody another role. It counts at once, on every device.
    Role {
        /// The hotel's code.
        #[arg(long)]
        hotel: String,
        /// What the person signs in with.
        name: String,
        /// admin, manager, supervisor, frontdesk, housekeeper or engineer.
        role: Role,
        #[command(flatten)]
        database: DatabaseUrl,
    },
    /// Give somebody another password, read from KEYRACK_PASSWORD or a line of standard input. They
    /// are signed out everywhere.
    Password {
        /// The hotel's code.
        #[arg(long)]
        hotel: String,
        /// What the person signs in with.
        name: String,
        #[command(flatten)]
        database: DatabaseUrl,
    },
    /// Let somebody go. They are signed out everywhere at once, and what they did stays under their
    /// name.
    Dismiss {
        /// The hotel's code.
        #[arg(long)]
        hotel: String,
        /// What the person signs in with.
        name: String,
        #[command(flatten)]
        database: DatabaseUrl,
    },
}

#[derive(Subcommand)]
enum Review {
    /// What waits, oldest first, with what is in quarantine.
    List {
        /// The hotel's code.
        #[arg(long)]
        hotel: String,
        #[command(flatten)]
        database: DatabaseUrl,
    },
    /// Carry out what was asked for, in the names of both people.
    Approve(Decision),
    /// Leave everything as it is; its author is told.
    Decline(Decision),
}

#[derive(Args)]
struct Decision {
    /// The action, as `review list` names it.
    operation: Uuid,
    /// The hotel's code.
    #[arg(long)]
    hotel: String,
    /// In whose name: what a manager or admin of the hotel signs in with. The audit log says that the
    /// operator decided in it.
    #[arg(long)]
    by: String,
    #[command(flatten)]
    database: DatabaseUrl,
}

#[derive(Subcommand)]
enum Device {
    /// Make codes with which devices that the hotel does not know may be signed in on: one a line,
    /// each good once.
    Code {
        /// The hotel's code.
        #[arg(long)]
        hotel: String,
        /// How long they are good, up to a day.
        #[arg(long, default_value_t = DEVICE_CODE_MINUTES,
              value_parser = clap::value_parser!(u16).range(1..=i64::from(MAX_DEVICE_CODE_MINUTES)))]
        minutes: u16,
        /// How many.
        #[arg(long, default_value_t = 1,
              value_parser = clap::value_parser!(u8).range(1..=MAX_OPEN_DEVICE_CODES as i64))]
        count: u8,
        #[command(flatten)]
        database: DatabaseUrl,
    },
    /// Trust a device again that was not lost after all, or that somebody took out of use who should
    /// not have: people sign in on it again, and what it sent to quarantine waits for review.
    Trust {
        device: Uuid,
        /// The hotel's code.
        #[arg(long)]
        hotel: String,
        #[command(flatten)]
        database: DatabaseUrl,
    },
    /// Trust a device no longer, because it is lost or its key is known to somebody else: nobody
    /// is signed in on it any more, and what it sends goes to quarantine.
    Distrust {
        device: Uuid,
        /// The hotel's code.
        #[arg(long)]
        hotel: String,
        #[command(flatten)]
        database: DatabaseUrl,
    },
}

#[derive(Subcommand)]
enum Audit {
    /// Read the whole audit log of a hotel and check that each entry is as it was written.
    Verify(Verify),
    /// The latest entries, newest first.
    List {
        /// The hotel's code.
        #[arg(long)]
        hotel: String,
        /// Those before this entry.
        #[arg(long)]
        before: Option<u64>,
        #[command(flatten)]
        database: DatabaseUrl,
    },
}

#[derive(Args)]
struct Verify {
    /// The hotel's code.
    #[arg(long)]
    hotel: String,
    /// Also check that every signed head in this file is in the log: then it shows too when the end
    /// was cut off, or all of it written anew.
    #[arg(long)]
    heads: Option<PathBuf>,
    /// Where somebody was told that the log ends, as NUMBER:HASH with the hash in hexadecimal: also check
    /// that it goes on from there. As often as there are heads.
    #[arg(long, value_parser = audit::known_head)]
    head: Vec<KnownHead>,
    /// The server's key, for checking the signatures in that file.
    #[arg(long, env = "KEYRACK_AUDIT_KEY")]
    audit_key: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseUrl,
}

#[derive(Subcommand)]
enum Import {
    /// Rooms, stays and the day's cleaning from a CSV of bookings, plain or gzip.
    Bookings(Bookings),
    /// Rooms, people or bookings from a CSV of any columns, by a mapping.
    File(ImportFile),
}

#[derive(Args)]
struct Bookings {
    file: PathBuf,
    /// The hotel's code.
    #[arg(long)]
    hotel: String,
    /// The day whose cleaning is planned, as 2017-05-25.
    #[arg(long)]
    business_date: BusinessDate,
    /// Read and report, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Share the day's cleaning among the hotel's housekeepers, by floor.
    #[arg(long)]
    assign: bool,
    #[command(flatten)]
    database: DatabaseUrl,
}

#[derive(Args)]
struct ImportFile {
    /// rooms, people or bookings.
    kind: ImportKind,
    file: PathBuf,
    /// The hotel's code.
    #[arg(long)]
    hotel: String,
    /// Which column means what, as JSON; without it that is guessed from the first line.
    #[arg(long)]
    mapping: Option<PathBuf>,
    /// Read and report, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Bring in what is right and list the rest; otherwise rows in error keep all of it out.
    #[arg(long)]
    leave_out: bool,
    /// Write the mapping that the file is read by, to begin one from.
    #[arg(long)]
    show_mapping: bool,
    #[command(flatten)]
    database: DatabaseUrl,
}

/// Why a command did not do what it says; what a person reads.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Reads a command line as [`run`] does, and does nothing of what it says.
///
/// # Errors
/// What a person would be told.
#[cfg(feature = "hostile")]
pub fn understand(arguments: &[std::ffi::OsString]) -> Result<(), clap::Error> {
    let program = [std::ffi::OsString::from("keyrack-server")];
    Cli::try_parse_from(program.iter().chain(arguments)).map(drop)
}

/// Runs the command that the arguments name. 0 is done, 1 failed with a sentence on standard
/// error, 2 arguments that are not understood.
pub async fn run() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Serve(arguments) => serve::serve(arguments).await,
        Command::Migrate(OwnerUrl { owner_database_url }) => {
            accounts::migrate(&owner_database_url).await
        }
        Command::Hotel(Hotel::Create {
            code,
            name,
            business_date,
            database,
        }) => accounts::create_hotel(&database.database_url, &code, &name, business_date).await,
        Command::Hotel(Hotel::Restored {
            hotel,
            shared,
            database,
        }) => accounts::restored(&database.database_url, &hotel, shared).await,
        Command::Hotel(Hotel::Pack { hotel, owner }) => {
            pack::pack(&owner.owner_database_url, &hotel).await
        }
        Command::User(User::Add {
            hotel,
            name,
            display,
            role,
            database,
        }) => accounts::add_user(&database.database_url, &hotel, name, display, role).await,
        Command::User(User::Role {
            hotel,
            name,
            role,
            database,
        }) => accounts::set_role(&database.database_url, &hotel, &name, role).await,
        Command::User(User::Password {
            hotel,
            name,
            database,
        }) => accounts::set_password(&database.database_url, &hotel, &name).await,
        Command::User(User::Dismiss {
            hotel,
            name,
            database,
        }) => accounts::dismiss(&database.database_url, &hotel, &name).await,
        Command::Import(Import::Bookings(arguments)) => import::bookings(arguments).await,
        Command::Import(Import::File(arguments)) => import_file::file(arguments).await,
        Command::Review(Review::List { hotel, database }) => {
            review::list(&database.database_url, &hotel).await
        }
        Command::Review(Review::Approve(decision)) => review::approve(decision).await,
        Command::Review(Review::Decline(decision)) => review::decline(decision).await,
        Command::Device(Device::Code {
            hotel,
            minutes,
            count,
            database,
        }) => devices::code(&database.database_url, &hotel, minutes, count.into()).await,
        Command::Device(Device::Distrust {
            device,
            hotel,
            database,
        }) => review::distrust(&database.database_url, &hotel, device).await,
        Command::Device(Device::Trust {
            device,
            hotel,
            database,
        }) => review::trust(&database.database_url, &hotel, device).await,
        Command::Audit(Audit::Verify(arguments)) => audit::verify(arguments).await,
        Command::Audit(Audit::List {
            hotel,
            before,
            database,
        }) => audit::list(&database.database_url, &hotel, before).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("keyrack-server: {failure}");
            ExitCode::FAILURE
        }
    }
}
