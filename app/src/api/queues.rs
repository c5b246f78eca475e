//! Figures of queues, and what is set up of them.

use leptos::server;

use super::backend;
use crate::{
    AppError,
    model::{
        PbxId,
        figures::{Figures, FiguresQuery, KeptVisit, VisitsQuery},
        queues::{Colour, PauseReason, QueueRules, QueueSetUp},
    },
    packed::PostPacked,
};

/// Figures of what the viewer sees.
#[server(prefix = "/api", endpoint = "figures", input = PostPacked, output = PostPacked)]
pub async fn load_figures(query: FiguresQuery) -> Result<Figures, AppError> {
    backend()?.figures(query).await
}

/// The visits behind figures; and whether there are more.
#[server(prefix = "/api", endpoint = "visits", input = PostPacked, output = PostPacked)]
pub async fn load_visits(query: VisitsQuery) -> Result<(Vec<KeptVisit>, bool), AppError> {
    backend()?.visits(query).await
}

/// What is set up.
#[server(prefix = "/api", endpoint = "queue_set_up", output = PostPacked)]
pub async fn load_queue_set_up() -> Result<QueueSetUp, AppError> {
    backend()?.queue_set_up().await
}

/// The page of what is set up.
const SET_UP: &str = "/queues/set-up";

fn whole(field: &str, text: &str) -> Result<u32, AppError> {
    let number = text.trim().parse();
    number.map_err(|_| AppError::field(field, "Whole seconds."))
}

/// Sets the rules of a queue and goes back to the list. `dispositions` is a word a line.
#[server(prefix = "/api", endpoint = "save_queue_rules", output = PostPacked)]
pub async fn save_queue_rules(
    pbx: i64,
    queue: String,
    target_s: String,
    short_abandon_s: String,
    wrap_up_s: String,
    #[server(default)] dispositions: String,
) -> Result<(), AppError> {
    let words = dispositions
        .lines()
        .map(str::trim)
        .filter(|word| !word.is_empty());
    let rules = QueueRules {
        queue: (PbxId(pbx), queue),
        version: 0,
        target_s: whole("target_s", &target_s)?,
        short_abandon_s: whole("short_abandon_s", &short_abandon_s)?,
        wrap_up_s: whole("wrap_up_s", &wrap_up_s)?,
        dispositions: words.map(str::to_owned).collect(),
    };
    backend()?.save_queue_rules(rules).await?;
    leptos_axum::redirect(SET_UP);
    Ok(())
}

/// Makes or changes a pause reason and goes back to the list: `id` 0 makes a new one; `most_min` is empty or 0 without a limit.
#[server(prefix = "/api", endpoint = "save_pause_reason", output = PostPacked)]
pub async fn save_pause_reason(
    id: i64,
    name: String,
    #[server(default)] colour: String,
    #[server(default)] paid: bool,
    #[server(default)] most_min: String,
    #[server(default)] retired: bool,
) -> Result<(), AppError> {
    let minutes = match most_min.trim() {
        "" => 0,
        text => text
            .parse::<u32>()
            .ok()
            .filter(|minutes| *minutes <= 24 * 60)
            .ok_or_else(|| AppError::field("most_min", "Whole minutes, at most a day."))?,
    };
    let reason = PauseReason {
        id: (id != 0).then_some(id),
        name: name.trim().to_owned(),
        colour: Colour::of_slug(&colour).unwrap_or_default(),
        paid,
        most_s: (minutes > 0).then_some(minutes * 60),
        retired,
    };
    backend()?.save_pause_reason(reason).await?;
    leptos_axum::redirect(SET_UP);
    Ok(())
}
