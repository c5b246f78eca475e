//! How a connection test went, step by step.

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::pbx::{TestSavedPbx, test_saved_pbx},
    components::{Icon, trouble::capitalised},
    load, loaded,
    model::{PbxId, StepState, TestStep},
    words::visible,
};

/// The steps, each with what to do where it failed.
#[component]
pub fn Steps(steps: Vec<TestStep>) -> impl IntoView {
    view! {
        <ol class="steps" aria-label="Connection test">
            {steps.into_iter().map(|step| {
                let (slug, icon, word) = match step.state {
                    StepState::Passed => ("passed", "circle-check", "Good"),
                    StepState::Warning => ("warning", "circle-alert", "To know"),
                    StepState::Failed => ("failed", "circle-x", "Failed"),
                    StepState::Skipped => ("skipped", "circle-dashed", "Not reached"),
                };
                view! {
                    <li data-step=slug>
                        <Icon name=icon/>
                        <strong>{visible(&step.name).into_owned()}<span class="step-word">{word}</span></strong>
                        <p>{visible(&step.detail).into_owned()}</p>
                    </li>
                }
            }).collect_view()}
        </ol>
    }
    .into_any()
}

/// The test of the saved connection, for pages without JavaScript.
#[component]
pub fn SavedSteps(id: PbxId) -> impl IntoView {
    let steps = load(TestSavedPbx::PATH, format!("id={}", id.0), move || {
        test_saved_pbx(id.0)
    });
    view! {
        <Suspense fallback=|| view! { <p>"Testing…"</p> }>
            {move || Suspend::new(async move {
                match loaded(&steps.await) {
                    Ok(steps) => view! { <Steps steps/> }.into_any(),
                    Err(error) => view! { <p class="form-problem">{capitalised(&error.to_string())}</p> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}
