//! Reports sent by mail: each to where its owner may send it, with what they may see at that moment.

use app::{
    AppError,
    access::Ability,
    audit::{Action, Fact},
    backend::MailingBackend,
    model::{
        mailing::{Every, MAX_MAILINGS, MAX_RECIPIENTS, Mailing, MailingForm, Mailings},
        report::{Report, ReportQuery},
    },
    pages::history::asked::{Asked, REPORTS},
    words::visible,
};
use async_trait::async_trait;
use lettre::Address;

use super::{CallerBackend, saved_search::leads_to_calls};
use crate::{
    clock::wall_ms,
    error::internal,
    export::{Broken, Format, report::Written},
    mail::{Letter, Mailer, Unsent},
    paper::picture::png,
    report::{
        letter::{page, text},
        times::{about, due_after},
        zone,
    },
};

/// Minutes of an hour.
const HOUR_MINUTES: u16 = 60;

/// What an address of the reports' page asks for.
fn asked(address: &str) -> Asked {
    let words = address.split_once('?').map_or("", |(_, words)| words);
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(words.as_bytes())
        .into_owned()
        .collect();
    Asked::read_report(|name| {
        let found = pairs.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    })
}

/// `07:00` in minutes after midnight.
pub(crate) fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |part: &str| {
        let plain = part.len() == 2 && part.bytes().all(|one| one.is_ascii_digit());
        plain.then(|| part.parse::<u16>().ok()).flatten()
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (hours < 24 && minutes < HOUR_MINUTES).then_some(hours * HOUR_MINUTES + minutes)
}

/// Mail addresses, each once, and each where mail may go.
fn recipients(typed: &str, mailer: &Mailer) -> Result<Vec<String>, AppError> {
    let wrong = |problem: String| AppError::field("to", problem);
    let mut all: Vec<String> = Vec::new();
    let between = |one: char| one.is_whitespace() || matches!(one, ',' | ';');
    for word in typed.split(between).filter(|word| !word.is_empty()) {
        let Ok(address) = word.parse::<Address>() else {
            return Err(wrong(format!("{} is no mail address.", visible(word))));
        };
        if !mailer.may_write_to(&address) {
            let domains = mailer.domains().join(", ");
            return Err(wrong(format!(
                "{address} is outside of {domains}: whoever runs this server says who may be written to."
            )));
        }
        let address = address.to_string();
        if !all.contains(&address) {
            all.push(address);
        }
    }
    if !(1..=MAX_RECIPIENTS).contains(&all.len()) {
        return Err(wrong(format!("1 to {MAX_RECIPIENTS} mail addresses.")));
    }
    Ok(all)
}

impl CallerBackend {
    fn mailer(&self) -> Result<&Mailer, AppError> {
        self.services.mailer.as_ref().ok_or_else(|| {
            AppError::Conflict(
                "No mail server is set up: whoever runs this server does that in its settings.".into(),
            )
        })
    }

    /// Sends a report, as it is due at that moment.
    pub(crate) async fn mail_report(&self, mailing: &Mailing, due_ms: u64) -> Result<(), AppError> {
        let asked = asked(&mailing.address);
        let by = asked.by.unwrap_or_default();
        self.about(Action::MailReport, by.title());
        let viewer = self.may(Ability::SeeCalls)?;
        let mailer = self.mailer()?;
        let place = self.services.exports.place(viewer.id.0);
        let _place = place.ok_or(AppError::TooMany { retry_after_s: 60 })?;
        let zone = zone(&mailing.zone)?;
        let time = about(due_ms, mailing.every, &zone).ok_or(AppError::NotFound)?;
        // whoever runs the server may have changed their mind
        let to = recipients(&mailing.to.join(" "), mailer)?;
        let written = Written {
            by,
            measure: asked.measure,
            than: asked.than,
            format: Format::of(&mailing.format),
            time,
            only: asked.only(),
            zone,
            now_ms: wall_ms(),
        };
        let query = ReportQuery {
            search: asked.between(Some(time)),
            by,
            measure: asked.measure,
            than: asked.than,
            zone: mailing.zone.clone(),
        };
        let facts = [
            Fact::told("to", to.join(", ")),
            Fact::told("filter", asked.words()),
            Fact::told("format", written.format.ending()),
        ];
        let link = self.services.public_url.as_deref();
        let link = link.map(|url| format!("{url}{}", mailing.address));
        let id = format!("report-{}-{}", mailing.id, due_ms);
        let send = async {
            let report = self.added_up(query).await?;
            let letter =
                tokio::task::spawn_blocking(move || letter(&report, &written, link.as_deref())).await;
            let letter = letter.map_err(internal)?.map_err(internal)?;
            let to = to.iter().filter_map(|address| address.parse().ok()).collect();
            mailer
                .send(Letter { to, id, ..letter })
                .await
                .map_err(|why| match why {
                    Unsent::Refused(_) => AppError::Conflict(why.to_string()),
                    Unsent::NotNow(_) => AppError::Unavailable(why.to_string()),
                })
        };
        self.act(Action::MailReport, &by.title(), &facts, send).await
    }
}

/// The mail, to nobody yet; blocks.
fn letter(report: &Report, written: &Written, link: Option<&str>) -> Result<Letter, Broken> {
    let [wide, _] = &report.drawn;
    let picture = (!wide.is_empty()).then(|| png(wide)).transpose()?;
    Ok(Letter {
        to: Vec::new(),
        subject: format!("{}, {}", written.by.title(), written.period()),
        id: String::new(),
        text: text(report, written, link),
        page: page(report, written, link, picture.is_some()),
        picture,
        file: (
            written.name(),
            written.format.content_type(),
            written.file(report)?,
        ),
    })
}

#[async_trait]
impl MailingBackend for CallerBackend {
    async fn mailings(&self) -> Result<Mailings, AppError> {
        let viewer = self.viewer()?;
        let mailer = self.services.mailer.as_ref();
        Ok(Mailings {
            domains: mailer.map_or_else(Vec::new, |mailer| mailer.domains().to_vec()),
            all: self.services.store.mailings(viewer.id).await?,
        })
    }

    async fn begin_mailing(&self, form: MailingForm) -> Result<(), AppError> {
        let object = asked(&form.address).by.unwrap_or_default().title();
        self.about(Action::SetUpMailing, &object);
        let viewer = self.may(Ability::SeeCalls)?;
        let mailer = self.mailer()?;
        if !leads_to_calls(&form.address) || !form.address.starts_with(REPORTS) {
            return Err(AppError::field("address", "Set it up on the page of the report."));
        }
        let every = Every::of(&form.every).ok_or_else(|| AppError::field("every", "Choose how often."))?;
        let at_minute = minute(form.at.trim()).ok_or_else(|| AppError::field("at", "A time, as 07:00."))?;
        let zone = zone(&form.zone)?;
        let format = Format::of(&form.format);
        if format.ending() != form.format {
            return Err(AppError::field("format", "PDF, a workbook or CSV."));
        }
        let to = recipients(&form.to, mailer)?;
        let due_ms = due_after(wall_ms(), every, at_minute, &zone);
        let due_ms = due_ms.ok_or_else(|| AppError::field("at", "No calendar has that day."))?;
        let facts = [
            Fact::told("to", to.join(", ")),
            Fact::told("every", every.word()),
            Fact::told("filter", asked(&form.address).words()),
        ];
        let new = Mailing {
            id: 0,
            address: form.address,
            every,
            at_minute,
            zone: form.zone,
            format: form.format,
            to,
            due_ms,
            try_ms: due_ms,
            tries: 0,
            sent_ms: None,
            trouble: String::new(),
        };
        let keep = async {
            let kept = self.services.store.begin_mailing(viewer.id, &new).await?;
            kept.map(drop)
                .ok_or_else(|| AppError::Conflict(format!("You have {MAX_MAILINGS} already: end one first.")))
        };
        self.act(Action::SetUpMailing, &object, &facts, keep).await
    }

    async fn send_mailing(&self, id: i64) -> Result<(), AppError> {
        let viewer = self.may(Ability::SeeCalls)?;
        let store = &self.services.store;
        let mailing = store.mailing(viewer.id, id).await?.ok_or(AppError::NotFound)?;
        let now_ms = wall_ms();
        self.mail_report(&mailing, now_ms).await?;
        let sent = Mailing {
            sent_ms: Some(now_ms),
            ..mailing
        };
        Ok(store.tried_mailing(&sent).await?)
    }

    async fn end_mailing(&self, id: i64) -> Result<(), AppError> {
        self.about(Action::SetUpMailing, format!("mailing {id}"));
        let viewer = self.may(Ability::SeeCalls)?;
        let store = &self.services.store;
        let mailing = store.mailing(viewer.id, id).await?.ok_or(AppError::NotFound)?;
        let object = asked(&mailing.address).by.unwrap_or_default().title();
        let facts = [Fact::told("ended", mailing.to.join(", "))];
        let end = async {
            let done = store.end_mailing(viewer.id, id).await?;
            done.then_some(()).ok_or(AppError::NotFound)
        };
        self.act(Action::SetUpMailing, &object, &facts, end).await
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_two_digits_and_two_digits() {
        assert_eq!((minute("00:00"), minute("23:59")), (Some(0), Some(1_439)));
        for bad in [
            "", "7:00", "24:00", "07:60", "+7:00", "07:0", "07:00:00", "０7:00",
        ] {
            assert_eq!(minute(bad), None, "{bad}");
        }
    }
}
