//! Soon.
use leptos::prelude::*;
/// The page.
#[component]
pub fn PbxListPage() -> impl IntoView {}
/// The page.
#[component]
pub fn PbxPage() -> impl IntoView {}
