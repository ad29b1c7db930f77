//! A desktop computer of a hotel: its own home, data and session, where the app is opened.

use crate::{
    bin_dir, enrolment,
    faulty_disk::{self, Fault},
    port,
    process::{self, FOLDER},
    wait::{self, SOON},
    window::{self, Window},
};
use rustix::process::Pid;
use std::{
    fs::{self, File},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::{net::TcpStream, process::Command, sync::OnceCell};

/// Where Debian and others put the browser that comes with WebKit's web view.
const BROWSERS: [&str; 3] = [
    "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
    "/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
    "/usr/libexec/webkit2gtk-4.1/MiniBrowser",
];

/// What a driver says, and the app that it starts.
const DRIVER_LOG: &str = "driver.log";

/// Everything that a person's computer keeps between two starts of the app.
pub struct Workplace {
    folder: PathBuf,
    data: PathBuf,
    server: String,
    hotel: String,
    size: (u32, u32),
    keyring: Keyring,
    /// The certificates that its system trusts, if they are not the usual ones.
    trusted: Option<PathBuf>,
    /// How the disk under its data fails, if it does.
    fault: Option<Fault>,
    enrolment: Enrolment,
    /// With which the first sign-in here adds this computer to the hotel.
    code: OnceCell<String>,
}

/// Whether whoever set the computer up had a code for it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Enrolment {
    ByCode,
    None,
}

/// Whether the computer's session has somewhere to keep a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keyring {
    OfTheTestRun,
    None,
}

impl Workplace {
    pub(crate) fn new(folder: PathBuf, server: &str, hotel: &str) -> Self {
        for part in ["home", "data", "run", "config", "cache", "tmp"] {
            fs::create_dir_all(folder.join(part)).expect("the test's folder can be written");
        }
        let private = fs::Permissions::from_mode(0o700);
        fs::set_permissions(folder.join("run"), private).expect("a private folder");
        Self {
            data: folder.join("data/keyrack"),
            folder,
            server: server.to_owned(),
            hotel: hotel.to_owned(),
            size: (1280, 800),
            keyring: Keyring::OfTheTestRun,
            trusted: None,
            fault: None,
            enrolment: Enrolment::ByCode,
            code: OnceCell::new(),
        }
    }

    pub fn with_size(mut self, width: u32, height: u32) -> Self {
        self.size = (width, height);
        self
    }

    /// Has the app keep its data elsewhere.
    pub fn with_data(mut self, data: &Path) -> Self {
        self.data = data.to_owned();
        self
    }

    /// A computer whose session has no keyring.
    pub fn without_keyring(mut self) -> Self {
        self.keyring = Keyring::None;
        self
    }

    /// The computer after somebody has set up a keyring on it.
    pub fn with_keyring(mut self) -> Self {
        self.keyring = Keyring::OfTheTestRun;
        self
    }

    /// A computer whose administrator trusts these certificates.
    pub fn that_trusts(mut self, certificates: &Path) -> Self {
        self.trusted = Some(certificates.to_owned());
        self
    }

    /// The computer after its disk has begun to fail.
    pub fn with_faulty_disk(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// What the app of the last window wrote to its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join(DRIVER_LOG)).unwrap_or_default()
    }

    /// A computer that nobody has a code for.
    pub fn without_code(mut self) -> Self {
        self.enrolment = Enrolment::None;
        self
    }

    /// The app in its own folder, whoever started it.
    pub fn app_processes(&self) -> Vec<Pid> {
        process::of_program(&self.folder, &bin_dir::program("keyrack"))
    }

    /// Opens the app as a person does, and returns when its window shows something.
    pub async fn open(&self) -> Window {
        let arguments = self.arguments().await;
        self.start(&bin_dir::program("keyrack"), &arguments).await
    }

    /// Opens the web view's own browser on an empty page: what a window costs that is not ours.
    pub async fn open_browser(&self) -> Window {
        let browser = BROWSERS.map(Path::new).into_iter().find(|it| it.exists());
        let browser = browser.expect("WebKit's own browser comes with the web view");
        self.start(browser, &["--automation".to_owned()]).await
    }

    /// Has a driver start a program with a web view.
    async fn start(&self, program: &Path, arguments: &[String]) -> Window {
        let port = port::free().port();
        let log = File::create(self.folder.join(DRIVER_LOG)).expect("the folder can be written");
        let mut command = self.command("WebKitWebDriver".as_ref());
        command
            .arg(format!("--port={port}"))
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("one log for both streams"))
            .stderr(log);
        let driver = command
            .spawn()
            .expect("WebKitWebDriver starts: run `cargo xtask test`, which installs it");
        wait::until("the window's driver", SOON, async || {
            let answer = TcpStream::connect(("127.0.0.1", port)).await;
            answer.map(drop).map_err(|error| error.to_string())
        })
        .await;
        let client = window::start(port, program, arguments).await;
        let pid = wait::until(
            "one process of the program",
            SOON,
            async || match process::of_program(&self.folder, program)[..] {
                [pid] => Ok(pid),
                ref others => Err(format!("{others:?}")),
            },
        )
        .await;
        let window = Window::of(pid, &self.folder, driver, client);
        window.resize(self.size).await;
        window
    }

    /// Starts the app once more, beside whatever runs; returns the exit code of that process.
    pub async fn start_once_more(&self) -> Option<i32> {
        let mut command = self.command(&bin_dir::program("keyrack"));
        let log = File::create(self.folder.join("second-start.log")).expect("a log");
        let mut child = command
            .args(self.arguments().await)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("one log for both streams"))
            .stderr(log)
            .spawn()
            .expect("the app starts");
        let status = tokio::time::timeout(SOON, child.wait())
            .await
            .expect("a second start ends by itself")
            .expect("its end can be awaited");
        status.code()
    }

    /// Renews the key of the computer's data; the exit code, and what was said.
    pub async fn renew_key(&self) -> (Option<i32>, String) {
        let renewal = self
            .command(&bin_dir::program("keyrack"))
            .arg("--data")
            .arg(&self.data)
            .arg("--renew-key")
            .stdin(Stdio::null())
            .output();
        let ended = tokio::time::timeout(SOON, renewal)
            .await
            .expect("a renewal ends by itself")
            .expect("the app starts");
        let said = [ended.stdout, ended.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        (ended.status.code(), said)
    }

    /// The home of the person who sits there.
    pub fn home(&self) -> PathBuf {
        self.folder.join("home")
    }

    /// Where the app keeps its data.
    pub fn data(&self) -> &Path {
        &self.data
    }

    async fn arguments(&self) -> Vec<String> {
        let data = self.data.display().to_string();
        let mut arguments = vec![
            "--data",
            &data,
            "--server",
            &self.server,
            "--hotel",
            &self.hotel,
        ];
        if let Some(code) = self.code().await {
            arguments.extend(["--code", code]);
        }
        arguments.into_iter().map(str::to_owned).collect()
    }

    /// None where nobody had one, and where no server was started for the test.
    async fn code(&self) -> Option<&str> {
        let (_, server) = self.server.split_once("://")?;
        let server = server.parse().ok()?;
        if self.enrolment == Enrolment::None || !enrolment::is_operated(server) {
            return None;
        }
        let code = self.code.get_or_init(|| enrolment::code(server)).await;
        Some(code)
    }

    /// A program in this computer's session: folders of its own on the desktop of the test run,
    /// whose bus has the keyring if this computer is to have one.
    fn command(&self, program: &Path) -> Command {
        assert!(
            std::env::var_os("DISPLAY").is_some(),
            "there is no display: run `cargo xtask test`"
        );
        let mut command = Command::new(program);
        let folder = |part: &str| self.folder.join(part);
        command
            .env(FOLDER, &self.folder)
            .env("HOME", folder("home"))
            .env("XDG_RUNTIME_DIR", folder("run"))
            .env("XDG_DATA_HOME", folder("data"))
            .env("XDG_CONFIG_HOME", folder("config"))
            .env("XDG_CACHE_HOME", folder("cache"))
            .env("TMPDIR", folder("tmp"))
            .env("NO_AT_BRIDGE", "1")
            // There is no graphics card here, and Mesa 22.3's imitation of one ends a page's
            // process now and then, in which the driver loses the page.
            .env("WEBKIT_DISABLE_COMPOSITING_MODE", "1")
            .env("GSETTINGS_BACKEND", "memory")
            .env("LANG", "C.UTF-8")
            .kill_on_drop(true);
        if self.keyring == Keyring::None {
            let no_bus = format!("unix:path={}", folder("run/no-bus").display());
            command.env("DBUS_SESSION_BUS_ADDRESS", no_bus);
        }
        if let Some(certificates) = &self.trusted {
            command.env("SSL_CERT_FILE", certificates);
        }
        if let Some(fault) = self.fault {
            faulty_disk::fail(command.as_std_mut(), &self.data, fault);
        }
        let presets = [
            "KEYRACK_DATA",
            "KEYRACK_SERVER",
            "KEYRACK_HOTEL",
            "KEYRACK_CODE",
        ];
        for preset in presets {
            command.env_remove(preset);
        }
        command
    }
}
