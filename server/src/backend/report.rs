//! Reports as files.

use app::{
    AppError,
    access::Ability,
    audit::{Action, Fact},
    model::report::{Report, ReportQuery},
};

use super::{CallerBackend, history::seen};
use crate::{
    error::internal,
    export::report::Written,
    report::{self, Names},
};

impl CallerBackend {
    /// A report of what the viewer sees.
    pub(super) async fn added_up(&self, mut query: ReportQuery) -> Result<Report, AppError> {
        let rights = &self.may(Ability::SeeCalls)?.rights;
        query.search = self.looked_up(query.search).await?;
        let services = &self.services;
        let _turn = services.adding_up.turn().await?;
        report::of(
            &services.store,
            &seen(rights),
            &Names::live(&services.hub),
            &query,
        )
        .await
    }

    /// The same as a file. `asked` is what its page says in its address.
    pub(crate) async fn report_file(
        &self,
        query: ReportQuery,
        asked: &str,
        written: Written,
    ) -> Result<Vec<u8>, AppError> {
        let object = written.by.title();
        self.about(Action::ExportReport, &object);
        let viewer = self.may(Ability::SeeCalls)?;
        let place = self.services.exports.place(viewer.id.0);
        let _place = place.ok_or(AppError::TooMany { retry_after_s: 5 })?;
        let facts = [
            Fact::told("filter", asked),
            Fact::told("format", written.format.ending()),
        ];
        let make = async {
            let report = self.added_up(query).await?;
            let file = tokio::task::spawn_blocking(move || written.file(&report)).await;
            file.map_err(internal)?.map_err(internal)
        };
        self.act(Action::ExportReport, &object, &facts, make).await
    }
}
