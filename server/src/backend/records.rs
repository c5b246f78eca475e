//! Asterisk's own call records: who sees which, and what of them.

use app::{
    AppError,
    access::{Ability, About, Reach, Rights},
    backend::RecordsBackend,
    model::{
        PbxId,
        records::{RecordsPage, RecordsQuery, RecordsTold},
    },
};
use async_trait::async_trait;

use super::{CallerBackend, history::seen};
use crate::store::{RecordsSight, Seen};

impl CallerBackend {
    /// What of it they see. A record says more than an extension's own calls do: it is for whoever sees every call of its PBX.
    pub(super) fn records_sight(&self) -> Result<RecordsSight, AppError> {
        let rights = &self.may(Ability::SeeCalls)?.rights;
        if rights.reach(Ability::SeeCalls) < Reach::Pbx {
            return Err(AppError::Forbidden);
        }
        let pbxs = match seen(rights) {
            Seen::Everything => None,
            Seen::Of { pbxs, .. } => Some(pbxs),
        };
        let private = self.services.hub.private();
        let discreet = private
            .iter()
            .copied()
            .filter(|pbx| !listens_everywhere(rights, *pbx));
        Ok(RecordsSight {
            pbxs,
            discreet: discreet.collect(),
        })
    }
}

/// Whether they may know of everybody's supervision.
fn listens_everywhere(rights: &Rights, pbx: PbxId) -> bool {
    rights.allow(Ability::Listen, pbx, &About::default())
}

#[async_trait]
impl RecordsBackend for CallerBackend {
    async fn call_records(&self, query: RecordsQuery) -> Result<RecordsPage, AppError> {
        let sight = self.records_sight()?;
        Ok(self.services.store.checked_records(&query, &sight).await?)
    }

    async fn call_record(&self, id: i64) -> Result<RecordsTold, AppError> {
        let sight = self.records_sight()?;
        let told = self.services.store.checked_record(id, &sight).await?;
        told.ok_or(AppError::NotFound)
    }
}
