//! What groups come to: a role, and teams.

use app::{
    access::BuiltIn,
    model::people::{RoleRow, Team, TeamId},
};

use crate::{config::Mapping, store::built_in_id};

/// What somebody is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Their role.
    pub role: RoleRow,
    /// Their teams.
    pub teams: Vec<TeamId>,
}

/// A role by its name; the built-in ones by their short names as well.
pub fn role_called<'a>(roles: &'a [RoleRow], wanted: &str) -> Option<&'a RoleRow> {
    let short = BuiltIn::EVERY.into_iter().find(|role| role.slug() == wanted);
    roles.iter().find(|role| match short {
        Some(short) => role.id.0 == built_in_id(short),
        None => role.name.eq_ignore_ascii_case(wanted),
    })
}

/// What these groups come to. Of several roles it is the one that may everything that the others may, else the first by
/// its group's name. A team of the mapping is theirs while a group says so; other teams they are in stay. None where
/// there is no role for them.
pub fn place(
    mapping: Mapping<'_>,
    groups: &[String],
    roles: &[RoleRow],
    teams: &[Team],
    now: &[TeamId],
) -> Option<Place> {
    let is_in = |group: &str| groups.iter().any(|one| one.eq_ignore_ascii_case(group));
    let mut role: Option<&RoleRow> = None;
    for (_, wanted) in mapping.roles.iter().filter(|(group, _)| is_in(group)) {
        let Some(found) = role_called(roles, wanted) else {
            tracing::warn!(role = %wanted, "a group is mapped to a role that does not exist");
            continue;
        };
        if role.is_none_or(|before| {
            found.abilities != before.abilities && found.abilities.cover(&before.abilities)
        }) {
            role = Some(found);
        }
    }
    let usual = || mapping.default_role.and_then(|wanted| role_called(roles, wanted));
    let role = role.or_else(usual)?.clone();
    let team_called = |wanted: &str| teams.iter().find(|team| team.name.eq_ignore_ascii_case(wanted));
    let mut theirs = now.to_vec();
    for team in mapping.teams.values().filter_map(|wanted| team_called(wanted)) {
        theirs.retain(|one| *one != team.id);
    }
    for (_, wanted) in mapping.teams.iter().filter(|(group, _)| is_in(group)) {
        match team_called(wanted) {
            Some(team) if !theirs.contains(&team.id) => theirs.push(team.id),
            Some(_) => {}
            None => tracing::warn!(team = %wanted, "a group is mapped to a team that does not exist"),
        }
    }
    theirs.sort_unstable();
    Some(Place { role, teams: theirs })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::collections::BTreeMap;

    use app::model::people::RoleId;

    use super::*;

    fn roles() -> Vec<RoleRow> {
        let row = |role: BuiltIn| RoleRow {
            id: RoleId(built_in_id(role)),
            built_in: true,
            name: role.name().into(),
            abilities: role.abilities(),
            users: 0,
        };
        BuiltIn::EVERY.into_iter().map(row).collect()
    }

    fn teams() -> Vec<Team> {
        let team = |(id, name): (i64, &str)| Team {
            id: TeamId(id),
            name: name.into(),
            members: Vec::new(),
            queues: Vec::new(),
        };
        [(1, "Front desk"), (2, "Sales"), (3, "By hand")].map(team).into()
    }

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = pairs
            .iter()
            .map(|(group, name)| ((*group).into(), (*name).into()));
        owned.collect()
    }

    fn role_of(groups: &[&str], default_role: Option<&str>) -> Option<String> {
        let groups: Vec<String> = groups.iter().map(|group| (*group).into()).collect();
        let mapping = Mapping {
            roles: &map(&[
                ("all", "agent"),
                ("bosses", "Supervisor"),
                ("owners", "admin"),
                ("typo", "Adminn"),
            ]),
            teams: &BTreeMap::new(),
            default_role,
        };
        place(mapping, &groups, &roles(), &[], &[]).map(|place| place.role.name)
    }

    #[test]
    fn the_role_that_may_most_counts_and_without_one_nobody_gets_in() {
        assert_eq!(role_of(&["all"], None).as_deref(), Some("Agent"));
        assert_eq!(
            role_of(&["all", "owners", "bosses"], None).as_deref(),
            Some("Administrator")
        );
        assert_eq!(role_of(&["others"], None), None);
        assert_eq!(role_of(&[], None), None);
        assert_eq!(role_of(&["others"], Some("viewer")).as_deref(), Some("Viewer"));
        assert_eq!(role_of(&["typo"], None), None);
    }

    #[test]
    fn teams_come_and_go_with_groups_and_those_given_here_stay() {
        let mapping_teams = map(&[("desk", "front desk"), ("sales", "Sales")]);
        let mapping = Mapping {
            roles: &BTreeMap::new(),
            teams: &mapping_teams,
            default_role: Some("agent"),
        };
        let groups = ["desk".to_owned()];
        let now = [TeamId(2), TeamId(3)];
        let place = place(mapping, &groups, &roles(), &teams(), &now).unwrap();
        assert_eq!(place.teams, [TeamId(1), TeamId(3)]);
    }
}
