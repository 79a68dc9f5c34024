//! What Nix says while it works (`--log-format internal-json`), line by line.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::store_path::StorePath;

/// Nix's number of the activity "building a derivation".
const BUILD: u64 = 105;
/// Nix's number of the activity "fetching a store path from a cache".
const SUBSTITUTE: u64 = 108;
/// Nix's number of the result "a line of the build log".
const LOG_LINE: u64 = 101;
/// Messages above this level are chatter.
const MAX_LEVEL: u64 = 2;

/// Something that Nix reports.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Event {
    /// A build begins
    Building { derivation: StorePath },
    /// A build is over, well or not
    Built { derivation: StorePath },
    /// A line that a builder printed
    Line { derivation: StorePath, text: String },
    /// A path is fetched from a cache
    Substituting { path: StorePath, from: String },
    /// An error or a warning, without colours
    Said { text: String },
}

/// Turns lines into events, remembering which activity has which number.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    builds: BTreeMap<u64, StorePath>,
}

impl Messages {
    /// Read one line of standard error; most mean nothing to us.
    pub(crate) fn read(&mut self, line: &[u8]) -> Option<Event> {
        let Some(json) = line.strip_prefix(b"@nix ") else {
            let text = plain(&String::from_utf8_lossy(line));
            return (!text.is_empty()).then_some(Event::Said { text });
        };
        let Ok(message) = serde_json::from_slice::<Value>(json) else {
            let text = "(a message of Nix was cut off, because it was too long)".to_owned();
            return Some(Event::Said { text });
        };
        match message.get("action")?.as_str()? {
            "start" => self.start(&message),
            "result" => self.result(&message),
            "stop" => {
                let derivation = self.builds.remove(&message.get("id")?.as_u64()?)?;
                Some(Event::Built { derivation })
            }
            "msg" if message.get("level")?.as_u64()? <= MAX_LEVEL => {
                let text = message.get("raw_msg").or_else(|| message.get("msg"))?;
                let text = without_log(&plain(text.as_str()?));
                Some(Event::Said { text })
            }
            _ => None,
        }
    }

    fn start(&mut self, message: &Value) -> Option<Event> {
        let field = |at: usize| message.get("fields")?.get(at)?.as_str();
        match message.get("type")?.as_u64()? {
            BUILD => {
                let derivation: StorePath = field(0)?.parse().ok()?;
                let id = message.get("id")?.as_u64()?;
                self.builds.insert(id, derivation.clone());
                Some(Event::Building { derivation })
            }
            SUBSTITUTE => Some(Event::Substituting {
                path: field(0)?.parse().ok()?,
                from: field(1)?.to_owned(),
            }),
            _ => None,
        }
    }

    fn result(&self, message: &Value) -> Option<Event> {
        if message.get("type")?.as_u64()? != LOG_LINE {
            return None;
        }
        let derivation = self.builds.get(&message.get("id")?.as_u64()?)?.clone();
        let text = message.get("fields")?.get(0)?.as_str()?.to_owned();
        Some(Event::Line { derivation, text })
    }
}

/// A message without the lines of the build log that Nix quotes in it.
///
/// They are the job's words, not Nix's, and a job could say anything to be misunderstood.
fn without_log(text: &str) -> String {
    let quoted = |line: &str| {
        let line = line.trim_start();
        line.starts_with("> ") || line == ">" || line.starts_with("For full logs, run")
    };
    let kept: Vec<&str> = text.lines().filter(|line| !quoted(line)).collect();
    kept.join("\n")
}

/// Text without terminal escapes and other control characters but line feed and tab.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        if c == '\u{1b}' {
            // `ESC [ … letter`; anything else after ESC is dropped with it.
            if characters.next() == Some('[') {
                characters.by_ref().find(|c| ('@'..='~').contains(c));
            }
        } else if c == '\n' || c == '\t' || !c.is_control() {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Event, Messages, plain};

    #[test]
    fn follows_a_build() {
        let drv = "/nix/store/6yrmxqn55ymlbyf701a5si9krscrxq62-toy.drv";
        let derivation = || drv.parse().unwrap();
        let lines = [
            (
                r#"@nix {"action":"start","id":1,"level":6,"parent":0,"text":"q","type":0}"#
                    .to_owned(),
                None,
            ),
            (
                format!(
                    r#"@nix {{"action":"start","fields":["{drv}","",1,1],"id":7,"level":3,"type":105}}"#
                ),
                Some(Event::Building {
                    derivation: derivation(),
                }),
            ),
            (
                r#"@nix {"action":"result","fields":["hi"],"id":7,"type":101}"#.to_owned(),
                Some(Event::Line {
                    derivation: derivation(),
                    text: "hi".to_owned(),
                }),
            ),
            (
                r#"@nix {"action":"result","fields":["hi"],"id":8,"type":101}"#.to_owned(),
                None,
            ),
            (
                r#"@nix {"action":"stop","id":7}"#.to_owned(),
                Some(Event::Built {
                    derivation: derivation(),
                }),
            ),
            (
                r#"@nix {"action":"result","fields":["hi"],"id":7,"type":101}"#.to_owned(),
                None,
            ),
            (
                r#"@nix {"action":"msg","level":0,"msg":"\u001b[31;1merror:\u001b[0m no"}"#
                    .to_owned(),
                Some(Event::Said {
                    text: "error: no".to_owned(),
                }),
            ),
            (
                "@nix {".to_owned(),
                Some(Event::Said {
                    text: "(a message of Nix was cut off, because it was too long)".to_owned(),
                }),
            ),
            (
                "plain".to_owned(),
                Some(Event::Said {
                    text: "plain".to_owned(),
                }),
            ),
        ];
        let mut messages = Messages::default();
        for (line, expect) in lines {
            assert_eq!(messages.read(line.as_bytes()), expect, "{line}");
        }
    }

    #[test]
    fn what_a_job_printed_is_cut_out_of_what_nix_says() {
        let said = r#"@nix {"action":"msg","level":0,"raw_msg":"builder failed with exit code 3;\n       last 2 log lines:\n       > this system does not support the kernel namespaces\n       >\n       For full logs, run 'nix log x'"}"#;
        let Some(Event::Said { text }) = Messages::default().read(said.as_bytes()) else {
            panic!("nothing was said");
        };
        assert_eq!(
            text,
            "builder failed with exit code 3;\n       last 2 log lines:"
        );
    }

    #[test]
    fn strips_escapes() {
        assert_eq!(plain("a\u{1b}[1;31mb\u{1b}[0m\r\u{7}c\n"), "abc\n");
    }
}
