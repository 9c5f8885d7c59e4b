//! Text in any encoding as UTF-8, little by little.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, Encoding};

/// How much is decoded at a time.
const LENGTH: usize = 1 << 15;

/// A reader whose bytes become UTF-8 on the way, without a byte-order mark.
pub(crate) struct Decoding<R> {
    inner: R,
    decoder: Decoder,
    encoded: Vec<u8>,
    decoded: Vec<u8>,
    /// What of `decoded` was read.
    read: usize,
    is_over: bool,
}

impl<R: Read> Decoding<R> {
    pub(crate) fn new(inner: R, encoding: &'static Encoding) -> Self {
        Self {
            inner,
            decoder: encoding.new_decoder_with_bom_removal(),
            encoded: Vec::new(),
            decoded: Vec::new(),
            read: 0,
            is_over: false,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        let kept = self.encoded.len();
        self.encoded.resize(LENGTH, 0);
        let length = self.inner.read(&mut self.encoded[kept..])?;
        self.encoded.truncate(kept + length);
        let last = length == 0;
        let most = self.decoder.max_utf8_buffer_length(self.encoded.len());
        self.decoded.resize(most.unwrap_or(4 * LENGTH), 0);
        let (result, used, written, _) =
            self.decoder
                .decode_to_utf8(&self.encoded, &mut self.decoded, last);
        self.encoded.drain(..used);
        self.decoded.truncate(written);
        self.read = 0;
        self.is_over = last && result == CoderResult::InputEmpty;
        Ok(())
    }
}

impl<R: Read> Read for Decoding<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read == self.decoded.len() && !self.is_over {
            self.fill()?;
        }
        let rest = &self.decoded[self.read..];
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.read += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{UTF_16LE, WINDOWS_1252};

    use super::*;

    #[test]
    fn texts_longer_than_the_buffer_are_decoded_whole() {
        let text = "Dürer, Öl auf Holz — 葛飾 ".repeat(9000);
        let wide: Vec<u8> = format!("\u{feff}{text}")
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let mut decoded = String::new();
        Decoding::new(wide.as_slice(), UTF_16LE)
            .read_to_string(&mut decoded)
            .unwrap();
        assert!(decoded == text);
        let mut decoded = String::new();
        Decoding::new(&b"D\xfcrer"[..], WINDOWS_1252)
            .read_to_string(&mut decoded)
            .unwrap();
        assert_eq!(decoded, "Dürer");
    }
}
