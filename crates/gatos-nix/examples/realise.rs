//! Run a derivation and say what came of it: `realise /nix/store/….drv`.
#![expect(clippy::disallowed_methods, reason = "reads its arguments")]
#![expect(clippy::print_stdout, reason = "prints the log")]

use std::path::Path;

use gatos_nix::Cancel;
use gatos_nix::derivation::DrvClosure;
use gatos_nix::environment::environment;
use gatos_nix::nix::Nix;
use gatos_nix::realise::{Options, realise};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let nix = Nix::find()?;
    for path in std::env::args().skip(1) {
        let closure = DrvClosure::from_store(&path.parse()?, Path::new("/"))?;
        let mut options = Options {
            timeout: None,
            cancel: Cancel::new(),
            cores: None,
            progress: &mut |line| println!("| {line}"),
        };
        let execution = realise(&nix, &closure, &mut options)?;
        println!("{:#?}", execution.outcome);
        println!("{:?}", execution.isolation);
        println!("{:#?}", environment(&nix, &execution.settings).settings);
    }
    Ok(())
}
