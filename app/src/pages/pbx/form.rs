//! One PBX connection as a form.

use leptos::{html, prelude::*};
use leptos_meta::Title;

use super::steps::{SavedSteps, Steps};
use crate::{
    AppError,
    api::pbx::{DeletePbx, SavePbx, TestPbx},
    components::{
        Icon,
        confirming::Confirming,
        field::{FormProblem, Problem, TextField, problem_of, problem_of_form},
        lamp::Lamp,
    },
    live::Live,
    model::{PbxConnection, PbxId, TlsMode},
    sending::Sending,
    words::{shortened, visible::NAME_CHARS},
};

/// The names of the fields, as problems name them.
const FIELDS: [&str; 10] = [
    "name",
    "host",
    "port",
    "tls",
    "ca_pem",
    "username",
    "secret",
    "context",
    "queue_log",
    "recordings",
];

/// The page of one connection, or of one to be made.
#[component]
pub fn PbxForm(one: Option<PbxConnection>, tested: bool) -> impl IntoView {
    let save = Sending::to::<SavePbx>();
    let test = Sending::to::<TestPbx>();
    let failed = Memo::new(move |_| save.problem().or_else(|| test.problem()));
    let title = match &one {
        Some(one) => shortened(&one.name, NAME_CHARS),
        None => "Connect a PBX".to_owned(),
    };
    let id = one.as_ref().map(|one| one.id);
    let form = NodeRef::<html::Form>::new();
    let try_it = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        if let Some(form) = form.get() {
            test.send(&form);
        }
    };
    let testing = test.pending;
    let saving = save.pending;
    view! {
        <Title text=title.clone()/>
        <header class="page-head">
            <h1>{title}</h1>
            {id.map(|pbx| view! { <Lamp pbx/> })}
        </header>
        <div class="with-aside">
            <section class="paper" aria-label="Connection">
                <form class="form" method="post" action=save.path node_ref=form on:submit=move |event| save.submit(&event)>
                    <FormProblem problem=Signal::derive(move || problem_of_form(failed.read().as_ref(), &FIELDS))/>
                    <input type="hidden" name="id" value=id.map_or(0, |id| id.0).to_string()/>
                    <Fields one failed/>
                    <div class="form-end">
                        <button type="submit" class="button primary" disabled=move || saving.get()>"Save"</button>
                        <button type="button" class="button needs-js" disabled=move || testing.get() on:click=try_it>
                            <Icon name="plug"/>{move || if testing.get() { "Testing…" } else { "Test the connection" }}
                        </button>
                        {id.map(|id| view! {
                            <noscript><a class="button" href=format!("/admin/pbx/{}?test=1", id.0)>"Test the saved connection"</a></noscript>
                        })}
                        <a class="button quiet" href="/admin/pbx">"Cancel"</a>
                    </div>
                </form>
                <Confirming of=save/>
            </section>
            <div class="aside">
                <div aria-live="polite" class="outcome">
                    {move || match test.answer() {
                        Some(Ok(steps)) if !testing.get() => Some(view! { <Steps steps/> }),
                        _ => None,
                    }}
                    {tested.then(|| id.map(|id| view! { <SavedSteps id/> }))}
                </div>
                <Manager is_new=id.is_none()/>
            </div>
        </div>
        {id.map(|id| view! { <Remove id/> })}
    }
    .into_any()
}

#[component]
fn Fields(one: Option<PbxConnection>, failed: Memo<Option<AppError>>) -> impl IntoView {
    let of = move |name: &'static str| Signal::derive(move || problem_of(failed.read().as_ref(), name));
    let is_new = one.is_none();
    let one = one.unwrap_or_else(blank);
    let with_tls = one.tls == TlsMode::Verify;
    let own_authority = !one.ca_pem.is_empty();
    view! {
        <TextField name="name" label="Name" problem=of("name") help="As your people call it: Head office, Warehouse." value=one.name required=true maxlength=64/>
        <div class="field-pair">
            <TextField name="host" label="Host" problem=of("host") help="Name or address of the machine Asterisk runs on." value=one.host required=true/>
            <TextField name="port" label="Port" problem=of("port") value=one.port.to_string() inputmode="numeric" required=true maxlength=5/>
        </div>
        <TextField name="username" label="Manager user" problem=of("username") value=one.username required=true maxlength=64/>
        <TextField name="secret" label="Secret" kind="password" autocomplete="new-password" problem=of("secret")
            help=if is_new { "Kept encrypted; it never leaves the server again." } else { "Leave empty to keep the stored one." }/>
        <TextField name="context" label="Dialplan context" problem=of("context")
            help="Where numbers are looked up when you call, transfer or park from here." value=one.context required=true maxlength=80/>
        <fieldset class="field">
            <legend class="label">"Protection of the connection"</legend>
            <label class="choice"><input type="checkbox" name="tls" value="true" checked=with_tls/>"TLS, with the certificate checked"</label>
            <p class="field-help">"Without TLS the secret and every number travel in the clear: on this machine or a trusted wire only."</p>
            <Problem id="tls-problem" problem=of("tls")/>
        </fieldset>
        <details open=own_authority>
            <summary>"A certificate authority of your own"</summary>
            <div class="field">
                <label for="ca_pem" class="unseen">"Certificate authority, PEM"</label>
                <textarea id="ca_pem" name="ca_pem" rows="6" spellcheck="false" placeholder="-----BEGIN CERTIFICATE-----">{one.ca_pem}</textarea>
                <Problem id="ca_pem-problem" problem=of("ca_pem")/>
            </div>
        </details>
        <TextField name="queue_log" label="Queue log" problem=of("queue_log")
            help="Where Asterisk's own log of queues can be read on this machine, as /var/log/asterisk/queue_log. What was not seen of calls is put right by it. Empty where there is none." value=one.queue_log maxlength=255/>
        <TextField name="recordings" label="Folder of recordings" problem=of("recordings")
            help="Where recordings of calls can be read on this machine, as /var/spool/asterisk/monitor. Each is found by itself and stands with its call. Empty where there are none." value=one.recordings maxlength=255/>
        <label class="choice"><input type="checkbox" name="enabled" value="true" checked=one.enabled/>"Connect to it"</label>
        <fieldset class="field">
            <legend class="label">"Supervision"</legend>
            <label class="choice"><input type="checkbox" name="supervision_private" value="true" checked=one.supervision_private/>
                "Whoever is listened to does not see it"</label>
            <p class="field-help">"Otherwise the call shows who listens to everybody who sees the call. Supervisors always see it. What has to be told to whom is for the law and your works agreement to say."</p>
        </fieldset>
    }
    .into_any()
}

fn blank() -> PbxConnection {
    PbxConnection {
        id: PbxId(0),
        name: String::new(),
        host: String::new(),
        port: 5038,
        tls: TlsMode::Off,
        ca_pem: String::new(),
        username: "starboard".into(),
        context: "from-internal".into(),
        enabled: true,
        supervision_private: false,
        queue_log: String::new(),
        recordings: String::new(),
    }
}

/// What Asterisk's side needs.
#[component]
fn Manager(is_new: bool) -> impl IntoView {
    const STANZA: &str = "[starboard]\nsecret = choose-a-long-one\nread = system,call,agent,user,dialplan\nwrite = reporting,call,agent,originate\nwritetimeout = 5000\ndeny = 0.0.0.0/0.0.0.0\npermit = 127.0.0.1/255.255.255.255";
    view! {
        <details class="paper" open=is_new>
            <summary><strong>"What to put into manager.conf"</strong></summary>
            <pre class="snippet">{STANZA}</pre>
            <p class="soft">
                "Permit the address of the machine Starboard runs on, then run " <code>"manager reload"</code>
                ". With fewer rights Starboard works too, and says on the switchboard what it cannot see."
            </p>
        </details>
    }
    .into_any()
}

/// Removing, with its consequence.
#[component]
fn Remove(id: PbxId) -> impl IntoView {
    let live = expect_context::<Live>();
    let delete = Sending::to::<DeletePbx>();
    let calls = Memo::new(move |_| live.calls.keys().iter().filter(|(of, _)| *of == id).count());
    let problem = Signal::derive(move || problem_of_form(delete.problem().as_ref(), &[]));
    view! {
        <details class="paper danger-zone">
            <summary><strong>"Remove this connection"</strong></summary>
            <form class="form" method="post" action=delete.path on:submit=move |event| delete.submit(&event)>
                <FormProblem problem/>
                <input type="hidden" name="id" value=id.0.to_string()/>
                <p>
                    "Its board disappears for everybody, and own extensions on it are forgotten. The PBX itself is not touched: "
                    {move || match calls.get() {
                        0 => "no call is up there now.".to_owned(),
                        1 => "the one call that is up goes on.".to_owned(),
                        many => format!("the {many} calls that are up go on."),
                    }}
                </p>
                <div class="form-end">
                    <button type="submit" class="button danger" disabled=move || delete.pending.get()>
                        <Icon name="trash-2"/>"Remove it"
                    </button>
                </div>
            </form>
        </details>
    }
    .into_any()
}
