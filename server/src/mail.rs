//! Mail that goes out, by SMTP (RFC 5321), through the server of the settings.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Attachment, Mailbox, MultiPart, SinglePart, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
    },
};
use secrecy::ExposeSecret;

use crate::config::{Mail, MailSecurity};

/// How long a mail may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The name by which the text refers to its picture.
pub const PICTURE: &str = "chart";

/// Why a mail did not go out, for whoever set it up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsent {
    /// The server says that it never will.
    #[error("the mail server refuses it: {0}")]
    Refused(String),
    /// It may go out later.
    #[error("{0}")]
    NotNow(String),
}

/// A mail.
#[derive(Clone, Debug)]
pub struct Letter {
    /// To whom.
    pub to: Vec<Address>,
    /// What it is called.
    pub subject: String,
    /// The same each time that it is tried, so that one which arrives twice is known to be one.
    pub id: String,
    /// For programs that show text,
    pub text: String,
    /// and for those that show pages.
    pub page: String,
    /// What the page shows, as PNG.
    pub picture: Option<Vec<u8>>,
    /// The file's name, type and bytes.
    pub file: (String, &'static str, Vec<u8>),
}

/// Sends mail.
#[derive(Clone, Debug)]
pub struct Mailer(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    domains: Vec<String>,
}

impl Mailer {
    /// By these settings.
    pub fn new(settings: &Mail) -> Result<Self> {
        let tls = || -> Result<TlsParameters> {
            let mut parameters = TlsParameters::builder(settings.host.clone());
            if let Some(path) = &settings.ca_file {
                let pem =
                    std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
                let certificate = Certificate::from_pem(&pem).context("mail: ca_file")?;
                parameters = parameters
                    .certificate_store(CertificateStore::None)
                    .add_root_certificate(certificate);
            }
            parameters.build().context("mail")
        };
        let tls = match settings.security {
            MailSecurity::StartTls => Tls::Required(tls()?),
            MailSecurity::Tls => Tls::Wrapper(tls()?),
            MailSecurity::None => Tls::None,
        };
        let mut server = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port())
            .timeout(Some(TIMEOUT))
            .tls(tls);
        if let (Some(user), Some(password)) = (&settings.user, &settings.password) {
            let password = password.expose_secret().to_owned();
            server = server.credentials(Credentials::new(user.clone(), password));
        }
        Ok(Self(Arc::new(Parts {
            server: server.build(),
            from: settings.sender()?,
            domains: settings.domains(),
        })))
    }

    /// What may stand behind the @ of a recipient, in small letters.
    pub fn domains(&self) -> &[String] {
        &self.0.domains
    }

    /// Whether this one may be written to.
    pub fn may_write_to(&self, address: &Address) -> bool {
        let domain = address.domain().to_lowercase();
        self.0.domains.contains(&domain)
    }

    /// Sends one.
    pub async fn send(&self, letter: Letter) -> Result<(), Unsent> {
        let fault = |error: &dyn std::fmt::Display| {
            tracing::error!(%error, "a mail could not be written");
            Unsent::Refused("it could not be written".into())
        };
        let message = self.message(letter).map_err(|error| fault(&error))?;
        let sent = tokio::time::timeout(TIMEOUT, self.0.server.send(message)).await;
        match sent {
            Err(_) => Err(Unsent::NotNow("the mail server does not answer".into())),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => {
                let why = chain(&error);
                tracing::warn!(error = %why, "a mail was not taken");
                let told = match (error.status(), is_of_tls(&error), error.is_timeout()) {
                    (Some(code), ..) => format!("the mail server answers {code}"),
                    (None, true, _) => {
                        "the mail server's certificate is not trusted, or it has no TLS".into()
                    }
                    (None, false, true) => "the mail server does not answer".into(),
                    (None, false, false) => "the mail server cannot be reached".into(),
                };
                Err(if error.is_permanent() {
                    Unsent::Refused(told)
                } else {
                    Unsent::NotNow(told)
                })
            }
        }
    }

    fn message(&self, letter: Letter) -> Result<Message> {
        let from = self.0.from.clone();
        let id = format!("<{}@{}>", letter.id, from.email.domain());
        let mut message = Message::builder()
            .from(from)
            .subject(letter.subject)
            .message_id(Some(id))
            .date_now();
        for address in letter.to {
            message = message.to(Mailbox::new(None, address));
        }
        let mut page = MultiPart::related().singlepart(SinglePart::html(letter.page));
        if let Some(png) = letter.picture {
            let picture = Attachment::new_inline(PICTURE.into());
            page = page.singlepart(picture.body(png, "image/png".parse()?));
        }
        let (name, kind, bytes) = letter.file;
        let kind: ContentType = kind.parse()?;
        let whole = MultiPart::mixed()
            .multipart(
                MultiPart::alternative()
                    .singlepart(SinglePart::plain(letter.text))
                    .multipart(page),
            )
            .singlepart(Attachment::new(name).body(bytes, kind));
        Ok(message.multipart(whole)?)
    }
}

fn causes<'all>(
    error: &'all (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'all (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

/// A fault with what is behind it.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let all: Vec<String> = causes(error).map(ToString::to_string).collect();
    all.join(": ")
}

/// Whether it is about TLS: the way there is open, and not trusted.
fn is_of_tls(error: &lettre::transport::smtp::Error) -> bool {
    let within = |cause: &(dyn std::error::Error + 'static)| {
        let inner = cause
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        cause.is::<rustls::Error>() || inner.is_some_and(|inner| inner.is::<rustls::Error>())
    };
    error.is_tls() || causes(error).any(within)
}
