//! Reports by mail: a real mail server takes them, each with what its owner may see at that moment.

use std::{fs, path::Path, process::Command};

use app::{
    AppError,
    access::BuiltIn,
    model::{
        UserId,
        mailing::{Mailing, Mailings},
    },
};
use mail_parser::{Message, MessageParser, MimeHeaders};
use secrecy::SecretString;
use server::config::{Config, Mail, MailSecurity, Port, Words};

use crate::{
    call_exports::{MORNING_MS, call, keep},
    supervision::somebody,
    support::{
        Answer, Browser, TestServer, config, eventually, pbx,
        servers::{Running, certificate, free_port, listens},
    },
};

/// The midnight after the day of the calls, in Berlin.
const MIDNIGHT_MS: u64 = MORNING_MS + 13 * 3_600_000;
const WORD: &str = "nine grey pelicans";

/// A mail server whose mails are files.
struct Office {
    _mail: Option<Running>,
    server: TestServer,
    ada: Browser,
}

fn mails(folder: &Path) -> Vec<Vec<u8>> {
    let all = fs::read_dir(folder.join("mails")).unwrap();
    let mut paths: Vec<_> = all.map(|one| one.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "eml"));
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// The recipients, and the mail.
fn read(mail: &[u8]) -> (String, Message<'_>) {
    let end = mail.windows(2).position(|two| two == b"\r\n").unwrap();
    let to = String::from_utf8(mail[..end].to_vec()).unwrap();
    (to, MessageParser::default().parse(&mail[end + 2..]).unwrap())
}

fn settings(folder: &Path, port: u16) -> Mail {
    Mail {
        host: "localhost".into(),
        port: Some(Port(port)),
        security: MailSecurity::StartTls,
        ca_file: Some(folder.join("mail.pem")),
        user: Some("starboard".into()),
        password: Some(SecretString::from(WORD)),
        password_file: None,
        from: "Starboard <starboard@example.org>".into(),
        to_domains: Words(Vec::new()),
    }
}

fn mail_server(folder: &Path, port: u16) -> Running {
    let home = std::env::var_os("XDG_CACHE_HOME").map_or_else(
        || Path::new(&std::env::var_os("HOME").unwrap()).join(".cache"),
        Into::into,
    );
    let python = home.join("starboard/aiosmtpd/bin/python");
    assert!(
        python.exists(),
        "aiosmtpd is not installed; run: scripts/setup test"
    );
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../end2end/mail/server.py");
    let mut command = Command::new(python);
    command
        .arg(program)
        .arg(port.to_string())
        .arg(folder.join("mails"));
    command.arg(folder.join("mail.pem")).arg(folder.join("mail.key"));
    command.args(["starboard", WORD, "nowhere"]);
    Running::start(command, &folder.join("mail.log"))
}

async fn office(change: impl FnOnce(&mut Config), runs: bool) -> Office {
    let folder = tempfile::tempdir().unwrap();
    certificate(folder.path(), "mail");
    fs::create_dir(folder.path().join("mails")).unwrap();
    let port = free_port();
    let mail = runs.then(|| mail_server(folder.path(), port));
    if runs {
        listens(port).await;
    }
    let mut config = config(&folder);
    config.mail = Some(settings(folder.path(), port));
    // nobody is there
    config.pbx = vec![pbx(([127, 0, 0, 1], free_port()).into(), "starboard", "x")];
    config.public_url = Some("https://board.example.org".into());
    change(&mut config);
    let server = TestServer::start_with(folder, config).await;
    let ada = server.set_up().await;
    Office {
        _mail: mail,
        server,
        ada,
    }
}

const FORM: [(&str, &str); 6] = [
    ("address", "/calls/reports?by=trunk&q=answered"),
    ("every", "day"),
    ("at", "07:00"),
    ("zone", "Europe/Berlin"),
    ("format", "pdf"),
    ("to", "ada@example.org, Boss@Example.org"),
];

fn with(name: &'static str, value: &str) -> Vec<(&'static str, String)> {
    let pair =
        |(known, usual): (&'static str, &str)| (known, if known == name { value } else { usual }.to_owned());
    FORM.map(pair).to_vec()
}

async fn begin(browser: &mut Browser, form: &[(&str, String)]) -> Answer {
    browser.post("/api/begin_mailing", form).await
}

async fn all(browser: &mut Browser) -> Mailings {
    browser.post("/api/mailings", &[]).await.value()
}

/// It is due since a moment, and tells of the day before.
async fn due(office: &Office, user: i64, due_ms: u64) -> Mailing {
    let store = &office.server.services.store;
    let mut mailing = store.mailings(UserId(user)).await.unwrap().remove(0);
    (mailing.due_ms, mailing.try_ms) = (due_ms, due_ms);
    store.tried_mailing(&mailing).await.unwrap();
    mailing
}

#[tokio::test]
async fn a_report_that_is_due_is_sent_once_with_its_file_its_drawing_and_a_link() {
    let mut office = office(|_| {}, true).await;
    keep(&office.server, (0..40).map(|at| call(at, "<b>Zoë</b>"))).await;
    assert_eq!(begin(&mut office.ada, &with("", "")).await.status, 200);
    let mailing = &all(&mut office.ada).await.all[0];
    assert_eq!(mailing.to, ["ada@example.org", "Boss@Example.org"]);
    due(&office, 1, MIDNIGHT_MS).await;
    let folder = office.server.folder.path();
    let mail = eventually("a mail is there", async || mails(folder).pop()).await;
    let (to, mail) = read(&mail);
    assert_eq!(to, "ada@example.org, Boss@Example.org");
    assert_eq!(mail.subject(), Some("Calls for each trunk, 2026-11-26"));
    assert_eq!(
        mail.from().unwrap().first().unwrap().address(),
        Some("starboard@example.org")
    );
    let page = mail.body_html(0).unwrap();
    assert!(
        page.contains("carrier") && page.contains("src=\"cid:chart\""),
        "{page}"
    );
    let link = "https://board.example.org/calls/reports?by=trunk&amp;q=answered";
    assert!(page.contains(link), "{page}");
    let text = mail.body_text(0).unwrap();
    assert!(text.contains("Calls: 20 (none before)"), "{text}");
    let files: Vec<_> = mail.attachments().collect();
    assert!(files.iter().any(|file| file.contents().starts_with(b"\x89PNG")));
    let pdf = files
        .iter()
        .find(|file| file.contents().starts_with(b"%PDF-"))
        .unwrap();
    let name = pdf.attachment_name().unwrap();
    assert!(
        name.starts_with("starboard-report-trunk-2") && name.ends_with(".pdf"),
        "{name}"
    );
    let after = eventually("it is noted", async || {
        let one = all(&mut office.ada.clone()).await.all.remove(0);
        one.sent_ms.is_some().then_some(one)
    })
    .await;
    assert_eq!((after.trouble.as_str(), after.tries), ("", 0));
    assert!(
        after.due_ms > server::clock::wall_ms(),
        "the next one is due tomorrow"
    );
    let trail = office.server.services.trail.newest(2).await.unwrap();
    let told = trail.iter().find(|row| row.act.action == "mail_report").unwrap();
    assert!(
        told.act.detail.contains("Boss@Example.org") && told.outcome() == "done",
        "{told:?}"
    );
    // now, too
    let id = ("id", after.id.to_string());
    let answer = office
        .ada
        .post("/api/send_mailing", std::slice::from_ref(&id))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(mails(folder).len(), 2);
    assert_eq!(office.ada.post("/api/end_mailing", &[id]).await.status, 200);
    assert!(all(&mut office.ada).await.all.is_empty());
}

#[tokio::test]
async fn what_is_sent_is_what_its_owner_sees_then_and_nothing_once_they_may_not() {
    let office = office(|_| {}, true).await;
    let mut elsewhere = call(7, "");
    elsewhere.callee.extension = Some("1005".into());
    keep(&office.server, [call(0, ""), call(2, ""), elsewhere]).await;
    let (id, mut grace) = somebody(&office.server, "grace", BuiltIn::Agent, "1003").await;
    assert_eq!(
        begin(&mut grace, &with("address", "/calls/reports?by=day"))
            .await
            .status,
        200
    );
    due(&office, id, MIDNIGHT_MS).await;
    let folder = office.server.folder.path();
    let mail = eventually("a mail is there", async || mails(folder).pop()).await;
    let text = read(&mail).1.body_text(0).unwrap().into_owned();
    assert!(text.contains("Calls: 2 "), "{text}");
    let store = &office.server.services.store;
    eventually("it is noted", async || {
        let one = store.mailings(UserId(id)).await.unwrap().remove(0);
        one.sent_ms
    })
    .await;
    assert!(store.set_disabled(id, true).await.unwrap());
    due(&office, id, MIDNIGHT_MS).await;
    let refused = eventually("it is refused", async || {
        let one = store.mailings(UserId(id)).await.unwrap().remove(0);
        (!one.trouble.is_empty()).then_some(one)
    })
    .await;
    assert!(
        refused.try_ms > server::clock::wall_ms(),
        "it waits for its next time"
    );
    assert_eq!(mails(folder).len(), 1);
}

#[tokio::test]
async fn a_mail_server_that_is_away_or_refuses_is_said_and_mail_goes_nowhere_else() {
    let mut office = office(|_| {}, false).await;
    assert_eq!(begin(&mut office.ada, &with("", "")).await.status, 200);
    due(&office, 1, MIDNIGHT_MS).await;
    let failed = eventually("it has failed", async || {
        let one = all(&mut office.ada.clone()).await.all.remove(0);
        (one.tries > 0).then_some(one)
    })
    .await;
    assert_eq!(failed.trouble, "the mail server cannot be reached");
    assert!(
        failed.try_ms > server::clock::wall_ms() && failed.due_ms < failed.try_ms,
        "it is tried again"
    );
    for (name, value, field) in [
        ("to", "", "to"),
        ("to", "ada@example.com", "to"),
        ("to", "ada", "to"),
        ("to", "ada@example.org\r\nBcc: x@example.com", "to"),
        (
            "to",
            "a@example.org,b@example.org,c@example.org,d@example.org,e@example.org,f@example.org,g@example.org,h@example.org,i@example.org,j@example.org,k@example.org",
            "to",
        ),
        ("every", "hour", "every"),
        ("at", "25:00", "at"),
        ("zone", "Moon", "zone"),
        ("format", "exe", "format"),
        ("address", "/calls/history?q=x", "address"),
        ("address", "https://x.example/calls/reports", "address"),
    ] {
        let answer = begin(&mut office.ada, &with(name, value)).await;
        assert!((400..500).contains(&answer.status), "{name}={value}: {answer:?}");
        let error: AppError = answer.value();
        let AppError::Invalid(problems) = error else {
            panic!("{error:?}")
        };
        assert_eq!(problems[0].field, field, "{name}={value}");
    }
    assert_eq!(all(&mut office.ada).await.all.len(), 1);
}

#[tokio::test]
async fn a_recipient_that_the_mail_server_refuses_and_a_certificate_that_is_not_trusted_are_said() {
    let mut office = office(|_| {}, true).await;
    assert_eq!(
        begin(&mut office.ada, &with("to", "nowhere@example.org"))
            .await
            .status,
        200
    );
    let id = [("id", all(&mut office.ada).await.all[0].id.to_string())];
    let refused = office.ada.post("/api/send_mailing", &id).await;
    assert!(
        refused.status == 409 && refused.body.contains("550"),
        "{refused:?}"
    );
    let mut strange = self::office(
        |config| {
            let folder = config.database.parent().unwrap();
            certificate(folder, "other");
            let other = folder.join("other.pem");
            config.mail.as_mut().unwrap().ca_file = Some(other);
        },
        true,
    )
    .await;
    assert_eq!(begin(&mut strange.ada, &with("", "")).await.status, 200);
    let id = [("id", all(&mut strange.ada).await.all[0].id.to_string())];
    let refused = strange.ada.post("/api/send_mailing", &id).await;
    assert!(
        refused.status == 503 && refused.body.contains("not trusted"),
        "{refused:?}"
    );
    assert!(mails(strange.server.folder.path()).is_empty());
}

#[tokio::test]
async fn without_a_mail_server_nothing_is_promised() {
    let server = TestServer::start().await;
    let mut ada = server.set_up().await;
    assert_eq!(all(&mut ada).await, Mailings::default());
    let answer = begin(&mut ada, &with("", "")).await;
    assert!(
        answer.status == 409 && answer.body.contains("No mail server is set up"),
        "{answer:?}"
    );
}
