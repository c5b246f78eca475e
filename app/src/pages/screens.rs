//! Every screen beside the switchboard, by its address; and the doors before the frame.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

use super::{
    account::{SetUpPage, SignInPage, WelcomePage},
    alarms::AlarmsPage,
    audit::AuditPage,
    callbacks::CallbacksPage,
    desk::DeskPage,
    erase::ErasePage,
    extensions::ExtensionsPage,
    figures::FiguresPage,
    history::HistoryPage,
    home::HomePage,
    keeping::KeepingPage,
    lost::LostPage,
    not_found::NotFound,
    pbx::{PbxListPage, PbxPage},
    people::{AllTokensPage, RolesPage, TeamsPage, UsersPage},
    place_call::PlaceCallPage,
    profile::ProfilePage,
    queue_set_up::QueueSetUpPage,
    queues::QueuesPage,
    recordings::RecordingsPage,
    records::RecordsPage,
    reports::ReportsPage,
    wallboards::{TvPage, WallPage, WallboardsPage},
};
use crate::{
    AppError,
    access::{Ability, Rights},
    browser,
    components::loading::NotLoaded,
    model::Viewer,
    words::address,
};

/// A screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// Home.
    Home,
    /// Extensions.
    Extensions,
    /// Figures of queues and agents.
    Figures,
    /// Calls that are over.
    History,
    /// The same, added up.
    Reports,
    /// Asterisk's own call records.
    Records,
    /// Recordings of no call, or with something the matter.
    Recordings,
    /// Targets of queues and reasons of pauses.
    QueueSetUp,
    /// An agent's own desk.
    Desk,
    /// Queues.
    Queues,
    /// Alarms.
    Alarms,
    /// Every PBX connection.
    PbxList,
    /// One of them.
    Pbx,
    /// Users.
    Users,
    /// Teams.
    Teams,
    /// Roles.
    Roles,
    /// Tokens of everybody.
    Tokens,
    /// The audit trail.
    Audit,
    /// Erasing what is kept of a number.
    Erase,
    /// For how long recordings are kept.
    Keeping,
    /// Callers who keep their place.
    Callbacks,
    /// Callers who were not reached.
    Lost,
    /// My profile.
    Profile,
    /// Where a clicked number lands.
    PlaceCall,
    /// Wallboards.
    Wallboards,
    /// One of them, on a wall.
    Wall,
    /// No screen is there.
    Nowhere,
}

/// Every address below `/`, in the words of a router: `:id` stands for anything, `:id?` for anything or nothing.
pub const PLACES: &[(&str, Screen)] = &[
    ("home", Screen::Home),
    ("extensions", Screen::Extensions),
    ("figures", Screen::Figures),
    ("calls/history", Screen::History),
    ("calls/reports", Screen::Reports),
    ("calls/records", Screen::Records),
    ("calls/recordings", Screen::Recordings),
    ("queues/set-up", Screen::QueueSetUp),
    ("desk", Screen::Desk),
    ("queues/callbacks", Screen::Callbacks),
    ("queues/lost/:id?", Screen::Lost),
    ("queues/:pbx?/:queue?", Screen::Queues),
    ("alarms/:id?", Screen::Alarms),
    ("admin/pbx", Screen::PbxList),
    ("admin/pbx/:id", Screen::Pbx),
    ("admin/users/:id?", Screen::Users),
    ("admin/teams/:id?", Screen::Teams),
    ("admin/roles/:id?", Screen::Roles),
    ("admin/tokens", Screen::Tokens),
    ("admin/audit/:id?", Screen::Audit),
    ("admin/erase", Screen::Erase),
    ("admin/keeping", Screen::Keeping),
    ("me/:part?", Screen::Profile),
    ("call", Screen::PlaceCall),
    ("wallboards/:id?", Screen::Wallboards),
    ("wall/:id", Screen::Wall),
];

impl Screen {
    /// Any one of these abilities shows it; none for a screen that everybody has.
    fn needs(self) -> &'static [Ability] {
        match self {
            Screen::Figures => &[Ability::SeeQueues],
            Screen::History | Screen::Reports | Screen::Records => &[Ability::SeeCalls],
            Screen::Recordings => &[Ability::HearRecordings],
            Screen::QueueSetUp => &[Ability::SetUpQueues],
            Screen::PbxList | Screen::Pbx => &[Ability::ManageConnections],
            Screen::Users | Screen::Teams | Screen::Roles => &[
                Ability::SeeUsers,
                Ability::ManageUsers,
                Ability::ManageTeams,
                Ability::ManageRoles,
            ],
            Screen::Queues | Screen::Alarms => &[Ability::SeeQueues],
            Screen::Tokens => &[Ability::ManageTokens],
            Screen::Audit => &[Ability::SeeAudit],
            Screen::Erase => &[Ability::EraseNumbers],
            Screen::Keeping => &[Ability::KeepRecordings],
            Screen::Desk => &[Ability::ServeQueues],
            Screen::Callbacks => &[Ability::ManageCallers, Ability::SetUpQueues],
            Screen::Lost => &[Ability::ReturnCalls],
            Screen::Wallboards
            | Screen::Wall
            | Screen::Home
            | Screen::Extensions
            | Screen::Profile
            | Screen::PlaceCall
            | Screen::Nowhere => &[],
        }
    }

    /// Whether somebody with these rights is shown it.
    pub fn is_for(self, rights: &Rights) -> bool {
        let needs = self.needs();
        needs.is_empty() || needs.iter().any(|ability| rights.has(*ability))
    }

    /// The screen of an address.
    pub fn of(path: &str) -> Self {
        let found = PLACES.iter().find(|(pattern, _)| fits(pattern, path));
        found.map_or(Screen::Nowhere, |(_, screen)| *screen)
    }
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

fn fits(pattern: &str, path: &str) -> bool {
    let mut given = parts(path);
    for wanted in parts(pattern) {
        match given.next() {
            Some(part) if wanted.starts_with(':') || wanted == part => {}
            None if wanted.ends_with('?') => {}
            Some(_) | None => return false,
        }
    }
    given.next().is_none()
}

/// A part of the address, counted from 0: what stands for `:id`.
pub fn part_of_address(at: usize) -> Memo<Option<String>> {
    let path = use_location().pathname;
    Memo::new(move |_| parts(&path.read()).nth(at).map(str::to_owned))
}

/// The screen at the present address.
#[component]
pub fn Screens() -> impl IntoView {
    let path = use_location().pathname;
    let screen = Memo::new(move |before: Option<&Screen>| {
        let path = path.read();
        // on the way to the switchboard what is left stays as it is
        match before {
            Some(before) if *path == "/" || address::is_call(&path) => *before,
            Some(_) | None => Screen::of(&path),
        }
    });
    let viewer = expect_context::<RwSignal<Viewer>>();
    // also when the right is taken away while the page is open
    let refused = Memo::new(move |_| !screen.get().is_for(&viewer.read().rights));
    // a page that begins with the switchboard has not got it yet
    Effect::new(|_| browser::fetch_style(LATER));
    move || match screen.get() {
        _ if refused.get() => {
            view! { <Title text="Not for you"/><NotLoaded error=AppError::Forbidden/> }.into_any()
        }
        Screen::Home => view! { <HomePage/> }.into_any(),
        Screen::Extensions => view! { <ExtensionsPage/> }.into_any(),
        Screen::Figures => view! { <FiguresPage/> }.into_any(),
        Screen::History => view! { <HistoryPage/> }.into_any(),
        Screen::Reports => view! { <ReportsPage/> }.into_any(),
        Screen::Records => view! { <RecordsPage/> }.into_any(),
        Screen::Recordings => view! { <RecordingsPage/> }.into_any(),
        Screen::QueueSetUp => view! { <QueueSetUpPage/> }.into_any(),
        Screen::Desk => view! { <DeskPage/> }.into_any(),
        Screen::Alarms => view! { <AlarmsPage/> }.into_any(),
        Screen::Queues => view! { <QueuesPage/> }.into_any(),
        Screen::PbxList => view! { <PbxListPage/> }.into_any(),
        Screen::Pbx => view! { <PbxPage/> }.into_any(),
        Screen::Users => view! { <UsersPage/> }.into_any(),
        Screen::Teams => view! { <TeamsPage/> }.into_any(),
        Screen::Roles => view! { <RolesPage/> }.into_any(),
        Screen::Tokens => view! { <AllTokensPage/> }.into_any(),
        Screen::Audit => view! { <AuditPage/> }.into_any(),
        Screen::Erase => view! { <ErasePage/> }.into_any(),
        Screen::Keeping => view! { <KeepingPage/> }.into_any(),
        Screen::Callbacks => view! { <CallbacksPage/> }.into_any(),
        Screen::Lost => view! { <LostPage/> }.into_any(),
        Screen::Profile => view! { <ProfilePage/> }.into_any(),
        Screen::PlaceCall => view! { <PlaceCallPage/> }.into_any(),
        Screen::Wallboards => view! { <WallboardsPage/> }.into_any(),
        Screen::Wall => view! { <WallPage/> }.into_any(),
        Screen::Nowhere => view! { <NotFound/> }.into_any(),
    }
}

/// The id of the link to the stylesheet of these screens.
pub const LATER: &str = "later-style";

/// The pages before the frame.
#[component]
pub fn Doors() -> impl IntoView {
    let path = use_location().pathname;
    let path = path.read_untracked();
    match parts(&path).next() {
        Some("setup") => view! { <SetUpPage/> }.into_any(),
        Some("tv") => view! { <TvPage/> }.into_any(),
        Some("welcome") => view! { <WelcomePage/> }.into_any(),
        Some(_) | None => view! { <SignInPage/> }.into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::Screen;

    #[test]
    fn an_address_leads_to_its_screen_and_no_other_does() {
        for (path, screen) in [
            ("/home", Screen::Home),
            ("/extensions", Screen::Extensions),
            ("/extensions/", Screen::Extensions),
            ("/figures", Screen::Figures),
            ("/figures/7", Screen::Nowhere),
            ("/calls/history", Screen::History),
            ("/calls/records", Screen::Records),
            ("/calls/recordings", Screen::Recordings),
            ("/calls/1/1795.7", Screen::Nowhere),
            ("/queues/set-up", Screen::QueueSetUp),
            ("/queues", Screen::Queues),
            ("/queues/callbacks", Screen::Callbacks),
            ("/queues/lost", Screen::Lost),
            ("/queues/lost/17", Screen::Lost),
            ("/queues/1/support", Screen::Queues),
            ("/queues/1/support/more", Screen::Nowhere),
            ("/admin/pbx", Screen::PbxList),
            ("/admin/pbx/7", Screen::Pbx),
            ("/admin/users", Screen::Users),
            ("/admin/erase", Screen::Erase),
            ("/admin/keeping", Screen::Keeping),
            ("/admin/users/new", Screen::Users),
            ("/admin/users/1/more", Screen::Nowhere),
            ("/admin", Screen::Nowhere),
            ("/Extensions", Screen::Nowhere),
            ("/extensions/7", Screen::Nowhere),
            ("/api/people", Screen::Nowhere),
        ] {
            assert_eq!(Screen::of(path), screen, "{path}");
        }
    }
}
