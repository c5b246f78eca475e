//! Taking part in a call of somebody else, from the command to the guard that watches over it.

use app::{
    AppError,
    audit::{Fact, Outcome as CameOf},
    model::Viewer,
};
use telephony::{Command, LegId, Outcome, Refusal};

use super::{
    CallerBackend,
    command::{self, Request},
};
use crate::{
    error::internal,
    session,
    supervision::{Order, free},
};

/// Errors from here mean that nothing was sent. The row in the audit trail stays open until the phone is free again.
pub(super) async fn supervise(
    backend: &CallerBackend,
    viewer: &Viewer,
    request: &Request,
) -> Result<Outcome, AppError> {
    let command::Order::Call(asked_for @ Command::Supervise { call, leg, how, by }) = &request.order else {
        return Err(internal(anyhow::anyhow!("not a supervision")));
    };
    let services = &backend.services;
    let _line = services
        .in_flight
        .take_line(viewer.id)
        .ok_or(AppError::TooMany { retry_after_s: 1 })?;
    let own = command::channel_id(viewer, request);
    let lower = || {
        let lowered = services.hub.look(request.pbx, |switchboard, link| {
            if crate::link::carries_commands(link) {
                switchboard.lower(asked_for, &own)
            } else {
                Err(Refusal::LinkDown)
            }
        });
        lowered.unwrap_or(Err(Refusal::LinkDown))
    };
    let object = command::object(request);
    let asked = [Fact::told("request", &*request.request_id)];
    let act = backend
        .begin(backend.caller.who(), request.order.action(), &object, &asked)
        .await?;
    let mut action = lower();
    if action.is_ok() {
        services.supervisions.free(viewer.id.0).await;
        action = lower();
    }
    let action = match action {
        Ok(action) => action,
        Err(refusal) => {
            let why = Fact::told("why", refusal.to_string());
            backend.end(act, CameOf::Refused, &[why]).await;
            return Ok(Outcome::Refused(refusal));
        }
    };
    if let Err(error) = services.store.add_supervision(request.pbx, &own, &act).await {
        return backend.conclude(act, Err(error.into())).await;
    }
    let outcome = services.links.send(request.pbx, action).await;
    if let Outcome::Refused(refusal) = &outcome {
        let why = Fact::told("why", refusal.to_string());
        free(services, request.pbx, &own, act.ended(CameOf::Refused, &[why])).await;
        return Ok(outcome);
    }
    let order = Order {
        pbx: request.pbx,
        own: LegId(own),
        call: call.clone(),
        leg: leg.clone(),
        how: *how,
        by: by.clone(),
        user: viewer.id.0,
        name: viewer.display_name.clone(),
        rights: viewer.rights.clone(),
        address: backend.caller.address,
        session: backend.caller.session.id().map(session::hash),
        accepted: outcome == Outcome::Accepted,
        act,
    };
    // first what ends it with the right, the session and the call
    services.supervisions.watch(services, order.clone());
    services.help.supervised(services, &order).await;
    Ok(outcome)
}
