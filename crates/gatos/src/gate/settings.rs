//! How a server's repository is set up: what the gate reads of its settings, and what they must be.

use std::ffi::OsString;

use gatos_core::id::RepoId;
use gatos_git::own_setting;

use crate::error::{Context, Error, ErrorKind};

/// The setting that names the variable in which the server says who pushes.
pub(super) const PUSHER: &str = "gatos.gatePusher";
/// The setting that names the only repository that may be founded here.
pub(super) const REPO: &str = "gatos.gateRepo";
/// The variable that is looked at where no setting names another.
pub(super) const USUAL_PUSHER: &str = "GATOS_PUSHER";
/// Longest name of somebody who pushes, in bytes.
const MAX_PUSHER_BYTES: usize = 120;

/// What a setting must be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Want {
    /// Just this
    Is(&'static str),
    /// A number of bytes from 1 to this; this where there is none
    AtMost(&'static str),
}

/// Every setting that the gate needs, and why.
pub(super) const WANTED: [(&str, Want, &str); 18] = [
    (
        "receive.procReceiveRefs",
        Want::Is("refs"),
        "all refs of a push move together, by the gate",
    ),
    (
        "receive.fsckObjects",
        Want::Is("true"),
        "malformed objects are refused",
    ),
    (
        "receive.shallowUpdate",
        Want::Is("false"),
        "history without its beginning is refused",
    ),
    (
        "receive.autogc",
        Want::Is("false"),
        "nothing is pruned while a push is looked at",
    ),
    (
        "receive.advertisePushOptions",
        Want::Is("false"),
        "nothing in a push speaks to the server",
    ),
    (
        "receive.maxInputSize",
        Want::AtMost("2147483648"),
        "a push has a largest size",
    ),
    ("gc.auto", Want::Is("0"), "nothing is pruned unasked"),
    (
        "core.logAllRefUpdates",
        Want::Is("always"),
        "what moved is written down",
    ),
    (
        "core.useReplaceRefs",
        Want::Is("false"),
        "no object stands for another",
    ),
    (
        "core.protectHFS",
        Want::Is("true"),
        "no path means another on another system",
    ),
    (
        "core.protectNTFS",
        Want::Is("true"),
        "no path means another on another system",
    ),
    (
        "core.filesRefLockTimeout",
        Want::Is("10000"),
        "pushes at the same time wait for each other",
    ),
    (
        "core.packedRefsTimeout",
        Want::Is("10000"),
        "pushes at the same time wait for each other",
    ),
    (
        "core.fsync",
        Want::Is("committed"),
        "what was accepted is on the disk",
    ),
    (
        "transfer.fsckObjects",
        Want::Is("true"),
        "malformed objects are refused",
    ),
    (
        "uploadpack.allowAnySHA1InWant",
        Want::Is("false"),
        "only what refs lead to is served",
    ),
    (
        "uploadpack.allowTipSHA1InWant",
        Want::Is("false"),
        "only what refs lead to is served",
    ),
    (
        "uploadpack.allowReachableSHA1InWant",
        Want::Is("false"),
        "only what refs lead to is served",
    ),
];

impl Want {
    /// Whether the values of a setting, of which the last counts, are what is wanted.
    pub(super) fn fits(self, values: &[String]) -> bool {
        match (self, values) {
            (Self::Is(wanted), [value]) => value.eq_ignore_ascii_case(wanted),
            (Self::AtMost(most), [value]) => {
                let number = |text: &str| text.parse::<u64>().ok();
                number(value).is_some_and(|value| value > 0 && Some(value) <= number(most))
            }
            _ => false,
        }
    }

    /// The value that is written where what is there does not fit.
    pub(super) const fn value(self) -> &'static str {
        match self {
            Self::Is(value) | Self::AtMost(value) => value,
        }
    }
}

/// What the gate reads of a repository's own settings.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// The variable in which the server says who pushes
    pusher: String,
    /// Whether the variable must be there
    required: bool,
    /// The only repository that may be founded here
    pub(super) repo: Option<RepoId>,
}

impl Settings {
    /// Read them; the environment and the settings of user and machine do not count.
    ///
    /// # Errors
    /// A file that cannot be read, or a value that makes no sense.
    pub(super) fn of(git: &gatos_git::Repository) -> Result<Self, Error> {
        let last = |key| -> Result<Option<String>, Error> {
            let values = own_setting(git, key);
            Ok(values
                .or_failed(|| "the settings of the gate".to_owned())?
                .pop())
        };
        let pusher = last(PUSHER)?;
        let repo = last(REPO)?.map(|text| text.parse::<RepoId>());
        Ok(Self {
            required: pusher.is_some(),
            pusher: pusher.unwrap_or_else(|| USUAL_PUSHER.to_owned()),
            repo: repo
                .transpose()
                .or_failed(|| format!("the setting `{REPO}` names no repository"))?,
        })
    }

    /// Who pushes, as the server says; none where it does not say.
    ///
    /// # Errors
    /// A server that should say and does not, or says something that is no name.
    pub(super) fn pusher(
        &self,
        variable: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Option<String>, Error> {
        let name = &self.pusher;
        let said = variable(name).filter(|value| !value.is_empty());
        let Some(said) = said else {
            return match self.required {
                false => Ok(None),
                true => Err(Error::new(
                    ErrorKind::Refused,
                    format!("the server does not say who pushes: `{name}` is empty"),
                )),
            };
        };
        let text = said.into_string().ok().filter(|text| {
            text.len() <= MAX_PUSHER_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic())
        });
        text.map(Some).ok_or_else(|| {
            let message = format!("what the server says in `{name}` is no name");
            Error::new(ErrorKind::Refused, message)
        })
    }
}
