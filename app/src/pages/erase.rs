//! Erasing what is kept of a telephone number: counted first, typed twice, and what was erased before.

use std::time::Duration;

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::zone::Zone;
use crate::{
    AppError,
    again::look_while,
    api::erase::{EraseNumber, LoadErasing, load_erasing},
    components::{
        Icon,
        confirming::Confirming,
        field::{FormProblem, TextField, problem_of, problem_of_form},
        loading::{Bones, NotLoaded},
        trouble::Nothing,
    },
    load_by, loaded,
    model::erase::{Erasing, Erasure, Held, MAX_PURPOSE_CHARS, Preview},
    packed::{pack, unpack},
    sending::Sending,
    words::{moment, visible},
};

/// Its address.
const PAGE: &str = "/admin/erase";
/// How often it is looked how far an erasure is.
const LOOK: Duration = Duration::from_secs(2);

/// The page.
#[component]
pub fn ErasePage() -> impl IntoView {
    let parameters = use_query_map();
    let number = Memo::new(move |_| {
        parameters
            .read()
            .get_str("number")
            .unwrap_or_default()
            .trim()
            .to_owned()
    });
    let zone = Zone::of_the_browser();
    let found = load_by(
        LoadErasing::PATH,
        // our own types always pack
        move || pack(&number.get()).unwrap_or_default(),
        |asked: String| async move { load_erasing(unpack(&asked).unwrap_or_default()).await },
    );
    let under_way = RwSignal::new(false);
    look_while(under_way, LOOK, move || found.refetch());
    view! {
        <Title text="Erase a number"/>
        <header class="page-head">
            <h1>"Erase a number"</h1>
            <div class="page-verbs"><a class="button quiet" href="/calls/history"><Icon name="phone"/>"Calls"</a></div>
        </header>
        <div class="erase">
            <form class="form erase-look" method="get" action=PAGE role="search" aria-label="A number">
                {move || view! {
                    <TextField name="number" label="Telephone number" problem="" value=number.get() kind="tel" required=true maxlength=40
                        help="In any spelling. What is kept of it is counted first; nothing is erased yet."/>
                }}
                <div class="form-end"><button type="submit" class="button primary"><Icon name="search"/>"Count"</button></div>
            </form>
            <Transition fallback=Bones>
                {move || Suspend::new(async move {
                    match loaded::<Erasing>(&found.await) {
                        Ok(Erasing { preview, erasures }) => {
                            under_way.set(erasures.iter().any(|one| one.done_ms.is_none()));
                            let typed = number.get_untracked();
                            view! {
                                {preview.map(|preview| view! { <Counted preview typed zone/> })}
                                <Before erasures zone/>
                            }.into_any()
                        }
                        Err(error @ AppError::Invalid(_)) => view! {
                            <p class="form-problem" role="alert">{problem_of(Some(&error), "number")}</p>
                        }.into_any(),
                        Err(error) => view! { <NotLoaded error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

/// What there is of the number, and the form that erases it.
#[component]
fn Counted(preview: Preview, typed: String, zone: Zone) -> impl IntoView {
    let nothing = preview.tally == Default::default();
    let Preview {
        hint,
        tally,
        held,
        named,
        under_way,
        ours,
    } = preview;
    let more = held.saturating_sub(named.len() as u64);
    let figures = [
        ("Calls", tally.calls),
        ("Recordings", tally.recordings),
        ("Notes", tally.notes),
        ("Other entries", tally.others),
    ];
    view! {
        <section class="paper erase-counted" aria-label="What is kept of it">
            <h2>"What is kept of "{hint}</h2>
            <dl class="erase-tally">
                {figures.map(|(name, count)| view! { <div><dt>{name}</dt><dd>{count}</dd></div> }.into_any()).collect_view()}
            </dl>
            <p class="soft">"Other entries: its visits of queues, calls that were lost, callbacks, and Asterisk's own records kept here."</p>
            {(held > 0).then(|| view! {
                <div class="erase-held">
                    <h3>{if held == 1 { "1 is held and stays as it is".to_owned() } else { format!("{held} are held and stay as they are") }}</h3>
                    <ul>
                        {named.into_iter().map(|one| view! { <HeldOne one zone/> }).collect_view()}
                        {(more > 0).then(|| view! { <li>{format!("and {more} more")}</li> })}
                    </ul>
                </div>
            }.into_any())}
            {(under_way > 0).then(|| view! {
                <p>{format!("{under_way} under way: what is kept of them goes when the number is erased again after they are over.")}</p>
            }.into_any())}
            {if ours {
                view! { <p class="form-problem">"This is the number of a phone here. What is kept of people who work here is not erased by it."</p> }.into_any()
            } else if nothing {
                view! { <p role="status">"Nothing that could be erased is kept of this number."</p> }.into_any()
            } else {
                view! { <Erase typed/> }.into_any()
            }}
        </section>
    }
    .into_any()
}

#[component]
fn HeldOne(one: Held, zone: Zone) -> impl IntoView {
    match (one.call, one.recording) {
        (Some(call), _) => {
            let at_ms = one.began_ms;
            view! {
                <li><a href=format!("/calls/history?call={call}")>"The call of "
                    <time datetime=moment::machine(at_ms)>{move || format!("{}, {}", zone.short_day(at_ms), zone.clock(at_ms))}</time>
                </a></li>
            }
            .into_any()
        }
        (None, recording) => view! { <li>"A recording of no call: "<code>{recording}</code></li> }.into_any(),
    }
}

/// The form that erases it.
#[component]
fn Erase(typed: String) -> impl IntoView {
    let erase = Sending::to::<EraseNumber>();
    let of = move |name: &'static str| Signal::derive(move || problem_of(erase.problem().as_ref(), name));
    let whole = Signal::derive(move || problem_of_form(erase.problem().as_ref(), &["again", "purpose"]));
    view! {
        <form class="form danger-zone erase-form" method="post" action=erase.path aria-label="Erase for good"
            on:submit=move |event| erase.submit(&event)>
            <FormProblem problem=whole/>
            <input type="hidden" name="number" value=typed/>
            <p>"This cannot be taken back. Calls stay in every figure, with nobody's name on them; recordings and notes are gone. Entries of the audit trail stay as they are."</p>
            <TextField name="purpose" label="Why" problem=of("purpose") required=true maxlength=MAX_PURPOSE_CHARS as u32
                help="Stands in the audit trail. Without the number."/>
            <TextField name="again" label="The number once more" problem=of("again") kind="tel" required=true maxlength=40/>
            <div class="form-end">
                <button type="submit" class="button danger" disabled=move || erase.pending.get()><Icon name="circle-minus"/>"Erase for good"</button>
                <a class="button quiet" href=PAGE>"Cancel"</a>
            </div>
        </form>
        <Confirming of=erase/>
    }
    .into_any()
}

/// What was erased before.
#[component]
fn Before(erasures: Vec<Erasure>, zone: Zone) -> impl IntoView {
    if erasures.is_empty() {
        return view! {
            <Nothing icon="circle-check" title="No number was erased yet">
                <p>"Somebody may ask that nothing about them is kept. Type their number above to see what there is."</p>
            </Nothing>
        }
        .into_any();
    }
    view! {
        <section class="paper" aria-label="Erased numbers">
            <h2>"Erased"</h2>
            <ul class="erase-before">{erasures.into_iter().map(|one| view! { <Done one zone/> }).collect_view()}</ul>
        </section>
    }
    .into_any()
}

#[component]
fn Done(one: Erasure, zone: Zone) -> impl IntoView {
    let Erasure {
        id,
        hint,
        purpose,
        by,
        began_ms,
        done_ms,
        tally,
        held,
        left,
    } = one;
    let state = match (done_ms, left.as_str()) {
        (Some(_), _) => "Done".to_owned(),
        (None, "") => "Under way".to_owned(),
        (None, left) => format!("Waits: {left}"),
    };
    view! {
        <li data-done=done_ms.map(|_| "")>
            <p class="erase-what"><b>{hint}</b><span class="soft">{format!("now Erased {id}")}</span><span class="erase-state" role="status">{visible(&state).into_owned()}</span></p>
            <p>{tally.says()}{(held > 0).then(|| format!("; {held} held"))}</p>
            <p class="soft">{visible(&by).into_owned()}", "
                <time datetime=moment::machine(began_ms)>{move || format!("{}, {}", zone.short_day(began_ms), zone.clock(began_ms))}</time>
                {(!purpose.is_empty()).then(|| format!(": {}", visible(&purpose)))}
            </p>
        </li>
    }
    .into_any()
}
