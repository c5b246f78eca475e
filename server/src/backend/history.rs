//! Calls that are over: who sees which, and what of them.

use app::{
    AppError,
    access::{Ability, About, Reach, Rights},
    audit::{Action, Fact},
    backend::HistoryBackend,
    model::{
        PbxId,
        export::ExportState,
        history::{
            CallPage, CallRow, CallSearch, CallTold, MAX_NOTE_CHARS, MAX_NOTES, MAX_TAG_CHARS, MAX_TAGS,
            MAX_TEXT, Turn,
        },
        report::{Report, ReportQuery},
    },
};
use async_trait::async_trait;
use telephony::{CallResult, LegRole, MomentKind};

use super::{CallerBackend, export, office};
use crate::{
    clock::wall_ms,
    store::{Said, Seen, Stored},
};

/// Which calls somebody sees: the same reach as on the live board.
pub(crate) fn seen(rights: &Rights) -> Seen {
    let reach = rights.reach(Ability::SeeCalls);
    let pbxs = match (reach, rights.pbx) {
        (Reach::All, _) | (Reach::Pbx, None) => return Seen::Everything,
        (Reach::Pbx, Some(pbx)) => vec![pbx],
        (Reach::Nothing | Reach::Own | Reach::Teams, _) => Vec::new(),
    };
    let mut extensions = Vec::new();
    let mut queues = Vec::new();
    if reach >= Reach::Own {
        extensions.extend(rights.own.iter().map(|own| (own.pbx, own.number.clone())));
    }
    if reach >= Reach::Teams {
        let theirs = rights.team_extensions.iter();
        extensions.extend(theirs.map(|one| (one.pbx, one.number.clone())));
        queues.extend(rights.team_queues.iter().cloned());
    }
    Seen::Of {
        pbxs,
        extensions,
        queues,
    }
}

fn check(search: &CallSearch) -> Result<(), AppError> {
    let texts = [
        &search.caller,
        &search.callee,
        &search.anyone,
        &search.extension,
        &search.answered_by,
        &search.user,
        &search.team,
        &search.queue,
        &search.trunk,
        &search.note,
        &search.tag,
        &search.disposition,
    ];
    if texts.into_iter().any(|text| text.chars().count() > MAX_TEXT) {
        return Err(AppError::field(
            "q",
            format!("At most {MAX_TEXT} characters each."),
        ));
    }
    if search.results.len() > CallResult::Interrupted as usize + 1 {
        return Err(AppError::field("q", "Each result once."));
    }
    Ok(())
}

/// What a call is about.
pub(super) fn about(call: &Stored) -> About {
    About {
        extensions: call.extensions.clone(),
        queues: call.told.row.queue.iter().cloned().collect(),
        ability: None,
    }
}

/// The same without those who listened, for whoever may not know of them.
fn discreet(rights: &Rights, pbx: PbxId, about: &About, mut told: CallTold) -> CallTold {
    if rights.allow(Ability::Listen, pbx, about) {
        return told;
    }
    let mine = |extension: Option<&str>| extension.is_some_and(|number| rights.is_own(pbx, number));
    told.legs
        .retain(|leg| leg.role != LegRole::Supervisor || mine(leg.party.extension.as_deref()));
    told.story.retain(|moment| match &moment.what {
        MomentKind::Supervised { by } => mine(by.extension.as_deref()),
        _ => true,
    });
    // what the channels of those who listened did would tell of them, and so would the bridges of the others
    told.events.clear();
    told
}

impl CallerBackend {
    /// A call, where it is there and seen.
    pub(super) async fn seen_call(&self, id: i64) -> Result<Stored, AppError> {
        let rights = self.rights()?;
        let call = self.services.store.finished_call(id).await?;
        let call = call.ok_or(AppError::NotFound)?;
        if !rights.allow(Ability::SeeCalls, call.told.row.pbx, &about(&call)) {
            return Err(AppError::NotFound);
        }
        Ok(call)
    }

    /// A search that can be asked of the database: people are their phones, as far as they are seen.
    pub(super) async fn looked_up(&self, mut search: CallSearch) -> Result<CallSearch, AppError> {
        check(&search)?;
        let mut phones: Option<Vec<(PbxId, String)>> = None;
        for (name, is_team) in [(&search.user, false), (&search.team, true)] {
            if name.is_empty() {
                continue;
            }
            let theirs = office::phones(self, name, is_team).await?;
            phones = Some(match phones {
                None => theirs,
                Some(before) => before
                    .into_iter()
                    .filter(|phone| theirs.contains(phone))
                    .collect(),
            });
        }
        search.phones = phones;
        Ok(search)
    }

    /// So many of the calls that are asked for, those before an id alone, the newest first.
    pub(crate) async fn call_part(
        &self,
        search: CallSearch,
        before: Option<i64>,
        most: usize,
    ) -> Result<Vec<CallRow>, AppError> {
        let rights = &self.may(Ability::SeeCalls)?.rights;
        let search = self.looked_up(search).await?;
        let store = &self.services.store;
        let walk = store.call_walk(&search, &seen(rights)).await?;
        Ok(walk.before(before).next(store, most).await?.read()?)
    }
}

#[async_trait]
impl HistoryBackend for CallerBackend {
    async fn past_calls(&self, search: CallSearch, turn: Turn) -> Result<CallPage, AppError> {
        let rights = &self.may(Ability::SeeCalls)?.rights;
        let search = self.looked_up(search).await?;
        Ok(self.services.store.calls(&search, &seen(rights), turn).await?)
    }

    async fn call_report(&self, query: ReportQuery) -> Result<Report, AppError> {
        self.added_up(query).await
    }

    async fn note_past_call(&self, id: i64, text: String) -> Result<(), AppError> {
        let object = format!("call {id}");
        self.about(Action::NotePastCall, &object);
        let viewer = self.may(Ability::SeeCalls)?;
        let text = text.trim();
        if !(1..=MAX_NOTE_CHARS).contains(&text.chars().count()) {
            return Err(AppError::field(
                "note",
                format!("1 to {MAX_NOTE_CHARS} characters."),
            ));
        }
        self.seen_call(id).await?;
        let by = (viewer.id, viewer.display_name.as_str());
        let keep = async {
            match self.services.store.note_call(id, by, text, wall_ms()).await? {
                Said::Kept => Ok(()),
                Said::NoCall => Err(AppError::NotFound),
                Said::Full => Err(AppError::field(
                    "note",
                    format!("A call has {MAX_NOTES} notes at most."),
                )),
            }
        };
        self.act(Action::NotePastCall, &object, &[], keep).await
    }

    async fn unnote_past_call(&self, note: i64) -> Result<(), AppError> {
        let store = &self.services.store;
        self.about(Action::NotePastCall, format!("note {note}"));
        let viewer = self.may(Ability::SeeCalls)?;
        let call = store
            .noted_call(note, viewer.id)
            .await?
            .ok_or(AppError::NotFound)?;
        let object = format!("call {call}");
        let remove = async {
            let done = store.unnote_call(note, viewer.id).await?;
            done.then_some(()).ok_or(AppError::NotFound)
        };
        let facts = [Fact::told("removed", note.to_string())];
        self.act(Action::NotePastCall, &object, &facts, remove).await
    }

    async fn tag_past_call(&self, id: i64, tag: String, on: bool) -> Result<(), AppError> {
        let object = format!("call {id}");
        self.about(Action::TagPastCall, &object);
        self.may(Ability::SeeCalls)?;
        let tag = tag.trim().to_lowercase();
        let fits = (1..=MAX_TAG_CHARS).contains(&tag.chars().count());
        let is_word = !tag
            .chars()
            .any(|one| one.is_whitespace() || one.is_control() || matches!(one, '"' | ':'));
        if !fits || !is_word {
            let wrong = format!(
                "One word of at most {MAX_TAG_CHARS} characters, without colons and quotation marks."
            );
            return Err(AppError::field("tag", wrong));
        }
        self.seen_call(id).await?;
        let store = &self.services.store;
        let facts = [Fact::told(if on { "tag" } else { "removed" }, &tag)];
        let change = async {
            if !on {
                return store
                    .untag_call(id, &tag)
                    .await?
                    .then_some(())
                    .ok_or(AppError::NotFound);
            }
            match store.tag_call(id, &tag).await? {
                Said::Kept => Ok(()),
                Said::NoCall => Err(AppError::NotFound),
                Said::Full => Err(AppError::field(
                    "tag",
                    format!("A call has {MAX_TAGS} tags at most."),
                )),
            }
        };
        self.act(Action::TagPastCall, &object, &facts, change).await
    }

    async fn dispose_past_call(&self, id: i64, disposition: String) -> Result<(), AppError> {
        let object = format!("call {id}");
        self.about(Action::DisposePastCall, &object);
        let viewer = self.may(Ability::SeeCalls)?;
        let row = self.seen_call(id).await?.told.row;
        let word = Some(disposition.trim()).filter(|word| !word.is_empty());
        let store = &self.services.store;
        if let Some(word) = word {
            let known = store.dispositions_for(row.pbx, row.queue.as_deref()).await?;
            if !known.iter().any(|known| known == word) {
                return Err(AppError::field("disposition", "Choose one from the list."));
            }
        }
        let by = (viewer.id, viewer.display_name.as_str());
        let say = async {
            match store.dispose_call(id, by, word, wall_ms()).await? {
                Said::Kept | Said::Full => Ok(()),
                Said::NoCall => Err(AppError::NotFound),
            }
        };
        let facts = [Fact::told("disposition", word.unwrap_or_default())];
        self.act(Action::DisposePastCall, &object, &facts, say).await
    }

    async fn export_state(&self, name: String) -> Result<ExportState, AppError> {
        Ok(export::of(self, &name)?.state())
    }

    async fn call_off_export(&self, name: String) -> Result<(), AppError> {
        export::of(self, &name)?.call_off();
        Ok(())
    }

    async fn past_call(&self, id: i64) -> Result<CallTold, AppError> {
        let rights = &self.may(Ability::SeeCalls)?.rights;
        let mut call = self.seen_call(id).await?;
        let (pbx, about) = (call.told.row.pbx, about(&call));
        let store = &self.services.store;
        call.told.events = store.call_events(id).await?;
        if let Ok(sight) = self.records_sight() {
            call.told.records = store.records_of_call(id, &sight).await?;
        }
        if self.services.hub.private().contains(&pbx) {
            return Ok(discreet(rights, pbx, &about, call.told));
        }
        Ok(call.told)
    }
}
