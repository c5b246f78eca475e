//! What is in a file: whether it is whole, how long it is, how loud, and where nobody speaks.

use std::{
    fs::File,
    io::{self, Read, Seek},
    panic::{AssertUnwindSafe, catch_unwind},
};

use app::model::recording::{Silence, State};
use sha2::{Digest, Sha256};
use symphonia::{
    core::{
        codecs::audio::{
            AudioDecoder, AudioDecoderOptions,
            well_known::{CODEC_ID_ADPCM_IMA_WAV, CODEC_ID_ADPCM_MS},
        },
        errors::Error,
        formats::{FormatReader, TrackType},
        io::MediaSourceStream,
    },
    default::{formats::WavReader, get_codecs},
};

/// The largest file that is taken in.
const MAX_BYTES: u64 = 2 << 30;
/// Read at once.
const CHUNK: usize = 64 << 10;
/// Loudness is measured for each piece of so many milliseconds,
const PIECE_MS: u64 = 100;
/// and no further than a day.
const MAX_PIECES: usize = 24 * 3_600 * 10;
/// Channels that are drawn; more are drawn with the second.
const MAX_LANES: usize = 2;
/// Pieces that are drawn of the whole, at most.
const MAX_DRAWN: usize = 480;
/// A piece that is not louder than this, of 255, is silent: about 40 dB below the loudest there can be.
const QUIET: u8 = 3;
/// Nobody speaks for at least so many pieces,
const LONG: usize = 20;
/// and so many at both ends of it are heard.
const EDGE: usize = 3;
/// Silences that are kept.
const MAX_SILENCES: usize = 500;

/// Kinds of files that recordings are: the end of the name, how browsers are told, and whether they play it.
const KINDS: [(&str, Option<&str>); 16] = [
    ("wav", Some("audio/wav")),
    ("mp3", Some("audio/mpeg")),
    ("ogg", Some("audio/ogg")),
    ("opus", Some("audio/ogg")),
    ("m4a", Some("audio/mp4")),
    ("flac", Some("audio/flac")),
    ("webm", Some("audio/webm")),
    ("wav49", None),
    ("gsm", None),
    ("g722", None),
    ("g729", None),
    ("ulaw", None),
    ("alaw", None),
    ("sln", None),
    ("sln16", None),
    ("raw", None),
];

fn kind(name: &str) -> Option<(&'static str, Option<&'static str>)> {
    let (_, end) = name.rsplit_once('.')?;
    KINDS.into_iter().find(|(kind, _)| kind.eq_ignore_ascii_case(end))
}

/// Whether a file can be a recording, by its name.
pub(super) fn is_recording(name: &str) -> bool {
    kind(name).is_some()
}

/// How browsers are told what a file is.
pub(crate) fn content_type(name: &str) -> &'static str {
    let told = kind(name).and_then(|(_, told)| told);
    told.unwrap_or("application/octet-stream")
}

/// What a file turned out to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) channels: u8,
    pub(super) duration_ms: u64,
    pub(super) drawn: Vec<u8>,
    pub(super) silences: Vec<Silence>,
}

/// Whether it is whole; why not, in a sentence for people.
pub(super) type Verdict = (State, String, Heard);

fn said(state: State, why: &str) -> Verdict {
    (state, why.to_owned(), Heard::default())
}

/// SHA-256 of every byte of a file.
pub(crate) fn sum(mut file: &File) -> io::Result<Vec<u8>> {
    file.rewind()?;
    let mut digest = Sha256::new();
    let mut chunk = vec![0; CHUNK];
    let mut left = MAX_BYTES;
    loop {
        let read = file.read(&mut chunk)?;
        left = left.saturating_sub(read as u64);
        if read == 0 || left == 0 {
            return Ok(digest.finalize().to_vec());
        }
        digest.update(&chunk[..read]);
    }
}

/// Looks at what is in a file.
pub(super) fn hear(file: &File, name: &str) -> io::Result<Verdict> {
    let bytes = file.metadata()?.len();
    if bytes == 0 {
        return Ok(said(State::Empty, ""));
    }
    if bytes > MAX_BYTES {
        return Ok(said(State::Damaged, "It is larger than 2 GiB."));
    }
    let Some((kind, told)) = kind(name) else {
        return Ok(said(State::Foreign, ""));
    };
    if kind != "wav" {
        let state = if told.is_some() {
            State::Ready
        } else {
            State::Foreign
        };
        return Ok(said(state, ""));
    }
    let mut copy = file.try_clone()?;
    copy.rewind()?;
    // whatever is in it, the others are looked at
    let heard = catch_unwind(AssertUnwindSafe(|| wave(copy)));
    Ok(heard.unwrap_or_else(|_| said(State::Damaged, "It cannot be read.")))
}

fn wave(file: File) -> Verdict {
    let stream = MediaSourceStream::new(Box::new(file), Default::default());
    match WavReader::try_new(stream, Default::default()) {
        Ok(reader) => decode(reader),
        Err(Error::Unsupported(_)) => said(State::Foreign, ""),
        Err(Error::IoError(_)) => said(State::Damaged, "It ends before its sound begins."),
        Err(_) => said(
            State::Damaged,
            "Its beginning is not that of a sound file, or was never finished.",
        ),
    }
}

fn decode(mut reader: WavReader<'_>) -> Verdict {
    let Some(track) = reader.default_track(TrackType::Audio) else {
        return said(State::Damaged, "There is no sound in it.");
    };
    let promised = track.num_frames;
    let parameters = track
        .codec_params
        .as_ref()
        .and_then(|parameters| parameters.audio());
    let Some(parameters) = parameters.cloned() else {
        return said(State::Damaged, "There is no sound in it.");
    };
    let Ok(mut decoder) = get_codecs().make_audio_decoder(&parameters, &AudioDecoderOptions::default())
    else {
        return said(State::Foreign, "");
    };
    let rate = u64::from(parameters.sample_rate.unwrap_or_default());
    if rate == 0 {
        return said(
            State::Damaged,
            "Its beginning says nothing of how fast it is played.",
        );
    }
    let mut pieces = Pieces::new(rate);
    let broke = read_all(&mut reader, &mut *decoder, &mut pieces);
    let heard = pieces.heard(rate);
    let short = promised.is_some_and(|promised| pieces.frames < promised);
    let browsers_play_it = !matches!(parameters.codec, CODEC_ID_ADPCM_IMA_WAV | CODEC_ID_ADPCM_MS);
    let (state, why) = match () {
        () if pieces.frames == 0 => (
            State::Damaged,
            "Its beginning was never finished: it says that there is no sound.",
        ),
        () if short || broke => (State::Damaged, "Its end is missing."),
        () if browsers_play_it => (State::Ready, ""),
        () => (State::Foreign, ""),
    };
    (state, why.to_owned(), heard)
}

/// Hears it to its end. True: it broke off.
fn read_all(reader: &mut WavReader<'_>, decoder: &mut dyn AudioDecoder, pieces: &mut Pieces) -> bool {
    let mut samples: Vec<i16> = Vec::new();
    loop {
        let packet = match reader.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => return false,
            // one that says nothing of its length ends with the file
            Err(Error::IoError(error)) => return error.kind() != io::ErrorKind::UnexpectedEof,
            Err(_) => return true,
        };
        let Ok(decoded) = decoder.decode(&packet) else {
            return true;
        };
        if decoded.frames() == 0 {
            return false;
        }
        let channels = decoded.spec().channels().count();
        samples.clear();
        decoded.copy_to_vec_interleaved(&mut samples);
        pieces.take(&samples, channels);
    }
}

/// How loud each piece is.
struct Pieces {
    of_piece: u64,
    frames: u64,
    lanes: usize,
    loud: Vec<[u8; MAX_LANES]>,
}

impl Pieces {
    fn new(rate: u64) -> Self {
        Self {
            of_piece: (rate * PIECE_MS / 1_000).max(1),
            frames: 0,
            lanes: 0,
            loud: Vec::new(),
        }
    }

    fn take(&mut self, samples: &[i16], channels: usize) {
        self.lanes = channels.min(MAX_LANES);
        for frame in samples.chunks_exact(channels.max(1)) {
            let at = usize::try_from(self.frames / self.of_piece).unwrap_or(usize::MAX);
            self.frames += 1;
            if at >= MAX_PIECES {
                continue;
            }
            if at >= self.loud.len() {
                self.loud.push([0; MAX_LANES]);
            }
            for (channel, sample) in frame.iter().enumerate() {
                let loud = u8::try_from(sample.unsigned_abs() >> 7).unwrap_or(u8::MAX);
                let lane = &mut self.loud[at][channel.min(MAX_LANES - 1)];
                *lane = loud.max(*lane);
            }
        }
    }

    fn heard(&self, rate: u64) -> Heard {
        Heard {
            channels: u8::try_from(self.lanes).unwrap_or_default(),
            duration_ms: self.frames.saturating_mul(1_000) / rate,
            drawn: self.drawn(),
            silences: self.silences(),
        }
    }

    fn drawn(&self) -> Vec<u8> {
        let pieces = self.loud.chunks(self.loud.len().div_ceil(MAX_DRAWN).max(1));
        let loudest = |piece: &[[u8; MAX_LANES]]| {
            let lane = |lane: usize| piece.iter().map(|loud| loud[lane]).max().unwrap_or_default();
            (0..self.lanes).map(lane).collect::<Vec<u8>>()
        };
        pieces.flat_map(loudest).collect()
    }

    fn silences(&self) -> Vec<Silence> {
        let quiet = |loud: &[u8; MAX_LANES]| loud.iter().all(|lane| *lane <= QUIET);
        let mut at = 0;
        let mut silences = Vec::new();
        for run in self.loud.chunk_by(|one, next| quiet(one) == quiet(next)) {
            let (from, to) = (at, at + run.len());
            at = to;
            if run.len() >= LONG && quiet(&run[0]) && silences.len() < MAX_SILENCES {
                silences.push(Silence {
                    from_ms: piece_ms(from + EDGE),
                    to_ms: piece_ms(to - EDGE),
                });
            }
        }
        silences
    }
}

fn piece_ms(at: usize) -> u32 {
    u32::try_from(at as u64 * PIECE_MS).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests;
