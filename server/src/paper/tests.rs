//! Claims about documents, read back by a reader of another maker.

use app::model::{
    history::CallTotals,
    report::{About, By, Measure, Report, ReportRow},
};
use lopdf::{Document, Object};

use super::*;
use crate::report::chart::drawn;

const HOSTILE: [&str; 7] = [
    "</text><script>x</script>",
    "(\\) Tj ET Q",
    "endobj stream endstream",
    "%%EOF",
    "\u{202e}gnp.exe",
    "a\u{0}b\u{1b}[31m",
    "=HYPERLINK(\"http://x\")",
];

fn row(name: &str, answered: u64) -> ReportRow {
    ReportRow {
        about: About::Word(name.into()),
        name: name.into(),
        totals: CallTotals {
            answered,
            missed: 3,
            talk_ms: answered * 61_000,
            ..CallTotals::default()
        },
        before: CallTotals::default(),
    }
}

fn report(rows: Vec<ReportRow>) -> Report {
    let mut whole = CallTotals::default();
    rows.iter().for_each(|row| whole.add(&row.totals));
    let mut week = vec![[0; 24]; 7];
    week[4][9] = 17;
    Report {
        whole,
        week,
        drawn: drawn(&rows, Measure::Calls),
        rows,
        ..Report::default()
    }
}

fn pages(pdf: &[u8]) -> Vec<String> {
    let document = Document::load_mem(pdf).unwrap();
    let numbers: Vec<u32> = document.get_pages().into_keys().collect();
    numbers
        .iter()
        .map(|page| document.extract_text(&[*page]).unwrap())
        .collect()
}

#[test]
fn a_report_on_paper_has_its_numbers_its_drawing_and_every_row_in_letters_of_many_scripts() {
    let names = ["Zoë Müller", "Ψηφιακή", "Жуковский", "Nguyễn", "support"];
    let rows = names
        .iter()
        .zip(1_200..)
        .map(|(name, answered)| row(name, answered));
    let told = [
        "Calls that began on that day.".to_owned(),
        "Only: queue:sales.".to_owned(),
    ];
    let pdf = report::pdf(
        &report(rows.collect()),
        (By::Queue, Measure::Calls),
        &told,
        "Starboard, today",
    )
    .unwrap();
    let text = pages(&pdf).join("\n");
    for wanted in names.iter().chain(&[
        "Calls for each queue",
        "Only: queue:sales.",
        "1,200",
        "Busiest hours",
        "17",
        "In numbers",
        "Starboard, today",
        "1 of 1",
    ]) {
        assert!(text.contains(wanted), "{wanted} is missing in: {text}");
    }
}

#[test]
fn a_long_table_goes_on_over_pages_each_with_the_names_of_the_columns_and_its_number() {
    let rows: Vec<ReportRow> = (0..200).map(|at| row(&format!("row-{at}-end"), at)).collect();
    let pdf = report::pdf(&report(rows), (By::Agent, Measure::Calls), &[], "").unwrap();
    let pages = pages(&pdf);
    assert!(pages.len() > 3);
    for (at, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("{} of {}", at + 1, pages.len())), "{page}");
        assert!(at == 0 || page.contains("ASR"), "{page}");
    }
    let text = pages.join("\n");
    assert!((0..200).all(|at| text.contains(&format!("row-{at}-end"))));
}

#[test]
fn a_crafted_name_is_a_text_and_nothing_in_a_document_runs_or_leads_elsewhere() {
    let rows = HOSTILE.iter().map(|name| row(name, 1));
    let told: Vec<String> = HOSTILE.iter().map(ToString::to_string).collect();
    let pdf = report::pdf(
        &report(rows.collect()),
        (By::Queue, Measure::Calls),
        &told,
        HOSTILE[1],
    )
    .unwrap();
    let document = Document::load_mem(&pdf).unwrap();
    assert_eq!(document.get_pages().len(), 1);
    for object in document.objects.values() {
        let dictionary = match object {
            Object::Dictionary(dictionary) => dictionary,
            Object::Stream(stream) => &stream.dict,
            _ => continue,
        };
        for key in [
            "JS",
            "JavaScript",
            "OpenAction",
            "AA",
            "A",
            "URI",
            "EmbeddedFiles",
            "Launch",
        ] {
            assert!(!dictionary.has(key.as_bytes()), "{dictionary:?}");
        }
    }
    let text = pages(&pdf).join("\n");
    assert!(text.contains("<script>") && text.contains("%%EOF"), "{text}");
    assert!(!text.contains('\u{202e}') && !text.contains('\u{1b}'), "{text}");
}

#[test]
fn what_has_no_room_is_shortened_and_a_report_without_calls_says_so() {
    let long = "a very long name of a queue ".repeat(40);
    let pdf = report::pdf(
        &report(vec![row(&long, 7)]),
        (By::Queue, Measure::Calls),
        std::slice::from_ref(&long),
        &long,
    )
    .unwrap();
    assert!(pages(&pdf)[0].contains('…'));
    let pdf = report::pdf(&report(Vec::new()), (By::Day, Measure::Calls), &[], "").unwrap();
    assert!(pages(&pdf)[0].contains("There were no calls."));
}

#[test]
fn letters_that_one_typeface_does_not_have_come_from_the_other() {
    let faces = Faces::all().unwrap();
    let pieces = faces.pieces("Zoë שלום 42", Face::Plain);
    let texts: Vec<&str> = pieces.iter().map(|(text, _)| *text).collect();
    assert_eq!(texts.concat(), "Zoë שלום 42");
    assert!(pieces.len() >= 2, "{texts:?}");
    let style = (10.0, Face::Strong);
    let short = faces.shortened("Zoë שלום 42", style, 30.0);
    assert!(
        short.ends_with('…') && faces.width(&short, style) <= 30.0,
        "{short}"
    );
}

#[test]
fn a_drawing_becomes_a_picture() {
    let [wide, _] = drawn(&[row("support", 9), row("sales", 4)], Measure::Calls);
    let png = picture::png(&wide).unwrap();
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n") && png.len() > 2_000);
}
