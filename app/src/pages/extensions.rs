//! Extensions: what the PBX says about every phone of ours, live.

use leptos::{html, prelude::*};
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{query_signal_with_options, use_location, use_query_map},
};
use telephony::{Extension, Registration};

use crate::{
    browser,
    components::{
        Icon, StateMark, Timer,
        person_verbs::{PersonActions, PersonVerbs},
        roving,
        trouble::Nothing,
        window::{first_rows, near, rest},
    },
    live::{ExtensionKey, Live},
    look::{always, look},
    lower,
    model::PbxId,
    words::{Status, address, shortened, visible, visible::NAME_CHARS, with_whom},
};

/// Rows drawn before it is known how many can be seen.
const FIRST_ROWS: usize = 120;

/// The page.
#[component]
pub fn ExtensionsPage() -> impl IntoView {
    let live = expect_context::<Live>();
    let quietly = NavigateOptions {
        replace: true,
        scroll: false,
        ..NavigateOptions::default()
    };
    let (search, set_search) = query_signal_with_options::<String>("q", quietly);
    let query = use_query_map();
    let total = {
        let live = live.clone();
        Memo::new(move |_| live.extensions.len())
    };
    let keys = Memo::new(move |_| {
        let wanted = lower(search.read().as_deref().unwrap_or("").trim());
        let pbx = query
            .read()
            .get_str("pbx")
            .and_then(|id| id.parse().ok())
            .map(PbxId);
        fitting(&live, &wanted, pbx)
    });
    let (room, rows) = (NodeRef::<html::Div>::new(), NodeRef::<html::Tbody>::new());
    let first = first_rows(FIRST_ROWS);
    let shown = near(
        keys,
        move || room.get().map(Into::into),
        move || rows.get().map(Into::into),
        first,
    );
    Effect::new(move |_| {
        shown.track();
        if let Some(rows) = rows.get() {
            request_animation_frame(move || roving::settle(&rows));
        }
    });
    view! {
        <Title text="Extensions"/>
        <header class="page-head">
            <h1>"Extensions " <span class="count">{move || total.get()}</span></h1>
            <form method="get" role="search" aria-label="Extensions" on:submit=|event| event.prevent_default()>
                <label class="search">
                    <Icon name="search"/>
                    <span class="unseen">"Search by name, number or device"</span>
                    <input
                        type="search" name="q" placeholder="Name, number or device" autocomplete="off"
                        maxlength="64" data-search
                        value=search.get_untracked().unwrap_or_default()
                        prop:value=move || search.get().unwrap_or_default()
                        on:input=move |event| {
                            let text = event_target_value(&event);
                            set_search.set((!text.is_empty()).then_some(text));
                        }
                    />
                </label>
            </form>
            <p>"Every phone your PBX knows. Click a number to call it: your own phone rings first, then theirs."</p>
        </header>
        <div class="sheet-of-rows" node_ref=room>
            <table class="list">
                <thead>
                    <tr>
                        <th scope="col">"Number"</th>
                        <th scope="col">"Name"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"With"</th>
                        <th scope="col">"Phone"</th>
                        <th scope="col">"Voicemail"</th>
                        <th scope="col">"Device"</th>
                        <td></td>
                    </tr>
                </thead>
                <tbody node_ref=rows on:keydown=|event| { roving::moved(&event); }>
                    <For each=move || shown.get() key=|key| key.clone() let:key><ExtensionRow key/></For>
                </tbody>
            </table>
            {rest(keys, first)}
            {move || keys.read().is_empty().then(|| if total.get() == 0 {
                view! {
                    <Nothing icon="contact" title="No extensions yet">
                        <p>"They appear here by themselves once a PBX is connected."</p>
                        <a class="button" href="/admin/pbx">"PBX connections"</a>
                    </Nothing>
                }.into_any()
            } else {
                view! {
                    <Nothing icon="search" title="No extension fits this search">
                        <button type="button" class="button" on:click=move |_| set_search.set(None)>"Show all"</button>
                    </Nothing>
                }.into_any()
            })}
        </div>
    }
    .into_any()
}

fn fitting(live: &Live, wanted: &str, pbx: Option<PbxId>) -> Vec<ExtensionKey> {
    let mut keys = live.extensions.keys();
    keys.retain(|key| {
        pbx.is_none_or(|pbx| pbx == key.0)
            && (wanted.is_empty()
                || live
                    .extensions
                    .peek(key, |row| {
                        row.number.starts_with(wanted)
                            || lower(&row.device).contains(wanted)
                            || lower(row.name.as_deref().unwrap_or("")).contains(wanted)
                    })
                    .unwrap_or(false))
    });
    keys.sort_by(|a, b| (a.1.len(), &a.1, a.0).cmp(&(b.1.len(), &b.1, b.0)));
    keys
}

#[component]
fn ExtensionRow(key: ExtensionKey) -> impl IntoView {
    let live = expect_context::<Live>();
    let row = live.extensions.get(&key)?;
    let actions = PersonActions::new(key.clone(), row.clone());
    let (pbx, number) = key;
    let old = Memo::new(move |_| live.freshness(pbx).is_old());
    let status = {
        let row = row.clone();
        look(move || row.with(|row| Status::from(row)))
    };
    let state = status.clone();
    let name = of(&row, |row| {
        shortened(row.name.as_deref().unwrap_or(""), NAME_CHARS)
    });
    let device = of(&row, |row| visible(&row.device).into_owned());
    let phone = of(&row, phone_word);
    let mail = of(&row, |row| row.voicemail);
    let (call, keys, menu) = (actions.clone(), actions.clone(), actions.clone());
    Some(view! {
        <tr data-state=move || state().slug() class:old=move || old.get()
            on:contextmenu=move |event| { event.prevent_default(); menu.menu_at(event.client_x(), event.client_y()); }>
            <td>
                <a class="call-link" href=address::dial(&number) data-cell
                    on:click=move |event| { event.prevent_default(); call.call(); }
                    on:keydown=move |event| if event.key() != "Enter" && let Some(on) = browser::target_element(&event) {
                        keys.key(&event, &on)
                    }
                >
                    <Icon name="phone"/><span class="unseen">"Call "</span>{number.clone()}
                </a>
            </td>
            <td class="who"><span class="party">{move || name.get()}</span></td>
            <td><StateMark status/></td>
            <td><With row pbx/></td>
            <td class="soft">{move || phone.get()}</td>
            <td class="soft">
                {move || mail.get().filter(|new| *new > 0).map(|new| view! {
                    <span class="chip"><Icon name="voicemail"/>{format!("{new} new")}</span>
                })}
            </td>
            <td class="soft wide-only">{move || device.get()}</td>
            <td class="last"><PersonVerbs actions/></td>
        </tr>
    }.into_any())
}

/// The calls they are on, each with its number to call and its page.
#[component]
fn With(row: ArcRwSignal<Extension>, pbx: PbxId) -> impl IntoView {
    let search = use_location().search;
    let engaged = of(&row, |row| {
        let engagements = row.engagements.iter().filter(|one| !one.call.0.is_empty());
        engagements
            .map(|one| (one.call.clone(), with_whom(one), one.since.0))
            .collect::<Vec<_>>()
    });
    move || {
        let engaged = engaged.get().into_iter();
        engaged
            .map(|(call, with, since_ms)| {
                view! {
                    <a class="call-link" href=move || address::call(pbx.0, &call.0, &search.read())>{with}</a>
                    " "
                    <Timer pbx since_ms=always(since_ms)/>
                }
            })
            .collect_view()
    }
}

fn of<T>(row: &ArcRwSignal<Extension>, look: impl Fn(&Extension) -> T + Send + Sync + 'static) -> Memo<T>
where
    T: PartialEq + Send + Sync + 'static,
{
    let row = row.clone();
    Memo::new(move |_| row.with(&look))
}

fn phone_word(row: &Extension) -> String {
    let word = match row.registration {
        Registration::Registered => "Registered",
        Registration::Unreachable => "Registered, does not answer",
        Registration::Unregistered => "Not registered",
        // an account that may not ask is told so on the switchboard, and not in every row
        Registration::Unknown => "",
    };
    match (word, row.dnd) {
        ("", Some(true)) => "Do not disturb".into(),
        (_, Some(true)) => format!("{word} · do not disturb"),
        (_, Some(false) | None) => word.into(),
    }
}
