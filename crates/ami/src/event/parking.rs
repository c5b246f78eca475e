//! Parked calls and parking lots.

use super::channel::ChannelRef;
use super::{Text, event, group};
use crate::id::ParkingLotName;

group! { 'a
    /// Where a call waits and for how long still.
    ParkingSlot {
        "ParkerDialString" parker_dial_string: Text<'a>,
        "Parkinglot" lot: ParkingLotName<'a>,
        "ParkingSpace" space: u32,
        /// Seconds until it is sent back.
        "ParkingTimeout" timeout_s: u64,
        /// Seconds it has waited.
        "ParkingDuration" duration_s: u64,
    }
}

event! { 'a
    /// A call was parked, or is (as an item of a list).
    ParkedCall { ; "Parkee" parkee: ChannelRef<'a>, "Parker" parker: ChannelRef<'a>, "" slot: ParkingSlot<'a>, }
    /// A parked caller hung up.
    ParkedCallGiveUp { ; "Parkee" parkee: ChannelRef<'a>, "Parker" parker: ChannelRef<'a>, "" slot: ParkingSlot<'a>, }
    /// A parked call waited too long.
    ParkedCallTimeOut { ; "Parkee" parkee: ChannelRef<'a>, "Parker" parker: ChannelRef<'a>, "" slot: ParkingSlot<'a>, }
    /// Another channel took a parked one's place.
    ParkedCallSwap { ; "Parkee" parkee: ChannelRef<'a>, "Parker" parker: ChannelRef<'a>, "" slot: ParkingSlot<'a>, }
    /// A parked call was picked up.
    UnParkedCall {
        ;
        "Parkee" parkee: ChannelRef<'a>,
        "Parker" parker: ChannelRef<'a>,
        "Retriever" retriever: ChannelRef<'a>,
        "" slot: ParkingSlot<'a>,
    }
    /// One parking lot.
    Parkinglot {
        "Name" name: ParkingLotName<'a>,
        "StartSpace" start_space: u32,
        "StopSpace" stop_space: u32,
        "Timeout" timeout_s: u64,
    }
}
