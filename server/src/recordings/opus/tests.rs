//! What a player hears of what was made into Opus.

use std::io::{Seek, SeekFrom};

use ogg::PacketReader;
use ropus::{DecodeMode, Decoder};

use super::*;

/// A WAV file of so many seconds: each channel a tone of its own, the second one in the second half alone.
fn wav(rate: u32, channels: u16, seconds: u32) -> Vec<u8> {
    let frames = rate * seconds;
    let bytes = frames * u32::from(channels) * 2;
    let mut file = b"RIFF".to_vec();
    file.extend((bytes + 36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    file.extend(channels.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend((rate * u32::from(channels) * 2).to_le_bytes());
    file.extend((channels * 2).to_le_bytes());
    file.extend(b"\x10\0data");
    file.extend(bytes.to_le_bytes());
    for at in 0..frames {
        for channel in 0..channels {
            let hertz = 300.0 + 200.0 * f64::from(channel);
            let loud = channel == 0 || at * 2 >= frames;
            let turn = f64::from(at) / f64::from(rate) * hertz * std::f64::consts::TAU;
            let sample = if loud { turn.sin() * 12_000.0 } else { 0.0 };
            file.extend((sample as i16).to_le_bytes());
        }
    }
    file
}

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    file
}

/// What a player hears: samples at 48 kHz of each channel, without what is to be skipped.
fn heard(opus: &[u8]) -> Vec<Vec<i16>> {
    let mut packets = PacketReader::new(io::Cursor::new(opus));
    let head = packets.read_packet().unwrap().unwrap().data;
    assert_eq!(&head[..8], b"OpusHead");
    let lanes = usize::from(head[9]);
    let skip = usize::from(u16::from_le_bytes([head[10], head[11]]));
    let tags = packets.read_packet().unwrap().unwrap().data;
    assert_eq!(&tags[..8], b"OpusTags");
    let channels = if lanes == 1 {
        Channels::Mono
    } else {
        Channels::Stereo
    };
    let mut decoder = Decoder::new(48_000, channels).unwrap();
    let mut all = Vec::new();
    let mut until = 0;
    while let Some(packet) = packets.read_packet().unwrap() {
        let mut samples = vec![0_i16; 5_760 * lanes];
        let read = decoder
            .decode(&packet.data, &mut samples, DecodeMode::Normal)
            .unwrap();
        all.extend_from_slice(&samples[..read * lanes]);
        until = packet.absgp_page();
        if packet.last_in_stream() {
            break;
        }
    }
    let lane = |lane: usize| {
        let of_lane = all.iter().skip(lane).step_by(lanes).copied();
        of_lane.take(usize::try_from(until).unwrap()).skip(skip).collect()
    };
    (0..lanes).map(lane).collect()
}

fn loudness(samples: &[i16]) -> f64 {
    let sum: f64 = samples.iter().map(|one| f64::from(*one).powi(2)).sum();
    (sum / samples.len() as f64).sqrt()
}

#[test]
fn what_is_heard_is_as_long_and_as_loud_channel_by_channel_and_much_smaller() {
    for (rate, channels) in [(8_000, 1), (8_000, 2), (16_000, 2), (48_000, 1)] {
        let wav = wav(rate, channels, 3);
        let mut opus = Vec::new();
        Opus::of_file(file(&wav)).unwrap().write(&mut opus).unwrap();
        let lanes = heard(&opus);
        assert_eq!(lanes.len(), usize::from(channels));
        for (lane, samples) in lanes.iter().enumerate() {
            assert_eq!(samples.len(), 3 * 48_000, "{rate} {channels}");
            let (first, second) = samples.split_at(samples.len() / 2);
            // a sine of 12,000 has 8,485
            let loud = |part: &[i16]| (6_800.0..10_000.0).contains(&loudness(part));
            assert!(loud(second), "{rate} {lane}: {}", loudness(second));
            if lane == 0 {
                assert!(loud(first), "{rate} {lane}: {}", loudness(first));
            } else {
                let quiet = loudness(&first[..first.len() - 4_800]);
                assert!(quiet < 600.0, "{rate} {lane}: {quiet}");
            }
        }
        assert!(opus.len() * 5 < wav.len(), "{} of {}", opus.len(), wav.len());
        // the same bytes from elsewhere, in odd pieces
        let (sender, pieces) = mpsc::channel(1);
        let feeding = std::thread::spawn(move || {
            for piece in wav.chunks(1_001) {
                sender.blocking_send(Ok(Bytes::copy_from_slice(piece))).unwrap();
            }
        });
        let mut again = Vec::new();
        Opus::of_bytes(Piped::new(pieces))
            .unwrap()
            .write(&mut again)
            .unwrap();
        feeding.join().unwrap();
        assert!(again == opus, "{rate} {channels}");
    }
}

#[test]
fn what_is_no_sound_is_refused_and_what_is_cut_ends_where_it_ends() {
    let unfit = |bytes: &[u8]| Opus::of_file(file(bytes)).err();
    assert_eq!(unfit(b""), Some(Unfit::Kind));
    assert_eq!(unfit(b"ID3 is no WAV"), Some(Unfit::Kind));
    assert_eq!(unfit(&wav(44_100, 1, 1)), Some(Unfit::Rate(44_100)));
    assert_eq!(unfit(&wav(8_000, 3, 1)), Some(Unfit::Channels(3)));
    let mut opus = Vec::new();
    let cut = wav(8_000, 1, 2);
    Opus::of_file(file(&cut[..16_044]))
        .unwrap()
        .write(&mut opus)
        .unwrap();
    let length = heard(&opus)[0].len();
    assert!((43_000..=48_000).contains(&length), "{length}");
    let mut none = Vec::new();
    Opus::of_file(file(&wav(8_000, 1, 0)))
        .map(|opus| opus.write(&mut none))
        .ok();
}
