//! Looks at every rule once a second, raises what it calls for and clears what is calm again. An alarm is kept before it is
//! shown, so that what was seen is in the log.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use app::{
    access::{Ability, About},
    live::protocol::LinkStatus,
    model::alarms::{Alarm, AlarmRule, Over, Raised},
};
use jiff::tz::TimeZone;
use telephony::{
    Timestamp,
    alarm::{Metric, Reading, Told, Watch, level, reading},
};
use tokio::{
    sync::{Notify, mpsc},
    time::MissedTickBehavior,
};

use crate::{
    figures::Policies,
    hub::Hub,
    store::{Result, Store},
};

/// How often the boards are looked at.
const TICK: Duration = Duration::from_secs(1);
/// How often service levels are counted anew.
const COUNT_MS: u64 = 5_000;

/// One rule over one queue.
type Place = (i64, String);

/// The task.
#[derive(Debug)]
pub struct Alarming {
    store: Store,
    hub: Arc<Hub>,
    changed: Arc<Notify>,
    told: mpsc::Sender<Alarm>,
    rules: Vec<Rule>,
    policies: Policies,
    watches: BTreeMap<Place, Watch>,
    open: BTreeMap<Place, Alarm>,
    levels: HashMap<Place, (Timestamp, Reading)>,
}

#[derive(Debug)]
struct Rule {
    id: i64,
    shown: AlarmRule,
    zone: TimeZone,
}

/// What a look at the boards found.
#[derive(Debug, Default)]
struct Seen {
    readings: BTreeMap<Place, (Reading, Option<String>)>,
    /// Their PBX is there and true, and they are not.
    gone: BTreeSet<Place>,
}

/// Whether a moment lies in the quiet hours of a rule, in its own zone.
pub fn is_quiet(quiet: Option<(u32, u32)>, zone: &TimeZone, now: Timestamp) -> bool {
    let Some((from, to)) = quiet else { return false };
    let Ok(now) = jiff::Timestamp::from_millisecond(i64::try_from(now.0).unwrap_or(i64::MAX)) else {
        return false;
    };
    let time = zone.to_datetime(now).time();
    let minute = u32::from(time.hour().unsigned_abs()) * 60 + u32::from(time.minute().unsigned_abs());
    if from <= to {
        (from..to).contains(&minute)
    } else {
        minute >= from || minute < to
    }
}

impl Alarming {
    /// The task; `changed` is notified when a rule was, and what is raised is put into `told`.
    pub fn new(store: Store, hub: Arc<Hub>, changed: Arc<Notify>, told: mpsc::Sender<Alarm>) -> Self {
        Self {
            store,
            hub,
            changed,
            told,
            rules: Vec::new(),
            policies: Policies::new(Vec::new()),
            watches: BTreeMap::new(),
            open: BTreeMap::new(),
            levels: HashMap::new(),
        }
    }

    /// Runs for ever.
    pub async fn run(mut self) {
        match self.store.open_alarms().await {
            Ok(open) => {
                for alarm in open {
                    let place = (alarm.rule, alarm.queue.clone());
                    self.watches.insert(place.clone(), Watch::raised());
                    self.open.insert(place, alarm);
                }
            }
            Err(error) => tracing::error!(%error, "raised alarms could not be read"),
        }
        let mut known = false;
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let changed = self.changed.clone();
        loop {
            tokio::select! {
                () = changed.notified() => known = false,
                _ = tick.tick() => {}
            }
            if !known {
                known = match self.read_rules().await {
                    Ok(()) => true,
                    Err(error) => {
                        tracing::error!(%error, "rules of alarms could not be read");
                        false
                    }
                };
            }
            if known && (!self.rules.is_empty() || !self.open.is_empty()) {
                self.look().await;
            }
        }
    }

    async fn read_rules(&mut self) -> Result<()> {
        let rules = self.store.alarm_rules().await?;
        self.policies = Policies::new(self.store.policies().await?);
        let rules = rules.into_iter().filter(|rule| rule.enabled).filter_map(|shown| {
            // a zone is checked when it is saved; one that is known no more means the clock of the world
            let zone = TimeZone::get(&shown.zone).unwrap_or(TimeZone::UTC);
            Some(Rule {
                id: shown.id?,
                shown,
                zone,
            })
        });
        self.rules = rules.collect();
        Ok(())
    }

    async fn look(&mut self) {
        let now = self.hub.clock().now();
        self.end_changed(now).await;
        self.count_levels(now).await;
        let seen = self.see(now);
        for place in &seen.gone {
            self.end(place, now, None, Over::Queue).await;
        }
        for (place, (reading, who)) in seen.readings {
            self.step(place, reading, who, now).await;
        }
        // a connection that was put anew begins with an empty board
        for alarm in self.open.values() {
            self.show(alarm);
        }
    }

    /// What was raised by a rule that is gone, or says something else now, is over.
    async fn end_changed(&mut self, now: Timestamp) {
        let same = |alarm: &Alarm| {
            self.rules.iter().any(|rule| {
                rule.id == alarm.rule
                    && rule.shown.version == alarm.version
                    && rule.shown.covers(&alarm.queue)
            })
        };
        let over: Vec<Place> = self
            .open
            .iter()
            .filter(|(_, alarm)| !same(alarm))
            .map(|(place, _)| place.clone())
            .collect();
        for place in over {
            self.end(&place, now, None, Over::Rule).await;
        }
        let rules: BTreeSet<i64> = self.rules.iter().map(|rule| rule.id).collect();
        self.watches.retain(|(rule, _), _| rules.contains(rule));
        self.levels.retain(|(rule, _), _| rules.contains(rule));
    }

    async fn count_levels(&mut self, now: Timestamp) {
        let mut due = Vec::new();
        for rule in self
            .rules
            .iter()
            .filter(|rule| rule.shown.limits.metric == Metric::ServiceLevel)
        {
            let queues = self.hub.look(rule.shown.pbx, |switchboard, _| {
                let names = switchboard.board().queues.keys();
                names
                    .filter(|name| rule.shown.covers(name))
                    .cloned()
                    .collect::<Vec<_>>()
            });
            for queue in queues.unwrap_or_default() {
                let place = (rule.id, queue);
                let fresh = self
                    .levels
                    .get(&place)
                    .is_some_and(|(at, _)| now.since_ms(*at) < COUNT_MS);
                if !fresh {
                    due.push((place, rule.shown.pbx, rule.shown.window_min));
                }
            }
        }
        for (place, pbx, window_min) in due {
            let policy = self.policies.at(&(pbx, place.1.clone()), now);
            let since = Timestamp(now.0.saturating_sub(u64::from(window_min) * 60_000));
            let counts = (policy.target_ms, policy.short_abandon_ms);
            let counted = match self.store.level_since((pbx, &place.1), since, counts).await {
                Ok((in_time, of)) => level(in_time, of),
                Err(error) => {
                    tracing::error!(%error, "a service level could not be counted");
                    Reading::Unknown
                }
            };
            self.levels.insert(place, (now, counted));
        }
    }

    fn see(&self, now: Timestamp) -> Seen {
        let mut seen = Seen::default();
        for rule in &self.rules {
            let mut found = false;
            self.hub.look(rule.shown.pbx, |switchboard, link| {
                found = true;
                let (board, live) = (switchboard.board(), *link == LinkStatus::Live);
                for (name, queue) in board.queues.iter().filter(|(name, _)| rule.shown.covers(name)) {
                    let place = (rule.id, name.clone());
                    let read = match rule.shown.limits.metric {
                        _ if !live => (Reading::Unknown, None),
                        Metric::ServiceLevel => {
                            let level = self
                                .levels
                                .get(&place)
                                .map_or(Reading::Unknown, |(_, level)| *level);
                            (level, None)
                        }
                        metric => reading(metric, queue, board, now),
                    };
                    seen.readings.insert(place, read);
                }
                let of_rule = self.open.keys().filter(|(id, _)| *id == rule.id);
                seen.gone.extend(
                    of_rule
                        .filter(|(_, queue)| live && !board.queues.contains_key(queue))
                        .cloned(),
                );
            });
            if !found {
                seen.gone
                    .extend(self.open.keys().filter(|(id, _)| *id == rule.id).cloned());
            }
        }
        seen
    }

    async fn step(&mut self, place: Place, reading: Reading, who: Option<String>, now: Timestamp) {
        let Some(rule) = self.rules.iter().find(|rule| rule.id == place.0) else {
            return;
        };
        let quiet = is_quiet(rule.shown.quiet, &rule.zone, now);
        let watch = self.watches.entry(place.clone()).or_default();
        match watch.step(&rule.shown.limits, reading, quiet, now) {
            None => {}
            Some(Told::Cleared(value)) => self.end(&place, now, value, Over::Calm).await,
            Some(Told::Raised(value)) => {
                let mut alarm = Alarm {
                    id: 0,
                    rule: rule.id,
                    version: rule.shown.version,
                    name: rule.shown.name.clone(),
                    metric: rule.shown.limits.metric,
                    raise: rule.shown.limits.raise,
                    pbx: rule.shown.pbx,
                    queue: place.1.clone(),
                    value,
                    who,
                    raised: now,
                    cleared: None,
                };
                match self.store.raise_alarm(&alarm).await {
                    Ok(id) => {
                        alarm.id = id;
                        tracing::info!(pbx = alarm.pbx.0, rule = alarm.rule, "alarm raised");
                        self.show(&alarm);
                        if self.told.try_send(alarm.clone()).is_err() {
                            tracing::warn!(
                                alarm = alarm.id,
                                "too many alarms wait; one is not told by web push"
                            );
                        }
                        self.open.insert(place, alarm);
                    }
                    Err(error) => {
                        tracing::error!(%error, "an alarm could not be kept");
                        // the next look tries again
                        self.watches.remove(&place);
                    }
                }
            }
        }
    }

    async fn end(&mut self, place: &Place, now: Timestamp, value: Option<u32>, why: Over) {
        self.watches.remove(place);
        let Some(alarm) = self.open.remove(place) else {
            return;
        };
        // whoever hears that it is over and asks for the log finds it over
        if let Err(error) = self.store.clear_alarm(alarm.id, now, value, why).await {
            tracing::error!(%error, "the end of an alarm could not be kept");
        }
        self.hub.remove_note::<Raised>(alarm.pbx, &alarm.id.to_string());
        tracing::info!(pbx = alarm.pbx.0, rule = alarm.rule, "alarm cleared");
    }

    fn show(&self, alarm: &Alarm) {
        self.hub.put_note(alarm.pbx, &Raised(alarm.clone()), about(alarm));
    }
}

/// What an alarm is about, by which it is decided who is told.
pub fn about(alarm: &Alarm) -> About {
    About {
        extensions: Vec::new(),
        queues: vec![alarm.queue.clone()],
        ability: Some(Ability::SeeQueues),
    }
}

/// Whether a word names a time zone.
pub fn is_zone(zone: &str) -> bool {
    TimeZone::get(zone).is_ok()
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    reason = "a moment or a zone of the test that cannot be read fails it"
)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        let at: jiff::Timestamp = text.parse().unwrap();
        Timestamp(at.as_millisecond().unsigned_abs())
    }

    #[test]
    fn quiet_hours_are_those_of_the_wall_clock_there_whatever_the_season() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let night = Some((22 * 60, 6 * 60));
        // 21:30 UTC is 22:30 in winter and 23:30 in summer; 20:30 UTC is 21:30 and 22:30
        for (moment, quiet) in [
            ("2026-01-10T21:30:00Z", true),
            ("2026-01-10T20:30:00Z", false),
            ("2026-07-10T20:30:00Z", true),
            ("2026-01-10T04:59:00Z", true),
            ("2026-01-10T05:00:00Z", false),
            // the night of the change: 03:00 follows 01:59
            ("2026-03-29T00:59:59Z", true),
            ("2026-03-29T04:00:00Z", false),
        ] {
            assert_eq!(is_quiet(night, &berlin, at(moment)), quiet, "{moment}");
        }
        let noon = Some((12 * 60, 13 * 60));
        assert!(is_quiet(noon, &TimeZone::UTC, at("2026-01-10T12:30:00Z")));
        assert!(!is_quiet(noon, &TimeZone::UTC, at("2026-01-10T13:00:00Z")));
        assert!(!is_quiet(None, &TimeZone::UTC, at("2026-01-10T13:00:00Z")));
    }
}
