//! My desk: what I do, my queues, my call and who calls, the work after it, my calls of late and my day in numbers.

pub mod call;
pub mod day;
pub mod lost;
pub mod queues;
pub mod seat;
pub mod state;
pub mod taken;
pub mod wrap_up;

use leptos::prelude::*;
use leptos_meta::Title;

use self::{
    call::MyCall, day::MyDay, lost::MyLost, queues::MyQueues, seat::my_seats, state::MyState, taken::MyCalls,
    wrap_up::MyWrapUp,
};
use crate::{
    access::Ability,
    api::desk::LoadDesk,
    backend::BackendHandle,
    components::{
        help::AskForHelp,
        loading::{Bones, NotLoaded},
        trouble::Nothing,
    },
    error::AppError,
    load, loaded,
    model::{Viewer, desk::Desk},
};
use leptos::server_fn::ServerFn;

/// The page.
#[component]
pub fn DeskPage() -> impl IntoView {
    let desk = load(LoadDesk::PATH, String::new(), || async {
        let backend = use_context::<BackendHandle>().ok_or(AppError::NotSignedIn)?;
        backend.desk().await
    });
    let viewer = expect_context::<RwSignal<Viewer>>();
    let has_phone = Memo::new(move |_| !viewer.read().rights.own.is_empty());
    view! {
        <Title text="My desk"/>
        <header class="page-head"><h1>"My desk"</h1></header>
        {move || if has_phone.get() {
            view! {
                <Transition fallback=Bones>
                    {move || Suspend::new(async move {
                        match loaded::<Desk>(&desk.await) {
                            Ok(desk) => view! { <Whole desk/> }.into_any(),
                            Err(error) => view! { <NotLoaded error/> }.into_any(),
                        }
                    })}
                </Transition>
            }.into_any()
        } else {
            view! {
                <Nothing icon="phone" title="You have no extension yet">
                    <p>"Calls of queues ring at your extension. Choose it in your profile, or ask an administrator."</p>
                    <a class="button primary" href="/me">"My profile"</a>
                </Nothing>
            }.into_any()
        }}
    }
    .into_any()
}

#[component]
fn Whole(desk: Desk) -> impl IntoView {
    let seats = my_seats();
    let viewer = expect_context::<RwSignal<Viewer>>();
    let returns = Memo::new(move |_| viewer.read().rights.has(Ability::ReturnCalls));
    let Desk {
        reasons,
        rules,
        taken,
    } = desk;
    let rules = StoredValue::new(rules);
    view! {
        <div class="mydesk">
            <div class="mydesk-main">
                <MyState seats reasons/>
                <MyWrapUp seats rules/>
                <MyCall/>
                {move || returns.get().then(|| view! { <MyLost/> }.into_any())}
                <MyCalls taken rules/>
            </div>
            <div class="mydesk-side">
                <MyQueues seats/>
                <section class="paper myhelp needs-js" aria-labelledby="help-wanted-title">
                    <h2 id="help-wanted-title">"Help"</h2>
                    <AskForHelp/>
                </section>
                <MyDay seats/>
            </div>
        </div>
    }
    .into_any()
}
