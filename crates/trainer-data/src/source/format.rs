use std::fmt;

/// How a file holds its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Parquet,
    Arrow,
    /// An array of rows, or rows one after the other, whichever the file begins with.
    Json,
    /// With tabs where the name says so.
    Csv,
    Text,
}

impl Format {
    /// The format that Python's `datasets` loads by this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "parquet" => Self::Parquet,
            "arrow" => Self::Arrow,
            "json" => Self::Json,
            "csv" => Self::Csv,
            "text" => Self::Text,
            _ => return None,
        })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Text => "text",
        })
    }
}

/// The endings of names, for messages.
pub(crate) const ENDINGS: &str = ".parquet, .arrow, .jsonl, .ndjson, .json, .csv, .tsv, .txt, or these behind .gz, .bz2, .xz or .zst, or in .zip";

/// What an ending of a name stands for in Python's `datasets`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Read(Format),
    /// An archive, whose files decide.
    Zip,
    /// A format that is not read here, by its name in Python.
    Other(&'static str),
}

impl Ending {
    /// Of the part of a name behind a full stop, in lower case.
    pub(crate) fn of(ending: &str) -> Option<Self> {
        Some(match ending {
            "parquet" | "geoparquet" | "gpq" => Self::Read(Format::Parquet),
            "arrow" => Self::Read(Format::Arrow),
            "json" | "jsonl" | "ndjson" => Self::Read(Format::Json),
            "csv" | "tsv" => Self::Read(Format::Csv),
            "txt" => Self::Read(Format::Text),
            "zip" => Self::Zip,
            other => {
                let has =
                    |(_, endings): &&(&str, &str)| endings.split(' ').any(|have| have == other);
                Self::Other(OTHERS.iter().find(has)?.0)
            }
        })
    }

    /// Whether Python takes the ending, which is case-sensitive for all but media, for one of data.
    fn counts(ending: &str) -> bool {
        match Self::of(&ending.to_lowercase()) {
            Some(Self::Other(name)) if name.ends_with("folder") || name == "pdb" => {
                ending == ending.to_lowercase() || ending == ending.to_uppercase()
            }
            Some(_) => ending == ending.to_lowercase(),
            None => false,
        }
    }
}

/// All parts of a path's last name behind full stops: `csv` and `gz` of `a/b.csv.gz`.
pub(crate) fn endings(path: &str) -> impl Iterator<Item = &str> {
    file_name(path).split('.').skip(1)
}

pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether any ending of the name is one of data to Python.
pub(crate) fn is_data(path: &str) -> bool {
    endings(path).any(Ending::counts)
}

/// Whether the name has an ending of `format`, or of an archive, which may hold such files.
pub(crate) fn can_be(path: &str, format: Format) -> bool {
    let mut endings = endings(path).map(Ending::of);
    endings
        .any(|ending| matches!(ending, Some(Ending::Zip)) || ending == Some(Ending::Read(format)))
}

/// The format of one file, by the end of its name; what packs it stands behind.
pub(crate) fn of_file(path: &str) -> Option<Ending> {
    let mut endings: Vec<String> = endings(path).map(str::to_lowercase).collect();
    let mut last = endings.pop()?;
    if ["gz", "bz2", "xz", "zst", "lz4"].contains(&last.as_str()) {
        last = endings.pop()?;
    }
    match Ending::of(&last)? {
        Ending::Zip => endings
            .pop()
            .and_then(|inner| Ending::of(&inner))
            .or(Some(Ending::Zip)),
        ending => Some(ending),
    }
}

/// Files that describe others; they decide the format only where there are no others.
const METADATA: [&str; 6] = [
    "instruction.md",
    "latest_version_hint.json",
    "metadata.csv",
    "metadata.jsonl",
    "metadata.parquet",
    "task.toml",
];

/// The format of a split's files: that of the commonest ending; of equally common ones `.parquet`, `.arrow`, `.jsonl`,
/// `.json`, `.csv`, or else the last of the alphabet. The rule of Python's `datasets`,
/// <https://github.com/huggingface/datasets/blob/4.0.0/src/datasets/load.py#L303-L340>.
pub(crate) fn of_files<'a>(files: impl IntoIterator<Item = &'a str>) -> Option<Ending> {
    const FIRST: [&str; 7] = [
        "csv", "json", "jsonl", "arrow", "vortex", "lance", "parquet",
    ];
    let mut counts: Vec<(String, bool, usize)> = Vec::new();
    for file in files {
        let is_data = !METADATA.contains(&file_name(file));
        for ending in endings(file) {
            let ending = ending.to_lowercase();
            match counts
                .iter_mut()
                .find(|have| have.0 == ending && have.1 == is_data)
            {
                Some(have) => have.2 += 1,
                None => counts.push((ending, is_data, 1)),
            }
        }
    }
    let rank = |(ending, is_data, count): &(String, bool, usize)| {
        let first = FIRST.iter().position(|first| first == ending);
        (*is_data, *count, first.map(|at| at + 1), ending.clone())
    };
    counts.sort_by_key(rank);
    let mut commonest = counts.iter().rev();
    commonest.find_map(|(ending, ..)| Ending::of(ending))
}

/// The endings that Python's `datasets` reads and this crate does not.
const OTHERS: [(&str, &str); 20] = [
    ("conll", "conll conllu"),
    ("webdataset", "tar"),
    ("xml", "xml"),
    ("hdf5", "hdf5 h5"),
    ("eval", "eval"),
    ("harbor", "toml md"),
    ("lance", "lance"),
    ("tsfile", "tsfile"),
    ("vortex", "vortex"),
    ("fasta", "fa fasta fna ffn faa frn afa"),
    ("genbank", "gb gbk genbank"),
    ("fastq", "fq fastq"),
    ("pdb", "pdb ent"),
    ("mmcif", "cif mmcif"),
    (
        "imagefolder",
        "blp bmp dib bufr cur pcx dcx dds ps eps fit fits fli flc ftc ftu gbr gif grib png apng jp2 j2k jpc jpf jpx \
         j2c icns ico im iim tif tiff jfif jpe jpg jpeg msp pcd pxr pbm pgm ppm pnm psd bw rgb rgba sgi ras tga icb \
         vda vst webp wmf emf xbm xpm",
    ),
    (
        "audiofolder",
        "mpg aiff au avr caf flac htk svx mat4 mat5 mpc2k ogg paf pvf raw rf64 sd2 sds ircam voc w64 wav nist wavex \
         wve xi mp3 opus 3gp 3g2 asf flv m4v webm f4v wmv wma ogm mxf nut",
    ),
    ("videofolder", "mpeg avi mp4 mov mkv"),
    ("meshfolder", "glb gltf ply stl"),
    ("pdffolder", "pdf"),
    ("niftifolder", "nii"),
];
