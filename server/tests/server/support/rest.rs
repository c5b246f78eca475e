//! A program that uses `/api/v1` with a token.

use std::net::{IpAddr, SocketAddr};

use app::{
    access::{Abilities, Ability, BuiltIn, Reach, Scope},
    model::OwnExtension,
};
use secrecy::ExposeSecret;
use serde_json::Value;
use server::{
    access::token,
    store::{TokenRecord, UserRecord},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpSocket, TcpStream},
};

use super::{PATIENCE, TestServer, http::Answer, office::PBX};

/// A program.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
    /// Where it asks from.
    pub(crate) from: IpAddr,
}

/// Everything that a token can have, as far as a role reaches.
pub(crate) fn all_of(role: BuiltIn) -> Scope {
    Scope {
        abilities: role.abilities(),
        pbx: None,
    }
}

/// These and no more.
pub(crate) fn only(ticked: &[(Ability, Reach)]) -> Scope {
    let mut abilities = Abilities::none();
    for (ability, reach) in ticked {
        abilities.set(*ability, *reach);
    }
    Scope { abilities, pbx: None }
}

/// A token as it stands before anybody changes it.
pub(crate) fn record(user: i64, scope: Scope) -> TokenRecord {
    TokenRecord {
        id: 0,
        user,
        username: String::new(),
        hint: String::new(),
        name: "nightly".into(),
        scope,
        networks: Vec::new(),
        created_ms: 0,
        expires_ms: u64::MAX / 4,
        revoked_ms: None,
        used_ms: None,
        used_address: String::new(),
    }
}

/// Somebody of a role with a phone; gives their id.
pub(crate) async fn user(server: &TestServer, name: &str, role: BuiltIn, number: &str) -> i64 {
    let own = OwnExtension {
        pbx: PBX,
        number: number.into(),
    };
    let record = UserRecord {
        password_hash: "chosen".into(),
        extensions: vec![own],
        ..UserRecord::new(name, name, role, 1)
    };
    server.services.store.add_user(&record).await.unwrap()
}

impl Program {
    pub(crate) async fn with(server: &TestServer, record: TokenRecord) -> Self {
        Self::and_id(server, record).await.0
    }

    pub(crate) async fn and_id(server: &TestServer, record: TokenRecord) -> (Self, i64) {
        let made = token::make();
        let record = TokenRecord {
            hint: made.hint,
            ..record
        };
        let id = server
            .services
            .store
            .add_token(&record, &made.hash, 1)
            .await
            .unwrap();
        let program = Self {
            address: server.address,
            token: made.token.expose_secret().to_owned(),
            from: [127, 0, 0, 1].into(),
        };
        (program, id.unwrap())
    }

    async fn connect(&self) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::new(self.from, 0)).unwrap();
        socket.connect(self.address).await.unwrap()
    }

    fn head(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> String {
        let mut head = format!("{method} {path} HTTP/1.0\r\nHost: {}\r\n", self.address);
        if !self.token.is_empty() {
            head.push_str(&format!("Authorization: Bearer {}\r\n", self.token));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = self.head(method, path, headers);
        if !body.is_empty() || method != "GET" {
            request.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        request.push_str("\r\n");
        request.push_str(body);
        let mut socket = self.connect().await;
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // a server that refuses a body too large closes before it has read it all
        let _ = socket.read_to_end(&mut answer).await;
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap();
        let headers = lines.filter_map(|line| line.split_once(": "));
        Answer {
            status: status.parse().unwrap(),
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            body: body.to_owned(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    /// What a list or a row is.
    pub(crate) async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    pub(crate) async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        let headers = [("Content-Type", "application/json"), ("Idempotency-Key", key)];
        self.send("POST", path, &headers, &body.to_string()).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(
            "PUT",
            path,
            &[("Content-Type", "application/json")],
            &body.to_string(),
        )
        .await
    }

    /// Opens the event stream.
    pub(crate) async fn events(&self, last: Option<&str>) -> EventStream {
        let headers: Vec<(&str, &str)> = last.map(|id| ("Last-Event-ID", id)).into_iter().collect();
        let request = format!("{}\r\n", self.head("GET", "/api/v1/events", &headers));
        let mut socket = self.connect().await;
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut lines = BufReader::new(socket).lines();
        let status = lines.next_line().await.unwrap().unwrap();
        assert!(status.contains(" 200 "), "{status}");
        while !lines.next_line().await.unwrap().unwrap().is_empty() {}
        EventStream { lines, last: None }
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The refusal, which has to be a problem of this status.
    pub(crate) fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{self:?}"
        );
        let problem = self.json();
        assert_eq!(problem["status"], status);
        for member in ["type", "title", "detail"] {
            assert!(
                !problem[member].as_str().unwrap().is_empty(),
                "{member}: {problem}"
            );
        }
        problem
    }
}

/// An open event stream.
pub(crate) struct EventStream {
    lines: tokio::io::Lines<BufReader<TcpStream>>,
    /// The id of the last event.
    pub(crate) last: Option<String>,
}

impl EventStream {
    /// The next event: its name and data; None at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<(String, Value)> {
        let (mut name, mut data) = (String::new(), String::new());
        loop {
            let line = tokio::time::timeout(PATIENCE, self.lines.next_line())
                .await
                .expect("nothing came")
                .ok()??;
            match line.split_once(": ") {
                Some(("event", word)) => name = word.to_owned(),
                Some(("id", id)) => self.last = Some(id.to_owned()),
                Some(("data", json)) => data = json.to_owned(),
                None if line.is_empty() && !data.is_empty() => {
                    return Some((name, serde_json::from_str(&data).unwrap()));
                }
                _ => {}
            }
        }
    }
}
