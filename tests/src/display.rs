//! The display as its own server tells of it: which windows are in sight, and which of them has
//! the keyboard. There is no window manager on the desktop of a test run: what one would do to a
//! window is done here.

use crate::wait::{self, SOON};
use rustix::process::Pid;
use std::collections::BTreeSet;
use x11rb::{
    connection::Connection,
    errors::ReplyError,
    protocol::{
        Event,
        xproto::{
            self, AtomEnum, ChangeWindowAttributesAux, ConfigureWindowAux, ConnectionExt,
            CreateWindowAux, EventMask, ImageFormat, InputFocus, MapState, NotifyDetail, StackMode,
            Window as Id, WindowClass,
        },
        xtest::ConnectionExt as _,
    },
    rust_connection::RustConnection,
};

/// A key that types nothing, by its code.
const SHIFT: u8 = 50;

/// The size of the other program's window.
const OTHER: (u16, u16) = (600, 400);

/// A connection to the display of the test run.
pub struct Display {
    connection: RustConnection,
    screen: usize,
}

impl Display {
    pub fn of_the_test_run() -> Self {
        let (connection, screen) =
            RustConnection::connect(None).expect("there is a display: run `cargo xtask test`");
        Self { connection, screen }
    }

    /// The windows of a process that are in sight, lowest first.
    pub fn in_sight(&self, app: Pid) -> Vec<Id> {
        let mut windows = self.lowest_first();
        // A window that is gone meanwhile is not in sight.
        windows.retain(|window| self.is_in_sight_of(*window, app).unwrap_or(false));
        windows
    }

    /// How many colours a window shows. It is brought above the others first: a picture of a covered
    /// window is one of what covers it.
    pub fn colours(&self, window: Id) -> usize {
        let above = ConfigureWindowAux::new().stack_mode(StackMode::ABOVE);
        self.connection
            .configure_window(window, &above)
            .map_err(ReplyError::from)
            .and_then(|asked| asked.check())
            .expect("the window can be raised");
        let size = self
            .connection
            .get_geometry(window)
            .map_err(ReplyError::from)
            .and_then(|asked| asked.reply())
            .expect("the window has a size");
        let picture = self
            .connection
            .get_image(
                ImageFormat::Z_PIXMAP,
                window,
                0,
                0,
                size.width,
                size.height,
                u32::MAX,
            )
            .map_err(ReplyError::from)
            .and_then(|asked| asked.reply())
            .expect("the window can be seen");
        let pixels = picture.data.chunks_exact(4);
        pixels.collect::<BTreeSet<_>>().len()
    }

    /// Begins to take note of the keyboard's coming to a window.
    pub fn watch(&self, window: Id) {
        let watching = ChangeWindowAttributesAux::new().event_mask(EventMask::FOCUS_CHANGE);
        self.connection
            .change_window_attributes(window, &watching)
            .map_err(ReplyError::from)
            .and_then(|asked| asked.check())
            .expect("the window can be watched");
        self.has_come();
    }

    /// Waits until the keyboard has come to the watched window, were it for a moment: windows of
    /// other tests may take it.
    pub async fn wait_for_the_keyboard(&self) {
        wait::until("the keyboard at the window", SOON, async || {
            if self.has_come() {
                Ok(())
            } else {
                Err("it stayed elsewhere".to_owned())
            }
        })
        .await;
    }

    fn has_come(&self) -> bool {
        let mut come = false;
        while let Some(event) = self.connection.poll_for_event().expect("the display") {
            // The other details follow the pointer, or go by this window to another.
            if let Event::FocusIn(focus) = event {
                let at_the_window = [
                    NotifyDetail::ANCESTOR,
                    NotifyDetail::INFERIOR,
                    NotifyDetail::NONLINEAR,
                ];
                come |= at_the_window.contains(&focus.detail);
            }
        }
        come
    }

    /// Has somebody press a key in a window: it knows from then on when it was used last.
    pub fn press_a_key(&self, window: Id) {
        self.press_shift(window).expect("a key can be pressed");
    }

    /// Takes a window off the screen, as a window manager does that minimises it.
    pub fn minimise(&self, window: Id) {
        self.connection
            .unmap_window(window)
            .map_err(ReplyError::from)
            .and_then(|asked| asked.check())
            .expect("the window can be minimised");
    }

    /// Opens a window of another program over the others and gives it the keyboard; it is there as
    /// long as this connection.
    pub fn work_elsewhere(&self) -> Id {
        self.open_another().expect("another window can be opened")
    }

    /// Whether one window lies above another.
    pub fn is_above(&self, upper: Id, lower: Id) -> bool {
        let windows = self.lowest_first();
        let place = |of| windows.iter().position(|window| *window == of);
        place(upper) > place(lower)
    }

    fn press_shift(&self, window: Id) -> Result<(), Box<dyn std::error::Error>> {
        let display = &self.connection;
        // Windows of other tests would take the keyboard meanwhile.
        display.grab_server()?.check()?;
        display
            .set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME)?
            .check()?;
        for half in [xproto::KEY_PRESS_EVENT, xproto::KEY_RELEASE_EVENT] {
            display
                .xtest_fake_input(half, SHIFT, x11rb::CURRENT_TIME, x11rb::NONE, 0, 0, 0)?
                .check()?;
        }
        display.ungrab_server()?.check()?;
        Ok(())
    }

    fn open_another(&self) -> Result<Id, Box<dyn std::error::Error>> {
        let screen = &self.connection.setup().roots[self.screen];
        let window = self.connection.generate_id()?;
        let (width, height) = OTHER;
        self.connection
            .create_window(
                x11rb::COPY_DEPTH_FROM_PARENT,
                window,
                screen.root,
                0,
                0,
                width,
                height,
                0,
                WindowClass::INPUT_OUTPUT,
                x11rb::COPY_FROM_PARENT,
                &CreateWindowAux::new(),
            )?
            .check()?;
        self.connection.map_window(window)?.check()?;
        self.connection
            .set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME)?
            .check()?;
        Ok(window)
    }

    fn lowest_first(&self) -> Vec<Id> {
        let root = self.connection.setup().roots[self.screen].root;
        self.connection
            .query_tree(root)
            .map_err(ReplyError::from)
            .and_then(|asked| asked.reply())
            .expect("the display tells its windows")
            .children
    }

    fn is_in_sight_of(&self, window: Id, app: Pid) -> Result<bool, ReplyError> {
        let name = self
            .connection
            .intern_atom(false, b"_NET_WM_PID")?
            .reply()?;
        let pid = self
            .connection
            .get_property(false, window, name.atom, AtomEnum::CARDINAL, 0, 1)?
            .reply()?;
        let owner = pid.value32().and_then(|mut values| values.next());
        let attributes = self.connection.get_window_attributes(window)?.reply()?;
        let is_theirs = owner == Some(app.as_raw_nonzero().get().cast_unsigned());
        // A tooltip is a window too, but none that anybody would call so.
        Ok(
            is_theirs
                && !attributes.override_redirect
                && attributes.map_state == MapState::VIEWABLE,
        )
    }
}
