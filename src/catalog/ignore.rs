//! `.indexignore` as opm reads it: [`joelanford/ignore`](https://pkg.go.dev/github.com/joelanford/ignore) v0.1.2, which
//! follows go-git's gitignore. It differs from git: every file's path is matched separately, so files in an excluded
//! folder can be included again. The last pattern that matches decides.

/// The patterns of all `.indexignore` files of a folder, in the order of the walk.
#[derive(Debug, Default)]
pub(super) struct Patterns(Vec<Pattern>);

#[derive(Debug)]
struct Pattern {
    /// The folder of its file: it applies to everything below.
    domain: Vec<String>,
    parts: Vec<String>,
    /// It starts with `!`: matches are included.
    includes: bool,
    /// It ends with `/`.
    folders_only: bool,
    /// It has a `/` before its end: it matches paths relative to its folder. Otherwise it matches names at any depth.
    anchored: bool,
}

impl Patterns {
    /// Adds the patterns of an `.indexignore` file in this folder, given by its parts below the root.
    pub(super) fn add(&mut self, text: &str, domain: &[String]) {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        self.0.extend(lines.map(|line| Pattern::new(line, domain)));
    }

    /// Whether a file is left out, given by the parts of its path below the root.
    pub(super) fn exclude(&self, path: &[String]) -> bool {
        let decides = self.0.iter().rev().find(|pattern| pattern.matches(path));
        decides.is_some_and(|pattern| !pattern.includes)
    }
}

impl Pattern {
    fn new(line: &str, domain: &[String]) -> Self {
        let (includes, rest) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
        let rest = if rest.ends_with("\\ ") { rest } else { rest.trim_end_matches(' ') };
        let (folders_only, rest) = rest.strip_suffix('/').map_or((false, rest), |rest| (true, rest));
        Self {
            domain: domain.to_vec(),
            parts: rest.split('/').map(str::to_owned).collect(),
            includes,
            folders_only,
            anchored: rest.contains('/'),
        }
    }

    /// Whether it matches this file. If it matches a folder, it matches everything in it.
    fn matches(&self, path: &[String]) -> bool {
        let Some(path) = path.strip_prefix(self.domain.as_slice()).filter(|path| !path.is_empty()) else {
            return false;
        };
        if self.anchored {
            return self.matches_path(path);
        }
        let name = &self.parts[0];
        let at = path.iter().position(|part| glob(name, part));
        at.is_some_and(|at| !self.folders_only || at + 1 < path.len())
    }

    fn matches_path(&self, mut path: &[String]) -> bool {
        let (mut matched, mut skips) = (false, false);
        for (number, part) in self.parts.iter().enumerate() {
            match part.as_str() {
                "" => skips = false,
                // At the end it matches the empty rest.
                "**" if number + 1 == self.parts.len() => break,
                "**" => skips = true,
                _ if part.contains("**") || path.is_empty() => return false,
                _ if skips => {
                    skips = false;
                    if !is_glob(part) {
                        return false;
                    }
                    match path.iter().position(|name| glob(part, name)) {
                        Some(at) => (matched, path) = (true, &path[at + 1..]),
                        None => (matched, path) = (false, &[]),
                    }
                }
                _ => {
                    if !glob(part, &path[0]) {
                        return false;
                    }
                    (matched, path) = (true, &path[1..]);
                }
            }
        }
        matched && !(self.folders_only && path.is_empty())
    }
}

/// Whether Go's `filepath.Match` accepts a pattern.
fn is_glob(pattern: &str) -> bool {
    tokens(pattern).is_some()
}

/// Whether a pattern matches a whole name, by the rules of Go's `filepath.Match`. An invalid pattern matches nothing.
fn glob(pattern: &str, name: &str) -> bool {
    let Some(tokens) = tokens(pattern) else { return false };
    let name: Vec<char> = name.chars().collect();
    let (mut token, mut at) = (0, 0);
    // The position of the last star, and what it has matched so far.
    let mut star: Option<(usize, usize)> = None;
    loop {
        match tokens.get(token) {
            Some(Token::Star) => {
                star = Some((token, at));
                token += 1;
                continue;
            }
            Some(one) if name.get(at).is_some_and(|&character| one.matches(character)) => {
                (token, at) = (token + 1, at + 1);
                continue;
            }
            None if at == name.len() => return true,
            _ => {}
        }
        // The star matches one more character.
        match star {
            Some((place, taken)) if taken < name.len() => {
                star = Some((place, taken + 1));
                (token, at) = (place + 1, taken + 1);
            }
            _ => return false,
        }
    }
}

enum Token {
    Star,
    Any,
    One(char),
    Class { negated: bool, ranges: Vec<(char, char)> },
}

impl Token {
    fn matches(&self, character: char) -> bool {
        match self {
            Self::Star | Self::Any => true,
            Self::One(one) => *one == character,
            Self::Class { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&character)) != *negated
            }
        }
    }
}

fn tokens(pattern: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = pattern.chars().peekable();
    while let Some(character) = rest.next() {
        tokens.push(match character {
            '*' => Token::Star,
            '?' => Token::Any,
            '\\' => Token::One(rest.next()?),
            '[' => {
                let negated = rest.next_if_eq(&'^').is_some();
                let mut ranges = Vec::new();
                while ranges.is_empty() || rest.next_if_eq(&']').is_none() {
                    let low = member(&mut rest)?;
                    let high = if rest.next_if_eq(&'-').is_some() { member(&mut rest)? } else { low };
                    ranges.push((low, high));
                }
                Token::Class { negated, ranges }
            }
            other => Token::One(other),
        });
    }
    Some(tokens)
}

/// A member of a class: neither `-` nor `]` unless escaped, and not the last of the pattern.
fn member(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<char> {
    let member = match rest.next()? {
        '-' | ']' => return None,
        '\\' => rest.next()?,
        other => other,
    };
    rest.peek().map(|_| member)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn parts(path: &str) -> Vec<String> {
        path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    /// Lines of `path<TAB>true|false`, after the files, as the Go program in `tests/indexignore` writes them.
    #[test]
    fn as_the_peers_matcher_says() {
        let cases: Vec<serde_json::Value> = include_str!("../../tests/indexignore/cases.jsonl")
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert!(cases.len() >= 1000, "{}", cases.len());
        for case in &cases {
            let mut patterns = Patterns::default();
            for file in case["files"].as_array().unwrap() {
                patterns.add(file[1].as_str().unwrap(), &parts(file[0].as_str().unwrap()));
            }
            for answer in case["answers"].as_array().unwrap() {
                let path = answer[0].as_str().unwrap();
                assert_eq!(patterns.exclude(&parts(path)), answer[1], "{path} of {case}");
            }
        }
    }
}
