//! The study that `gatos new` begins with: the files of `templates/experiment`, inside the program.

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// Every file of the template, by its path in the study.
        pub(crate) const FILES: &[(&str, &[u8])] = &[
            $(($name, include_bytes!(concat!("../../../templates/experiment/", $name)))),*
        ];
    };
}

files! {
    ".gitignore",
    "README.md",
    "analysis.py",
    "data/measurements.csv",
    "experiment.nix",
    "flake.nix",
    "fold.lua",
}

#[cfg(test)]
mod tests {
    //! That no file of the template is forgotten.

    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::FILES;

    fn collect(root: &Path, folder: &Path, names: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(root, &path, names);
            } else {
                let name = path.strip_prefix(root).unwrap();
                names.insert(name.to_string_lossy().into_owned());
            }
        }
    }

    #[test]
    fn every_file_of_the_template_is_in_the_program() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates/experiment");
        let mut there = BTreeSet::new();
        collect(&root, &root, &mut there);
        let here: BTreeSet<String> = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(here, there);
    }
}
