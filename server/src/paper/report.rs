//! A report on paper: how many calls, the drawing, the busiest hours, and the table.

use app::{
    model::report::{By, Measure, Report, ReportRow},
    pages::{
        figures::worked::percent,
        history::grouped,
        reports::{
            rows::measured,
            tiles::change,
            week::{DAYS, shade_of},
        },
    },
    words::clock,
};

use super::{Paper, PaperColumn};
use crate::{
    export::{Broken, report::rows},
    report::chart::{self, WIDE},
};

const COLUMNS: [(&str, f32); 10] = [
    ("", 26.0),
    ("Calls", 9.0),
    ("Answered", 11.0),
    ("ASR", 9.0),
    ("Not answered", 15.0),
    ("Voicemail, service", 20.0),
    ("ACD", 8.0),
    ("Talked", 10.0),
    ("PDD, s", 8.0),
    ("MES", 7.0),
];
/// The darkest shade of the busiest hours.
const DARK: super::Ink = (36, 84, 168);

/// The file: what its rows are and what is drawn of them; `told` says which calls these are, a sentence each, and `foot` when they were added up.
pub(crate) fn pdf(
    report: &Report,
    (by, measure): (By, Measure),
    told: &[String],
    foot: &str,
) -> Result<Vec<u8>, Broken> {
    let title = by.title();
    let mut paper = Paper::new(&title, false)?;
    paper.heading(&title, 18.0);
    for sentence in told {
        paper.note(sentence);
    }
    if report.cut {
        paper.note("There are more calls than are added up here: ask for less time.");
    }
    paper.space(10.0);
    paper.tiles(&tiles(report));
    if report.whole.calls() == 0 {
        paper.note("There were no calls.");
        return paper.end(foot);
    }
    let [wide, _] = &report.drawn;
    paper.space(6.0);
    paper.key(chart::key(measure));
    paper.drawing(wide.clone(), WIDE);
    busiest(&mut paper, report);
    let columns = COLUMNS.map(|(title, share)| PaperColumn {
        title,
        share,
        right: !title.is_empty(),
    });
    paper.room(60.0);
    paper.heading("In numbers", 11.0);
    paper.head(&columns);
    for row in rows(report) {
        paper.row(&columns, &cells(&row));
    }
    paper.end(foot)
}

fn tiles(report: &Report) -> Vec<[String; 3]> {
    let (whole, before) = (&report.whole, &report.before);
    let average = |ms: Option<u64>| ms.map_or_else(|| "–".to_owned(), clock);
    let tile = |name: &str, value: String, note: String| [name.to_owned(), value, note];
    vec![
        tile(
            "Calls",
            grouped(whole.calls()),
            change(whole.calls(), before.calls()),
        ),
        tile(
            "Answered",
            percent(whole.answered, whole.calls()),
            format!("{} before", percent(before.answered, before.calls())),
        ),
        tile(
            "Not answered",
            grouped(whole.not_answered()),
            format!("{} before", grouped(before.not_answered())),
        ),
        tile(
            "Talked on average",
            average(whole.average_talk_ms()),
            format!("{} before", average(before.average_talk_ms())),
        ),
    ]
}

fn busiest(paper: &mut Paper, report: &Report) {
    let most = report.week.iter().flatten().copied().max().unwrap_or(0);
    let hours: Vec<String> = (0..24).map(|hour| format!("{hour:02}")).collect();
    let rows = DAYS.iter().zip(&report.week).map(|(day, hours)| {
        let cells = hours.iter().map(|calls| {
            let text = if *calls > 0 {
                grouped(*calls)
            } else {
                String::new()
            };
            (shade_of(*calls, most), text)
        });
        (day.get(..3).unwrap_or(day), cells.collect())
    });
    let rows: Vec<(&str, Vec<(f32, String)>)> = rows.collect();
    paper.room(150.0);
    paper.heading("Busiest hours", 11.0);
    paper.shades(&hours, &rows, DARK);
}

fn cells(row: &ReportRow) -> Vec<String> {
    let totals = &row.totals;
    vec![
        row.name.clone(),
        grouped(totals.calls()),
        grouped(totals.answered),
        percent(totals.answered, totals.calls()),
        grouped(totals.not_answered()),
        grouped(totals.voicemail + totals.service),
        totals.average_talk_ms().map_or_else(|| "–".into(), clock),
        clock(totals.talk_ms),
        measured(Measure::Delay, totals),
        measured(Measure::Voice, totals),
    ]
}
