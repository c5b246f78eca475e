//! Calls that are over: who sees which, and what of them.

use app::{
    AppError,
    access::{Ability, About, Reach, Rights},
    backend::HistoryBackend,
    model::{
        PbxId,
        history::{CallPage, CallSearch, CallTold, MAX_TEXT, Turn},
    },
};
use async_trait::async_trait;
use telephony::{CallResult, LegRole, MomentKind};

use super::CallerBackend;
use crate::store::{Seen, Stored};

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
        &search.queue,
        &search.trunk,
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
    told
}

#[async_trait]
impl HistoryBackend for CallerBackend {
    async fn past_calls(&self, search: CallSearch, turn: Turn) -> Result<CallPage, AppError> {
        let rights = &self.may(Ability::SeeCalls)?.rights;
        check(&search)?;
        Ok(self.services.store.calls(&search, &seen(rights), turn).await?)
    }

    async fn past_call(&self, id: i64) -> Result<CallTold, AppError> {
        let rights = &self.may(Ability::SeeCalls)?.rights;
        let call = self.services.store.finished_call(id).await?;
        let call = call.ok_or(AppError::NotFound)?;
        let (pbx, about) = (call.told.row.pbx, about(&call));
        if !rights.allow(Ability::SeeCalls, pbx, &about) {
            return Err(AppError::NotFound);
        }
        if self.services.hub.private().contains(&pbx) {
            return Ok(discreet(rights, pbx, &about, call.told));
        }
        Ok(call.told)
    }
}
