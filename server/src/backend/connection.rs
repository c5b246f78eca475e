//! PBX connections: what may be typed in, and what happens when it is saved.

use app::{
    AppError, FieldError,
    audit::{Action, Fact},
    model::{PbxConnection, PbxForm, PbxId, TlsMode},
};
use secrecy::{ExposeSecret, SecretString};

use super::CallerBackend;
use crate::{
    store::{PbxRecord, SECRET_COLUMN},
    trail::detail,
};

/// Bytes the fields may have.
const MAX_NAME_BYTES: usize = 80;
const MAX_HOST_BYTES: usize = 253;
const MAX_ACCOUNT_BYTES: usize = 80;
const MAX_CONTEXT_BYTES: usize = 79;
const MAX_PATH_BYTES: usize = 255;
const MAX_PEM_BYTES: usize = 64 << 10;
/// The secret that stands in every example and that every scanner tries first.
pub(crate) const WELL_KNOWN_SECRET: &str = "amp111";

/// A form that holds together.
pub(super) struct Checked {
    pub(super) connection: PbxConnection,
    /// None: the stored one stays.
    pub(super) secret: Option<SecretString>,
}

/// Checks every field and tells all that is wrong at once.
pub(super) fn check(form: PbxForm) -> Result<Checked, AppError> {
    let mut problems = Vec::new();
    let mut wrong = |field: &str, problem: &str| {
        problems.push(FieldError {
            field: field.into(),
            problem: problem.into(),
        });
    };
    let name = form.name.trim();
    if name.is_empty() || name.len() > MAX_NAME_BYTES || name.chars().any(char::is_control) {
        wrong("name", "Give the telephone system a name.");
    }
    let host = form.host.trim();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:".contains(&byte);
    if host.is_empty() || host.len() > MAX_HOST_BYTES || !host.bytes().all(plain) {
        wrong(
            "host",
            "Type a host name or an IP address, without http:// and without the port.",
        );
    }
    let usual = match form.tls {
        TlsMode::Off => 5038,
        TlsMode::Verify => 5039,
    };
    let port = match form.port.trim() {
        "" => Some(usual),
        text => text.parse::<u16>().ok().filter(|port| *port > 0),
    };
    if port.is_none() {
        wrong("port", "The port is a number from 1 to 65535, usually 5038.");
    }
    let username = form.username.trim();
    if username.is_empty() || username.len() > MAX_ACCOUNT_BYTES || username.chars().any(char::is_control) {
        wrong("username", "Type the user name of the account in manager.conf.");
    }
    if form.secret.len() > MAX_ACCOUNT_BYTES || form.secret.chars().any(char::is_control) {
        wrong(
            "secret",
            "The secret has at most 80 characters and no line breaks.",
        );
    } else if form.secret == WELL_KNOWN_SECRET {
        wrong(
            "secret",
            "This secret is known to everyone. Set another one in manager.conf and type it here.",
        );
    } else if form.secret.is_empty() && form.id.is_none() {
        wrong("secret", "Type the secret of the account in manager.conf.");
    }
    let context = form.context.trim();
    let word = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if context.is_empty() || context.len() > MAX_CONTEXT_BYTES || !context.bytes().all(word) {
        wrong(
            "context",
            "Type the dialplan context that calls start in, as from-internal.",
        );
    }
    let queue_log = form.queue_log.trim();
    if !queue_log.is_empty() && !is_log_path(queue_log) {
        wrong("queue_log", LOG_PATH);
    }
    let recordings = form.recordings.trim();
    if !recordings.is_empty() && !is_folder_of_recordings(recordings) {
        wrong("recordings", RECORDINGS_PATH);
    }
    let ca_pem = form.ca_pem.trim();
    if ca_pem.len() > MAX_PEM_BYTES
        || (!ca_pem.is_empty() && !ca_pem.starts_with("-----BEGIN CERTIFICATE-----"))
    {
        wrong(
            "ca_pem",
            "Paste the certificate in PEM form; it begins with -----BEGIN CERTIFICATE-----.",
        );
    }
    if !problems.is_empty() {
        return Err(AppError::Invalid(problems));
    }
    Ok(Checked {
        connection: PbxConnection {
            id: form.id.unwrap_or_default(),
            name: name.into(),
            host: host.into(),
            port: port.unwrap_or(usual),
            tls: form.tls,
            ca_pem: ca_pem.into(),
            username: username.into(),
            context: context.into(),
            enabled: form.enabled,
            supervision_private: form.supervision_private,
            queue_log: queue_log.into(),
            recordings: recordings.into(),
        },
        secret: (!form.secret.is_empty()).then(|| SecretString::from(form.secret)),
    })
}

pub(super) async fn save(backend: &CallerBackend, form: PbxForm) -> Result<PbxConnection, AppError> {
    let services = &backend.services;
    let id = form.id;
    let Checked {
        mut connection,
        secret,
    } = check(form)?;
    let taken = services.store.pbxs().await?;
    if taken
        .iter()
        .any(|other| Some(other.shown.id) != id && other.shown.name == connection.name)
    {
        return Err(AppError::field("name", "Another connection has this name."));
    }
    let name = format!("pbx {}", connection.name);
    let before = taken.iter().find(|other| Some(other.shown.id) == id);
    // a log, and recordings, are read as the server's own user
    let reads_elsewhere = before.is_some_and(|before| {
        before.shown.queue_log != connection.queue_log || before.shown.recordings != connection.recordings
    });
    if secret.is_some()
        || reads_elsewhere
        || before.is_none_or(|before| goes_elsewhere(&before.shown, &connection))
    {
        backend.confirmed()?;
    }
    // who sees whom, and where a log and recordings are, are other matters than the link: that goes on
    let link_stays = secret.is_none()
        && before.is_some_and(|before| {
            let linked = PbxConnection {
                supervision_private: connection.supervision_private,
                queue_log: connection.queue_log.clone(),
                recordings: connection.recordings.clone(),
                ..before.shown.clone()
            };
            linked == connection && before.shown != connection
        });
    let secret = match id {
        None => {
            let secret = secret.ok_or_else(|| AppError::field("secret", "Type the secret."))?;
            let sealing = |id: PbxId| services.seal.seal(SECRET_COLUMN, id.0, &secret);
            let adding = async { Ok(services.store.add_pbx(&connection, sealing).await?) };
            let facts = changes(None, &connection, true);
            connection.id = backend.act(Action::AddPbx, &name, &facts, adding).await?;
            secret
        }
        Some(id) => {
            let before = services.store.pbx(id).await?.ok_or(AppError::NotFound)?;
            let replaced = secret.is_some();
            let secret = match secret {
                Some(secret) => secret,
                None => stored_secret(backend, &before, &connection)?,
            };
            let sealing = |id: PbxId| {
                let sealed = replaced.then(|| services.seal.seal(SECRET_COLUMN, id.0, &secret));
                sealed.transpose()
            };
            let changing = async {
                let changed = services.store.save_pbx(&connection, sealing).await?;
                changed.then_some(()).ok_or(AppError::NotFound)
            };
            let facts = changes(Some(&before.shown), &connection, replaced);
            backend.act(Action::ChangePbx, &name, &facts, changing).await?;
            secret
        }
    };
    if link_stays {
        services
            .hub
            .set_private(connection.id, connection.supervision_private);
    } else {
        services.links.put(&connection, &secret).await;
    }
    Ok(connection)
}

/// The stored secret, for the host it was given for only: a new host must not be handed it.
pub(super) fn stored_secret(
    backend: &CallerBackend,
    before: &PbxRecord,
    now: &PbxConnection,
) -> Result<SecretString, AppError> {
    if goes_elsewhere(&before.shown, now) {
        return Err(AppError::field(
            "secret",
            "Type the secret again: host, port, user name or protection are not those it was stored for.",
        ));
    }
    let opened = backend
        .services
        .seal
        .unseal(SECRET_COLUMN, before.shown.id.0, &before.secret_sealed);
    opened.map_err(|error| {
        tracing::error!(error = %format!("{error:#}"), "a stored secret does not open");
        AppError::field(
            "secret",
            "The stored secret cannot be read with this key file. Type it again.",
        )
    })
}

/// Whether a secret would be given to somebody else than before, or less well protected.
fn goes_elsewhere(before: &PbxConnection, now: &PbxConnection) -> bool {
    let same = before.host == now.host && before.port == now.port && before.username == now.username;
    let weaker = before.tls == TlsMode::Verify && now.tls == TlsMode::Off;
    !same || weaker
}

pub(super) async fn delete(backend: &CallerBackend, id: PbxId) -> Result<(), AppError> {
    let services = &backend.services;
    let record = services.store.pbx(id).await?.ok_or(AppError::NotFound)?;
    let name = format!("pbx {}", record.shown.name);
    let deleting = async {
        if !services.store.delete_pbx(id).await? {
            return Err(AppError::NotFound);
        }
        services.links.remove(id).await;
        Ok(())
    };
    backend.act(Action::DeletePbx, &name, &[], deleting).await
}

/// What saving a form is.
pub(super) fn saving(form: &PbxForm) -> Action {
    if form.id.is_some() {
        Action::ChangePbx
    } else {
        Action::AddPbx
    }
}

/// The connection that a form is about, for the audit trail.
pub(super) fn object(form: &PbxForm) -> String {
    format!("pbx {} at {}:{}", form.name, form.host, form.port)
}

/// What differs, for the audit trail; of a secret only that there is another one.
pub(crate) fn changes(
    before: Option<&PbxConnection>,
    now: &PbxConnection,
    secret_replaced: bool,
) -> Vec<Fact> {
    type Read = fn(&PbxConnection) -> String;
    let of = |read: Read| (before.map(read).unwrap_or_default(), read(now));
    let fields: [(&str, Read); 11] = [
        ("name", |one| one.name.clone()),
        ("host", |one| one.host.clone()),
        ("port", |one| one.port.to_string()),
        ("TLS", |one| {
            word(one.tls == TlsMode::Verify, "certificate checked", "off")
        }),
        ("own authority", |one| word(!one.ca_pem.is_empty(), "given", "")),
        ("user", |one| one.username.clone()),
        ("context", |one| one.context.clone()),
        ("connect", |one| word(one.enabled, "yes", "no")),
        ("supervision", |one| {
            word(one.supervision_private, "private", "shown")
        }),
        ("queue log", |one| one.queue_log.clone()),
        ("recordings", |one| one.recordings.clone()),
    ];
    let mut facts = detail::changes(fields.map(|(name, read)| {
        let (old, new) = of(read);
        (name, old, new)
    }));
    if before.is_some_and(|before| {
        before.ca_pem != now.ca_pem && !before.ca_pem.is_empty() && !now.ca_pem.is_empty()
    }) {
        facts.push(Fact::told("own authority", "replaced"));
    }
    if secret_replaced && before.is_some() {
        facts.push(Fact::told("secret", "replaced"));
    }
    facts
}

fn word(yes: bool, then: &str, otherwise: &str) -> String {
    if yes { then } else { otherwise }.to_owned()
}

/// What a path of a log has to be.
pub(crate) const LOG_PATH: &str =
    "Type the whole path of the file, as /var/log/asterisk/queue_log; the file's name has queue_log in it.";

/// Whether somebody may have this file read as a log: a whole path, and no file that is clearly something else.
pub(crate) fn is_log_path(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    is_whole_path(path) && name.contains("queue_log")
}

fn is_whole_path(path: &str) -> bool {
    let short = path.len() <= MAX_PATH_BYTES && !path.chars().any(char::is_control);
    short && path.starts_with('/') && !path.split('/').any(|part| part == "..")
}

/// What the path of a folder of recordings has to be.
pub(crate) const RECORDINGS_PATH: &str = "Type the whole path of the folder, as /var/spool/asterisk/monitor; not that of a whole disk or of the system.";
/// Folders below which nobody keeps recordings.
const SYSTEM: [&str; 9] = ["bin", "boot", "dev", "etc", "lib", "proc", "run", "sbin", "sys"];

/// Whether somebody may have this folder read for recordings: a whole path, and no folder that is clearly something else.
pub(crate) fn is_folder_of_recordings(path: &str) -> bool {
    let mut names = path.split('/').filter(|name| !name.is_empty());
    let (first, second) = (names.next(), names.next());
    is_whole_path(path) && second.is_some() && first.is_some_and(|first| !SYSTEM.contains(&first))
}

/// Whether a secret is the one that every scanner tries.
pub(crate) fn is_well_known(secret: &SecretString) -> bool {
    secret.expose_secret() == WELL_KNOWN_SECRET
}
