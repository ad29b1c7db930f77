//! A part of the program: the screens that are lists.

use super::{conflicts::Conflicts, desk::Desk, my_list::MyList, orders::WorkOrders, rules::Rules};
use crate::part::{Drawn, Part};
use leptos::{prelude::*, wasm_split::wasm_split};

pub const LISTS: Part = Part::new(|| Box::pin(load()));

/// What this part draws.
#[derive(Clone, Copy)]
pub enum List {
    Mine,
    WorkOrders,
    Desk,
    Conflicts,
    Rules,
}

#[wasm_split(lists, wasm_split_path = leptos::wasm_split, fallible, preload(load))]
fn draw(list: List) -> Drawn {
    Ok(match list {
        List::Mine => view! { <MyList/> }.into_any(),
        List::WorkOrders => view! { <WorkOrders/> }.into_any(),
        List::Desk => view! { <Desk/> }.into_any(),
        List::Conflicts => view! { <Conflicts/> }.into_any(),
        List::Rules => view! { <Rules/> }.into_any(),
    })
}

pub fn list(list: List) -> AnyView {
    LISTS.shown(
        move || draw(list),
        |sentence| view! { <section class="screen">{sentence}</section> }.into_any(),
    )
}
