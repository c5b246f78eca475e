//! The busiest hours: a row for each day of the week, a cell for each hour.

use leptos::prelude::*;

use crate::pages::history::grouped;

/// The days of the week.
pub const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
/// Shades beside none.
const SHADES: u64 = 6;

/// The same of one, for paper.
pub fn shade_of(calls: u64, most: u64) -> f32 {
    // six shades at most
    shade(calls, most) as f32 / SHADES as f32
}

/// How dark a cell is: none for no calls, else from 1 to the most.
fn shade(calls: u64, most: u64) -> u64 {
    (calls * SHADES).div_ceil(most.max(1))
}

/// The map.
#[component]
pub fn Week(week: Vec<[u64; 24]>) -> impl IntoView {
    let most = week.iter().flatten().copied().max().unwrap_or(0);
    let head = (0..24).map(|hour| view! { <th scope="col">{format!("{hour:02}")}</th> }.into_any());
    let head: Vec<AnyView> = head.collect();
    let rows = DAYS.iter().zip(week).map(|(day, hours)| {
        let cells = hours.into_iter().enumerate().map(|(hour, calls)| {
            let title = format!("{day}, {hour:02}:00: {} calls", grouped(calls));
            let shown = (calls > 0).then(|| grouped(calls));
            view! { <td data-shade=shade(calls, most).to_string() title=title><span>{shown}</span></td> }
                .into_any()
        });
        let cells: Vec<AnyView> = cells.collect();
        let short = day.get(..3).unwrap_or(day);
        view! { <tr><th scope="row"><abbr title=*day>{short}</abbr></th>{cells}</tr> }.into_any()
    });
    let rows: Vec<AnyView> = rows.collect();
    view! {
        <figure class="bars week">
            <figcaption>"Busiest hours"</figcaption>
            <div class="week-scroll" tabindex="0" role="group" aria-label="Calls by the day of the week and the hour">
                <table>
                    <thead><tr><td></td>{head}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </figure>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::shade;

    #[test]
    fn one_call_is_seen_and_the_busiest_hour_is_the_darkest() {
        assert_eq!(
            (shade(0, 0), shade(0, 900), shade(1, 900), shade(900, 900)),
            (0, 0, 1, 6)
        );
    }
}
