//! Time and chance: the only place where the façade asks for either.

use std::time::{SystemTime, UNIX_EPOCH};

use gatos_core::ulid::Ulid;

use crate::error::{Context, Error};

/// Milliseconds since 1970.
#[must_use]
pub fn now_ms() -> u64 {
    // A clock before 1970 is wrong, and nothing that is hashed depends on it.
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Bytes from the operating system's random source.
///
/// # Errors
/// A system without one.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).or_failed(|| "the system gives no random bytes".to_owned())?;
    Ok(bytes)
}

/// A new identifier of this moment.
///
/// # Errors
/// A system without a random source.
pub fn new_ulid() -> Result<Ulid, Error> {
    Ok(Ulid::from_parts(now_ms(), u128::from_le_bytes(random()?)))
}
