//! Files as Asterisk and its front ends write them, and such as nobody should have written.

use std::{
    fs::File,
    io::{Seek, Write},
};

use app::model::recording::{Silence, State};
use proptest::prelude::*;

use super::{Verdict, content_type, hear, is_recording, sum};

/// A WAV file: the codec, channels, samples a second, bytes of a frame, and what the data says that its length is.
fn wav(codec: u16, channels: u16, rate: u32, block: u16, data: &[u8], says: u32) -> Vec<u8> {
    let bits = block * 8 / channels;
    // what is not plain has a word more
    let more = codec != 1;
    let mut file = b"RIFF".to_vec();
    file.extend(says.saturating_add(36 + 2 * u32::from(more)).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend((16 + 2 * u32::from(more)).to_le_bytes());
    for word in [codec, channels] {
        file.extend(word.to_le_bytes());
    }
    file.extend(rate.to_le_bytes());
    file.extend((rate * u32::from(block)).to_le_bytes());
    for word in [block, bits] {
        file.extend(word.to_le_bytes());
    }
    if more {
        file.extend([0, 0]);
    }
    file.extend(b"data");
    file.extend(says.to_le_bytes());
    file.extend(data);
    file
}

/// Seconds of a tone, or of silence where it is not `loud`, as Asterisk has it: 8000 samples of 16 bits a second.
fn tone(seconds: u32, loud: bool) -> Vec<u8> {
    let samples = 0..8_000 * seconds;
    let sample = |at: u32| {
        if loud && at % 8 < 4 {
            8_192_i16
        } else {
            -i16::from(loud) * 8_192
        }
    };
    samples.flat_map(|at| sample(at).to_le_bytes()).collect()
}

fn whole(data: &[u8]) -> Vec<u8> {
    wav(1, 1, 8_000, 2, data, u32::try_from(data.len()).unwrap())
}

fn heard(name: &str, bytes: &[u8]) -> Verdict {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    hear(&file, name).unwrap()
}

#[test]
fn a_recording_of_asterisk_is_measured_and_its_silence_is_found() {
    let data = [tone(2, true), tone(5, false), tone(1, true)].concat();
    let (state, why, heard) = heard("talk.wav", &whole(&data));
    assert_eq!((state, why.as_str()), (State::Ready, ""));
    assert_eq!((heard.channels, heard.duration_ms), (1, 8_000));
    assert_eq!(heard.drawn.len(), 80);
    assert_eq!((heard.drawn[0], heard.drawn[30], heard.drawn[79]), (64, 0, 64));
    assert_eq!(
        heard.silences,
        [Silence {
            from_ms: 2_300,
            to_ms: 6_700
        }]
    );
}

#[test]
fn of_two_channels_each_is_drawn() {
    let frames = (0..16_000).flat_map(|_| [16_384_i16.to_le_bytes(), [0, 0]].concat());
    let data: Vec<u8> = frames.collect();
    let (state, _, heard) = heard("talk.wav", &wav(1, 2, 8_000, 4, &data, 64_000));
    assert_eq!(
        (state, heard.channels, heard.duration_ms),
        (State::Ready, 2, 2_000)
    );
    assert_eq!(&heard.drawn[..4], [128, 0, 128, 0]);
    assert!(heard.silences.is_empty(), "one of them speaks");
}

#[test]
fn a_long_one_is_drawn_in_no_more_pieces_than_a_screen_has() {
    let (_, _, heard) = heard("long.wav", &whole(&tone(400, true)));
    assert_eq!((heard.duration_ms, heard.drawn.len()), (400_000, 445));
}

#[test]
fn what_telephones_use_is_heard_and_what_no_browser_plays_is_said() {
    for (codec, name) in [(6, "A-law"), (7, "µ-law")] {
        let file = wav(codec, 1, 8_000, 1, &[0x55; 16_000], 16_000);
        let (state, _, heard) = heard("talk.wav", &file);
        assert_eq!((state, heard.duration_ms), (State::Ready, 2_000), "{name}");
    }
    // GSM, as `.WAV` of Asterisk
    assert_eq!(
        heard("talk.WAV", &wav(49, 1, 8_000, 65, &[0; 650], 650)).0,
        State::Foreign
    );
    for name in ["talk.gsm", "talk.sln", "talk.ulaw"] {
        assert_eq!(heard(name, b"anything").0, State::Foreign, "{name}");
    }
    assert_eq!(heard("talk.mp3", b"anything").0, State::Ready);
    assert!(is_recording("a.WAV") && !is_recording("a.txt") && !is_recording("wav"));
    assert_eq!(content_type("a.WAV"), "audio/wav");
    assert_eq!(content_type("a.gsm"), "application/octet-stream");
}

#[test]
fn what_is_empty_cut_unfinished_or_a_lie_is_said_to_be() {
    let good = whole(&tone(2, true));
    assert_eq!(heard("talk.wav", b"").0, State::Empty);
    for cut in [1, 4, 11, 12, 20, 36, 43] {
        assert_eq!(heard("talk.wav", &good[..cut]).0, State::Damaged, "{cut} bytes");
    }
    let (state, why, half) = heard("talk.wav", &good[..good.len() / 2]);
    assert_eq!((state, why.as_str()), (State::Damaged, "Its end is missing."));
    assert!(half.duration_ms < 1_100 && !half.drawn.is_empty(), "{half:?}");
    // killed before it could say how much there is
    let (state, why, _) = heard("talk.wav", &wav(1, 1, 8_000, 2, &tone(2, true), 0));
    assert_eq!(state, State::Damaged);
    assert!(why.contains("never finished"), "{why}");
    // four gigabytes that are not there
    let (state, why, _) = heard("talk.wav", &wav(1, 1, 8_000, 2, &tone(2, true), 0xffff_fff0));
    assert_eq!((state, why.as_str()), (State::Damaged, "Its end is missing."));
    // written into a pipe, without knowing how much there will be: what is there is all of it
    let (state, _, all) = heard("talk.wav", &wav(1, 1, 8_000, 2, &tone(2, true), u32::MAX));
    assert_eq!((state, all.duration_ms), (State::Ready, 2_000));
    assert_eq!(heard("talk.wav", b"<html>no sound</html>").0, State::Foreign);
}

#[test]
fn the_sum_is_of_every_byte_wherever_the_file_was_read_to() {
    let mut file: File = tempfile::tempfile().unwrap();
    file.write_all(b"abc").unwrap();
    let first = sum(&file).unwrap();
    assert_eq!(app::browser::hex(&first[..4]), "ba7816bf");
    file.seek(std::io::SeekFrom::Start(2)).unwrap();
    assert_eq!(sum(&file).unwrap(), first);
    file.write_all(b"d").unwrap();
    assert_ne!(sum(&file).unwrap(), first);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn whatever_is_in_a_file_is_given_a_verdict(mut bytes in proptest::collection::vec(any::<u8>(), 0..400), begins in any::<bool>(), at in 0..44_usize, byte in any::<u8>()) {
        if begins {
            let mut good = whole(&bytes);
            good[at] = byte;
            bytes = good;
        }
        let (_, _, heard) = heard("any.wav", &bytes);
        prop_assert!(heard.drawn.len() <= 960 && heard.channels <= 2);
    }
}
