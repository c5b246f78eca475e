//! Where I am signed in.

use leptos::prelude::*;

use super::security::Changed;
use crate::{
    api::security::{EndOtherSessions, EndSession},
    components::{
        Icon,
        field::{FormProblem, problem_of_form},
    },
    model::sign_in::SignedIn,
    sending::Sending,
    words::{duration::ago, visible},
};

/// Every session, this one first.
#[component]
pub fn Sessions(sessions: Vec<SignedIn>, now_ms: u64, changed: Changed) -> impl IntoView {
    let others = Sending::to::<EndOtherSessions>();
    Effect::new(move |_| {
        if let Some(Ok(ended)) = others.answer::<u32>() {
            changed.run(match ended {
                1 => "One session was ended.".to_owned(),
                many => format!("{many} sessions were ended."),
            });
        }
    });
    let whole = Signal::derive(move || problem_of_form(others.problem().as_ref(), &[]));
    let several = sessions.len() > 1;
    let mut sessions = sessions;
    sessions.sort_by_key(|session| !session.here);
    view! {
        <section class="paper" aria-labelledby="sessions-title">
            <h2 id="sessions-title">"Where you are signed in"</h2>
            <FormProblem problem=whole/>
            <ul class="things" aria-label="Sessions">
                {sessions.into_iter().map(|session| view! { <Session session now_ms changed/> }).collect_view()}
            </ul>
            {several.then(|| view! {
                <form class="form-end" method="post" action=others.path on:submit=move |event| others.submit(&event)>
                    <button type="submit" class="button" disabled=move || others.pending.get()>"End all others"</button>
                </form>
            })}
        </section>
    }
    .into_any()
}

#[component]
fn Session(session: SignedIn, now_ms: u64, changed: Changed) -> impl IntoView {
    let end = Sending::to::<EndSession>();
    let device = visible(&session.device).into_owned();
    {
        let device = device.clone();
        Effect::new(move |_| {
            if let Some(Ok(())) = end.answer::<()>() {
                changed.run(format!("The session in {device} was ended."));
            }
        });
    }
    let handheld = ["iPhone", "iPad", "Android"]
        .iter()
        .any(|word| device.contains(word));
    let seen = if session.here {
        "This session".to_owned()
    } else {
        format!("Last seen {}", ago(now_ms.saturating_sub(session.seen_ms)))
    };
    let since = ago(now_ms.saturating_sub(session.since_ms));
    let problem = Signal::derive(move || problem_of_form(end.problem().as_ref(), &[]));
    let label = format!("End the session in {device}");
    view! {
        <li class="thing" data-here=session.here.then_some("")>
            <Icon name=if handheld { "smartphone" } else { "server" }/>
            <div class="thing-words">
                <strong>{device}</strong>
                <p class="soft">{seen} " · signed in " {since} " · " {visible(&session.address).into_owned()}</p>
                <FormProblem problem/>
            </div>
            {(!session.here).then(|| view! {
                <form method="post" action=end.path on:submit=move |event| end.submit(&event)>
                    <input type="hidden" name="id" value=session.id/>
                    <button type="submit" class="button" aria-label=label disabled=move || end.pending.get()>"End"</button>
                </form>
            })}
        </li>
    }
    .into_any()
}
