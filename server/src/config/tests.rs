//! Claims about the settings.

use super::*;

fn env(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect()
}

#[test]
fn flag_beats_environment_beats_file_beats_default() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.toml");
    std::fs::write(
        &file,
        "listen = \"127.0.0.1:1\"\nsite_root = \"/file\"\nlog = \"json\"\n",
    )
    .unwrap();
    let variables = env(&[
        ("STARBOARD_LISTEN", "127.0.0.1:2"),
        ("STARBOARD_SITE_ROOT", "/env"),
    ]);
    let config = Config::load(Some(&file), variables, &[("listen", "127.0.0.1:3".into())]).unwrap();
    assert_eq!(config.listen.port(), 3);
    assert_eq!(config.site_root, Path::new("/env"));
    assert_eq!(config.log, LogFormat::Json);
    assert_eq!(config.database, Path::new(".starboard/starboard.db"));
}

#[test]
fn unknown_keys_are_refused_by_name() {
    let error = Config::load(None, env(&[("STARBOARD_LISTENN", "x")]), &[]).unwrap_err();
    assert!(format!("{error:#}").contains("listenn"), "{error:#}");
    let error = Config::load(None, env(&[("STARBOARD_PBX__0__HOSTT", "x")]), &[]).unwrap_err();
    assert!(format!("{error:#}").contains("hostt"), "{error:#}");
}

#[test]
fn lists_and_secret_files_come_from_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "s3cret\n").unwrap();
    let variables = env(&[
        ("STARBOARD_PBX__0__NAME", "Office"),
        ("STARBOARD_PBX__0__HOST", "127.0.0.1"),
        ("STARBOARD_PBX__0__PORT", "5038"),
        ("STARBOARD_PBX__0__USERNAME", "starboard"),
        ("STARBOARD_PBX__0__SECRET_FILE", secret.to_str().unwrap()),
    ]);
    let config = Config::load(None, variables, &[]).unwrap();
    assert_eq!(config.pbx[0].port, Some(Port(5038)));
    assert_eq!(config.pbx[0].secret.as_ref().unwrap().expose_secret(), "s3cret");
    assert!(!format!("{config:?}").contains("s3cret"));
}

#[test]
fn a_postgresql_that_cannot_be_one_is_refused_by_what_is_wrong_with_it() {
    let good = [
        (
            "STARBOARD_POSTGRES__ADDRESS",
            "postgres://starboard@db.example.org/calls",
        ),
        ("STARBOARD_POSTGRES__PASSWORD", "quiet harbour"),
    ];
    let load = |pairs: &[(&str, &str)]| Config::load(None, env(pairs), &[]);
    assert!(!load(&good).unwrap().postgres.unwrap().is_here());
    for (bad, says) in [
        ("db.example.org", "address is as"),
        ("mysql://starboard@db.example.org/calls", "address is as"),
        ("postgres://db.example.org/calls", "address is as"),
        ("postgres://starboard@db.example.org", "address is as"),
        (
            "postgres://starboard:harbour@db.example.org/calls",
            "password is no part",
        ),
        (
            "postgres://starboard@db.example.org/calls?sslmode=disable",
            "nothing follows",
        ),
    ] {
        let error = format!("{:#}", load(&[("STARBOARD_POSTGRES__ADDRESS", bad)]).unwrap_err());
        assert!(
            error.contains("postgres: ") && error.contains(says),
            "{bad}: {error}"
        );
        assert!(!error.contains("harbour"), "{error}");
    }
}

#[test]
fn a_bucket_that_cannot_be_one_is_refused_by_what_is_wrong_with_it() {
    let good = [
        ("STARBOARD_BUCKET__ENDPOINT", "https://s3.example.org"),
        ("STARBOARD_BUCKET__NAME", "recordings"),
        ("STARBOARD_BUCKET__ACCESS_KEY", "starboard"),
        ("STARBOARD_BUCKET__SECRET_KEY", "quiet harbour"),
        ("STARBOARD_BUCKET__FOLDER_DAYS", "30"),
    ];
    let load = |pairs: &[(&str, &str)]| Config::load(None, env(pairs), &[]);
    let bucket = load(&good).unwrap().bucket.unwrap();
    assert_eq!(bucket.folder_days.map(|days| days.0), Some(30));
    for (key, bad, says) in [
        ("ENDPOINT", "s3.example.org", "endpoint is an address"),
        ("ENDPOINT", "http://s3.example.org", "without TLS"),
        (
            "ENDPOINT",
            "https://me:secret@s3.example.org",
            "endpoint is an address",
        ),
        ("NAME", "Recordings", "name is"),
        ("NAME", "../x", "name is"),
        ("PREFIX", "/etc", "prefix is"),
        ("PREFIX", "a/../b", "prefix is"),
        ("SECRET_KEY", "", "secret_key"),
    ] {
        let name = format!("STARBOARD_BUCKET__{key}");
        let mut pairs = good.to_vec();
        pairs.retain(|(one, _)| *one != name);
        pairs.push((&name, bad));
        let error = format!("{:#}", load(&pairs).unwrap_err());
        assert!(
            error.contains("bucket: ") && error.contains(says),
            "{bad}: {error}"
        );
        assert!(!error.contains("quiet harbour"), "{error}");
    }
}

#[test]
fn the_policy_about_second_factors_is_a_word_and_a_number_of_days() {
    let variables = env(&[
        ("STARBOARD_SECOND_FACTOR", "everyone"),
        ("STARBOARD_SECOND_FACTOR_GRACE_DAYS", "0"),
    ]);
    let config = Config::load(None, variables, &[]).unwrap();
    assert_eq!(
        (config.second_factor, config.second_factor_grace_days),
        (AskedOf::Everyone, Days(0))
    );
    for (name, value) in [("SECOND_FACTOR", "nobody"), ("SECOND_FACTOR_GRACE_DAYS", "-1")] {
        assert!(Config::load(None, env(&[(&format!("STARBOARD_{name}"), value)]), &[]).is_err());
    }
}

#[test]
fn networks_and_counts_come_from_the_environment() {
    let variables = env(&[
        ("STARBOARD_TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
        ("STARBOARD_PROXY_HEADER", "forwarded"),
        ("STARBOARD_MAX_CONNECTIONS", "12"),
    ]);
    let config = Config::load(None, variables, &[]).unwrap();
    let networks: Vec<String> = config.trusted_proxies.0.iter().map(ToString::to_string).collect();
    assert_eq!(networks, ["10.0.0.0/8", "::1/128"]);
    assert_eq!(
        (config.proxy_header, config.max_connections),
        (ProxyHeader::Forwarded, Count(12))
    );
    for (name, value) in [("TRUSTED_PROXIES", "10.0.0.0/80"), ("MAX_CONNECTIONS", "0")] {
        assert!(Config::load(None, env(&[(&format!("STARBOARD_{name}"), value)]), &[]).is_err());
    }
}

#[test]
fn the_example_is_valid_and_equals_the_defaults() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("config.example.toml");
    let config = Config::load(Some(&example), [], &[]).unwrap();
    let default = Config::default();
    assert_eq!(
        (config.listen, config.database),
        (default.listen, default.database)
    );
    assert_eq!((config.site_root, config.log), (default.site_root, default.log));
    assert_eq!(config.audit_days, default.audit_days);
    assert_eq!(config.event_days, default.event_days);
}
