//! The abilities of a role as fields: how far each reaches.

use leptos::prelude::*;

use crate::access::{ABILITIES, Abilities, Group};

/// One list of reaches for each ability.
#[component]
pub fn AbilityFields(
    /// As they are.
    abilities: Abilities,
    /// They cannot be changed.
    fixed: bool,
) -> impl IntoView {
    let groups = Group::EVERY.map(|group| {
        let fields = ABILITIES.iter().filter(|info| info.group == group).map(|info| {
            let now = abilities.reach(info.ability);
            let options = info.reaches.iter().map(|reach| {
                view! { <option value=reach.slug() selected=*reach == now>{reach.word()}</option> }.into_any()
            });
            view! {
                <div class="ability">
                    <label for=info.slug>{info.name}</label>
                    <select id=info.slug name=format!("abilities[{}]", info.slug) disabled=fixed aria-describedby=format!("{}-help", info.slug)>
                        {options.collect::<Vec<_>>()}
                    </select>
                    <p class="field-help" id=format!("{}-help", info.slug)>{info.help}</p>
                </div>
            }
            .into_any()
        });
        view! {
            <fieldset class="abilities">
                <legend class="label">{group.title()}</legend>
                {fields.collect::<Vec<_>>()}
            </fieldset>
        }
        .into_any()
    });
    groups.into_iter().collect::<Vec<_>>()
}
