//! Users from a CSV file: read line by line, tried as a whole, done as a whole or not at all.

use std::collections::{HashMap, HashSet};

use app::{
    AppError,
    access::Ability,
    audit::{Action, Fact, Outcome},
    model::{
        UserId,
        people::{Import, ImportLine, ImportOutcome, UserForm},
    },
};
use csv::{ReaderBuilder, StringRecord, Trim};

use super::{
    CallerBackend,
    invitation::new_link,
    office::{Office, office},
    people::{Extensions, changes, check, promoted},
};
use crate::{clock::wall_ms, identity::role_called, store::Wanted};

/// The most lines of one file.
const MAX_LINES: usize = 2_000;
/// The largest file, in bytes.
const MAX_BYTES: usize = 256 << 10;
/// The columns; the first two must be there.
const COLUMNS: [&str; 6] = ["username", "name", "role", "teams", "pbx", "extensions"];

/// What a file comes to.
struct Read {
    lines: Vec<ImportLine>,
    wanted: Vec<(usize, Wanted)>,
}

pub(super) async fn run(backend: &CallerBackend, csv: &str, do_it: bool) -> Result<Import, AppError> {
    backend.about(Action::ImportUsers, "a file");
    backend.may(Ability::ManageUsers)?;
    if do_it {
        backend.sure()?;
    }
    let office = office(backend, None).await?;
    let Read {
        mut lines,
        mut wanted,
    } = read(backend, csv, &office)?;
    let whole = lines
        .iter()
        .all(|line| !matches!(line.outcome, ImportOutcome::Problem(_)));
    if !do_it || !whole || wanted.is_empty() {
        return Ok(Import { lines, done: false });
    }
    for (line, wanted) in &mut wanted {
        if wanted.record.id == 0 {
            let (link, hash, expires_ms) = new_link(backend);
            wanted.invitation = Some((hash, expires_ms));
            lines[*line].link = Some(link);
        }
    }
    let services = &backend.services;
    let people: Vec<Wanted> = wanted.into_iter().map(|(_, wanted)| wanted).collect();
    let saving = async {
        // each person has a row of their own in the trail
        let mut acts = Vec::with_capacity(people.len());
        for wanted in &people {
            let known = office
                .users
                .iter()
                .find(|(record, _)| record.id == wanted.record.id);
            let action = if known.is_some() {
                Action::ChangeUser
            } else {
                Action::InviteUser
            };
            let facts = changes(wanted, known.map(|(record, _)| record), &office);
            let object = format!("user {}", wanted.record.username);
            acts.push(
                backend
                    .begin(backend.caller.who(), action, &object, &facts)
                    .await?,
            );
        }
        let saved = services.store.save_people(&people, wall_ms()).await;
        let outcome = if matches!(saved, Ok(Some(_))) {
            Outcome::Done
        } else {
            Outcome::Failed
        };
        for act in acts {
            backend.end(act, outcome, &[]).await;
        }
        saved?
            .ok_or_else(|| AppError::Conflict("Somebody was removed meanwhile. Nothing was changed.".into()))
    };
    let object = format!("{} users", people.len());
    backend.act(Action::ImportUsers, &object, &[], saving).await?;
    for wanted in &people {
        let known = office
            .users
            .iter()
            .find(|(record, _)| record.id == wanted.record.id);
        if let Some((before, _)) = known {
            promoted(services, before, wanted.record.role_id, &office.roles).await?;
        }
    }
    services.current.look(&services.store).await;
    Ok(Import { lines, done: true })
}

fn read(backend: &CallerBackend, csv: &str, office: &Office) -> Result<Read, AppError> {
    if csv.len() > MAX_BYTES {
        return Err(AppError::field(
            "csv",
            format!("The file has at most {} kB.", MAX_BYTES >> 10),
        ));
    }
    // spreadsheets write a semicolon where the comma is a decimal mark
    let first = csv.lines().next().unwrap_or_default();
    let delimiter = if first.contains(';') && !first.contains(',') {
        b';'
    } else {
        b','
    };
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .trim(Trim::All)
        .flexible(true)
        .from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
    let columns = columns(
        reader
            .headers()
            .map_err(|error| AppError::field("csv", error.to_string()))?,
    )?;
    let mut read = Read {
        lines: Vec::new(),
        wanted: Vec::new(),
    };
    let mut seen = HashSet::new();
    for record in reader.records() {
        let record =
            record.map_err(|error| AppError::field("csv", format!("The file cannot be read: {error}.")))?;
        if read.lines.len() == MAX_LINES {
            return Err(AppError::field(
                "csv",
                format!("The file has at most {MAX_LINES} lines."),
            ));
        }
        let at = record.position().map_or(0, csv::Position::line);
        let cell = |name: &str| {
            columns
                .get(name)
                .and_then(|at| record.get(*at))
                .unwrap_or_default()
        };
        let username = cell("username").to_lowercase();
        let outcome = if seen.insert(username.clone()) {
            let index = read.lines.len();
            line(backend, &cell, &username, office).map(|(outcome, wanted)| {
                read.wanted.extend(wanted.map(|wanted| (index, wanted)));
                outcome
            })
        } else {
            Err("This user name stands in the file twice.".into())
        };
        read.lines.push(ImportLine {
            line: u32::try_from(at).unwrap_or_default(),
            username,
            outcome: outcome.unwrap_or_else(ImportOutcome::Problem),
            link: None,
        });
    }
    Ok(read)
}

fn columns(header: &StringRecord) -> Result<HashMap<&'static str, usize>, AppError> {
    let mut columns = HashMap::new();
    for (at, name) in header.iter().enumerate() {
        let known = COLUMNS
            .into_iter()
            .find(|column| column.eq_ignore_ascii_case(name));
        let known = known.ok_or_else(|| {
            let problem = format!(
                "There is no column {name:?}. The first line names the columns: {}.",
                COLUMNS.join(",")
            );
            AppError::field("csv", problem)
        })?;
        columns.insert(known, at);
    }
    for needed in &COLUMNS[..2] {
        if !columns.contains_key(needed) {
            return Err(AppError::field(
                "csv",
                format!("The column {needed} is missing in the first line."),
            ));
        }
    }
    Ok(columns)
}

fn line<'cell>(
    backend: &CallerBackend,
    cell: &impl Fn(&str) -> &'cell str,
    username: &str,
    office: &Office,
) -> Result<(ImportOutcome, Option<Wanted>), String> {
    let viewer = backend.caller.signed_in().map_err(|error| error.to_string())?;
    let known = office
        .users
        .iter()
        .find(|(record, _)| record.username == username);
    let role = match (cell("role"), known) {
        ("", Some((record, _))) => app::model::people::RoleId(record.role_id),
        (name, _) => {
            let name = if name.is_empty() { "agent" } else { name };
            // as everywhere: by its name, the built-in ones by their short names as well
            let role = role_called(&office.roles, &name.to_lowercase());
            role.ok_or_else(|| format!("There is no role {name:?}."))?.id
        }
    };
    let pbx = match cell("pbx") {
        "" => known.and_then(|(record, _)| record.pbx),
        name => {
            let pbx = office
                .pbxs
                .iter()
                .find(|(_, known)| known.eq_ignore_ascii_case(name));
            Some(pbx.ok_or_else(|| format!("There is no PBX {name:?}."))?.0)
        }
    };
    let mut teams = Vec::new();
    for name in cell("teams")
        .split(';')
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        let team = office
            .teams
            .iter()
            .find(|team| team.name.eq_ignore_ascii_case(name));
        teams.push(
            team.ok_or_else(|| format!("There is no team {name:?}. Make it first."))?
                .id,
        );
    }
    if cell("teams").is_empty() {
        teams.extend(known.iter().flat_map(|(_, shown)| shown.teams.iter().copied()));
    }
    let typed = cell("extensions");
    let form = UserForm {
        id: known.map(|(record, _)| UserId(record.id)),
        username: username.to_owned(),
        display_name: cell("name").to_owned(),
        role,
        pbx,
        extensions: typed.to_owned(),
        teams,
    };
    if known.is_some_and(|(record, _)| !viewer.rights.abilities.cover(&record.abilities)) {
        return Err("You may not change this user.".into());
    }
    let mut wanted = check(
        viewer,
        &form,
        &Extensions::Typed(&form.extensions),
        known.map(|(record, _)| record),
        office,
    )
    .map_err(|error| error.to_string())?;
    let Some((before, _)) = known else {
        let what = words(&changes(&wanted, None, office));
        return Ok((ImportOutcome::Add(what), Some(wanted)));
    };
    if typed.is_empty() {
        wanted.record.extensions.clone_from(&before.extensions);
    }
    let facts = changes(&wanted, Some(before), office);
    if facts.is_empty() {
        Ok((ImportOutcome::Same, None))
    } else {
        Ok((ImportOutcome::Change(words(&facts)), Some(wanted)))
    }
}

/// What is new, in words: as the trail will tell it.
fn words(facts: &[Fact]) -> String {
    let told = facts.iter().filter_map(|fact| {
        let new = fact.new.as_deref().filter(|new| !new.is_empty());
        match (fact.old.as_deref().filter(|old| !old.is_empty()), new) {
            (None, None) => None,
            (None, Some(new)) => Some(format!("{} {new}", fact.name)),
            (Some(old), new) => Some(format!("{} {old} -> {}", fact.name, new.unwrap_or("none"))),
        }
    });
    told.collect::<Vec<_>>().join("; ")
}
