//! One stop of the Tab key for a whole list or grid; arrow keys move inside it.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use crate::browser;

/// What can have the focus inside a roving container.
const CELL: &str = "[data-cell]";
/// Marks the cell that has the focus, or had it until its row was moved.
const HELD: &str = "data-held";

/// Moves the focus by an arrow key. True when the key was one of ours.
pub fn moved(event: &KeyboardEvent) -> bool {
    let Some(container) = container(event) else {
        return false;
    };
    let cells = browser::all(&container, CELL);
    let active = document().active_element();
    let Some(here) = active.and_then(|active| cells.iter().position(|cell| is_cell(cell, &active))) else {
        return false;
    };
    let right_to_left = document()
        .document_element()
        .and_then(|root| root.get_attribute("dir"))
        .is_some_and(|direction| direction == "rtl");
    let columns = columns(&cells);
    let last = cells.len() - 1;
    let next = match event.key().as_str() {
        "ArrowRight" if right_to_left => here.checked_sub(1),
        "ArrowLeft" if right_to_left => Some(here + 1),
        "ArrowRight" => Some(here + 1),
        "ArrowLeft" => here.checked_sub(1),
        "ArrowDown" => Some(here + columns),
        "ArrowUp" => here.checked_sub(columns),
        "Home" => Some(0),
        "End" => Some(last),
        _ => return false,
    };
    event.prevent_default();
    if let Some(cell) = next.and_then(|next| cells.get(next)) {
        let _ = cells[here].set_attribute("tabindex", "-1");
        let _ = cell.set_attribute("tabindex", "0");
        let _ = cell.focus();
    }
    true
}

/// Something got the focus: a cell keeps it when its row moves to another place of its list.
pub fn hold(event: &web_sys::Event) {
    let_go();
    if let Some(element) = browser::target_element(event)
        && element.has_attribute("data-cell")
    {
        let _ = element.set_attribute(HELD, "");
    }
}

/// The focus was let go of on purpose.
pub fn let_go() {
    for element in browser::everywhere("[data-held]") {
        let _ = element.remove_attribute(HELD);
    }
}

/// Leaves exactly one cell of the container in the order of the Tab key: the one it was, else the first. A browser
/// takes the focus from what is moved: it is given back.
pub fn settle(container: &Element) {
    let cells = browser::all(container, CELL);
    let nothing_has_it = document()
        .active_element()
        .is_none_or(|active| active.tag_name() == "BODY");
    if nothing_has_it && let Some(held) = cells.iter().find(|cell| cell.has_attribute(HELD)) {
        let _ = held.focus();
    }
    let active = document().active_element();
    let keep = cells
        .iter()
        .position(|cell| active.as_ref().is_some_and(|active| is_cell(cell, active)))
        .unwrap_or(0);
    for (index, cell) in cells.iter().enumerate() {
        let wanted = if index == keep { 0 } else { -1 };
        // a link is in the order by itself
        if cell.tab_index() != wanted || !cell.has_attribute("tabindex") {
            cell.set_tab_index(wanted);
        }
    }
}

fn container(event: &KeyboardEvent) -> Option<Element> {
    event.current_target()?.dyn_into().ok()
}

fn is_cell(cell: &HtmlElement, active: &Element) -> bool {
    let cell: &Element = cell;
    cell == active
}

/// How many cells stand beside each other, seen from where they are.
fn columns(cells: &[HtmlElement]) -> usize {
    let Some(first) = cells.first() else { return 1 };
    let top_px = |cell: &HtmlElement| cell.get_bounding_client_rect().top() as i32;
    let first_px = top_px(first);
    cells
        .iter()
        .take_while(|cell| top_px(cell) == first_px)
        .count()
        .max(1)
}
