//! Claims about files of rows.

use std::io::Read;

use super::*;

static TABLE: Table<String> = Table {
    name: "Texts",
    columns: &[
        Column {
            name: "text",
            title: "Text",
            width: 20,
        },
        Column {
            name: "at",
            title: "At",
            width: 20,
        },
        Column {
            name: "took_s",
            title: "Took (s)",
            width: 8,
        },
    ],
    on_paper: &["text", "at", "took_s"],
    cells: |row, _| {
        vec![
            Cell::text(row),
            // the hour of the night that comes twice in Berlin
            Cell::Moment(1_792_889_999_000 + if row == "later" { 3_600_000 } else { 0 }),
            Cell::Seconds(61_250),
        ]
    },
};

/// The whole file of these rows, and what came of it.
fn written(format: Format, rows: Vec<Result<Vec<String>, Broken>>) -> (Vec<u8>, Result<(), Broken>) {
    let (give_rows, take_rows) = mpsc::channel(rows.len().max(1));
    rows.into_iter()
        .for_each(|part| give_rows.try_send(part).unwrap());
    drop(give_rows);
    let (parts, mut taken) = mpsc::channel(1_000);
    let under_way = UnderWay::default();
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    let to = Taken {
        parts: &parts,
        under_way: &under_way,
    };
    let came_of_it = write(format, &TABLE, (&berlin, &Around::default()), take_rows, &to);
    let mut bytes = Vec::new();
    while let Ok(part) = taken.try_recv() {
        bytes.extend(part.unwrap());
    }
    (bytes, came_of_it)
}

const HOSTILE: [&str; 10] = [
    "=1+1",
    "+49 40",
    "-1",
    "@SUM(A1)",
    "\tx",
    "＝1",
    "a=b",
    "two\r\nlines",
    "quote \" and, comma",
    "<b>&\u{1}",
];

#[test]
fn no_cell_is_a_formula_and_every_text_comes_back() {
    let rows = HOSTILE.map(str::to_owned).to_vec();
    let (bytes, came_of_it) = written(Format::Csv, vec![Ok(rows)]);
    came_of_it.unwrap();
    assert!(std::str::from_utf8(&bytes).unwrap().ends_with("\r\n"));
    let mut read = csv::Reader::from_reader(&bytes[..]);
    assert_eq!(read.headers().unwrap(), vec!["text", "at", "took_s"]);
    let cells: Vec<String> = read
        .records()
        .map(|record| record.unwrap()[0].to_owned())
        .collect();
    for (cell, text) in cells.iter().zip(HOSTILE) {
        assert!(cell == text || *cell == format!("'{text}"), "{cell:?}");
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '＝']), "{cell:?}");
    }
    assert_eq!(cells.len(), HOSTILE.len());
}

#[test]
fn a_number_that_says_its_country_stays_a_number() {
    assert_eq!(harmless("+49301234567"), "+49301234567");
    for formula in ["+", "+1+cmd|' /C calc'!A0", "+1 ", "+A1"] {
        assert_eq!(harmless(formula), format!("'{formula}"));
    }
}

#[test]
fn the_hour_that_comes_twice_is_told_apart() {
    let (bytes, _) = written(
        Format::Csv,
        vec![Ok(vec!["first".into()]), Ok(vec!["later".into()])],
    );
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(
        text,
        "text,at,took_s\r\n\
         first,2026-10-25T02:59:59.000+02:00,61.250\r\n\
         later,2026-10-25T02:59:59.000+01:00,61.250\r\n"
    );
}

/// One file of a workbook.
fn inside(book: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(book)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_workbook_has_texts_as_texts_and_times_as_times() {
    let rows = HOSTILE.map(str::to_owned).to_vec();
    let (bytes, came_of_it) = written(Format::Xlsx, vec![Ok(rows)]);
    came_of_it.unwrap();
    let sheet = inside(&bytes, "xl/worksheets/sheet1.xml");
    assert!(!sheet.contains("<f>"), "a formula");
    assert!(
        sheet.contains("<t>=1+1</t>") && sheet.contains("&lt;b&gt;&amp;_x0001_"),
        "{sheet}"
    );
    // 2026-10-25 02:59:59 in Berlin, as days since 1899-12-30, and 61.25 seconds
    assert!(
        sheet.contains("46320.12498842") && sheet.contains("<v>61.25</v>"),
        "{sheet}"
    );
}

#[test]
fn a_file_without_rows_has_its_line_of_names() {
    assert_eq!(written(Format::Csv, Vec::new()).0, b"text,at,took_s\r\n");
    let (book, _) = written(Format::Xlsx, Vec::new());
    assert!(inside(&book, "xl/worksheets/sheet1.xml").contains("Took (s)"));
}

#[test]
fn what_is_broken_off_says_so() {
    for format in [Format::Csv, Format::Xlsx] {
        let rows = vec![
            Ok(vec!["one".into()]),
            Err(Broken::Withdrawn),
            Ok(vec!["two".into()]),
        ];
        let (bytes, came_of_it) = written(format, rows);
        assert_eq!(came_of_it, Err(Broken::Withdrawn));
        assert!(!String::from_utf8_lossy(&bytes).contains("two"));
    }
}

#[test]
fn a_sheet_holds_no_more_than_spreadsheet_programs_read() {
    let part = || Ok(vec![String::new(); MOST_ROWS_OF_A_BOOK / 16]);
    let rows: Vec<_> = std::iter::repeat_with(part).take(16).collect();
    assert_eq!(written(Format::Xlsx, rows).1, Err(Broken::TooLong));
}
