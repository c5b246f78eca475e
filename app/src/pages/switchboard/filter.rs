//! What the address bar says about the screen: search, state, order, PBX.

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{query_signal_with_options, use_query_map},
};

use crate::{lower, model::PbxId, words::Status};

/// The order of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// By number: everybody stays where they are.
    Number,
    /// By name.
    Name,
    /// What needs a person first.
    State,
    /// With the queues that they serve, by number there.
    Queue,
}

impl Order {
    fn of(slug: Option<&str>) -> Self {
        match slug {
            Some("name") => Order::Name,
            Some("state") => Order::State,
            Some("queue") => Order::Queue,
            _ => Order::Number,
        }
    }

    pub(super) fn slug(self) -> &'static str {
        match self {
            Order::Number => "number",
            Order::Name => "name",
            Order::State => "state",
            Order::Queue => "queue",
        }
    }
}

/// The filters, and setters that write the address bar.
#[derive(Clone, Copy)]
pub(super) struct Filter {
    pub(super) search: Memo<Option<String>>,
    pub(super) set_search: SignalSetter<Option<String>>,
    pub(super) state: Memo<Option<String>>,
    pub(super) set_state: SignalSetter<Option<String>>,
    pub(super) sort: Memo<Option<String>>,
    pub(super) set_sort: SignalSetter<Option<String>>,
    pub(super) pbx: Memo<Option<PbxId>>,
}

impl Filter {
    pub(super) fn from_address() -> Self {
        let quietly = || NavigateOptions {
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        let (search, set_search) = query_signal_with_options("q", quietly());
        let (state, set_state) = query_signal_with_options("state", quietly());
        let (sort, set_sort) = query_signal_with_options("sort", quietly());
        Self {
            search,
            set_search,
            state,
            set_state,
            sort,
            set_sort,
            pbx: chosen_pbx(),
        }
    }

    pub(super) fn status(self) -> Option<Status> {
        self.state.read().as_deref().and_then(Status::of_people)
    }

    pub(super) fn order(self) -> Order {
        Order::of(self.sort.read().as_deref())
    }

    /// Whether people stand with the queues that they serve.
    pub(super) fn by_queue(self) -> bool {
        self.order() == Order::Queue
    }

    pub(super) fn wanted(self) -> String {
        lower(self.search.read().as_deref().unwrap_or("").trim())
    }
}

/// The PBX chosen in the top bar; none shows all.
pub(in crate::pages) fn chosen_pbx() -> Memo<Option<PbxId>> {
    let query = use_query_map();
    Memo::new(move |_| {
        query
            .read()
            .get_str("pbx")
            .and_then(|id| id.parse().ok())
            .map(PbxId)
    })
}
