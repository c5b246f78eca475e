//! A report as a mail: what stands in it, beside the file.

use app::{
    model::report::Report,
    pages::{figures::worked::percent, history::grouped, reports::tiles::change},
    words::{clock, visible},
};
use html_escape::{encode_double_quoted_attribute as attribute, encode_text as escaped};

use crate::{
    export::report::{Written, rows},
    mail::PICTURE,
};

/// Rows that the mail shows; the file has all.
const MOST_ROWS: usize = 40;

const CELL: &str = "padding:6px 10px;border-bottom:1px solid #dee2e9;text-align:right";
const NAME: &str = "padding:6px 10px;border-bottom:1px solid #dee2e9;text-align:left";

/// The numbers that come first: name, value, and what that compares with.
fn first(report: &Report) -> [[String; 3]; 3] {
    let (whole, before) = (&report.whole, &report.before);
    let average = whole.average_talk_ms().map_or_else(|| "–".to_owned(), clock);
    let average_before = before.average_talk_ms().map_or_else(|| "–".to_owned(), clock);
    [
        [
            "Calls".into(),
            grouped(whole.calls()),
            change(whole.calls(), before.calls()),
        ],
        [
            "Answered".into(),
            percent(whole.answered, whole.calls()),
            format!("{} before", percent(before.answered, before.calls())),
        ],
        [
            "Talked on average".into(),
            average,
            format!("{average_before} before"),
        ],
    ]
}

/// For programs that show text.
pub fn text(report: &Report, written: &Written, link: Option<&str>) -> String {
    let mut lines = vec![written.by.title(), String::new()];
    lines.extend(written.told());
    lines.push(String::new());
    lines.extend(first(report).map(|[name, value, note]| format!("{name}: {value} ({note})")));
    if let Some(link) = link {
        lines.extend([String::new(), link.to_owned()]);
    }
    lines.push(String::new());
    lines.join("\r\n")
}

/// For programs that show pages.
pub fn page(report: &Report, written: &Written, link: Option<&str>, has_picture: bool) -> String {
    let mut page = String::from(
        "<!doctype html><html lang=\"en\"><body style=\"font-family:Inter,Arial,sans-serif;color:#181e2a;font-size:14px;line-height:1.45\">",
    );
    page += &format!(
        "<h1 style=\"font-size:20px;margin:0 0 8px\">{}</h1>",
        escaped(&written.by.title())
    );
    for sentence in written.told() {
        page += &format!(
            "<p style=\"margin:0 0 4px;color:#606878\">{}</p>",
            escaped(&visible(&sentence))
        );
    }
    page += "<table role=\"presentation\" style=\"border-collapse:separate;border-spacing:8px 0;margin:14px -8px\"><tr>";
    for [name, value, note] in first(report) {
        page += &format!(
            "<td style=\"background:#f3f5f9;padding:10px 14px\"><span style=\"color:#606878;font-size:12px\">{}</span><br>\
             <strong style=\"font-size:20px\">{}</strong><br><span style=\"color:#606878;font-size:12px\">{}</span></td>",
            escaped(&name),
            escaped(&value),
            escaped(&note)
        );
    }
    page += "</tr></table>";
    if has_picture {
        page += &format!(
            "<p><img src=\"cid:{PICTURE}\" width=\"720\" style=\"max-width:100%\" alt=\"The calls, drawn; the table has the numbers\"></p>"
        );
    }
    table(&mut page, report);
    if let Some(link) = link {
        page += &format!("<p><a href=\"{}\">Open it in Starboard</a></p>", attribute(link));
    }
    page + "</body></html>"
}

fn table(page: &mut String, report: &Report) {
    let rows = rows(report);
    *page += "<table style=\"border-collapse:collapse;font-size:13px\"><thead><tr>";
    for (at, name) in ["", "Calls", "Answered", "ASR", "Not answered", "ACD"]
        .into_iter()
        .enumerate()
    {
        let style = if at == 0 { NAME } else { CELL };
        *page += &format!("<th style=\"{style};color:#606878\">{name}</th>");
    }
    *page += "</tr></thead><tbody>";
    let hidden = rows.len().saturating_sub(MOST_ROWS);
    let last = rows.len().saturating_sub(1);
    for (at, row) in rows.iter().enumerate() {
        // all of them together stand in the end
        if at >= MOST_ROWS && at < last {
            continue;
        }
        let totals = &row.totals;
        let cells = [
            grouped(totals.calls()),
            grouped(totals.answered),
            percent(totals.answered, totals.calls()),
            grouped(totals.not_answered()),
            totals.average_talk_ms().map_or_else(|| "–".into(), clock),
        ];
        *page += &format!("<tr><td style=\"{NAME}\">{}</td>", escaped(&visible(&row.name)));
        for cell in cells {
            *page += &format!("<td style=\"{CELL}\">{}</td>", escaped(&cell));
        }
        *page += "</tr>";
    }
    *page += "</tbody></table>";
    if hidden > 1 {
        *page += &format!(
            "<p style=\"color:#606878\">{} more rows are in the file.</p>",
            hidden - 1
        );
    }
}
