//! Alarms end to end: a rule is set up, the board calls for it, people see it, it is kept, and it is over.

use app::{
    AppError,
    live::note::Note,
    model::alarms::{Alarms, Over, Raised},
    packed::unpack,
};
use telephony::alarm::Metric;

use crate::support::{Browser, http::Answer, live::Live, office::Office};

fn rule<'form>(id: &'form str, limits: [&'form str; 4]) -> Vec<(&'static str, String)> {
    let [metric, raise, clear, hold_s] = limits;
    let fields = [
        ("id", id),
        ("name", "Too many"),
        ("scope", "1/support"),
        ("metric", metric),
        ("raise", raise),
        ("clear", clear),
        ("hold_s", hold_s),
        ("zone", "Europe/Berlin"),
        ("enabled", "true"),
    ];
    fields
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect()
}

async fn save(browser: &mut Browser, form: &[(&'static str, String)]) -> Answer {
    browser.post("/api/save_alarm_rule", form).await
}

async fn alarms(browser: &mut Browser) -> Alarms {
    let answer = browser.post("/api/alarms", &[]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.value()
}

fn of(live: &Live) -> Vec<Raised> {
    let own = live
        .notes
        .iter()
        .filter(|((_, name), _)| name.starts_with(Raised::KIND));
    own.map(|(_, says)| unpack(says).unwrap()).collect()
}

/// What is told once the log has the end of the latest alarm: it is written right after the board has it.
async fn until_told(browser: &mut Browser) -> Alarms {
    let until = std::time::Instant::now() + crate::support::PATIENCE;
    loop {
        let told = alarms(browser).await;
        if told.log[0].cleared.is_some() || std::time::Instant::now() > until {
            return told;
        }
    }
}

#[tokio::test]
async fn an_alarm_is_raised_seen_kept_and_cleared() {
    let mut office = Office::open().await;
    let answer = save(&mut office.browser, &rule("0", ["waiting", "2", "0", "0"])).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    office.pbx.queue_call("0301", "support").await.unwrap();
    office.pbx.queue_call("0302", "support").await.unwrap();
    office
        .live
        .until("it is raised", |live| !of(live).is_empty())
        .await;
    let Raised(alarm) = of(&office.live).remove(0);
    assert_eq!(
        (alarm.metric, alarm.value, alarm.queue.as_str()),
        (Metric::Waiting, 2, "support")
    );
    let told = alarms(&mut office.browser).await;
    assert_eq!(told.log.len(), 1);
    assert_eq!(told.log[0], alarm, "what is shown is what is kept");

    office.pbx.script("abandon 0301").await.unwrap();
    office.pbx.script("abandon 0302").await.unwrap();
    office.live.until("it is over", |live| of(live).is_empty()).await;
    let told = until_told(&mut office.browser).await;
    assert!(
        matches!(told.log[0].cleared, Some((_, Some(0), Over::Calm))),
        "{told:?}"
    );
    assert_eq!(told.log.len(), 1, "once raised, once cleared");
}

#[tokio::test]
async fn a_changed_or_removed_rule_ends_what_it_has_raised() {
    let mut office = Office::open().await;
    save(&mut office.browser, &rule("0", ["waiting", "1", "0", "0"])).await;
    office.pbx.queue_call("0301", "support").await.unwrap();
    office
        .live
        .until("it is raised", |live| !of(live).is_empty())
        .await;
    let id = alarms(&mut office.browser).await.rules[0].id.unwrap().to_string();
    let answer = save(&mut office.browser, &rule(&id, ["waiting", "5", "2", "0"])).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    office.live.until("it is over", |live| of(live).is_empty()).await;
    let told = until_told(&mut office.browser).await;
    assert!(
        matches!(told.log[0].cleared, Some((_, None, Over::Rule))),
        "{told:?}"
    );
    assert_eq!(told.rules[0].version, 2);
    let answer = office.browser.post("/api/delete_alarm_rule", &[("id", id)]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(alarms(&mut office.browser).await.rules.is_empty());
}

#[tokio::test]
async fn a_cut_link_clears_nothing() {
    let mut office = Office::open().await;
    save(&mut office.browser, &rule("0", ["waiting", "1", "0", "0"])).await;
    office.pbx.queue_call("0301", "support").await.unwrap();
    office
        .live
        .until("it is raised", |live| !of(live).is_empty())
        .await;
    let id = of(&office.live)[0].0.id;
    drop(std::mem::replace(
        &mut office.pbx,
        crate::support::office::simulator().await,
    ));
    office
        .link("down", |link| {
            matches!(link, app::live::protocol::LinkStatus::Down { .. })
        })
        .await;
    // a rule that is changed meanwhile shows that the watch goes on looking
    save(&mut office.browser, &rule("0", ["waiting", "9", "0", "0"])).await;
    let still = of(&office.live);
    assert_eq!(still.len(), 1);
    assert_eq!(still[0].0.id, id, "it stays raised: nobody knows otherwise");
    assert!(alarms(&mut office.browser).await.log[0].cleared.is_none());
}

#[tokio::test]
async fn rules_that_make_no_sense_are_refused_by_their_field() {
    let mut office = Office::open().await;
    let field = |answer: &Answer| match answer.value::<AppError>() {
        AppError::Invalid(problems) => problems[0].field.clone(),
        other => format!("{other:?}"),
    };
    for (limits, wrong) in [
        (["waiting", "2", "2", "0"], "clear"),
        (["agents_free", "2", "1", "0"], "clear"),
        (["service_level", "101", "110", "0"], "raise"),
        (["waiting", "2", "0", "3601"], "hold_s"),
        (["waiting", "x", "0", "0"], "raise"),
        (["nonsense", "2", "0", "0"], "metric"),
    ] {
        let answer = save(&mut office.browser, &rule("0", limits)).await;
        assert_eq!(field(&answer), wrong, "{limits:?}");
    }
    for (name, value) in [
        ("zone", "Europe/Nowhere"),
        ("scope", "1/nowhere"),
        ("quiet_to", "25:00"),
        ("name", ""),
    ] {
        let mut form = rule("0", ["waiting", "2", "0", "0"]);
        form.retain(|(known, _)| *known != name);
        form.push((name, value.to_owned()));
        let answer = save(&mut office.browser, &form).await;
        assert_eq!(field(&answer), name, "{value:?}");
    }
    assert!(alarms(&mut office.browser).await.rules.is_empty());
}
