//! A provider that lies: what it says is signed, or not, as the test likes.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};

use app::model::single_sign_on::Trouble;
use axum::{
    Json, Router,
    extract::State,
    response::Redirect,
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};
use server::access::throttle::Guess;
use tokio::net::TcpListener;

use super::{leads_to, refused, settings};
use crate::support::{
    TestServer, config,
    visitor::{Visitor, parameter},
};

/// What it says next.
#[derive(Clone)]
struct Says {
    about: Value,
    header: Value,
    claims: Value,
    /// The key it signs with, and the one it shows.
    signs: usize,
    shows: usize,
    /// The name of the shown key.
    kid: String,
}

struct Liar {
    address: SocketAddr,
    says: Mutex<Says>,
    keys: Vec<EcdsaKeyPair>,
}

fn coded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

impl Liar {
    async fn start() -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let key = |_| {
            let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
            EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap()
        };
        let issuer = format!("http://{address}");
        let says = Says {
            about: json!({
                "issuer": issuer, "authorization_endpoint": format!("{issuer}/auth"),
                "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
                "response_types_supported": ["code"], "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
            }),
            header: json!({ "alg": "ES256", "kid": "one" }),
            claims: json!({}),
            signs: 0,
            shows: 0,
            kid: "one".into(),
        };
        let liar = Arc::new(Self {
            address,
            says: Mutex::new(says),
            keys: (0..2).map(key).collect(),
        });
        let about = async |State(liar): State<Arc<Liar>>| Json(liar.says().about);
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(about))
            .route(
                "/keys",
                get(async |State(liar): State<Arc<Liar>>| Json(liar.shown())),
            )
            .route(
                "/token",
                post(async |State(liar): State<Arc<Liar>>| Json(liar.tokens())),
            )
            .route("/elsewhere", post(async || Redirect::temporary("/token")))
            .with_state(liar.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        liar
    }

    fn says(&self) -> Says {
        self.says.lock().unwrap().clone()
    }

    fn shown(&self) -> Value {
        let says = self.says();
        let point = self.keys[says.shows].public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        let [x, y] = [x, y].map(|half| URL_SAFE_NO_PAD.encode(half));
        json!({ "keys": [{ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": says.kid, "x": x, "y": y }] })
    }

    fn tokens(&self) -> Value {
        let says = self.says();
        let text = format!("{}.{}", coded(&says.header), coded(&says.claims));
        let signature = match says.header["alg"].as_str().unwrap() {
            "none" => String::new(),
            "HS256" => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, b"quiet harbour");
                URL_SAFE_NO_PAD.encode(hmac::sign(&key, text.as_bytes()))
            }
            _ => {
                let signed = self.keys[says.signs].sign(&SystemRandom::new(), text.as_bytes());
                URL_SAFE_NO_PAD.encode(signed.unwrap())
            }
        };
        json!({ "access_token": "x", "token_type": "Bearer", "id_token": format!("{text}.{signature}") })
    }
}

async fn server(liar: &Liar) -> TestServer {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(&folder);
    config.oidc = vec![settings(&format!("http://{}", liar.address), "")];
    let server = TestServer::start_with(folder, config).await;
    server.set_up().await;
    server
}

/// Signs in; what it says is made by `lie` from what would be right.
async fn visit(server: &TestServer, liar: &Liar, lie: impl FnOnce(&mut Says)) -> crate::support::Answer {
    // so many failures from one place would be held back
    server
        .services
        .throttle
        .passed("", Guess::Password, server.address.ip());
    let mut visitor = Visitor::default();
    let start = format!("http://{}/oidc/start?provider=0", server.address);
    let answer = visitor.get(&start).await;
    let there = answer.header("location").unwrap();
    let Some(state) = parameter(there, "state") else {
        return answer;
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let before = liar.says();
    let mut says = before.clone();
    says.claims = json!({
        "iss": format!("http://{}", liar.address), "aud": "starboard", "sub": "7", "iat": now, "exp": now + 300,
        "nonce": parameter(there, "nonce").unwrap(), "preferred_username": "grace", "name": "Grace", "groups": ["desk"],
    });
    lie(&mut says);
    *liar.says.lock().unwrap() = says;
    let back = format!("http://{}/oidc/callback?code=x&state={state}", server.address);
    let answer = visitor.get(&back).await;
    *liar.says.lock().unwrap() = before;
    answer
}

#[tokio::test]
async fn what_is_signed_by_others_for_others_or_for_another_time_is_not_believed() {
    let liar = Liar::start().await;
    let server = server(&liar).await;
    type Lie = fn(&mut Says);
    let lies: [(&str, Lie); 13] = [
        ("for another", |says| says.claims["aud"] = "another".into()),
        ("for others as well", |says| {
            says.claims["aud"] = json!(["starboard", "another"])
        }),
        ("of another", |says| {
            says.claims["iss"] = "http://127.0.0.1:1".into()
        }),
        ("over", |says| {
            says.claims["exp"] = (says.claims["exp"].as_u64().unwrap() - 400).into()
        }),
        ("old", |says| {
            says.claims["iat"] = (says.claims["iat"].as_u64().unwrap() - 700).into()
        }),
        ("of the future", |says| {
            says.claims["iat"] = (says.claims["iat"].as_u64().unwrap() + 90).into()
        }),
        ("of another sign-in", |says| {
            says.claims["nonce"] = "another".into()
        }),
        ("of no sign-in", |says| {
            drop(says.claims.as_object_mut().unwrap().remove("nonce"))
        }),
        ("signed by another", |says| says.signs = 1),
        ("signed by an unknown key", |says| {
            says.header["kid"] = "two".into()
        }),
        ("signed by nobody", |says| says.header = json!({ "alg": "none" })),
        ("signed with the shared secret", |says| {
            says.header = json!({ "alg": "HS256" })
        }),
        ("with another access token", |says| {
            says.claims["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA".into()
        }),
    ];
    for (what, lie) in lies {
        let answer = visit(&server, &liar, lie).await;
        refused_as(&answer, what);
    }
    assert!(server.services.store.user_named("grace").await.unwrap().is_none());
    // a clock that differs a little is no lie
    let answer = visit(&server, &liar, |says| {
        says.claims["exp"] = (says.claims["iat"].as_u64().unwrap() - 30).into();
    })
    .await;
    leads_to(&answer, "/");
}

fn refused_as(answer: &crate::support::Answer, what: &str) {
    let to = answer.header("location").unwrap_or_default();
    assert_eq!(
        parameter(to, "trouble").as_deref(),
        Some(Trouble::Untrusted.word()),
        "{what}: {answer:?}"
    );
}

#[tokio::test]
async fn we_go_nowhere_but_to_the_provider() {
    // what it says of itself comes from a place that is not this host
    let liar = Liar::start().await;
    liar.says.lock().unwrap().about["token_endpoint"] = "http://169.254.169.254/token".into();
    let one = server(&liar).await;
    refused(&visit(&one, &liar, |_| {}).await, Trouble::Unreachable);
    // or is somewhere else again
    let liar = Liar::start().await;
    let elsewhere = format!("http://{}/elsewhere", liar.address);
    liar.says.lock().unwrap().about["token_endpoint"] = elsewhere.into();
    let other = server(&liar).await;
    refused(&visit(&other, &liar, |_| {}).await, Trouble::Unreachable);
    let liar = Liar::start().await;
    liar.says.lock().unwrap().about["authorization_endpoint"] = "javascript:alert(1)".into();
    let third = server(&liar).await;
    refused(&visit(&third, &liar, |_| {}).await, Trouble::Unreachable);
    // or is another's
    let liar = Liar::start().await;
    liar.says.lock().unwrap().about["issuer"] = "http://127.0.0.1:1".into();
    let fourth = server(&liar).await;
    refused(&visit(&fourth, &liar, |_| {}).await, Trouble::Unreachable);
}
