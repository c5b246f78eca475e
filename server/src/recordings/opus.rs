//! A recording as Ogg Opus (RFC 6716, RFC 7845): a tenth of a WAV file, and heard everywhere. It is made while it is sent, frame by
//! frame, in the same memory however long it is.

use std::{
    fmt,
    fs::File,
    io::{self, Read, Write},
};

use bytes::{Buf, Bytes};
use ogg::{PacketWriter, writing::PacketWriteEndInfo};
use ropus::{Application, Bitrate, Channels, Encoder};
use symphonia::{
    core::{
        codecs::audio::{AudioDecoder, AudioDecoderOptions},
        formats::{FormatReader, TrackType},
        io::{MediaSource, MediaSourceStream, ReadOnlySource},
    },
    default::{formats::WavReader, get_codecs},
};
use tokio::sync::mpsc;

/// Frames of so many milliseconds, as telephones have them.
const FRAME_MS: u32 = 20;
/// Ogg counts at this rate, whatever the sound's is.
const OGG_HZ: u64 = 48_000;
/// Rates that the codec takes as they are.
const RATES_HZ: [u32; 5] = [8_000, 12_000, 16_000, 24_000, 48_000];
/// The longest packet, in bytes (RFC 6716, 3.2.1 and 3.4).
const MAX_PACKET: usize = 1_275;
/// Bits for each channel: what is narrow needs less.
const NARROW_BITS: u32 = 16_000;
const WIDE_BITS: u32 = 28_000;
const NARROW_HZ: u32 = 8_000;
/// There is one stream in the file.
const SERIAL: u32 = 1;

/// Why a recording cannot be made into Opus, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// What is in it is not known.
    Kind,
    /// It is of another rate.
    Rate(u32),
    /// It has none, or more than two.
    Channels(usize),
}

impl fmt::Display for Unfit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unfit::Kind => write!(out, "Only WAV files are made into Opus."),
            Unfit::Rate(rate) => write!(
                out,
                "It has {rate} samples a second: Opus takes 8, 12, 16, 24 or 48 thousand."
            ),
            Unfit::Channels(channels) => {
                write!(out, "It has {channels} channels: Opus takes one or two here.")
            }
        }
    }
}

/// Bytes that come from elsewhere, read by a thread.
pub(crate) struct Piped {
    pieces: mpsc::Receiver<io::Result<Bytes>>,
    now: Bytes,
}

impl Piped {
    /// Reads these.
    pub(crate) fn new(pieces: mpsc::Receiver<io::Result<Bytes>>) -> Self {
        Self {
            pieces,
            now: Bytes::new(),
        }
    }
}

impl Read for Piped {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.now.is_empty() {
            match self.pieces.blocking_recv() {
                Some(piece) => self.now = piece?,
                None => return Ok(0),
            }
        }
        let read = self.now.len().min(out.len());
        self.now.copy_to_slice(&mut out[..read]);
        Ok(read)
    }
}

/// A recording that can be made into Opus.
pub(crate) struct Opus {
    reader: WavReader<'static>,
    decoder: Box<dyn AudioDecoder>,
    rate: u32,
    channels: Channels,
}

impl Opus {
    /// Reads the beginning of a file.
    ///
    /// # Errors
    /// It is none that can be made into Opus.
    pub(crate) fn of_file(file: File) -> Result<Self, Unfit> {
        Self::of(Box::new(file))
    }

    /// The same of bytes that come from elsewhere.
    ///
    /// # Errors
    /// It is none that can be made into Opus.
    pub(crate) fn of_bytes(piped: Piped) -> Result<Self, Unfit> {
        Self::of(Box::new(ReadOnlySource::new(piped)))
    }

    fn of(source: Box<dyn MediaSource>) -> Result<Self, Unfit> {
        let stream = MediaSourceStream::new(source, Default::default());
        let reader = WavReader::try_new(stream, Default::default()).map_err(|_| Unfit::Kind)?;
        let track = reader.default_track(TrackType::Audio).ok_or(Unfit::Kind)?;
        let parameters = track
            .codec_params
            .as_ref()
            .and_then(|parameters| parameters.audio());
        let parameters = parameters.cloned().ok_or(Unfit::Kind)?;
        let rate = parameters.sample_rate.unwrap_or_default();
        let channels = parameters
            .channels
            .as_ref()
            .map_or(0, |channels| channels.count());
        let decoder = get_codecs()
            .make_audio_decoder(&parameters, &AudioDecoderOptions::default())
            .map_err(|_| Unfit::Kind)?;
        if !RATES_HZ.contains(&rate) {
            return Err(Unfit::Rate(rate));
        }
        let channels = match channels {
            1 => Channels::Mono,
            2 => Channels::Stereo,
            other => return Err(Unfit::Channels(other)),
        };
        Ok(Self {
            reader,
            decoder,
            rate,
            channels,
        })
    }

    /// Writes all of it. What is cut ends where its sound ends.
    ///
    /// # Errors
    /// It cannot be written, or read.
    pub(crate) fn write(mut self, out: impl Write) -> io::Result<()> {
        let lanes = self.channels.count();
        let bits = if self.rate == NARROW_HZ {
            NARROW_BITS
        } else {
            WIDE_BITS
        };
        let encoder = Encoder::builder(self.rate, self.channels, Application::Voip)
            .bitrate(Bitrate::Bits(bits * u32::try_from(lanes).unwrap_or(1)))
            .vbr(true)
            .build()
            .map_err(|error| io::Error::other(format!("{error:?}")))?;
        let mut frames = Frames {
            skip: u64::from(encoder.lookahead()) * OGG_HZ / u64::from(self.rate),
            frame: (self.rate * FRAME_MS / 1_000) as usize * lanes,
            rate: u64::from(self.rate),
            lanes,
            encoder,
            writer: PacketWriter::new(out),
            waiting: Vec::new(),
            packet: None,
            heard: 0,
            sent: 0,
        };
        frames.begin(self.rate)?;
        let mut samples: Vec<i16> = Vec::new();
        // what cannot be read any more is where it ends
        while let Ok(Some(packet)) = self.reader.next_packet() {
            let Ok(decoded) = self.decoder.decode(&packet) else {
                break;
            };
            if decoded.frames() == 0 {
                break;
            }
            samples.clear();
            decoded.copy_to_vec_interleaved(&mut samples);
            frames.take(&samples)?;
        }
        frames.end()
    }
}

/// Sound on its way into pages.
struct Frames<W: Write> {
    encoder: Encoder,
    writer: PacketWriter<'static, W>,
    /// Samples at the beginning that are the codec's own, at 48 kHz.
    skip: u64,
    /// Samples of a frame, all channels together.
    frame: usize,
    rate: u64,
    lanes: usize,
    waiting: Vec<i16>,
    /// The packet before the next one: the last says that it is the last.
    packet: Option<(Vec<u8>, u64)>,
    /// Samples of each channel that came,
    heard: u64,
    /// and frames that went.
    sent: u64,
}

impl<W: Write> Frames<W> {
    /// Both pages of the beginning (RFC 7845, 5.1 and 5.2).
    fn begin(&mut self, rate: u32) -> io::Result<()> {
        let mut head = b"OpusHead\x01".to_vec();
        head.push(u8::try_from(self.lanes).unwrap_or(1));
        head.extend(u16::try_from(self.skip).unwrap_or_default().to_le_bytes());
        head.extend(rate.to_le_bytes());
        // no gain, and channels as they are
        head.extend([0, 0, 0]);
        let maker = b"Starboard";
        let mut tags = b"OpusTags".to_vec();
        tags.extend((maker.len() as u32).to_le_bytes());
        tags.extend(maker);
        tags.extend(0_u32.to_le_bytes());
        for page in [head, tags] {
            self.writer
                .write_packet(page, SERIAL, PacketWriteEndInfo::EndPage, 0)?;
        }
        Ok(())
    }

    fn take(&mut self, samples: &[i16]) -> io::Result<()> {
        self.heard += (samples.len() / self.lanes) as u64;
        self.waiting.extend_from_slice(samples);
        let whole = self.waiting.len() / self.frame * self.frame;
        let rest = self.waiting.split_off(whole);
        let now = std::mem::replace(&mut self.waiting, rest);
        for frame in now.chunks_exact(self.frame) {
            self.encode(frame)?;
        }
        Ok(())
    }

    fn encode(&mut self, frame: &[i16]) -> io::Result<()> {
        let mut packet = vec![0; MAX_PACKET];
        let bytes = self
            .encoder
            .encode(frame, &mut packet)
            .map_err(|error| io::Error::other(format!("{error:?}")))?;
        packet.truncate(bytes);
        self.sent += 1;
        let until = self.sent * u64::from(FRAME_MS) * OGG_HZ / 1_000;
        if let Some((before, at)) = self.packet.replace((packet, until)) {
            self.writer
                .write_packet(before, SERIAL, PacketWriteEndInfo::NormalPacket, at)?;
        }
        Ok(())
    }

    fn end(mut self) -> io::Result<()> {
        let until = self.skip + self.heard * OGG_HZ / self.rate;
        // the codec lags behind: silence pushes what is left out of it
        loop {
            let mut frame = std::mem::take(&mut self.waiting);
            frame.resize(self.frame, 0);
            self.encode(&frame)?;
            if self.sent * u64::from(FRAME_MS) * OGG_HZ / 1_000 >= until {
                break;
            }
        }
        if let Some((last, _)) = self.packet.take() {
            self.writer
                .write_packet(last, SERIAL, PacketWriteEndInfo::EndStream, until)?;
        }
        self.writer.inner_mut().flush()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests;
