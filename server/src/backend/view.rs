//! Seeing what somebody else sees.

use app::{AppError, access::Ability, audit::Action, model::UserId};

use super::CallerBackend;
use crate::{access::current, error::internal, session, trail::Who};

/// Takes somebody's view, or goes back to the own one. It is written down either way.
pub(super) async fn take(backend: &CallerBackend, wanted: Option<UserId>) -> Result<(), AppError> {
    backend.caller.signed_in()?;
    let services = &backend.services;
    let me = services
        .store
        .user(backend.caller.user)
        .await?
        .ok_or(AppError::NotSignedIn)?;
    let (action, object) = match wanted {
        Some(wanted) => {
            backend.about(Action::ViewAs, format!("user {}", wanted.0));
            backend.may(Ability::ViewAs)?;
            let seen = services.store.user(wanted.0).await?.ok_or(AppError::NotFound)?;
            let taken = current::viewer(
                &services.store,
                services.whence(backend.caller.address),
                me.id,
                Some(wanted.0),
            )
            .await?;
            let reached = taken.is_some_and(|viewer| viewer.seen_by.is_some());
            // also where they see something that is hidden here
            if !reached {
                return Err(AppError::NotFound);
            }
            (Action::ViewAs, seen.username)
        }
        None => (Action::ViewAsEnded, me.username.clone()),
    };
    let who = Who::user(me.id, &me.username);
    let act = backend.begin(who, action, &format!("user {object}"), &[]).await?;
    let taken = session::view_as(&backend.caller.session, wanted.map(|wanted| wanted.0)).await;
    backend.conclude(act, taken.map_err(internal)).await?;
    // other pages of this session still see as before
    if let Some(id) = backend.caller.session.id() {
        services.ends.renew(&session::hash(id));
    }
    Ok(())
}
