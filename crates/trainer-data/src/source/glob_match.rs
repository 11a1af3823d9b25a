/// A pattern of paths, matched in a time that grows with its length and the path's alone.
///
/// The patterns of data set cards come from anyone, and the matcher of the crate `glob` tries every way to divide a path among
/// the asterisks.
pub(crate) struct GlobMatch {
    tokens: Vec<Token>,
}

enum Token {
    Char(char),
    /// `?`: any character but `/`.
    One,
    /// `*`: any number of them.
    Many,
    /// `**/`: any number of folders; at the end anything.
    Folders,
    /// `[a-z]`, `[!a-z]`: a character that is, or is not, in one of the ranges.
    Of(Vec<(char, char)>, bool),
}

impl GlobMatch {
    /// Of a pattern that `glob::Pattern` takes.
    pub(crate) fn new(pattern: &str) -> Self {
        let chars: Vec<char> = pattern.chars().collect();
        let mut tokens = Vec::new();
        let mut at = 0;
        while let Some(&c) = chars.get(at) {
            let rest = &chars[at..];
            let begins = at == 0 || chars[at - 1] == '/';
            at += 1;
            tokens.push(match c {
                '*' if begins && matches!(rest, ['*', '*'] | ['*', '*', '/', ..]) => {
                    at += 1 + usize::from(rest.len() > 2);
                    Token::Folders
                }
                '*' => Token::Many,
                '?' => Token::One,
                '[' => match set(rest) {
                    Some((token, length)) => {
                        at += length - 1;
                        token
                    }
                    None => Token::Char(c),
                },
                c => Token::Char(c),
            });
        }
        Self { tokens }
    }

    pub(crate) fn matches(&self, path: &str) -> bool {
        // The places in the pattern up to which the path's beginning can match.
        let mut active = vec![false; self.tokens.len() + 1];
        active[0] = true;
        self.skip(&mut active, true);
        for c in path.chars() {
            let mut next = vec![false; active.len()];
            for (at, token) in self.tokens.iter().enumerate().filter(|(at, _)| active[*at]) {
                match token {
                    Token::Char(wanted) if *wanted == c => next[at + 1] = true,
                    Token::One if c != '/' => next[at + 1] = true,
                    Token::Of(ranges, is_in) if c != '/' => {
                        let is_one = ranges.iter().any(|(from, to)| (*from..=*to).contains(&c));
                        next[at + 1] |= is_one == *is_in;
                    }
                    Token::Many if c != '/' => next[at] = true,
                    Token::Folders => next[at] = true,
                    _ => {}
                }
            }
            active = next;
            self.skip(&mut active, c == '/');
        }
        let end = self.tokens.len();
        let is_open = matches!(self.tokens.last(), Some(Token::Folders)) && active[end - 1];
        active[end] || is_open
    }

    /// Adds the places behind those that may stand for nothing; `begins` says whether a folder or file begins here.
    fn skip(&self, active: &mut [bool], begins: bool) {
        for (at, token) in self.tokens.iter().enumerate() {
            let may = match token {
                Token::Many => true,
                Token::Folders => begins,
                _ => false,
            };
            if may && active[at] {
                active[at + 1] = true;
            }
        }
    }
}

/// The set that `chars` begin with, and its length; a `]` right at its beginning is one of its characters.
fn set(chars: &[char]) -> Option<(Token, usize)> {
    let is_in = chars.get(1) != Some(&'!');
    let begin = if is_in { 1 } else { 2 };
    let end = begin + 1 + chars.get(begin + 1..)?.iter().position(|c| *c == ']')?;
    let mut ranges = Vec::new();
    let mut inside = &chars[begin..end];
    loop {
        inside = match inside {
            [from, '-', to, rest @ ..] => {
                ranges.push((*from, *to));
                rest
            }
            [c, rest @ ..] => {
                ranges.push((*c, *c));
                rest
            }
            [] => return Some((Token::Of(ranges, is_in), end + 1)),
        };
    }
}

#[cfg(test)]
mod tests {
    use glob::{MatchOptions, Pattern};
    use proptest::prelude::*;

    use super::GlobMatch;

    fn agrees(pattern: &str, path: &str) {
        let options = MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: false,
        };
        if let Ok(glob) = Pattern::new(pattern) {
            let expected = glob.matches_with(path, options);
            let found = GlobMatch::new(pattern).matches(path);
            assert_eq!(found, expected, "{pattern:?} {path:?}");
        }
    }

    #[test]
    fn the_forms_of_patterns_mean_what_glob_means() {
        let paths = [
            "",
            "a",
            "b.csv",
            "a/b.csv",
            "a/c/b.csv",
            "a/",
            "ab",
            "a-",
            "]",
            "a]b",
            "/a",
        ];
        let patterns = [
            "",
            "a",
            "*",
            "**",
            "**/*",
            "a/**",
            "a/**/b.csv",
            "**/b.csv",
            "*.csv",
            "a/*",
            "?",
            "??",
            "[ab]",
            "[!a]",
            "[a-c]*",
            "[]]",
            "[!]]",
            "a[-]",
            "a[a-]b",
            "a[]]b",
            "**/**/b.csv",
            "/a",
            "[/]a",
            "*/*",
        ];
        for pattern in patterns {
            for path in paths {
                agrees(pattern, path);
            }
        }
    }

    proptest! {
        #[test]
        fn any_pattern_means_what_glob_means(pattern in "([ab/*?.]|\\*\\*/|\\[!?[ab]-?\\]|\\[a-b\\]){0,8}", path in "[ab/.]{0,8}") {
            agrees(&pattern, &path);
        }
    }
}
