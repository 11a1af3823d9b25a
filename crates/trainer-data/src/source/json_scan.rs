/// How deep in brackets and quotes a text is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Nesting {
    depth: usize,
    quoted: bool,
    escaped: bool,
}

impl Nesting {
    /// Whether a value in brackets ends with `byte`.
    pub(crate) fn see(&mut self, byte: u8) -> bool {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' if self.quoted => self.escaped = true,
            b'"' => self.quoted = !self.quoted,
            b'[' | b'{' if !self.quoted => self.depth += 1,
            b']' | b'}' if !self.quoted => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }

    /// Whether it is in brackets, and not in a text, in which a line cannot end.
    pub(crate) fn goes_on(&self) -> bool {
        self.depth > 0 && !self.quoted
    }
}

pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The text with null for every bare `NaN`, if there is one.
pub(crate) fn without_nan(text: &str) -> Option<String> {
    const NAN: &str = "NaN";
    let mut quoted = false;
    let mut escaped = false;
    let mut kept = 0;
    let mut out = String::new();
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'N' if !quoted && text[at..].starts_with(NAN) => {
                out += &text[kept..at];
                out += "null";
                kept = at + NAN.len();
            }
            _ => {}
        }
    }
    (kept > 0).then(|| out + &text[kept..])
}
