//! The tokens of YAML text, by libyaml's rules in go-yaml's version of them (go.yaml.in/yaml/v2): what Kubernetes' programs read.
//!
//! YAML 1.1 says it in productions; libyaml finds tokens one by one, with the indentation of the line, whether the next token
//! may be a key without `?` (a *simple key*), and how many flow collections are open.

mod characters;
mod printable;
mod scalar;
mod tag;

use std::collections::VecDeque;
use std::ops::Range;

use super::Error;

/// How many collections may be open, of either kind: go-yaml's limit.
const MAX_OPEN: usize = 10_000;
/// How far a simple key may be before its `:`, in characters.
const MAX_KEY: usize = 1024;

/// A place in a text: the line from 0, the column and the index in characters from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
    index: usize,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Version(u8, u8),
    TagDirective { handle: String, prefix: String },
    DocumentStart,
    DocumentEnd,
    BlockSequence,
    BlockMapping,
    BlockEnd,
    FlowSequence,
    FlowSequenceEnd,
    FlowMapping,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(String),
    Anchor(String),
    Tag { handle: String, suffix: String },
    Scalar { text: String, plain: bool },
    End,
}

/// A token, and where it is.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: Place,
    pub(super) end: Place,
}

/// A place where a simple key may have begun.
#[derive(Clone, Copy, Debug, Default)]
struct SimpleKey {
    possible: bool,
    /// In a block, at the mapping's own column, there can be nothing else.
    required: bool,
    token: usize,
    place: Place,
}

/// Finds tokens.
pub(super) struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    place: Place,
    tokens: VecDeque<Token>,
    /// How many tokens were taken.
    taken: usize,
    flow: usize,
    /// The column of the innermost block collection; -1 where there is none.
    indent: isize,
    indents: Vec<isize>,
    key_allowed: bool,
    keys: Vec<SimpleKey>,
    /// The tokens with which keys may begin, in their order, each with its key.
    keys_by_token: VecDeque<(usize, usize)>,
    ended: bool,
    /// Where a character is that no YAML may have in it, and from where on go-yaml's reader has seen it: it reads some hundred
    /// bytes at a time.
    unprintable: Option<(Error, usize)>,
    /// The comments so far, each with its bytes, where somebody asked for them.
    comments: Option<Vec<(Place, Range<usize>)>>,
}

/// The comments of a text with one document, each with its bytes, up to where it cannot be read.
pub(super) fn comments(text: &str) -> Vec<(Place, Range<usize>)> {
    let mut scanner = Scanner { comments: Some(Vec::new()), ..Scanner::new(text) };
    while scanner.next().is_ok_and(|token| !matches!(token.kind, Kind::End | Kind::DocumentEnd)) {}
    scanner.comments.unwrap_or_default()
}

/// An error of the text, told where its part begins or where it is found.
fn error(place: Place, context: &str, problem: &str) -> Error {
    let message = if context.is_empty() { problem.to_owned() } else { format!("{context}, {problem}") };
    Error { line: place.line + 1, column: place.column + 1, message }
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            place: Place::default(),
            tokens: VecDeque::new(),
            taken: 0,
            flow: 0,
            indent: -1,
            indents: Vec::new(),
            key_allowed: true,
            keys: vec![SimpleKey::default()],
            keys_by_token: VecDeque::new(),
            ended: false,
            unprintable: printable::first_that_is_not(text),
            comments: None,
        }
    }

    /// The next token, which stays the next one.
    pub(super) fn peek(&mut self) -> Result<&Token, Error> {
        while !self.ended && self.wants_more()? {
            self.fetch()?;
            if let Some((refused, from)) = &self.unprintable
                && self.at >= *from
            {
                return Err(refused.clone());
            }
        }
        match self.tokens.front() {
            Some(token) => Ok(token),
            None => Err(error(self.place, "", "found the end of the text")),
        }
    }

    /// Takes the next token.
    pub(super) fn next(&mut self) -> Result<Token, Error> {
        self.peek()?;
        self.taken += 1;
        self.tokens.pop_front().ok_or_else(|| error(self.place, "", "found the end of the text"))
    }

    /// Whether the first token may still turn out to be a key, or there is none.
    fn wants_more(&mut self) -> Result<bool, Error> {
        if self.tokens.is_empty() {
            return Ok(true);
        }
        while self.keys_by_token.front().is_some_and(|(token, _)| *token < self.taken) {
            self.keys_by_token.pop_front();
        }
        match self.keys_by_token.front() {
            Some(&(token, key)) if token == self.taken => self.is_valid(key),
            _ => Ok(false),
        }
    }

    fn push(&mut self, kind: Kind, start: Place) {
        let end = self.place;
        self.tokens.push_back(Token { kind, start, end });
    }

    /// A token of some characters.
    fn mark(&mut self, kind: Kind, characters: usize) {
        let start = self.place;
        for _ in 0..characters {
            self.skip();
        }
        self.push(kind, start);
    }

    fn fetch(&mut self) -> Result<(), Error> {
        self.skip_to_token();
        self.unroll(self.column());
        if self.is_end() {
            if self.place.column != 0 {
                self.place.column = 0;
                self.place.line += 1;
            }
            self.block_over()?;
            self.push(Kind::End, self.place);
            self.ended = true;
            return Ok(());
        }
        let first = self.byte(0);
        if self.place.column == 0 && first == b'%' {
            self.block_over()?;
            return self.directive();
        }
        for (character, kind) in [(b'-', Kind::DocumentStart), (b'.', Kind::DocumentEnd)] {
            if self.is_indicator(character) {
                self.block_over()?;
                self.mark(kind, 3);
                return Ok(());
            }
        }
        let in_flow = self.flow > 0;
        match first {
            b'[' => self.open(Kind::FlowSequence),
            b'{' => self.open(Kind::FlowMapping),
            b']' => self.close(Kind::FlowSequenceEnd),
            b'}' => self.close(Kind::FlowMappingEnd),
            b',' => {
                self.remove_key()?;
                self.key_allowed = true;
                self.mark(Kind::FlowEntry, 1);
                Ok(())
            }
            b'-' if self.is_space_or_end(1) => self.block_entry(),
            b'?' if in_flow || self.is_space_or_end(1) => self.key(),
            b':' if in_flow || self.is_space_or_end(1) => self.value(),
            b'*' | b'&' => {
                self.save_key()?;
                self.key_allowed = false;
                self.anchor(first == b'&')
            }
            b'!' => {
                self.save_key()?;
                self.key_allowed = false;
                self.tag()
            }
            b'|' | b'>' if !in_flow => {
                self.remove_key()?;
                self.key_allowed = true;
                self.block_scalar(first == b'|')
            }
            b'\'' | b'"' => {
                self.save_key()?;
                self.key_allowed = false;
                self.quoted(first == b'\'')
            }
            b'-' if !self.is_blank(1) => self.plain_token(),
            b'?' | b':' if !in_flow && !self.is_space_or_end(1) => self.plain_token(),
            b'-' | b'?' | b':' | b'#' | b'|' | b'>' | b'%' | b'@' | b'`' | b' ' | b'\t' => Err(error(
                self.place,
                "while scanning for the next token",
                "found character that cannot start any token",
            )),
            _ => self.plain_token(),
        }
    }

    fn plain_token(&mut self) -> Result<(), Error> {
        self.save_key()?;
        self.key_allowed = false;
        self.plain()
    }

    fn column(&self) -> isize {
        isize::try_from(self.place.column).unwrap_or(isize::MAX)
    }

    /// Goes over white space, line breaks and comments. A tab may not be where a key of a block may begin.
    fn skip_to_token(&mut self) {
        loop {
            let tabs = self.flow > 0 || !self.key_allowed;
            self.skip_while(|byte| byte == b' ' || (byte == b'\t' && tabs));
            self.skip_comment();
            if !self.is_break() {
                return;
            }
            self.take_break();
            if self.flow == 0 {
                self.key_allowed = true;
            }
        }
    }

    /// What a directive, a document's mark and the end of the text do: all blocks end.
    fn block_over(&mut self) -> Result<(), Error> {
        self.unroll(-1);
        self.remove_key()?;
        self.key_allowed = false;
        Ok(())
    }

    /// Ends the blocks that are further in than a column.
    fn unroll(&mut self, column: isize) {
        if self.flow > 0 {
            return;
        }
        while self.indent > column {
            self.push(Kind::BlockEnd, self.place);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    /// Begins a block where a column is further in than the last one; before a token, or before what comes next.
    fn roll(&mut self, column: isize, before: Option<usize>, kind: Kind, place: Place) -> Result<(), Error> {
        if self.flow > 0 || self.indent >= column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column;
        if self.indents.len() > MAX_OPEN {
            return Err(error(place, "while increasing indent level", "exceeded max depth of 10000"));
        }
        let token = Token { kind, start: place, end: place };
        match before {
            Some(number) => self.tokens.insert(number - self.taken, token),
            None => self.tokens.push_back(token),
        }
        Ok(())
    }

    fn is_valid(&mut self, key: usize) -> Result<bool, Error> {
        let SimpleKey { possible, required, place, .. } = self.keys[key];
        if !possible {
            return Ok(false);
        }
        if place.line == self.place.line && place.index + MAX_KEY >= self.place.index {
            return Ok(true);
        }
        if required {
            return Err(error(place, "while scanning a simple key", "could not find expected ':'"));
        }
        self.keys[key].possible = false;
        Ok(false)
    }

    fn save_key(&mut self) -> Result<(), Error> {
        if !self.key_allowed {
            return Ok(());
        }
        let required = self.flow == 0 && self.indent == self.column();
        let token = self.taken + self.tokens.len();
        self.remove_key()?;
        let last = self.keys.len() - 1;
        self.keys[last] = SimpleKey { possible: true, required, token, place: self.place };
        self.keys_by_token.push_back((token, last));
        Ok(())
    }

    fn remove_key(&mut self) -> Result<(), Error> {
        let Some(key) = self.keys.last_mut() else { return Ok(()) };
        if key.possible {
            if key.required {
                return Err(error(key.place, "while scanning a simple key", "could not find expected ':'"));
            }
            key.possible = false;
            self.forget_last_key();
        }
        Ok(())
    }

    /// The innermost key is none any more.
    fn forget_last_key(&mut self) {
        let last = self.keys.len().saturating_sub(1);
        while self
            .keys_by_token
            .back()
            .is_some_and(|(_, key)| *key > last || (*key == last && !self.keys[last].possible))
        {
            self.keys_by_token.pop_back();
        }
    }

    fn open(&mut self, kind: Kind) -> Result<(), Error> {
        self.save_key()?;
        self.keys.push(SimpleKey::default());
        self.flow += 1;
        if self.flow > MAX_OPEN {
            return Err(error(self.place, "while increasing flow level", "exceeded max depth of 10000"));
        }
        self.key_allowed = true;
        self.mark(kind, 1);
        Ok(())
    }

    fn close(&mut self, kind: Kind) -> Result<(), Error> {
        self.remove_key()?;
        if self.flow > 0 {
            self.flow -= 1;
            self.keys.pop();
            self.forget_last_key();
        }
        self.key_allowed = false;
        self.mark(kind, 1);
        Ok(())
    }

    fn block_entry(&mut self) -> Result<(), Error> {
        if self.flow == 0 {
            if !self.key_allowed {
                return Err(error(self.place, "", "block sequence entries are not allowed in this context"));
            }
            self.roll(self.column(), None, Kind::BlockSequence, self.place)?;
        }
        self.remove_key()?;
        self.key_allowed = true;
        self.mark(Kind::BlockEntry, 1);
        Ok(())
    }

    fn key(&mut self) -> Result<(), Error> {
        if self.flow == 0 {
            if !self.key_allowed {
                return Err(error(self.place, "", "mapping keys are not allowed in this context"));
            }
            self.roll(self.column(), None, Kind::BlockMapping, self.place)?;
        }
        self.remove_key()?;
        self.key_allowed = self.flow == 0;
        self.mark(Kind::Key, 1);
        Ok(())
    }

    fn value(&mut self) -> Result<(), Error> {
        let last = self.keys.len() - 1;
        if self.is_valid(last)? {
            let SimpleKey { token, place, .. } = self.keys[last];
            self.tokens.insert(token - self.taken, Token { kind: Kind::Key, start: place, end: place });
            let column = isize::try_from(place.column).unwrap_or(isize::MAX);
            self.roll(column, Some(token), Kind::BlockMapping, place)?;
            self.keys[last].possible = false;
            self.forget_last_key();
            self.key_allowed = false;
        } else {
            if self.flow == 0 {
                if !self.key_allowed {
                    return Err(error(self.place, "", "mapping values are not allowed in this context"));
                }
                self.roll(self.column(), None, Kind::BlockMapping, self.place)?;
            }
            self.key_allowed = self.flow == 0;
        }
        self.mark(Kind::Value, 1);
        Ok(())
    }
}
