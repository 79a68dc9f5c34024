//! Likely causes of a difference, and what to do about each.

use std::fmt;

/// What may be the reason of a difference. A guess, and said to be one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cause {
    /// A date or a time of day is written
    Time,
    /// A time is stored inside an archive or a compiled file
    ArchiveTime,
    /// The entries of an archive are in another order
    ArchiveOrder,
    /// The same lines, words or keys in another order
    Order,
    /// A path of the build's own folder is written
    BuildPath,
    /// A path of the Nix store is written, and it is another one
    StorePath,
    /// A random identifier is written: a UUID or a long hexadecimal number
    RandomId,
    /// Numbers that are altogether different: randomness without a fixed seed, or a process number
    Random,
    /// Numbers that differ in their last digits only
    FloatNoise,
    /// A memory address is written
    Address,
    /// Something about the machine is written: processors, kernel, up-time
    Machine,
    /// One file is the beginning of the other
    Length,
    /// Another set of files
    FileSet,
    /// The permission to execute
    Mode,
    /// None of the known ones
    Unknown,
}

impl Cause {
    /// What to do about it.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Time => {
                "do not write the current date or time; where one is needed, take it from an \
                    input or from SOURCE_DATE_EPOCH"
            }
            Self::ArchiveTime => {
                "store no times: gzip -n, tar --mtime=@0, zip -X after touch -d @1, \
                    PYTHONDONTWRITEBYTECODE=1, matplotlib savefig(metadata={'Date': None})"
            }
            Self::ArchiveOrder => {
                "sort the file names before archiving: tar --sort=name, sorted(glob(...))"
            }
            Self::Order => {
                "sort before writing: sorted(os.listdir()), sorted(set), \
                    json.dumps(sort_keys=True); set PYTHONHASHSEED=0; write the results of \
                    threads in a fixed order"
            }
            Self::BuildPath => {
                "write paths relative to the work folder; pass -ffile-prefix-map=$PWD=. to \
                    compilers"
            }
            Self::StorePath => {
                "the tools changed with their store paths: write names, not paths, or compare \
                    with the same flake.lock"
            }
            Self::RandomId => {
                "do not write random identifiers: derive them from the data, or fix the seed \
                    (matplotlib: rcParams['svg.hashsalt'])"
            }
            Self::Random => {
                "fix the seed of every random generator (random.seed(1), \
                    numpy.random.default_rng(1)) and write no process numbers"
            }
            Self::FloatNoise => {
                "sums depend on the order of threads or on the processor: set OMP_NUM_THREADS=1 \
                    and OPENBLAS_NUM_THREADS=1, use math.fsum, or round before writing"
            }
            Self::Address => {
                "do not write object addresses: give the class a __repr__, print values instead \
                    of objects"
            }
            Self::Machine => {
                "do not write or depend on the number of processors, their model, the kernel or \
                    the up-time"
            }
            Self::Length => {
                "the output is cut off or longer: look for an interrupted write, or a loop that \
                    depends on time"
            }
            Self::FileSet => {
                "the job writes other files: name them after the data, and delete temporary ones"
            }
            Self::Mode => "set permissions explicitly: chmod 644 or 755",
            Self::Unknown => {
                "build twice with `gatos reproduce` and compare the two outputs by eye at the \
                    place named"
            }
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Time => "a date or time",
            Self::ArchiveTime => "a time stored inside the file",
            Self::ArchiveOrder => "the order of entries in an archive",
            Self::Order => "the same things in another order",
            Self::BuildPath => "a path of the build folder",
            Self::StorePath => "another store path",
            Self::RandomId => "a random identifier",
            Self::Random => "randomness without a fixed seed",
            Self::FloatNoise => "rounding in the last digits",
            Self::Address => "a memory address",
            Self::Machine => "a property of the machine",
            Self::Length => "another length",
            Self::FileSet => "another set of files",
            Self::Mode => "the permission to execute",
            Self::Unknown => "unknown",
        })
    }
}
