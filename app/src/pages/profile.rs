//! Soon.
use leptos::prelude::*;
/// The page.
#[component]
pub fn ProfilePage() -> impl IntoView {}
