//! The tags of a template, found as `minijinja`'s lexer finds them, before it compiles them.
//!
//! Its compiler calls itself for each operator of an expression and each `elif`, and what a template makes is dropped level by level, so that
//! some kilobytes of operators, or of lists in lists, run out of stack, which ends the process. So operators are counted here, and what `set`
//! keeps goes through a filter that knows how deep it may be. Of the tag `generation`, which transformers adds to the language, a call is made.

use trainer_data::BoxError;

/// How many operators, brackets and the like one tag may have.
const MOST_OPERATORS: usize = 400;
/// How many `elif` a template may have.
const MOST_ELIFS: usize = 200;

/// The function that what a model has written goes through.
pub(super) const GENERATION: &str = "__generation";
/// The filter of a value that a variable gets.
pub(super) const BOUNDED: &str = "__bounded";
/// The filter of a value that a namespace gets, which outlives what stands around it.
pub(super) const STORED: &str = "__stored";

/// The template with its tags looked at and changed; its lines stay where they are.
pub(super) fn prepare(template: &str) -> Result<String, BoxError> {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    let mut elifs = 0;
    while let Some((text, marker)) = next_marker(rest) {
        out.push_str(&rest[..text]);
        rest = &rest[text..];
        let end = match marker {
            b'#' => rest.find("#}").map(|at| at + 2),
            b'%' if basic_tag(rest, "raw").is_some() => end_of_raw(rest),
            _ => {
                let tag = Tag::read(rest)?;
                elifs += usize::from(tag.word == "elif");
                if elifs > MOST_ELIFS {
                    return Err(format!("it has more than {MOST_ELIFS} `elif`").into());
                }
                if let Some(end) = tag.end {
                    tag.write(&rest[..end], &mut out);
                    rest = &rest[end..];
                    continue;
                }
                None
            }
        };
        // Without an end it is a fault that the compiler tells better.
        let (done, left) = rest.split_at(end.unwrap_or(rest.len()));
        out.push_str(done);
        rest = left;
    }
    out.push_str(rest);
    Ok(out)
}

/// Where the next tag or comment begins, and the second character of its marker.
fn next_marker(text: &str) -> Option<(usize, u8)> {
    let pairs = text.as_bytes().windows(2).enumerate();
    let mut markers = pairs.filter(|(_, pair)| pair[0] == b'{' && b"{%#".contains(&pair[1]));
    markers.next().map(|(at, pair)| (at, pair[1]))
}

/// Where a tag of nothing but `word` ends, if the text begins with one.
fn basic_tag(text: &str, word: &str) -> Option<usize> {
    let inner = text.strip_prefix("{%")?;
    let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner);
    let inner = inner.trim_start().strip_prefix(word)?.trim_start();
    let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner);
    Some(text.len() - inner.strip_prefix("%}")?.len())
}

fn end_of_raw(text: &str) -> Option<usize> {
    let tags = text.match_indices("{%");
    let mut ends = tags.filter_map(|(at, _)| Some(at + basic_tag(&text[at..], "endraw")?));
    ends.next()
}

/// One tag, `{% … %}` or `{{ … }}`.
struct Tag<'t> {
    /// The first word of it.
    word: &'t str,
    /// Where what is inside begins and ends, without signs that strip blanks.
    inner: std::ops::Range<usize>,
    /// Where the first `=` that assigns stands.
    assigns: Option<usize>,
    /// Behind it; nothing where the text ends before.
    end: Option<usize>,
}

impl<'t> Tag<'t> {
    fn read(text: &'t str) -> Result<Self, BoxError> {
        let bytes = text.as_bytes();
        let closing = if bytes.get(1) == Some(&b'%') {
            "%}"
        } else {
            "}}"
        };
        let begin = if matches!(bytes.get(2), Some(b'-' | b'+')) {
            3
        } else {
            2
        };
        let mut tag = Self {
            word: "",
            inner: begin..text.len(),
            assigns: None,
            end: None,
        };
        let (mut at, mut balance, mut operators) = (begin, 0_usize, 0);
        while let Some(&byte) = bytes.get(at) {
            let rest = &text[at..];
            if balance == 0 {
                let behind_sign = rest.strip_prefix(['-', '+']).unwrap_or(rest);
                if behind_sign.starts_with(closing) {
                    tag.inner.end = at;
                    tag.end = Some(at + rest.len() - behind_sign.len() + 2);
                    break;
                }
            }
            let word = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            let mut length = word.max(1);
            match byte {
                b'"' | b'\'' => match end_of_string(bytes, at) {
                    Some(end) => length = end - at,
                    None => break,
                },
                b'(' | b'[' | b'{' => (balance, operators) = (balance + 1, operators + 1),
                b')' | b']' | b'}' => {
                    balance = balance
                        .checked_sub(1)
                        .ok_or("a bracket closes that was not opened")?;
                }
                b',' | b':' => {}
                _ if word > 0 => {
                    let word = &rest[..word];
                    if tag.word.is_empty() {
                        tag.word = word;
                    }
                    operators +=
                        usize::from(["and", "or", "not", "in", "is", "if", "else"].contains(&word));
                }
                _ if byte.is_ascii() && !byte.is_ascii_whitespace() => {
                    operators += 1;
                    let pair = rest
                        .get(..2)
                        .is_some_and(|pair| ["==", "!=", ">=", "<=", "//", "**"].contains(&pair));
                    length = if pair { 2 } else { 1 };
                    if byte == b'=' && !pair && balance == 0 {
                        tag.assigns.get_or_insert(at);
                    }
                }
                _ => length = rest.chars().next().map_or(1, char::len_utf8),
            }
            if operators > MOST_OPERATORS {
                return Err(
                    format!("one of its tags has more than {MOST_OPERATORS} operators").into(),
                );
            }
            at += length;
        }
        Ok(tag)
    }

    /// Writes the tag, whose text is `text`, as it is to be compiled.
    fn write(&self, text: &str, out: &mut String) {
        let inner = &text[self.inner.clone()];
        let is_block = text.starts_with("{%");
        let changed = match (self.word, self.assigns) {
            ("generation", _) if is_block && inner.trim() == self.word => {
                inner.replacen("generation", &format!(" call {GENERATION}() "), 1)
            }
            ("endgeneration", _) if is_block && inner.trim() == self.word => {
                inner.replacen("endgeneration", " endcall ", 1)
            }
            ("set", Some(at)) if is_block => {
                let (target, value) = (&text[self.inner.start..at], &text[at + 1..self.inner.end]);
                let filter = if target.contains('.') {
                    STORED
                } else {
                    BOUNDED
                };
                format!("{target}=({value})|{filter} ")
            }
            _ => inner.to_owned(),
        };
        out.push_str(&text[..self.inner.start]);
        out.push_str(&changed);
        out.push_str(&text[self.inner.end..]);
    }
}

/// Behind the quote that ends the string which begins at `at`.
fn end_of_string(bytes: &[u8], at: usize) -> Option<usize> {
    let quote = bytes[at];
    let mut k = at + 1;
    loop {
        match *bytes.get(k)? {
            b'\\' => k += 2,
            byte if byte == quote => return Some(k + 1),
            _ => k += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::prepare;

    #[test]
    fn what_is_no_tag_to_change_stays() {
        for template in [
            "",
            "a {{ b }} c",
            "{# {% generation %} #}{% raw %}{% set a.b = 1 %}{%- endraw -%}",
            "{{ {'a': {'b': '%}'}} }}{% if a == 'set x = 1' %}{{- x -}}{% endif %}",
            "{% set x %}text = {{ y }}{% endset %}",
            "{{ generation }}{% for generation in x %}{% endfor %}",
            "{{ 'never closed",
            "{# never closed",
            "é{{ 'é' ~ é }}é",
            "{",
        ] {
            assert_eq!(prepare(template).ok().as_deref(), Some(template));
        }
    }

    #[test]
    fn values_that_are_kept_are_bounded_and_generation_is_called() {
        for (template, prepared) in [
            (
                "{%- set x = a == b -%}",
                "{%- set x =( a == b )|__bounded -%}",
            ),
            ("{% set ns.x=y%}", "{% set ns.x=(y)|__stored %}"),
            (
                "{% set x = '=%}' %}\n",
                "{% set x =( '=%}' )|__bounded %}\n",
            ),
            (
                "{%- generation -%}a{%endgeneration%}",
                "{%-  call __generation()  -%}a{% endcall %}",
            ),
        ] {
            assert_eq!(prepare(template).ok().as_deref(), Some(prepared));
        }
    }

    #[test]
    fn tags_that_would_need_too_much_stack_are_refused() {
        for template in [
            format!("{{{{ 1{} }}}}", "+1".repeat(500)),
            format!("{{{{ {}1 }}}}", "not ".repeat(500)),
            format!("{{{{ a{} }}}}", "[0]".repeat(500)),
            format!("{{{{ {{'}}}}': {{}}}}{} }}}}", "+1".repeat(500)),
            format!("{{% if 0 %}}{}{{% endif %}}", "{% elif 0 %}".repeat(300)),
            "{% set x = [x]) + ([1] %}".to_owned(),
        ] {
            assert!(prepare(&template).is_err(), "{template}");
        }
        // Strings and lists may be long.
        let long = format!(
            "{{{{ '{}' }}}}{{{{ [{}] }}}}",
            "+.[".repeat(500),
            "1, ".repeat(500)
        );
        assert_eq!(prepare(&long).ok().as_deref(), Some(long.as_str()));
    }
}
