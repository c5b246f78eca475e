//! Signing in by an LDAP directory: a real slapd, which the test fills.

use std::{
    collections::HashSet,
    path::PathBuf,
    time::{Duration, Instant},
};

use app::{AppError, audit::Action};
use ldap3::{LdapConnAsync, Mod};
use secrecy::SecretString;
use server::{
    access::throttle::Guess,
    config::{Config, Flag, Ldap},
    identity::{DIRECTORY, REFUSAL, ldap::Directory},
    store::{UserRecord, built_in_id},
};

use crate::support::{
    Answer, Browser, PASSWORD, TestServer, config,
    servers::{Running, certificate, command, free_port, listens, root},
};

const ROOT: &str = "cn=root,dc=example,dc=org";
const SEARCHER: &str = "cn=starboard,dc=example,dc=org";
const WORD: &str = "green umbrella stand";

const TREE: &str = "dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: cn=starboard,dc=example,dc=org
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: starboard
userPassword: looks things up

dn: ou=people,dc=example,dc=org
objectClass: organizationalUnit
ou: people

dn: ou=groups,dc=example,dc=org
objectClass: organizationalUnit
ou: groups

dn: cn=desk,ou=groups,dc=example,dc=org
objectClass: groupOfNames
cn: desk
member: uid=grace,ou=people,dc=example,dc=org
member: uid=ada,ou=people,dc=example,dc=org
member: uid=no.one+employeeNumber=7,ou=people,dc=example,dc=org

dn: cn=bosses,ou=groups,dc=example,dc=org
objectClass: groupOfNames
cn: bosses
member: uid=nobody,ou=people,dc=example,dc=org
";

/// A slapd of its own.
struct Slapd {
    port: u16,
    tls_port: u16,
    ca_file: PathBuf,
    running: Option<Running>,
    settings: PathBuf,
    _folder: tempfile::TempDir,
}

impl Slapd {
    async fn start(test: &str) -> Option<Self> {
        let root = root(test)?;
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path();
        let (ca_file, key) = certificate(place, "slapd");
        std::fs::create_dir(place.join("data")).unwrap();
        let schema = ["core", "cosine", "inetorgperson"]
            .map(|name| format!("include {}/etc/ldap/schema/{name}.schema\n", root.display()));
        let text = format!(
            "{}pidfile {place}/slapd.pid\nmodulepath {}/usr/lib/ldap\nmoduleload back_mdb\n\
             TLSCertificateFile {}\nTLSCertificateKeyFile {}\n\
             database mdb\nmaxsize 10485760\nsuffix \"dc=example,dc=org\"\nrootdn \"{ROOT}\"\nrootpw root\n\
             directory {place}/data\n\
             access to attrs=userPassword by anonymous auth by * none\n\
             access to * by dn.exact=\"{SEARCHER}\" read by anonymous auth by * none\n",
            schema.concat(),
            root.display(),
            ca_file.display(),
            key.display(),
            place = place.display(),
        );
        let settings = place.join("slapd.conf");
        std::fs::write(&settings, text).unwrap();
        let mut tree = TREE.to_owned();
        for (name, shown) in [
            ("grace", "Grace Hopper"),
            ("ada", "Another Ada"),
            ("nina", "Nina"),
        ] {
            tree.push_str(&format!(
                "\ndn: uid={name},ou=people,dc=example,dc=org\nobjectClass: inetOrgPerson\nuid: {name}\n\
                 cn: {shown}\nsn: {name}\nuserPassword: {WORD}\n"
            ));
        }
        let ldif = place.join("tree.ldif");
        std::fs::write(&ldif, tree).unwrap();
        let mut filling = command("usr/sbin/slapd");
        filling
            .args(["-T", "add", "-f"])
            .arg(&settings)
            .arg("-l")
            .arg(&ldif);
        let filled = filling.output().unwrap();
        assert!(filled.status.success(), "{filled:?}");
        let mut slapd = Self {
            port: free_port(),
            tls_port: free_port(),
            ca_file,
            running: None,
            settings,
            _folder: folder,
        };
        slapd.run().await;
        Some(slapd)
    }

    async fn run(&mut self) {
        let mut slapd = command("usr/sbin/slapd");
        let urls = format!(
            "ldap://127.0.0.1:{} ldaps://127.0.0.1:{}",
            self.port, self.tls_port
        );
        slapd.args(["-d", "0", "-h", &urls, "-f"]).arg(&self.settings);
        self.running = Some(Running::start(slapd, &self.settings.with_extension("log")));
        listens(self.port).await;
    }

    fn config(&self) -> Ldap {
        Ldap {
            ca_file: Some(self.ca_file.clone()),
            bind_dn: Some(SEARCHER.into()),
            password: Some(SecretString::from("looks things up")),
            group_base: Some("ou=groups,dc=example,dc=org".into()),
            ..toml::from_str(&format!(
                "url = \"ldap://localhost:{}\"\nbase = \"ou=people,dc=example,dc=org\"\n\
                 [roles]\ndesk = \"agent\"\nbosses = \"Supervisor\"\n[teams]\ndesk = \"Front desk\"\n",
                self.port
            ))
            .unwrap()
        }
    }

    /// Puts somebody into a group, or takes them out.
    async fn group(&self, group: &str, person: &str, is_in: bool) {
        let (connection, mut handle) = LdapConnAsync::new(&format!("ldap://127.0.0.1:{}", self.port))
            .await
            .unwrap();
        let driving = tokio::spawn(connection.drive());
        handle.simple_bind(ROOT, "root").await.unwrap().success().unwrap();
        let member = HashSet::from([format!("uid={person},ou=people,dc=example,dc=org")]);
        let change = match is_in {
            true => Mod::Add("member".to_owned(), member),
            false => Mod::Delete("member".to_owned(), member),
        };
        let dn = format!("cn={group},ou=groups,dc=example,dc=org");
        handle.modify(&dn, vec![change]).await.unwrap().success().unwrap();
        driving.abort();
    }
}

async fn server(ldap: Ldap) -> TestServer {
    let folder = tempfile::tempdir().unwrap();
    let settings = Config {
        ldap: Some(ldap),
        ..config(&folder)
    };
    TestServer::start_with(folder, settings).await
}

async fn sign_in(browser: &mut Browser, username: &str, password: &str) -> Answer {
    let form = [
        ("username", username.to_owned()),
        ("password", password.to_owned()),
    ];
    browser.post("/api/sign_in", &form).await
}

/// The same where the name was tried before and is not to wait.
async fn sign_in_again(server: &TestServer, browser: &mut Browser, username: &str, password: &str) -> Answer {
    server
        .services
        .throttle
        .passed(username, Guess::Password, browser.address.ip());
    sign_in(browser, username, password).await
}

async fn teams_of(server: &TestServer, user: &UserRecord) -> Vec<String> {
    let mine = server.services.store.teams_of(user.id).await.unwrap();
    let teams = server.services.store.teams().await.unwrap();
    let named = teams.into_iter().filter(|team| mine.contains(&team.id));
    named.map(|team| team.name).collect()
}

#[tokio::test]
async fn people_of_the_directory_come_in_and_follow_their_groups() {
    let Some(slapd) = Slapd::start("people_of_the_directory_come_in_and_follow_their_groups").await else {
        return;
    };
    let server = server(slapd.config()).await;
    let (mut ada, store) = (server.set_up().await, &server.services.store);
    let team = [("id", "0".to_owned()), ("name", "Front desk".to_owned())];
    assert_eq!(ada.post("/api/save_team", &team).await.status, 200);

    let mut grace = server.browser();
    let answer = sign_in(&mut grace, "Grace ", WORD).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(grace.get("/").await.status, 200);
    let user = store.user_named("grace").await.unwrap().unwrap();
    assert_eq!(
        (user.display_name.as_str(), user.role.as_str()),
        ("Grace Hopper", "Agent")
    );
    assert_eq!(teams_of(&server, &user).await, ["Front desk"]);
    let identities = store.identities_of(user.id).await.unwrap();
    assert_eq!(identities[0].0, DIRECTORY);
    assert!(identities[0].1.starts_with("uuid:"), "{identities:?}");
    let rows = server.services.trail.newest(20).await.unwrap();
    let row = |action: Action| rows.iter().find(|row| row.act.action == action.word()).unwrap();
    assert_eq!(row(Action::AddUser).act.actor, "provider:the directory");
    assert!(row(Action::SignIn).act.detail.contains("the directory"));

    slapd.group("bosses", "grace", true).await;
    slapd.group("desk", "grace", false).await;
    let answer = sign_in(&mut server.browser(), "grace", WORD).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let user = store.user(user.id).await.unwrap().unwrap();
    assert_eq!(user.role, "Supervisor");
    assert!(teams_of(&server, &user).await.is_empty());

    // no group, no role: they stay out, and what they had open is over
    slapd.group("bosses", "grace", false).await;
    let answer = sign_in(&mut server.browser(), "grace", WORD).await;
    assert!(
        answer
            .value::<AppError>()
            .to_string()
            .contains("none of your groups"),
        "{answer:?}"
    );
    assert_eq!(grace.get("/").await.status, 303);

    slapd.group("desk", "grace", true).await;
    store.set_disabled(user.id, true).await.unwrap();
    let answer = sign_in_again(&server, &mut server.browser(), "grace", WORD).await;
    assert!(
        answer.value::<AppError>().to_string().contains("disabled"),
        "{answer:?}"
    );
    // somebody without a role is not even made
    let answer = sign_in(&mut server.browser(), "nina", WORD).await;
    assert!(
        answer
            .value::<AppError>()
            .to_string()
            .contains("none of your groups"),
        "{answer:?}"
    );
    assert!(store.user_named("nina").await.unwrap().is_none());
}

#[tokio::test]
async fn nobody_of_the_directory_takes_the_place_of_somebody_here() {
    let Some(slapd) = Slapd::start("nobody_of_the_directory_takes_the_place_of_somebody_here").await else {
        return;
    };
    let server = server(slapd.config()).await;
    server.set_up().await;
    let store = &server.services.store;
    // the directory has an ada as well, with another password
    let answer = sign_in(&mut server.browser(), "ada", WORD).await;
    assert_eq!(answer.value::<AppError>().to_string(), wrong());
    let answer = sign_in_again(&server, &mut server.browser(), "ada", PASSWORD).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    // somebody who was invited here and has no password yet is nobody of the directory either
    let grace = UserRecord::new("grace", "Grace of ours", app::access::BuiltIn::Admin, 1);
    let id = store.add_user(&grace).await.unwrap();
    let answer = sign_in(&mut server.browser(), "grace", WORD).await;
    assert_eq!(answer.value::<AppError>().to_string(), wrong());
    // until an administrator says that they are: then their role stays as it is here
    let directory = Directory::new(&slapd.config()).unwrap();
    let person = directory
        .prove("grace", &SecretString::from(WORD))
        .await
        .unwrap()
        .unwrap();
    store.link(id, DIRECTORY, &person.subject, 1).await.unwrap();
    let answer = sign_in_again(&server, &mut server.browser(), "grace", WORD).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(
        store.user(id).await.unwrap().unwrap().role_id,
        built_in_id(app::access::BuiltIn::Admin)
    );
}

fn wrong() -> String {
    AppError::field("password", "User name or password is not right.").to_string()
}

#[tokio::test]
async fn a_wrong_password_an_unknown_name_and_tricks_look_the_same() {
    let Some(slapd) = Slapd::start("a_wrong_password_an_unknown_name_and_tricks_look_the_same").await else {
        return;
    };
    let server = server(slapd.config()).await;
    server.set_up().await;
    let tricks = [
        ("grace", "wrong"),
        ("unknown", WORD),
        ("*", WORD),
        ("grace)(uid=*", WORD),
        ("ada", "wrong"),
    ];
    for (username, password) in tricks {
        let begun = Instant::now();
        let answer = sign_in(&mut server.browser(), username, password).await;
        assert_eq!(answer.value::<AppError>().to_string(), wrong(), "{username}");
        assert!(begun.elapsed() >= REFUSAL, "{username}: {:?}", begun.elapsed());
    }
    assert!(server.services.store.user_named("grace").await.unwrap().is_none());
    // guesses are slowed down as everywhere
    let answer = sign_in(&mut server.browser(), "grace", "wrong again").await;
    let answer_again = sign_in(&mut server.browser(), "grace", "wrong again").await;
    assert!(
        [answer.status, answer_again.status].contains(&429),
        "{answer:?} {answer_again:?}"
    );
    // a directory says yes to an empty password: it is never asked
    let directory = Directory::new(&slapd.config()).unwrap();
    let proven = directory.prove("grace", &SecretString::from("")).await.unwrap();
    assert_eq!(proven, None);
}

#[tokio::test]
async fn the_directory_is_reached_over_checked_tls_or_not_at_all() {
    let Some(slapd) = Slapd::start("the_directory_is_reached_over_checked_tls_or_not_at_all").await else {
        return;
    };
    let word = SecretString::from(WORD);
    let by_tls = Ldap {
        url: format!("ldaps://127.0.0.1:{}", slapd.tls_port),
        ..slapd.config()
    };
    let plain = Ldap {
        starttls: Some(Flag(false)),
        ..slapd.config()
    };
    for good in [by_tls, plain, slapd.config()] {
        let found = Directory::new(&good)
            .unwrap()
            .prove("grace", &word)
            .await
            .unwrap();
        assert_eq!(found.unwrap().groups, ["desk"]);
    }
    let stranger = tempfile::tempdir().unwrap();
    let (other, _) = certificate(stranger.path(), "other");
    let mistrusted = Ldap {
        ca_file: Some(other),
        ..slapd.config()
    };
    let found = Directory::new(&mistrusted).unwrap().prove("grace", &word).await;
    assert!(found.is_err(), "{found:?}");
}

#[tokio::test]
async fn while_the_directory_is_down_people_of_here_come_in_and_others_are_told() {
    let test = "while_the_directory_is_down_people_of_here_come_in_and_others_are_told";
    let Some(mut slapd) = Slapd::start(test).await else {
        return;
    };
    let server = server(slapd.config()).await;
    server.set_up().await;
    slapd.running = None;
    let answer = sign_in(&mut server.browser(), "grace", WORD).await;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(
        answer
            .value::<AppError>()
            .to_string()
            .contains("The directory does not answer"),
        "{answer:?}"
    );
    let answer = sign_in(&mut server.browser(), "ada", PASSWORD).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    // it is asked anew every time
    slapd.run().await;
    let begun = Instant::now();
    let answer = sign_in(&mut server.browser(), "grace", WORD).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(begun.elapsed() < Duration::from_secs(5));
}
