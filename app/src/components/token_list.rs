//! Tokens as a list, each with what it is for and the way to end it.

use leptos::prelude::*;

use crate::{
    access::{ABILITIES, Abilities, Reach},
    api::token::RevokeToken,
    components::{
        Icon,
        field::{FormProblem, problem_of_form},
    },
    model::token::{TokenList, TokenRow, TokenState},
    sending::Sending,
    words::{duration::ago, shortened, visible, visible::NAME_CHARS},
};

const DAY_MS: u64 = 24 * 3600 * 1000;

/// The list.
#[component]
pub fn TokenThings(
    /// The tokens.
    list: TokenList,
    /// Whether to say whose each is.
    owners: bool,
    /// Told what was done.
    changed: Callback<String>,
) -> impl IntoView {
    let now_ms = list.now_ms;
    let rows = list.rows.into_iter();
    view! {
        <ul class="things" aria-label="Tokens">
            {rows.map(|row| view! { <TokenThing row now_ms owners changed/> }).collect_view()}
        </ul>
    }
    .into_any()
}

/// What was ticked, in words.
fn gist(abilities: &Abilities) -> String {
    let ticked = ABILITIES.iter().filter_map(|info| {
        let reach = abilities.reach(info.ability);
        (reach > Reach::Nothing).then(|| format!("{} ({})", info.name, reach.word()))
    });
    ticked.collect::<Vec<_>>().join(", ")
}

#[component]
fn TokenThing(row: TokenRow, now_ms: u64, owners: bool, changed: Callback<String>) -> impl IntoView {
    let revoke = Sending::to::<RevokeToken>();
    let name = shortened(&row.name, NAME_CHARS);
    {
        let name = name.clone();
        Effect::new(move |_| {
            if let Some(Ok(())) = revoke.answer::<()>() {
                changed.run(format!("{name} was revoked."));
            }
        });
    }
    let problem = Signal::derive(move || problem_of_form(revoke.problem().as_ref(), &[]));
    let good = row.state == TokenState::Good;
    let state = match row.state {
        TokenState::Good => {
            // one just made for 30 days is good for 30
            match row.expires_ms.saturating_sub(now_ms).div_ceil(DAY_MS) {
                0 | 1 => "Good for less than a day".to_owned(),
                many => format!("Good for {many} more days"),
            }
        }
        TokenState::Expired => "Expired".to_owned(),
        TokenState::Revoked => "Revoked".to_owned(),
    };
    let used = row.used_ms.map_or_else(
        || "never used".to_owned(),
        |used_ms| {
            let when = ago(now_ms.saturating_sub(used_ms));
            format!("last used {when} from {}", visible(&row.used_address))
        },
    );
    let mut limits = Vec::new();
    if owners {
        limits.push(format!("of {}", visible(&row.username)));
    }
    if row.pbx.is_some() {
        limits.push("one PBX only".to_owned());
    }
    if !row.networks.is_empty() {
        limits.push(format!("only from {}", row.networks.join(", ")));
    }
    let limits = (!limits.is_empty()).then(|| format!(" · {}", limits.join(" · ")));
    let label = format!("Revoke {name}");
    view! {
        <li class="thing" data-ended=(!good).then_some("")>
            <Icon name="key-round"/>
            <div class="thing-words">
                <strong>{name}</strong>
                <p class="soft"><code>{row.hint}"…"</code> " · " {state} " · " {used}{limits}</p>
                <p class="soft">{gist(&row.abilities)}</p>
                <FormProblem problem/>
            </div>
            {good.then(|| view! {
                <form method="post" action=revoke.path on:submit=move |event| revoke.submit(&event)>
                    <input type="hidden" name="id" value=row.id.0.to_string()/>
                    <button type="submit" class="button danger" aria-label=label disabled=move || revoke.pending.get()>"Revoke"</button>
                </form>
            })}
        </li>
    }
    .into_any()
}
