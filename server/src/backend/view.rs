//! Seeing what somebody else sees.

use app::{AppError, access::Ability, model::UserId};

use super::CallerBackend;
use crate::{access::current, error::internal, session};

/// Takes somebody's view, or goes back to the own one. It is written down either way.
pub(super) async fn take(backend: &CallerBackend, wanted: Option<UserId>) -> Result<(), AppError> {
    backend.caller.signed_in()?;
    let services = &backend.services;
    let me = services
        .store
        .user(backend.caller.user)
        .await?
        .ok_or(AppError::NotSignedIn)?;
    if let Some(wanted) = wanted {
        backend.may(Ability::ViewAs)?;
        let seen = services.store.user(wanted.0).await?.ok_or(AppError::NotFound)?;
        let taken = current::viewer(&services.store, me.id, Some(wanted.0)).await?;
        let reached = taken.is_some_and(|viewer| viewer.seen_by.is_some());
        if !reached || !me.abilities.cover(&seen.abilities) {
            return Err(AppError::NotFound);
        }
        let row = backend
            .audit_as(&me.username, "view_as", &format!("user {}", seen.username))
            .await?;
        session::view_as(&backend.caller.session, Some(wanted.0))
            .await
            .map_err(internal)?;
        backend.audited(row, "done").await;
    } else {
        let row = backend
            .audit_as(&me.username, "view_as_ended", &me.username)
            .await?;
        session::view_as(&backend.caller.session, None)
            .await
            .map_err(internal)?;
        backend.audited(row, "done").await;
    }
    // other pages of this session still see as before
    if let Some(id) = backend.caller.session.id() {
        services.ends.renew(&session::hash(id));
    }
    Ok(())
}
