//! Telling systemd how we are, where it started us: `sd_notify(3)`.

use std::ffi::OsString;
use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;

/// Whoever supervises this process, if somebody does.
#[derive(Clone, Debug)]
pub(crate) struct Supervisor {
    socket: Option<OsString>,
}

impl Supervisor {
    /// The one that the environment names.
    pub(crate) fn of_environment() -> Self {
        let socket = std::env::var_os("NOTIFY_SOCKET").filter(|name| !name.is_empty());
        Self { socket }
    }

    /// We answer from now on.
    pub(crate) fn ready(&self, status: &str) {
        self.tell(&format!("READY=1\nSTATUS={status}\n"));
    }

    /// We are ending.
    pub(crate) fn stopping(&self) {
        self.tell("STOPPING=1\nSTATUS=finishing what was begun\n");
    }

    fn tell(&self, text: &str) {
        // Nobody is harmed by a supervisor who does not listen.
        let _ = self.try_tell(text);
    }

    fn try_tell(&self, text: &str) -> io::Result<()> {
        let Some(name) = &self.socket else {
            return Ok(());
        };
        let address = match name.as_bytes().strip_prefix(b"@") {
            Some(name) => SocketAddr::from_abstract_name(name)?,
            None => SocketAddr::from_pathname(Path::new(name))?,
        };
        UnixDatagram::unbound()?
            .send_to_addr(text.as_bytes(), &address)
            .map(|_| ())
    }
}
