use std::path::Path;

use serde_json::Value as Json;

use super::json_scan::{Nesting, is_blank, with_special, with_whole_numbers};
use crate::{Error, Result};

/// Takes a text of JSON apart into its values, and parses none: what is between values is checked here.
#[derive(Debug, Clone)]
pub(crate) struct JsonText<'a> {
    path: &'a Path,
    text: &'a str,
    /// The line on which the text begins, from 1.
    first: u64,
    at: usize,
    /// Whether a bare `NaN` is no value, rather than a number.
    nan_is_null: bool,
    /// A place that was passed, and its line.
    counted: (usize, u64),
}

/// The text of a value, and where it begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece<'a> {
    pub(crate) text: &'a str,
    /// The line on which it begins, from 1.
    pub(crate) line: u64,
    begin: usize,
}

impl<'a> JsonText<'a> {
    /// The text that begins on `line` of the file `path`.
    pub(crate) fn new(path: &'a Path, text: &'a str, line: u64, nan_is_null: bool) -> Self {
        Self {
            path,
            text,
            nan_is_null,
            first: line,
            at: 0,
            counted: (0, line),
        }
    }

    /// What stands next behind blanks; nothing at the end.
    pub(crate) fn next(&mut self) -> Option<u8> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let blanks = rest.iter().take_while(|byte| is_blank(**byte)).count();
        self.at += blanks;
        rest.get(blanks).copied()
    }

    /// Goes on behind `mark`, if it stands next.
    pub(crate) fn take(&mut self, mark: u8) -> bool {
        let is_next = self.next() == Some(mark);
        self.at += usize::from(is_next);
        is_next
    }

    /// The value that stands next.
    ///
    /// # Errors
    /// [`Error::Malformed`] where none can begin.
    pub(crate) fn value(&mut self) -> Result<Piece<'a>> {
        let first = self.next();
        let begin = self.at;
        let bytes = self.text.as_bytes();
        match first {
            Some(b'{' | b'[') => {
                let mut nesting = Nesting::default();
                while let Some(byte) = bytes.get(self.at) {
                    self.at += 1;
                    if nesting.see(*byte) {
                        break;
                    }
                }
            }
            Some(b'"') => {
                self.at += 1;
                let mut escaped = false;
                while let Some(byte) = bytes.get(self.at) {
                    self.at += 1;
                    match byte {
                        b'"' if !escaped => break,
                        byte => escaped = *byte == b'\\' && !escaped,
                    }
                }
            }
            None | Some(b',' | b':' | b']' | b'}') => return Err(self.unexpected("a value")),
            Some(_) => {
                let ends = |byte: &u8| is_blank(*byte) || b",:[]{}\"".contains(byte);
                let rest = bytes.get(begin..).unwrap_or_default();
                self.at += rest.iter().position(ends).unwrap_or(rest.len());
            }
        }
        let (counted, line) = self.counted;
        let passed = &bytes[counted..begin];
        let line = line + passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.counted = (begin, line);
        Ok(Piece {
            text: &self.text[begin..self.at],
            line,
            begin,
        })
    }

    /// The same text from the beginning of `piece` on.
    pub(crate) fn inside(&self, piece: Piece<'_>) -> Self {
        Self {
            at: piece.begin,
            counted: (piece.begin, piece.line),
            ..self.clone()
        }
    }

    /// The elements of the array that stands next, up to its closing bracket.
    ///
    /// # Errors
    /// [`Error::Malformed`] for anything but values with one comma between them.
    pub(crate) fn elements(&mut self) -> Result<Vec<Piece<'a>>> {
        if !self.take(b'[') {
            return Err(self.unexpected("an array of rows"));
        }
        let mut found = Vec::new();
        if self.take(b']') {
            return Ok(found);
        }
        loop {
            found.push(self.value()?);
            if self.take(b']') {
                return Ok(found);
            }
            if !self.take(b',') {
                // Where brackets cross, an element before is what is wrong.
                let before = found.iter().find_map(|piece| self.parse(*piece).err());
                return Err(before.unwrap_or_else(|| self.unexpected("',' or ']'")));
            }
        }
    }

    /// The fields of the object that stands next, up to its closing brace.
    ///
    /// # Errors
    /// [`Error::Malformed`] for anything but names and values.
    pub(crate) fn fields(&mut self) -> Result<Vec<(String, Piece<'a>)>> {
        if !self.take(b'{') {
            return Err(self.unexpected("an object"));
        }
        let mut found = Vec::new();
        if self.take(b'}') {
            return Ok(found);
        }
        loop {
            let name = self.value()?;
            let Json::String(name) = self.parse(name)? else {
                return Err(self.malformed(name.begin, "expected a name in quotes"));
            };
            if !self.take(b':') {
                return Err(self.unexpected("':'"));
            }
            found.push((name, self.value()?));
            if self.take(b'}') {
                return Ok(found);
            }
            if !self.take(b',') {
                return Err(self.unexpected("',' or '}'"));
            }
        }
    }

    /// The value of `piece`. Bare `NaN` and `Infinity`, which Python writes, are what [`special`](super::json_scan::special)
    /// knows.
    ///
    /// # Errors
    /// [`Error::Malformed`] with the place at which it is not JSON.
    pub(crate) fn parse(&self, piece: Piece<'_>) -> Result<Json> {
        serde_json::from_str(&with_whole_numbers(piece.text)).or_else(|source| {
            if let Some(text) = with_special(piece.text, self.nan_is_null)
                && let Ok(value) = serde_json::from_str(&with_whole_numbers(&text))
            {
                return Ok(value);
            }
            // The place is one of the text as it stands.
            let as_it_stands = serde_json::from_str::<Json>(piece.text);
            let source = as_it_stands.err().unwrap_or(source);
            let lines = piece.text.split_inclusive('\n');
            let before: usize = lines
                .take(source.line().saturating_sub(1))
                .map(str::len)
                .sum();
            let what = source.to_string();
            let what = what.split(" at line ").next().unwrap_or_default();
            Err(self.malformed(
                piece.begin + before + source.column().saturating_sub(1),
                what,
            ))
        })
    }

    /// What stands next is not what was expected.
    pub(crate) fn unexpected(&mut self, expected: &str) -> Error {
        let found = match self.next() {
            Some(_) => self
                .text
                .get(self.at..)
                .and_then(|rest| rest.chars().next())
                .map_or_else(String::new, |c| format!("{c:?}")),
            None => "the end".to_owned(),
        };
        self.malformed(self.at, &format!("expected {expected}, found {found}"))
    }

    fn malformed(&self, at: usize, what: &str) -> Error {
        let before = self.before(at);
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        Error::Malformed {
            path: self.path.to_owned(),
            line: self.first + before.matches('\n').count() as u64,
            message: format!("not JSON at column {column}: {what}"),
            source: None,
        }
    }

    /// The text before a place, which may be inside a character.
    fn before(&self, mut at: usize) -> &'a str {
        at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        &self.text[..at]
    }
}
