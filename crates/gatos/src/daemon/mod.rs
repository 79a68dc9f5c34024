//! The daemon as a program finds it: where its socket is, what it is asked, and doing without it.

mod append;
mod client;
mod error;
mod governance;
mod socket;

pub use self::append::append;
pub use self::client::Client;
pub use self::error::ClientError;
pub use self::governance::{activate, approve, grant, propose, revoke};
pub use self::socket::{Address, LOCK_FILE, SOCKET_FILE, socket};

use std::time::Duration;

/// How long the daemon may take for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The Git setting that says where the daemon is looked for: `never`, or the path of its socket.
pub const SETTING: &str = "gatos.daemon";
