//! What people say of moments of a recording, below its player: each leads there.

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    api::recording::{CommentRecording, UncommentRecording},
    components::{
        Icon,
        field::{FormProblem, problem_of_form},
    },
    model::{
        Viewer,
        recording::{MAX_COMMENT_CHARS, RecordingComment},
    },
    sending::Sending,
    words::{clock, shortened, visible, visible::NAME_CHARS},
};

/// The comments, and a place for one more at the moment that plays.
#[component]
pub fn Comments(
    key: String,
    /// The name of the recording's file.
    file: String,
    at_ms: RwSignal<u64>,
    length_ms: RwSignal<u64>,
    comments: RwSignal<Vec<RecordingComment>>,
    go: Callback<u64>,
) -> impl IntoView {
    let me = expect_context::<RwSignal<Viewer>>().with_untracked(|viewer| viewer.id);
    let (add, remove) = (
        Sending::to::<CommentRecording>(),
        Sending::to::<UncommentRecording>(),
    );
    let typed = RwSignal::new(String::new());
    for sending in [add, remove] {
        Effect::new(move |_| {
            if let Some(Ok(now)) = sending.answer::<Vec<RecordingComment>>() {
                comments.set(now);
                typed.set(String::new());
            }
        });
    }
    let problem = Signal::derive(move || problem_of_form(add.problem().or(remove.problem()).as_ref(), &[]));
    let at_s = move || (at_ms.get().min(length_ms.get().max(1)) / 1_000).to_string();
    let field = format!("comment-{key}");
    let all = move || {
        let all = comments.get().into_iter().map(|comment| {
            let moment_ms = u64::from(comment.at_s) * 1_000;
            let mine = (comment.by == me).then(|| {
                view! {
                    <form method="post" action=UncommentRecording::PATH on:submit=move |event| remove.submit(&event)>
                        <input type="hidden" name="id" value=comment.id.to_string()/>
                        <button type="submit" class="icon-button" aria-label="Remove this comment" title="Remove"><Icon name="x"/></button>
                    </form>
                }
                .into_any()
            });
            view! {
                <li>
                    <button type="button" class="button quiet player-moment" on:click=move |_| go.run(moment_ms)
                        aria-label=format!("Go to {}", clock(moment_ms))>{clock(moment_ms)}</button>
                    <p>{visible(&comment.said).into_owned()}<span class="soft">{format!(" {}", shortened(&comment.name, NAME_CHARS))}</span></p>
                    {mine}
                </li>
            }
            .into_any()
        });
        all.collect_view()
    };
    view! {
        <section class="player-comments" aria-label=format!("Comments on {}", visible(&file))>
            <ol>{all}</ol>
            <form method="post" action=CommentRecording::PATH on:submit=move |event| add.submit(&event)>
                <input type="hidden" name="key" value=key/>
                <input type="hidden" name="at_s" value="0" prop:value=at_s/>
                <label for=field.clone()>{move || format!("Comment at {}", clock(at_ms.get()))}</label>
                <input id=field name="said" required autocomplete="off" maxlength=MAX_COMMENT_CHARS.to_string()
                    prop:value=typed on:input=move |event| typed.set(event_target_value(&event))/>
                <button type="submit" class="button quiet" disabled=move || add.pending.get()>"Add"</button>
            </form>
            <FormProblem problem/>
        </section>
    }
    .into_any()
}
