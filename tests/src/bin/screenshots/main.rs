//! Pictures of the running app for the documentation: `screenshots OUT_DIR`.

mod morning;

use keyrack_tests::{
    desk::{Desk, Screen, WorkOrderForm},
    hotel::{INES, MARIA, RUI, Somebody},
    server::Server,
    window::Window,
    world::World,
};
use std::path::{Path, PathBuf};

const DESKTOP: (u32, u32) = (1280, 800);
const TABLET: (u32, u32) = (400, 800);

#[tokio::main]
async fn main() {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: screenshots OUT_DIR");
        std::process::exit(2);
    };
    std::fs::create_dir_all(&folder).expect("the folder for the pictures can be made");
    let world = World::new();
    let server = world.demo_server().await;
    morning::live_through(&server).await;
    Studio {
        world,
        server,
        folder,
    }
    .take_all()
    .await;
}

/// A demo hotel with a camera.
struct Studio {
    world: World,
    server: Server,
    folder: PathBuf,
}

impl Studio {
    async fn take_all(&mut self) {
        let window = self.window("sign-in", DESKTOP).await;
        window.wait_for("sign-in").await;
        self.take(&window, "sign-in").await;

        let maria = self.desk(&MARIA, TABLET).await;
        self.some_work_of(&maria).await;
        let rui = Desk::sign_in(window, &RUI).await;
        let lamp = self.some_work_orders_of(&rui).await;
        rui.go_to(Screen::Board).await;
        self.take(rui.window(), "board-light").await;
        rui.open_work_order(lamp).await;
        self.take(rui.window(), "work-orders").await;
        maria.tasks().await;
        self.take(maria.window(), "my-list").await;

        let ines = self.desk(&INES, DESKTOP).await;
        ines.go_to(Screen::Board).await;
        // As the desktop says, light, dark.
        ines.window().click("theme").await;
        ines.window().click("theme").await;
        self.take(ines.window(), "board-dark").await;
        let (width, height) = TABLET;
        ines.window().resize((width, height)).await;
        self.take(ines.window(), "board-narrow").await;
        let (width, height) = DESKTOP;
        ines.window().resize((width, height)).await;

        self.a_day_without_the_server(&rui, &ines).await;
    }

    /// Both mark the same room while the server is away.
    async fn a_day_without_the_server(&mut self, rui: &Desk, ines: &Desk) {
        let board = rui.board().await;
        let staying = board.iter().filter(|(_, tile)| tile.phase == "stay-over");
        let room = staying.map(|(room, _)| room).next().expect("a guest stays");
        self.server.stop().await;
        rui.wait_until_offline().await;
        ines.wait_until_offline().await;
        rui.set_cleanliness(room, "dirty").await;
        ines.set_cleanliness(room, "clean").await;
        rui.open_room(room).await;
        self.take(rui.window(), "offline").await;
        self.server.start_again().await;
        rui.wait_until_synced().await;
        ines.wait_until_synced().await;
        rui.open_room(room).await;
        rui.window().wait_for("conflict-banner").await;
        self.take(rui.window(), "conflict").await;
        let leaving = board
            .iter()
            .filter(|(_, tile)| tile.phase == "back-to-back");
        let room = leaving
            .map(|(room, _)| room)
            .next()
            .expect("a guest leaves");
        rui.check_out(room).await;
        rui.open_room(room).await;
        self.take(rui.window(), "room-drawer").await;
    }

    async fn some_work_of(&self, maria: &Desk) {
        let mut tasks = maria.tasks().await;
        tasks.retain(|task| task.status == "Planned");
        for task in &tasks[..3] {
            maria.start_task(task).await;
            maria.finish_task(task).await;
        }
        maria.start_task(&tasks[3]).await;
        maria.wait_until_synced().await;
    }

    /// Returns the title of one that has a comment.
    async fn some_work_orders_of(&self, rui: &Desk) -> &'static str {
        let rooms: Vec<_> = rui.board().await.into_keys().collect();
        let commented = "Lamp by the bed is dark";
        for (title, priority, description) in [
            ("Shower drips", "p2", "The guest heard it all night."),
            (commented, "p3", "Changed the bulb; still dark."),
            (
                "Balcony door does not lock",
                "p1",
                "Ground floor, guest told.",
            ),
        ] {
            let room = &rooms[title.len()];
            let form = WorkOrderForm {
                title,
                room,
                priority,
                description,
            };
            rui.create_work_order(form).await;
        }
        rui.comment(commented, "The guest is out until four.").await;
        commented
    }

    async fn desk(&self, who: &Somebody, size: (u32, u32)) -> Desk {
        Desk::sign_in(self.window(who.name, size).await, who).await
    }

    async fn window(&self, place: &str, (width, height): (u32, u32)) -> Window {
        self.world
            .workplace(place, &self.server.url())
            .with_size(width, height)
            .open()
            .await
    }

    /// Takes a picture of a window as it is after a while: scrolled to its top, and without the
    /// notes about what was just done.
    async fn take(&self, window: &Window, name: &str) {
        let tidy =
            "document.querySelectorAll('.toast > .icon-only').forEach(close => close.click());
            document.querySelectorAll('*').forEach(element => element.scrollTo(0, 0))";
        window.read(tidy, &[]).await;
        window.wait_until_gone("toast").await;
        let path: &Path = &self.folder.join(format!("{name}.png"));
        let picture = window.screenshot().await;
        std::fs::write(path, picture).expect("the picture can be kept");
        println!("{}", path.display());
    }
}
