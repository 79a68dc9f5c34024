//! Git's packet lines, as its `proc-receive` hook speaks them.

use std::io::{self, Read, Write};

/// Longest payload of a packet.
const MAX_BYTES: usize = 65_516;

/// The next packet's payload, without a line break at its end; `None` for a flush.
///
/// # Errors
/// An input that ends early, or is no packet.
pub fn read(input: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut head = [0; 4];
    input.read_exact(&mut head)?;
    let bad = || io::Error::new(io::ErrorKind::InvalidData, "no packet line");
    let text = std::str::from_utf8(&head).map_err(|_| bad())?;
    let length = usize::from_str_radix(text, 16).map_err(|_| bad())?;
    if length == 0 {
        return Ok(None);
    }
    let length = length.checked_sub(head.len()).ok_or_else(bad)?;
    if length > MAX_BYTES {
        return Err(bad());
    }
    let mut payload = vec![0; length];
    input.read_exact(&mut payload)?;
    if payload.last() == Some(&b'\n') {
        payload.pop();
    }
    Ok(Some(payload))
}

/// Write one packet; `None` is a flush.
///
/// # Errors
/// An output that is closed, or a payload that is too long.
pub fn write(output: &mut impl Write, payload: Option<&[u8]>) -> io::Result<()> {
    let Some(payload) = payload else {
        output.write_all(b"0000")?;
        return output.flush();
    };
    if payload.len() > MAX_BYTES {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    write!(output, "{:04x}", payload.len() + 4)?;
    output.write_all(payload)
}
