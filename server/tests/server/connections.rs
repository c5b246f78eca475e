//! PBX connections: wrong ones are told in plain words, secrets stay inside.

use app::{
    AppError,
    live::protocol::LinkStatus,
    model::{PbxConnection, StepState, TestStep},
};

use crate::support::{TestServer, live::Live, office::simulator, pbx};

fn form(host: &str, port: u16, secret: &str) -> Vec<(&'static str, String)> {
    vec![
        ("id", "0".to_owned()),
        ("name", "Office".to_owned()),
        ("host", host.to_owned()),
        ("port", port.to_string()),
        ("ca_pem", String::new()),
        ("username", "starboard".to_owned()),
        ("secret", secret.to_owned()),
        ("context", "from-internal".to_owned()),
        ("enabled", "true".to_owned()),
    ]
}

#[tokio::test]
async fn a_connection_made_in_the_browser_comes_alive_and_its_secret_stays_inside() {
    let pbx = simulator().await;
    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    let mut live = Live::open(&browser).await;
    let form = form("127.0.0.1", pbx.bound().ami.port(), "quiet harbour");
    let answer = browser.post("/api/save_pbx", &form).await;
    assert!(answer.status < 400, "{answer:?}");
    live.until("live", |live| {
        live.boards.values().any(|(row, _)| row.link == LinkStatus::Live)
    })
    .await;
    let answer = browser.post("/api/pbx_connections", &[]).await;
    assert!(!answer.body.contains("quiet harbour"), "{answer:?}");
    let connections: Vec<PbxConnection> = answer.value();
    assert_eq!(connections.len(), 1);
    let file = std::fs::read(server.folder.path().join("starboard.db-wal")).unwrap();
    assert!(
        !file.windows(13).any(|bytes| bytes == b"quiet harbour"),
        "sealed on disk"
    );
    // and gone again
    let id = connections[0].id.0.to_string();
    assert!(browser.post("/api/delete_pbx", &[("id", id)]).await.status < 400);
    live.until("gone", |live| live.boards.is_empty()).await;
}

#[tokio::test]
async fn a_stored_secret_is_not_sent_to_another_host() {
    let pbx = simulator().await;
    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    let mut form = form("127.0.0.1", pbx.bound().ami.port(), "quiet harbour");
    assert!(browser.post("/api/save_pbx", &form).await.status < 400);
    form[0].1 = "1".into();
    form[6].1 = String::new();
    assert!(
        browser.post("/api/save_pbx", &form).await.status < 400,
        "the same host keeps its secret"
    );
    form[2].1 = "localhost".into();
    let answer = browser.post("/api/test_pbx", &form).await;
    assert!(
        matches!(answer.value(), AppError::Invalid(fields) if fields[0].field == "secret"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn every_field_that_is_wrong_is_told() {
    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    let mut form = form("http://pbx/", 5038, "amp111");
    form[3].1 = "70000".into();
    let AppError::Invalid(fields) = browser.post("/api/save_pbx", &form).await.value() else {
        panic!("accepted")
    };
    let names: Vec<&str> = fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(names, ["host", "port", "secret"]);
}

#[tokio::test]
async fn the_test_of_a_connection_names_the_step_that_fails() {
    let pbx = simulator().await;
    let server = TestServer::start().await;
    let mut browser = server.set_up().await;
    let port = pbx.bound().ami.port();
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let cases = [
        (form("127.0.0.1", port, "quiet harbour"), None),
        (form("127.0.0.1", port, "wrong secret"), Some("Sign in")),
        (form("127.0.0.1", closed, "quiet harbour"), Some("Reach it")),
        (
            form("no-such-host.invalid", port, "quiet harbour"),
            Some("Find the host"),
        ),
    ];
    for (form, fails_at) in cases {
        let answer = browser.post("/api/test_pbx", &form).await;
        let steps: Vec<TestStep> = answer.value();
        let failed: Vec<&str> = steps
            .iter()
            .filter(|step| step.state == StepState::Failed)
            .map(|step| step.name.as_str())
            .collect();
        assert_eq!(failed, fails_at.into_iter().collect::<Vec<_>>(), "{steps:?}");
        assert!(steps.iter().all(|step| !step.detail.is_empty()));
    }
}

#[tokio::test]
async fn refused_credentials_are_not_called_a_dead_link() {
    let simulator = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = crate::support::config(&folder);
    config.pbx = vec![pbx(simulator.bound().ami, "starboard", "wrong")];
    let server = TestServer::start_with(folder, config).await;
    let browser = server.set_up().await;
    let mut live = Live::open(&browser).await;
    live.until("refused", |live| {
        matches!(live.pbx().0.link, LinkStatus::CredentialsRefused { .. })
    })
    .await;
}

#[tokio::test]
async fn the_secret_everyone_knows_is_refused_at_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = crate::support::config(&folder);
    config.pbx = vec![pbx("127.0.0.1:5038".parse().unwrap(), "admin", "amp111")];
    let error = server::Server::build(config).await.unwrap_err();
    assert!(format!("{error:#}").contains("everyone knows"), "{error:#}");
}
