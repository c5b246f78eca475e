//! Which columns the list has beside when a call began and who called, and in which order, as it stands in the address.

use leptos::prelude::*;

use super::Desk;
use crate::components::Icon;

/// A column that can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Who was called.
    Called,
    /// What was dialled.
    Dialled,
    /// The queue.
    Queue,
    /// The trunk.
    Trunk,
    /// What came of it.
    Result,
    /// What somebody says came of it.
    Disposition,
    /// Who answered first.
    AnsweredBy,
    /// How long it rang, or waited.
    Rang,
    /// How long they talked.
    Talked,
    /// How long somebody was on hold.
    Held,
    /// How long it took.
    Took,
}

/// All of them: the word in the address, and what people read.
const ALL: [(Column, &str, &str); 11] = [
    (Column::Called, "called", "Called"),
    (Column::Dialled, "dialled", "Dialled"),
    (Column::Queue, "queue", "Queue"),
    (Column::Trunk, "trunk", "Trunk"),
    (Column::Result, "result", "Result"),
    (Column::Disposition, "disposition", "Disposition"),
    (Column::AnsweredBy, "answered_by", "Answered by"),
    (Column::Rang, "rang", "Rang"),
    (Column::Talked, "talked", "Talked"),
    (Column::Held, "held", "On hold"),
    (Column::Took, "took", "Took"),
];
/// Those that are shown where nobody chose others.
const USUAL: [Column; 5] = [
    Column::Called,
    Column::Queue,
    Column::Result,
    Column::Talked,
    Column::Took,
];

impl Column {
    fn known(self) -> (Column, &'static str, &'static str) {
        let known = ALL.into_iter().find(|(column, ..)| *column == self);
        known.unwrap_or(ALL[0])
    }

    /// Its word in the address.
    pub fn word(self) -> &'static str {
        self.known().1
    }

    /// Its name.
    pub fn title(self) -> &'static str {
        self.known().2
    }

    /// Numbers stand at its right.
    pub fn is_number(self) -> bool {
        matches!(self, Column::Rang | Column::Talked | Column::Held | Column::Took)
    }
}

/// Reads the words of an address, each once; the usual ones where there is none.
pub fn read(words: &str) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for word in words.split(',') {
        let known = ALL.into_iter().find(|(_, known, _)| *known == word);
        columns.extend(
            known
                .map(|(column, ..)| column)
                .filter(|column| !columns.contains(column)),
        );
    }
    if columns.is_empty() {
        USUAL.to_vec()
    } else {
        columns
    }
}

/// The words of an address; None for the usual ones.
pub fn words(columns: &[Column]) -> Option<String> {
    let words = || columns.iter().map(|column| column.word()).collect::<Vec<_>>();
    (columns != USUAL && !columns.is_empty()).then(|| words().join(","))
}

/// The same with one moved by so many places.
fn moved(columns: &[Column], at: usize, by: isize) -> Option<Vec<Column>> {
    let to = at.checked_add_signed(by).filter(|to| *to < columns.len())?;
    let mut columns = columns.to_vec();
    columns.swap(at, to);
    Some(columns)
}

/// Choosing them.
#[component]
pub fn Columns() -> impl IntoView {
    let Desk { asked, .. } = expect_context::<Desk>();
    let with = move |columns: Vec<Column>| asked.read().with_columns(columns).address();
    let shown = move || {
        let columns = asked.read().columns();
        let one = |(at, column): (usize, Column)| {
            let title = column.title();
            let step = |by: isize, mark: &'static str, word: &'static str| {
                moved(&columns, at, by).map(|columns| {
                    view! { <a class="icon-button" href=with(columns) aria-label=format!("{title} {word}") title=word>{mark}</a> }
                        .into_any()
                })
            };
            let rest: Vec<Column> = columns.iter().copied().filter(|one| *one != column).collect();
            let out = (!rest.is_empty()).then(|| {
                view! { <a class="icon-button" href=with(rest) aria-label=format!("Leave out {title}") title="Leave out"><Icon name="x"/></a> }.into_any()
            });
            view! { <li class="chip call-tag">{title}{step(-1, "←", "earlier")}{step(1, "→", "later")}{out}</li> }.into_any()
        };
        columns
            .iter()
            .copied()
            .enumerate()
            .map(one)
            .collect::<Vec<AnyView>>()
    };
    let others = move || {
        let columns = asked.read().columns();
        let others = ALL.into_iter().filter(|(column, ..)| !columns.contains(column));
        let one = |(column, _, title): (Column, &str, &'static str)| {
            let more: Vec<Column> = columns.iter().copied().chain([column]).collect();
            view! { <li><a class="button quiet" href=with(more)><Icon name="plus"/>{title}</a></li> }
                .into_any()
        };
        others.map(one).collect::<Vec<AnyView>>()
    };
    view! {
        <details class="history-how history-columns">
            <summary>"Columns"</summary>
            <ol aria-label="Columns that are shown">{shown}</ol>
            <ul aria-label="Columns that are not">{others}</ul>
            {move || asked.read().has_columns().then(|| view! { <a href=with(Vec::new())>"The usual columns"</a> }.into_any())}
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_come_in_the_order_of_the_address_each_once_and_the_usual_ones_need_no_words() {
        let some = read("took,called,took,beauty,trunk");
        assert_eq!(some, [Column::Took, Column::Called, Column::Trunk]);
        assert_eq!(words(&some).as_deref(), Some("took,called,trunk"));
        for none in ["", "beauty", ",,"] {
            assert_eq!(read(none), USUAL);
        }
        assert_eq!((words(&USUAL), words(&[])), (None, None));
        assert_eq!(moved(&some, 0, -1), None);
        assert_eq!(moved(&some, 2, 1), None);
        assert_eq!(
            moved(&some, 0, 1),
            Some(vec![Column::Called, Column::Took, Column::Trunk])
        );
        for (column, word, _) in ALL {
            assert_eq!(read(word), [column]);
        }
    }
}
