//! One field of a form, with its label, its help and what is wrong with it.

use leptos::prelude::*;

use crate::AppError;

/// What is wrong with the field called `name`; empty when nothing.
pub fn problem_of(error: Option<&AppError>, name: &str) -> String {
    match error {
        Some(AppError::Invalid(problems)) => problems
            .iter()
            .filter(|problem| problem.field == name)
            .map(|problem| problem.problem.as_str())
            .collect::<Vec<_>>()
            .join(" "),
        _ => String::new(),
    }
}

/// What is wrong with the form as a whole: everything that no field called in `fields` shows.
pub fn problem_of_form(error: Option<&AppError>, fields: &[&str]) -> String {
    match error {
        None => String::new(),
        Some(AppError::Invalid(problems)) => problems
            .iter()
            .filter(|problem| !fields.contains(&problem.field.as_str()))
            .map(|problem| problem.problem.as_str())
            .collect::<Vec<_>>()
            .join(" "),
        Some(other) => super::trouble::capitalised(&other.to_string()),
    }
}

/// What is wrong with one field; takes no room while nothing is.
#[component]
pub fn Problem(
    /// What the field calls it in `aria-describedby`.
    #[prop(into)]
    id: String,
    /// The text.
    #[prop(into)]
    problem: Signal<String>,
) -> impl IntoView {
    view! {
        <p class="field-problem" id=id role="alert" hidden=move || problem.read().is_empty()>{move || problem.get()}</p>
    }
    .into_any()
}

/// A line of text to type.
#[component]
pub fn TextField(
    /// The field's name in the form.
    name: &'static str,
    /// Its label.
    label: &'static str,
    /// What is wrong with it; empty when nothing.
    #[prop(into)]
    problem: Signal<String>,
    /// A sentence below the label.
    #[prop(optional)]
    help: &'static str,
    /// What stands in it.
    #[prop(optional, into)]
    value: String,
    /// `type` of the input.
    #[prop(default = "text")]
    kind: &'static str,
    /// `autocomplete` of the input.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// `inputmode` of the input.
    #[prop(optional)]
    inputmode: Option<&'static str>,
    /// Must not stay empty.
    #[prop(optional)]
    required: bool,
    /// Characters at most.
    #[prop(default = 256)]
    maxlength: u32,
    /// Gets the focus when the page opens.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let help_id = format!("{name}-help");
    let problem_id = format!("{name}-problem");
    let described = format!("{help_id} {problem_id}");
    view! {
        <div class="field" data-invalid=move || (!problem.read().is_empty()).then_some("")>
            <label for=name>{label}</label>
            <input
                id=name
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                inputmode=inputmode
                autocapitalize="none"
                spellcheck="false"
                required=required
                maxlength=maxlength.to_string()
                autofocus=autofocus
                aria-describedby=described
                aria-invalid=move || (!problem.read().is_empty()).then_some("true")
            />
            <p class="field-help" id=help_id hidden=help.is_empty()>{help}</p>
            <Problem id=problem_id problem/>
        </div>
    }
    .into_any()
}

/// What is wrong with the form as a whole.
#[component]
pub fn FormProblem(
    /// The text; nothing is drawn while it is empty.
    #[prop(into)]
    problem: Signal<String>,
) -> impl IntoView {
    view! { <p class="form-problem" role="alert" hidden=move || problem.read().is_empty()>{move || problem.get()}</p> }
}
