//! The part of the port that is about web push.

use app::{
    AppError,
    access::Ability,
    audit::{Action, Fact},
    backend::PushBackend,
    model::push::{Device, Told},
};
use async_trait::async_trait;

use super::CallerBackend;
use crate::{access::device, caller::unreadable, clock::wall_ms, session::stage, store::PushDevice};

#[async_trait]
impl PushBackend for CallerBackend {
    async fn push(&self) -> Result<Told, AppError> {
        let viewer = self.viewer()?;
        crate::access::require(&viewer.rights, Ability::SeeQueues)?;
        let now_ms = wall_ms();
        // who takes somebody's view sees no devices, neither theirs nor the own ones
        let devices = match viewer.seen_by {
            Some(_) => Vec::new(),
            None => {
                self.services
                    .store
                    .push_devices(Some(self.caller.user), now_ms)
                    .await?
            }
        };
        let here = stage::push(&self.caller.session).await.map_err(unreadable)?;
        Ok(Told {
            key: self.services.push.public_key().map(str::to_owned),
            now_ms,
            devices: devices.into_iter().map(|record| shown(record, here)).collect(),
        })
    }

    async fn add_push(&self, endpoint: String, p256dh: String, auth: String) -> Result<(), AppError> {
        let browser = device::words(&self.caller.agent);
        self.about(Action::AddPush, &browser);
        self.may(Ability::SeeQueues)?;
        let new = self.services.push.subscription(&endpoint, &p256dh, &auth)?;
        let service = url::Url::parse(&new.endpoint).ok();
        let service = service.and_then(|url| url.host_str().map(str::to_owned));
        let facts = [Fact::told("push service", service.unwrap_or_default())];
        self.act(Action::AddPush, &browser, &facts, async {
            let record = PushDevice {
                id: 0,
                user: self.caller.user,
                endpoint: new.endpoint,
                p256dh: new.p256dh,
                auth: new.auth,
                device: browser.clone(),
                address: self.caller.address,
                created_ms: wall_ms(),
                told_ms: None,
            };
            let id = self.services.store.add_push_device(&record).await?;
            stage::tell_by_push(&self.caller.session, id)
                .await
                .map_err(unreadable)
        })
        .await
    }

    async fn remove_push(&self, id: i64) -> Result<(), AppError> {
        self.about(Action::RemovePush, "");
        self.acting()?;
        let own = self.caller.user;
        let devices = self.services.store.push_devices(Some(own), wall_ms()).await?;
        let found = devices
            .into_iter()
            .find(|one| one.id == id)
            .ok_or(AppError::NotFound)?;
        self.act(Action::RemovePush, &found.device, &[], async {
            match self.services.store.remove_push_device(id, Some(own)).await? {
                true => Ok(()),
                false => Err(AppError::NotFound),
            }
        })
        .await
    }
}

fn shown(record: PushDevice, here: Option<i64>) -> Device {
    Device {
        id: record.id,
        device: record.device,
        created_ms: record.created_ms,
        told_ms: record.told_ms,
        here: here == Some(record.id),
    }
}
