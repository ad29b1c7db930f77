//! The icons: drawn for Keyrack on a 20 × 20 grid with a stroke of 1.5.

use keyrack_model::cleanliness::Cleanliness;
use leptos::prelude::*;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Icon {
    Arrive,
    Ban,
    Bed,
    Bell,
    Board,
    Bolt,
    Broom,
    Check,
    Close,
    Comment,
    DoubleCheck,
    DoNotDisturb,
    Groups,
    Guests,
    Half,
    Key,
    Keyboard,
    Leave,
    Link,
    List,
    Moon,
    Offline,
    Pause,
    Pencil,
    Pin,
    Play,
    Plus,
    Print,
    Rules,
    Scales,
    Search,
    SignOut,
    Sliders,
    SmallTiles,
    Star,
    Sun,
    SunMoon,
    Sync,
    Undo,
    User,
    Wait,
    Warning,
    Wrench,
}

impl Icon {
    pub fn of(cleanliness: Cleanliness) -> Self {
        match cleanliness {
            Cleanliness::Dirty => Self::Broom,
            Cleanliness::Pickup => Self::Half,
            Cleanliness::Clean => Self::Check,
            Cleanliness::Inspected => Self::DoubleCheck,
        }
    }

    fn drawing(self) -> &'static str {
        match self {
            Self::Arrive => {
                r#"<path d="M9.5 3.5h5.8a1.2 1.2 0 0 1 1.2 1.2v10.6a1.2 1.2 0 0 1-1.2 1.2H9.5"/><path d="M3 10h8.5M8.3 6.8 11.5 10l-3.2 3.2"/>"#
            }
            Self::Ban => r#"<circle cx="10" cy="10" r="7"/><path d="m5.2 5.2 9.6 9.6"/>"#,
            Self::Bed => {
                r#"<path d="M2.5 4.5v11.5M2.5 13.5h15M17.5 16v-4.2a2.3 2.3 0 0 0-2.3-2.3H8.5v4"/><circle cx="5.5" cy="9.8" r="1.5"/>"#
            }
            Self::Bell => {
                r#"<path d="M3 15.2h14M4.2 15.2a5.8 5.8 0 0 1 11.6 0M10 9.4V6.8M8.2 6.8h3.6"/>"#
            }
            Self::Board => {
                r#"<rect x="3" y="3" width="5.8" height="5.8" rx="1.2"/><rect x="11.2" y="3" width="5.8" height="5.8" rx="1.2"/><rect x="3" y="11.2" width="5.8" height="5.8" rx="1.2"/><rect x="11.2" y="11.2" width="5.8" height="5.8" rx="1.2"/>"#
            }
            Self::Bolt => r#"<path d="M11.2 2.5 4.5 11.3h4.3L8 17.5l7.5-9.3h-4.8z"/>"#,
            Self::Broom => {
                r#"<path d="M10 2.5v5.7M6.8 8.2h6.4l2.3 9H4.5z"/><path d="M8.3 12.8 7.6 17M11.7 12.8l.7 4.2"/>"#
            }
            Self::Check => r#"<path d="m3.8 10.8 4 4L16.3 5.5"/>"#,
            Self::Close => r#"<path d="m5 5 10 10M15 5 5 15"/>"#,
            Self::Comment => {
                r#"<path d="M3 5.2A1.7 1.7 0 0 1 4.7 3.5h10.6A1.7 1.7 0 0 1 17 5.2v6.6a1.7 1.7 0 0 1-1.7 1.7H9.2l-3.7 3.2v-3.2h-.8A1.7 1.7 0 0 1 3 11.8z"/>"#
            }
            Self::DoubleCheck => r#"<path d="m1.8 10.8 3.5 3.7 7-8.5M9.2 13.6l.9.9 7.9-8.5"/>"#,
            Self::DoNotDisturb => r#"<circle cx="10" cy="10" r="7"/><path d="M6.5 10h7"/>"#,
            Self::Groups => {
                r#"<rect x="3" y="3" width="14" height="5.8" rx="1.2"/><rect x="3" y="11.2" width="14" height="5.8" rx="1.2"/><path d="M7.5 3v5.8M7.5 11.2V17"/>"#
            }
            Self::Guests => {
                r#"<circle cx="7.3" cy="6.8" r="2.8"/><path d="M2 16.5c0-3.3 2.3-5 5.3-5s5.3 1.7 5.3 5M13 4.2a2.8 2.8 0 0 1 0 5.2M14.8 11.9c2 .6 3.2 2.2 3.2 4.6"/>"#
            }
            Self::Half => {
                r#"<circle cx="10" cy="10" r="6.5"/><path d="M10 3.5a6.5 6.5 0 0 0 0 13z" fill="currentColor"/>"#
            }
            Self::Key => {
                r#"<circle cx="6.5" cy="13.5" r="3.7"/><path d="M9.2 10.8 16.8 3.2M13.3 6.7l2.5 2.5M15.6 4.4l1.7 1.7"/>"#
            }
            Self::Keyboard => {
                r#"<rect x="2" y="5" width="16" height="10.5" rx="1.8"/><path d="M5 8.3h.1M8.3 8.3h.1M11.6 8.3h.1M14.9 8.3h.1M6.5 12.2h7"/>"#
            }
            Self::Leave => {
                r#"<path d="M10.5 3.5H4.7a1.2 1.2 0 0 0-1.2 1.2v10.6a1.2 1.2 0 0 0 1.2 1.2h5.8"/><path d="M8.5 10H17M13.8 6.8 17 10l-3.2 3.2"/>"#
            }
            Self::Link => {
                r#"<path d="M8.3 11.7a3.2 3.2 0 0 0 4.6 0l2.6-2.6a3.2 3.2 0 0 0-4.6-4.6l-1 1M11.7 8.3a3.2 3.2 0 0 0-4.6 0l-2.6 2.6a3.2 3.2 0 0 0 4.6 4.6l1-1"/>"#
            }
            Self::List => {
                r#"<path d="M8 5h9M8 10h9M8 15h9M2.8 5l.9.9L5.4 4M2.8 10l.9.9L5.4 9M2.8 15l.9.9 1.7-1.9"/>"#
            }
            Self::Moon => r#"<path d="M16.5 12.2A7 7 0 0 1 7.8 3.5a7 7 0 1 0 8.7 8.7z"/>"#,
            Self::Offline => {
                r#"<path d="M7.6 5.3a4.7 4.7 0 0 1 6.9 3.2 3.4 3.4 0 0 1 2 5.5M13.7 15.3H5.5a3.7 3.7 0 0 1-.4-7.4M3 3l14 14"/>"#
            }
            Self::Pause => r#"<path d="M7 4.5v11M13 4.5v11"/>"#,
            Self::Pencil => {
                r#"<path d="M3.5 16.5l.9-3.7L13.6 3.6a1.6 1.6 0 0 1 2.3 0l.5.5a1.6 1.6 0 0 1 0 2.3l-9.2 9.2zM12 5.2l2.8 2.8"/>"#
            }
            Self::Pin => r#"<path d="M7.5 3h5l-.6 5.2 2.6 3.3h-9l2.6-3.3zM10 11.5V17"/>"#,
            Self::Play => r#"<path d="M6.5 4.3v11.4l9-5.7z"/>"#,
            Self::Plus => r#"<path d="M10 4v12M4 10h12"/>"#,
            Self::Print => {
                r#"<path d="M6 7.3V3h8v4.3M6 14H4.4A1.4 1.4 0 0 1 3 12.6V8.7a1.4 1.4 0 0 1 1.4-1.4h11.2A1.4 1.4 0 0 1 17 8.7v3.9a1.4 1.4 0 0 1-1.4 1.4H14"/><path d="M6 11.5h8V17H6z"/>"#
            }
            Self::Rules => r#"<path d="M4 3h12v14H4zM4 7.7h12M4 12.3h12M9 7.7V17"/>"#,
            Self::Scales => {
                r#"<path d="M10 3v14M6.5 17h7M4 5.5h12M4 5.5 1.8 11h4.4zM16 5.5 13.8 11h4.4z"/>"#
            }
            Self::Search => r#"<circle cx="9" cy="9" r="5.5"/><path d="m13.2 13.2 4 4"/>"#,
            Self::SignOut => {
                r#"<path d="M8 3.5H4.7a1.2 1.2 0 0 0-1.2 1.2v10.6a1.2 1.2 0 0 0 1.2 1.2H8M8.5 10h8.5M13.8 6.8 17 10l-3.2 3.2"/>"#
            }
            Self::Sliders => {
                r#"<path d="M3 6h7M14 6h3M3 14h3M10 14h7"/><circle cx="12" cy="6" r="2"/><circle cx="8" cy="14" r="2"/>"#
            }
            Self::SmallTiles => {
                r#"<path d="M3 3h3v3H3zM8.5 3h3v3h-3zM14 3h3v3h-3zM3 8.5h3v3H3zM8.5 8.5h3v3h-3zM14 8.5h3v3h-3zM3 14h3v3H3zM8.5 14h3v3h-3zM14 14h3v3h-3z"/>"#
            }
            Self::Star => {
                r#"<path d="m10 2.8 2.2 4.6 5 .7-3.6 3.5.9 5-4.5-2.4-4.5 2.4.9-5L2.8 8.1l5-.7z"/>"#
            }
            Self::Sun => {
                r#"<circle cx="10" cy="10" r="3.5"/><path d="M10 2v1.7M10 16.3V18M2 10h1.7M16.3 10H18M4.3 4.3l1.2 1.2M14.5 14.5l1.2 1.2M15.7 4.3l-1.2 1.2M5.5 14.5l-1.2 1.2"/>"#
            }
            Self::SunMoon => {
                r#"<circle cx="10" cy="10" r="7"/><path d="M10 3a7 7 0 0 1 0 14z" fill="currentColor"/>"#
            }
            Self::Sync => {
                r#"<path d="M16.3 8.3A6.6 6.6 0 0 0 4.5 6.5M4 3v3.7h3.7M3.7 11.7a6.6 6.6 0 0 0 11.8 1.8M16 17v-3.7h-3.7"/>"#
            }
            Self::Undo => {
                r#"<path d="M3.5 7.8h8.7a4.3 4.3 0 0 1 0 8.7H7.5M7 4.3 3.5 7.8 7 11.3"/>"#
            }
            Self::User => {
                r#"<circle cx="10" cy="6.8" r="3.3"/><path d="M3.5 17c.3-3.7 2.8-5.5 6.5-5.5s6.2 1.8 6.5 5.5"/>"#
            }
            Self::Wait => r#"<circle cx="10" cy="10" r="7"/><path d="M10 6v4.3l2.8 1.7"/>"#,
            Self::Warning => r#"<path d="M10 3 2 16.8h16zM10 8.2v4M10 14.5v.1"/>"#,
            Self::Wrench => {
                r#"<path d="M16.9 6.1 14 9 11 6l2.9-2.9a4.6 4.6 0 0 0-5.6 6L3.2 14.2a1.83 1.83 0 0 0 2.6 2.6l5.1-5.1a4.6 4.6 0 0 0 6-5.6z"/>"#
            }
        }
    }
}

/// An icon beside words; screen readers skip it.
pub fn icon(icon: Icon) -> impl IntoView {
    drawn(icon.drawing())
}

/// An icon that only one page has.
pub fn drawn(drawing: &'static str) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" inner_html=drawing></svg>
    }
}

/// An icon as markup, with what the stylesheet calls it.
pub fn markup(class: &str, icon: Icon) -> String {
    let drawing = icon.drawing();
    format!("<svg class=\"{class}\" viewBox=\"0 0 20 20\" aria-hidden=\"true\">{drawing}</svg>")
}
