//! As much of a browser as the tests need: one cookie, one Origin.

use std::net::SocketAddr;

use serde::Serialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[derive(Clone, Debug)]
pub(crate) struct Browser {
    pub(crate) address: SocketAddr,
    pub(crate) cookie: Option<String>,
    pub(crate) origin: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// What a server function answered.
    pub(crate) fn value<T: serde::de::DeserializeOwned>(&self) -> T {
        app::packed::unpack(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Browser {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            cookie: None,
            origin: Some(format!("http://{address}")),
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[("Accept", "text/html")], "").await
    }

    /// A form of a page, sent as its script does.
    pub(crate) async fn post(&mut self, path: &str, form: &[(&str, String)]) -> Answer {
        let body: Vec<String> = form
            .iter()
            .map(|(name, value)| format!("{name}={}", escape(value)))
            .collect();
        let headers = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Accept", "*/*"),
        ];
        self.send("POST", path, &headers, &body.join("&")).await
    }

    /// Arguments of a server function, sent as a page's script does.
    pub(crate) async fn ask(&mut self, path: &str, arguments: &impl Serialize) -> Answer {
        let body = app::packed::pack(arguments).unwrap();
        self.send("POST", path, &[("Content-Type", "text/plain")], &body)
            .await
    }

    /// The body of an answer that is not text.
    pub(crate) async fn bytes(&self, path: &str, headers: &[(&str, &str)]) -> Vec<u8> {
        let mut answer = self.exchange("GET", path, headers, "").await;
        let head = answer.windows(4).position(|four| four == b"\r\n\r\n");
        answer.split_off(head.map_or(0, |at| at + 4))
    }

    /// The bytes of an answer.
    async fn exchange(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
        let mut request = format!("{method} {path} HTTP/1.0\r\nHost: {}\r\n", self.address);
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        if let (Some(origin), true) = (&self.origin, method != "GET") {
            request.push_str(&format!("Origin: {origin}\r\n"));
        }
        if let Some(cookie) = &self.cookie {
            request.push_str(&format!("Cookie: {cookie}\r\n"));
        }
        if !body.is_empty() || method == "POST" {
            request.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        request.push_str("\r\n");
        request.push_str(body);
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // a server that refuses a body too large closes before it has read it all
        let _ = socket.read_to_end(&mut answer).await;
        answer
    }

    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let answer = self.exchange(method, path, headers, body).await;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let mut lines = head.lines();
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1))
            .and_then(|code| code.parse().ok());
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        for (_, value) in headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        {
            let pair = value.split(';').next().unwrap_or_default();
            let gone = pair.ends_with('=') || value.contains("Max-Age=0");
            self.cookie = (!gone).then(|| pair.to_owned());
        }
        Answer {
            status: status.unwrap_or(0),
            headers,
            body: body.to_owned(),
        }
    }
}

fn escape(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
