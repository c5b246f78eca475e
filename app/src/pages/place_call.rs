//! Soon.
use leptos::prelude::*;
/// The page.
#[component]
pub fn PlaceCallPage() -> impl IntoView {}
