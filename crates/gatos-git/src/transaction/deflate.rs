//! Compression, with one set of buffers for all objects of a transaction.

use gix::zlib::stream::deflate::{Compress, FlushCompress};
use gix::zlib::{Compression, Status};

use crate::failure::GitFailure;

/// A compressor at the level that Git uses for loose objects.
pub(crate) struct Deflater {
    compress: Compress,
}

impl Deflater {
    pub(crate) fn new() -> Self {
        Self {
            compress: Compress::new(Compression::BEST_SPEED),
        }
    }

    /// The zlib stream of `parts`, one after the other.
    pub(super) fn stream(&mut self, parts: &[&[u8]]) -> Result<Vec<u8>, GitFailure> {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        self.compress.reset();
        let mut out = Output {
            bytes: vec![0; length / 2 + 256],
            length: 0,
        };
        for part in parts {
            out.append(&mut self.compress, part, FlushCompress::None)?;
        }
        out.append(&mut self.compress, &[], FlushCompress::Finish)?;
        out.bytes.truncate(out.length);
        Ok(out.bytes)
    }
}

/// What the compressor has written so far.
struct Output {
    bytes: Vec<u8>,
    length: usize,
}

impl Output {
    fn append(
        &mut self,
        compress: &mut Compress,
        input: &[u8],
        flush: FlushCompress,
    ) -> Result<(), GitFailure> {
        let finishing = matches!(flush, FlushCompress::Finish);
        let mut taken = 0;
        while finishing || taken < input.len() {
            let (read, wrote) = (compress.total_in(), compress.total_out());
            let status = compress
                .compress(
                    input.get(taken..).unwrap_or_default(),
                    self.bytes.get_mut(self.length..).unwrap_or_default(),
                    flush,
                )
                .map_err(GitFailure::new)?;
            taken += usize::try_from(compress.total_in() - read).unwrap_or(usize::MAX);
            self.length += usize::try_from(compress.total_out() - wrote).unwrap_or(usize::MAX);
            if status == Status::StreamEnd {
                break;
            }
            if self.length == self.bytes.len() {
                self.bytes.resize(self.length * 2, 0);
            }
        }
        Ok(())
    }
}
