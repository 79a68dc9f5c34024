//! On what a job ran, for whoever has to explain a difference. `docs/spec/job.md#environment`.

use std::collections::BTreeMap;

use gatos_core::job::Environment;

use crate::nix::{Nix, Settings};

/// The settings that can change what a build gives, or how far it is isolated.
const SETTINGS: [&str; 22] = [
    "allow-new-privileges",
    "auto-allocate-uids",
    "build-users-group",
    "builders",
    "cores",
    "extra-platforms",
    "fallback",
    "filter-syscalls",
    "impersonate-linux-26",
    "max-jobs",
    "post-build-hook",
    "pre-build-hook",
    "sandbox",
    "sandbox-build-dir",
    "sandbox-dev-shm-size",
    "sandbox-fallback",
    "sandbox-paths",
    "substitute",
    "substituters",
    "system",
    "system-features",
    "use-cgroups",
];

/// Describe this machine, this Nix, and the settings with which it was asked.
///
/// What the machine does not tell is empty, never guessed.
#[must_use]
pub fn environment(nix: &Nix, settings: &Settings) -> Environment {
    let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let kernel = rustix::system::uname();
    let named = |name: &str| Some((name.to_owned(), settings.get(name)?.to_owned()));
    Environment {
        nix: nix.says().to_owned(),
        system: settings.get("system").unwrap_or_default().to_owned(),
        kernel: format!(
            "{} {}",
            kernel.sysname().to_string_lossy(),
            kernel.release().to_string_lossy()
        ),
        cpu: processor_model(&processor),
        cpu_features: processor_features(&processor),
        cores: std::thread::available_parallelism().map_or(0, |n| n.get() as u64),
        settings: SETTINGS
            .iter()
            .filter_map(|name| named(name))
            .collect::<BTreeMap<_, _>>(),
    }
}

/// The value of the first of these keys that `/proc/cpuinfo` has.
fn first<'a>(processor: &'a str, keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|key| {
        processor.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            (name.trim() == *key).then_some(value.trim())
        })
    })
}

fn processor_model(processor: &str) -> String {
    // x86, then s390x and POWER; Arm gives numbers of the implementer and the part.
    if let Some(model) = first(processor, &["model name", "processor 0", "cpu"]) {
        return model.to_owned();
    }
    let part = |key| first(processor, &[key]).unwrap_or("?");
    match first(processor, &["CPU implementer"]) {
        Some(implementer) => format!("implementer {implementer} part {}", part("CPU part")),
        None => String::new(),
    }
}

fn processor_features(processor: &str) -> Vec<String> {
    let flags = first(processor, &["flags", "Features", "features"]).unwrap_or_default();
    let mut features: Vec<String> = flags.split_whitespace().map(str::to_owned).collect();
    features.sort_unstable();
    features.dedup();
    features
}

#[cfg(test)]
mod tests {
    use super::{processor_features, processor_model};

    #[test]
    fn reads_several_kinds_of_processor() {
        let x86 = "processor\t: 0\nmodel name\t: Some CPU @ 2GHz\nflags\t\t: sse2 avx fpu\n";
        let arm =
            "processor\t: 0\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n";
        assert_eq!(processor_model(x86), "Some CPU @ 2GHz");
        assert_eq!(processor_features(x86), ["avx", "fpu", "sse2"]);
        assert_eq!(processor_model(arm), "implementer 0x41 part 0xd0c");
        assert_eq!(processor_features(arm), ["asimd", "fp"]);
        assert_eq!(processor_model(""), "");
    }
}
