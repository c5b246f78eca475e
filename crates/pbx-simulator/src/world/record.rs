//! Call detail records: one for each try, told when its channel ends.

use crate::wire::{Class, Text};

use super::channel::Record;
use super::{Key, World};

impl World {
    /// Begins the record of one try.
    pub(crate) fn begin_record(
        &mut self,
        caller: Key,
        destination: &str,
        application: &str,
        data: &str,
        peer: &str,
    ) {
        self.close_record(caller);
        let start_ms = self.now_ms;
        if let Some(channel) = self.channel_mut(caller) {
            channel.application = (application.to_owned(), data.to_owned());
            channel.record = Some(Record {
                destination: destination.to_owned(),
                context: channel.context.clone(),
                peer: peer.to_owned(),
                application: (application.to_owned(), data.to_owned()),
                start_ms,
                answer_ms: None,
                busy: false,
            });
        }
    }

    pub(crate) fn begin_record_if_none(&mut self, caller: Key, application: &str, data: &str) {
        if self
            .channels
            .get(&caller)
            .is_some_and(|channel| channel.record.is_none())
        {
            let exten = self
                .channels
                .get(&caller)
                .map_or_else(String::new, |channel| channel.exten.clone());
            self.begin_record(caller, &exten, application, data, "");
        }
    }

    /// Tells the record of the last try, if there is one.
    pub(crate) fn close_record(&mut self, caller: Key) {
        let now_ms = self.now_ms;
        let Some(channel) = self.channels.get_mut(&caller) else {
            return;
        };
        let Some(record) = channel.record.take() else {
            return;
        };
        let disposition = match (record.answer_ms, record.busy) {
            (Some(_), _) => "ANSWERED",
            (None, true) => "BUSY",
            (None, false) => "NO ANSWER",
        };
        let answered = record.answer_ms.map_or_else(String::new, crate::clock::date_time);
        let billed_s = record
            .answer_ms
            .map_or(0, |at_ms| now_ms.saturating_sub(at_ms) / 1000);
        let caller = &channel.caller;
        let text = Text::event("Cdr", Class::CDR)
            .with("AccountCode", "")
            .with("Source", &caller.number)
            .with("Destination", &record.destination)
            .with("DestinationContext", &record.context)
            .with(
                "CallerID",
                format_args!("\"{}\" <{}>", caller.name, caller.number),
            )
            .with("Channel", &channel.name)
            .with("DestinationChannel", &record.peer)
            .with("LastApplication", &record.application.0)
            .with("LastData", &record.application.1)
            .with("StartTime", crate::clock::date_time(record.start_ms))
            .with("AnswerTime", answered)
            .with("EndTime", crate::clock::date_time(now_ms))
            .with("Duration", now_ms.saturating_sub(record.start_ms) / 1000)
            .with("BillableSeconds", billed_s)
            .with("Disposition", disposition)
            .with("AMAFlags", "DOCUMENTATION")
            .with("UniqueID", &channel.uniqueid)
            .with("UserField", "")
            .with("LinkedID", &channel.linkedid)
            .with("PeerAccount", "")
            .with("Sequence", self.next_cdr);
        self.next_cdr += 1;
        self.records.push(text);
    }

    /// Says the records that waited for their channel to end.
    pub(crate) fn tell_records(&mut self) {
        for text in std::mem::take(&mut self.records) {
            self.emit(text);
        }
    }
}
