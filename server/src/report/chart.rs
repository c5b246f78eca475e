//! Reports drawn: the same SVG for pages, files and mail. Series carry their names, by which a page gives them the colours of
//! its theme.

use app::{
    model::report::{Measure, ReportRow},
    words::shortened,
};
use charts_rs::{BarChart, Color, Series};

/// Rows that are drawn; the table has all.
const MOST_WIDE: usize = 744;
const MOST_NARROW: usize = 62;
/// Places for rows, however few there are.
const LEAST_PLACES: usize = 6;
/// Letters of a name below its bar.
const NAME_LETTERS: usize = 18;

/// What became of calls, in the order in which it is stacked: the name, and the colour on paper.
pub(crate) const SERIES: [(&str, (u8, u8, u8)); 3] = [
    ("Answered", (31, 122, 90)),
    ("Not answered", (190, 75, 60)),
    ("Voicemail, service", (120, 120, 140)),
];

/// Of any other measure: now, and what it is held against.
pub(crate) const BESIDE: [(&str, (u8, u8, u8)); 2] = [("Now", (36, 84, 168)), ("Before", (150, 156, 170))];

/// What its colours mean.
pub(crate) fn key(measure: Measure) -> &'static [(&'static str, (u8, u8, u8))] {
    match measure {
        Measure::Calls => &SERIES,
        Measure::Answered
        | Measure::Unanswered
        | Measure::Average
        | Measure::Talked
        | Measure::Delay
        | Measure::Voice => &BESIDE,
    }
}

/// The sides of the wide drawing,
pub(crate) const WIDE: (f32, f32) = (960.0, 280.0);
/// and of the narrow one.
const NARROW: (f32, f32) = (360.0, 240.0);

/// The rows for a wide and for a narrow page.
pub fn drawn(rows: &[ReportRow], measure: Measure) -> [String; 2] {
    [(WIDE, MOST_WIDE), (NARROW, MOST_NARROW)].map(|(sides, most)| {
        let shown = rows.get(..most).unwrap_or(rows);
        one(shown, measure, sides).unwrap_or_else(|error| {
            tracing::error!(%error, "a report could not be drawn");
            String::new()
        })
    })
}

fn one(rows: &[ReportRow], measure: Measure, (width, height): (f32, f32)) -> charts_rs::Result<String> {
    if rows.is_empty() {
        return Ok(String::new());
    }
    let (series, most) = match measure {
        Measure::Calls => stacked(rows),
        Measure::Answered
        | Measure::Unanswered
        | Measure::Average
        | Measure::Talked
        | Measure::Delay
        | Measure::Voice => beside(rows, measure),
    };
    let names = rows.iter().map(|row| shortened(&row.name, NAME_LETTERS));
    let mut chart = BarChart::new(series, in_places(names.collect(), String::new()));
    (chart.width, chart.height, chart.compact) = (width, height, true);
    // pages have theirs by their style
    chart.font_family = "Inter".into();
    chart.background_color = Color::transparent();
    chart.series.colors = key(measure).iter().map(|(_, colour)| (*colour).into()).collect();
    // the page has one of its own
    chart.legend.show = Some(false);
    chart.radius = Some(1.0);
    // there is no half of a call, nor of a second
    if let (Some(axis), ..6) = (chart.y_axis_configs.first_mut(), most) {
        axis.split_number = most.max(1) as usize;
        axis.max = Some(most.max(1) as f32);
    }
    chart.svg()
}

/// As many as have places: the bar of a single row is not as wide as the drawing.
fn in_places<T: Clone>(mut values: Vec<T>, nothing: T) -> Vec<T> {
    values.resize(values.len().max(LEAST_PLACES), nothing);
    values
}

/// What became of calls, one above the other; and how many the most are.
fn stacked(rows: &[ReportRow]) -> (Vec<Series>, u64) {
    let counts = rows.iter().map(|row| {
        let totals = &row.totals;
        let others = totals.voicemail + totals.service;
        [totals.answered, totals.calls() - totals.answered - others, others]
    });
    let counts: Vec<[u64; 3]> = counts.collect();
    let series = SERIES.iter().enumerate().map(|(at, (name, _))| {
        let values = counts.iter().map(|counts| counts[at] as f32).collect();
        let mut series: Series = (*name, in_places(values, 0.0)).into();
        series.stack = Some("calls".into());
        series
    });
    let most = counts.iter().map(|counts| counts.iter().sum::<u64>()).max();
    (series.collect(), most.unwrap_or(0))
}

/// Another measure, beside what it is held against.
fn beside(rows: &[ReportRow], measure: Measure) -> (Vec<Series>, u64) {
    let values = |before: bool| {
        let of = rows
            .iter()
            .map(|row| if before { &row.before } else { &row.totals });
        of.map(|totals| measure.of(totals).unwrap_or(0.0) as f32)
            .collect::<Vec<f32>>()
    };
    let (now, before) = (values(false), values(true));
    let most = now.iter().chain(&before).copied().fold(0.0, f32::max);
    let series = BESIDE
        .iter()
        .zip([now, before])
        .map(|((name, _), values)| (*name, in_places(values, 0.0)).into());
    (series.collect(), most.ceil() as u64)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use app::model::{
        history::CallTotals,
        report::{About, Measure, ReportRow},
    };
    use roxmltree::{Attribute, Document, Node};

    use super::drawn;

    fn row(name: &str, answered: u64) -> ReportRow {
        ReportRow {
            about: About::Word(name.into()),
            name: name.into(),
            totals: CallTotals {
                answered,
                missed: 1,
                ..CallTotals::default()
            },
            before: CallTotals::default(),
        }
    }

    #[test]
    fn a_crafted_name_stays_a_text_and_nothing_in_it_runs_or_is_fetched() {
        let hostile = [
            "</text><script>x</script>",
            "\"onload=\"x",
            "<image href=http://x>",
            "]]>&amp;",
        ];
        let rows: Vec<ReportRow> = hostile.iter().map(|name| row(name, 3)).collect();
        for measure in [Measure::Calls, Measure::Average] {
            for svg in drawn(&rows, measure) {
                let parsed = Document::parse(&svg).unwrap();
                for node in parsed.descendants().filter(Node::is_element) {
                    let known = ["svg", "g", "path", "text", "rect", "line"];
                    assert!(known.contains(&node.tag_name().name()), "{svg}");
                    let runs = |one: Attribute<'_, '_>| {
                        one.name().starts_with("on") || matches!(one.name(), "href" | "style" | "class")
                    };
                    assert!(!node.attributes().any(runs), "{svg}");
                }
            }
        }
    }

    #[test]
    fn however_many_rows_there_are_it_is_drawn() {
        assert_eq!(drawn(&[], Measure::Calls), ["", ""]);
        let many: Vec<ReportRow> = (0..2_000).map(|at| row(&at.to_string(), at)).collect();
        let [wide, narrow] = drawn(&many, Measure::Answered);
        assert!(
            wide.len() < 400_000 && narrow.len() < 40_000,
            "{} {}",
            wide.len(),
            narrow.len()
        );
    }
}
