//! For how long recordings are kept, and the removal of what is due.

use app::{
    AppError,
    access::Ability,
    audit::{Action, Fact},
    backend::KeepingBackend,
    model::keeping::{Due, Keeping, MAX_DAYS, Named, Nightly, Whose},
};
use async_trait::async_trait;

use super::{CallerBackend, mailing::minute};
use crate::{
    clock::wall_ms,
    keeping::{Begun, begin, next_night},
    report::zone,
};

impl CallerBackend {
    /// Of whom something can be set, with their names.
    async fn kept_by(&self) -> Result<Vec<Named>, AppError> {
        let store = &self.services.store;
        let pbxs = store.pbxs().await?;
        let queues = store.queues_of_calls().await?;
        let teams = store.teams().await?;
        let mut all = Vec::new();
        for pbx in &pbxs {
            let name = &pbx.shown.name;
            all.push(Named {
                whose: Whose::Pbx(pbx.shown.id),
                name: format!("{name}, all other calls"),
            });
            let theirs = queues.iter().filter(|(of, _)| *of == pbx.shown.id);
            all.extend(theirs.map(|(of, queue)| Named {
                whose: Whose::Queue(*of, queue.clone()),
                name: format!("{name}, queue {queue}"),
            }));
        }
        all.extend(teams.into_iter().map(|team| Named {
            whose: Whose::Team(team.id),
            name: format!("Team {}", team.name),
        }));
        Ok(all)
    }
}

#[async_trait]
impl KeepingBackend for CallerBackend {
    async fn keeping(&self) -> Result<Keeping, AppError> {
        self.may(Ability::KeepRecordings)?;
        let store = &self.services.store;
        let choices = self.kept_by().await?;
        let kept = store.recording_policies().await?.into_iter().map(|policy| {
            let known = choices.iter().find(|one| one.whose == policy.whose);
            let named = known.cloned().unwrap_or_else(|| Named {
                name: match &policy.whose {
                    Whose::Queue(_, queue) => format!("Queue {queue}"),
                    Whose::Pbx(_) | Whose::Team(_) => "A PBX that was removed".into(),
                },
                whose: policy.whose.clone(),
            });
            (named, policy.days)
        });
        Ok(Keeping {
            kept: kept.collect(),
            due: store.recordings_due(wall_ms()).await?,
            nightly: store.nightly().await?,
            clean_ups: store.cleanups().await?,
            choices,
        })
    }

    async fn keep_recordings(&self, whose: String, days: String) -> Result<(), AppError> {
        self.about(Action::KeepRecordings, "recordings");
        self.may(Ability::KeepRecordings)?;
        let wrong = |field, problem: &str| AppError::field(field, problem);
        let whose = Whose::of_word(&whose).ok_or_else(|| wrong("whose", "Choose one from the list."))?;
        let days = match days.trim() {
            "" => None,
            text => match text.parse::<u32>() {
                Ok(days) if (1..=MAX_DAYS).contains(&days) => Some(days),
                _ => return Err(wrong("days", "1 to 36,500 days, or nothing.")),
            },
        };
        let store = &self.services.store;
        let choices = self.kept_by().await?;
        let set = store.recording_policies().await?;
        let known = choices.iter().find(|one| one.whose == whose);
        // what was set for something that is gone can be taken back
        let gone = days.is_none() && set.iter().any(|one| one.whose == whose);
        let object = match known {
            Some(known) => format!("recordings of {}", known.name),
            None if gone => format!("recordings of {}", whose.word()),
            None => return Err(wrong("whose", "Choose one from the list.")),
        };
        self.about(Action::KeepRecordings, &object);
        self.confirmed()?;
        let words = days.map_or_else(|| "as otherwise set".to_owned(), |days| format!("{days} days"));
        let facts = [Fact::told("kept", words)];
        let keep = async { Ok(store.set_recording_policy(&whose, days).await?) };
        self.act(Action::KeepRecordings, &object, &facts, keep).await
    }

    async fn remove_nightly(&self, at: String, zone_name: String) -> Result<(), AppError> {
        self.about(Action::KeepRecordings, "removal at night");
        self.may(Ability::KeepRecordings)?;
        let nightly = match at.trim() {
            "" => None,
            typed => {
                let at_minute = minute(typed).ok_or_else(|| AppError::field("at", "A time like 03:00."))?;
                zone(&zone_name)?;
                Some(Nightly {
                    due_ms: next_night(wall_ms(), at_minute, &zone_name),
                    at_minute,
                    zone: zone_name,
                })
            }
        };
        self.confirmed()?;
        let words = match &nightly {
            Some(nightly) => format!("{} {}", at.trim(), nightly.zone),
            None => "never".into(),
        };
        let facts = [Fact::told("at", words)];
        let set = async { Ok(self.services.store.set_nightly(nightly.as_ref()).await?) };
        self.act(Action::KeepRecordings, "removal at night", &facts, set)
            .await
    }

    async fn remove_recordings(&self, at_ms: u64, files: u64, bytes: u64) -> Result<(), AppError> {
        self.about(Action::RemoveRecordings, "recordings");
        self.may(Ability::KeepRecordings)?;
        self.confirmed()?;
        if at_ms > wall_ms() {
            return Err(AppError::field("at_ms", "This moment is still to come."));
        }
        let was = Due {
            files,
            bytes,
            held: 0,
            at_ms,
        };
        let services = &self.services;
        let by = (self.caller.who(), self.caller.address.to_string());
        match begin(&services.store, &services.trail, (by.0, &by.1), was).await? {
            Begun::Marked(_) => {
                self.caller.record.written();
                services.keepings.poke();
                Ok(())
            }
            Begun::Nothing(_) => Ok(()),
            Begun::Other => Err(AppError::Conflict(
                "What is due is not what was counted any more. Nothing was removed: look again.".into(),
            )),
        }
    }
}
