//! Soon.
use leptos::prelude::*;
/// The page.
#[component]
pub fn ExtensionsPage() -> impl IntoView {}
