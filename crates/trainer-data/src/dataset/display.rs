use std::fmt;

use super::Dataset;

/// As Python prints it.
impl fmt::Display for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, "")
    }
}

/// As [`Display`](fmt::Display): a data set is too large to print as it is stored.
impl fmt::Debug for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, "")
    }
}

impl Dataset {
    pub(crate) fn write(&self, f: &mut fmt::Formatter<'_>, indent: &str) -> fmt::Result {
        let names: Vec<String> = self
            .column_names()
            .map(|name| format!("'{name}'"))
            .collect();
        writeln!(f, "Dataset({{")?;
        writeln!(f, "{indent}    features: [{}],", names.join(", "))?;
        writeln!(f, "{indent}    num_rows: {}", self.num_rows())?;
        write!(f, "{indent}}})")
    }
}
