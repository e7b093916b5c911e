//! The events of the first document of YAML text, from its tokens: libyaml's grammar, in go-yaml's version of it.

use super::Error;
use super::scan::{Kind, Place, Scanner, Token};

/// The kinds of events. The start of the document has no event, because there is only one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Alias(String),
    Scalar { text: String, plain: bool, anchor: Option<String>, tag: Option<String> },
    Sequence { anchor: Option<String>, tag: Option<String> },
    Mapping { anchor: Option<String>, tag: Option<String> },
    CollectionEnd,
    DocumentEnd,
}

/// An event, with its start and end.
pub(super) type Spanned = (Found, Place, Place);

/// The next state.
#[derive(Clone, Copy, Debug)]
enum State {
    Start,
    Content,
    BlockEntry { first: bool },
    IndentlessEntry,
    BlockKey { first: bool },
    BlockValue,
    FlowEntry { first: bool },
    FlowPairKey,
    FlowPairValue,
    FlowPairEnd,
    FlowKey { first: bool },
    FlowValue { empty: bool },
    DocumentEnd,
    Over,
}

/// Combines tokens.
pub(super) struct Parser<'t> {
    scanner: Scanner<'t>,
    state: State,
    states: Vec<State>,
    /// The starts of the open collections, with their brackets.
    places: Vec<(Place, Option<char>)>,
    /// Prefixes of tags, by their handles.
    handles: Vec<(String, String)>,
}

fn error(place: Place, context: &str, at: Place, problem: &str) -> Error {
    let message = match context {
        "" => problem.to_owned(),
        _ => format!("{context} that begins in line {}, {problem}", place.line + 1),
    };
    Error { line: at.line + 1, column: at.column + 1, message }
}

impl<'t> Parser<'t> {
    /// An error at the next token, inside something that begins at a place. At the end of the text, that place is
    /// shown: something is not closed.
    fn wrong(&mut self, place: Place, context: &str, problem: &str) -> Error {
        match self.scanner.peek() {
            Err(error) => error,
            Ok(Token { kind: Kind::End, .. }) => {
                let (Place { line, column, .. }, bracket) = self.places.last().copied().unwrap_or((place, None));
                let message = match bracket {
                    Some(bracket) => format!("unclosed bracket '{bracket}'"),
                    None => format!("{context}, {problem}"),
                };
                Error { line: line + 1, column: column + 1, message }
            }
            Ok(token) => error(place, context, token.start, problem),
        }
    }

    pub(super) fn new(text: &'t str) -> Self {
        Self {
            scanner: Scanner::new(text),
            state: State::Start,
            states: Vec::new(),
            places: Vec::new(),
            handles: Vec::new(),
        }
    }

    /// The next event; `None` after the document's end, and in a text without a document.
    pub(super) fn next(&mut self) -> Result<Option<Spanned>, Error> {
        match self.state {
            State::Start => self.start(),
            State::Over => Ok(None),
            State::DocumentEnd => {
                let token = self.scanner.peek()?;
                let (start, end) = match token.kind {
                    Kind::DocumentEnd => (token.start, token.end),
                    _ => (token.start, token.start),
                };
                self.state = State::Over;
                Ok(Some((Found::DocumentEnd, start, end)))
            }
            State::Content => {
                let token = self.scanner.peek()?;
                match token.kind {
                    Kind::Version(..)
                    | Kind::TagDirective { .. }
                    | Kind::DocumentStart
                    | Kind::DocumentEnd
                    | Kind::End => {
                        let place = token.start;
                        self.pop();
                        Ok(Some(empty(place)))
                    }
                    _ => self.node(true, false).map(Some),
                }
            }
            State::BlockEntry { first } => self.block_entry(first).map(Some),
            State::IndentlessEntry => self.indentless_entry().map(Some),
            State::BlockKey { first } => self.block_key(first).map(Some),
            State::BlockValue => self.block_value().map(Some),
            State::FlowEntry { first } => self.flow_entry(first).map(Some),
            State::FlowPairKey => self.flow_pair_key().map(Some),
            State::FlowPairValue => self.flow_pair_value().map(Some),
            State::FlowPairEnd => {
                self.state = State::FlowEntry { first: false };
                let place = self.scanner.peek()?.start;
                Ok(Some((Found::CollectionEnd, place, place)))
            }
            State::FlowKey { first } => self.flow_key(first).map(Some),
            State::FlowValue { empty } => self.flow_value(empty).map(Some),
        }
    }

    fn pop(&mut self) {
        self.state = self.states.pop().unwrap_or(State::Over);
    }

    fn start(&mut self) -> Result<Option<Spanned>, Error> {
        self.states.push(State::DocumentEnd);
        let is_explicit = match self.scanner.peek()?.kind {
            Kind::End => {
                self.state = State::Over;
                return Ok(None);
            }
            Kind::Version(..) | Kind::TagDirective { .. } | Kind::DocumentStart => true,
            _ => false,
        };
        if is_explicit {
            self.directives()?;
            let token = self.scanner.peek()?;
            if token.kind != Kind::DocumentStart {
                return Err(error(token.start, "", token.start, "did not find expected <document start>"));
            }
            self.scanner.next()?;
            self.state = State::Content;
            return self.next();
        }
        self.default_handles();
        self.node(true, false).map(Some)
    }

    fn default_handles(&mut self) {
        for (handle, prefix) in [("!", "!"), ("!!", "tag:yaml.org,2002:")] {
            if !self.handles.iter().any(|(known, _)| known == handle) {
                self.handles.push((handle.to_owned(), prefix.to_owned()));
            }
        }
    }

    fn directives(&mut self) -> Result<(), Error> {
        let mut has_version = false;
        loop {
            let Token { kind, start, .. } = self.scanner.peek()?.clone();
            let wrong = |problem: &str| Err(error(start, "", start, problem));
            match kind {
                Kind::Version(..) if has_version => return wrong("found duplicate %YAML directive"),
                Kind::Version(1, 1) => has_version = true,
                Kind::Version(..) => return wrong("found incompatible YAML document"),
                Kind::TagDirective { handle, prefix } => {
                    if self.handles.iter().any(|(known, _)| *known == handle) {
                        return wrong("found duplicate %TAG directive");
                    }
                    self.handles.push((handle, prefix));
                }
                _ => break,
            }
            self.scanner.next()?;
        }
        self.default_handles();
        Ok(())
    }

    /// A node: an alias, a scalar, or the start of a collection, possibly with an anchor and a tag.
    fn node(&mut self, block: bool, indentless: bool) -> Result<Spanned, Error> {
        let first = self.scanner.peek()?.start;
        if let Kind::Alias(_) = self.scanner.peek()?.kind {
            self.pop();
            let Token { kind, start, end } = self.scanner.next()?;
            let name = if let Kind::Alias(name) = kind { name } else { String::new() };
            return Ok((Found::Alias(name), start, end));
        }
        let (mut anchor, mut tag, mut end) = (None, None, first);
        // One of each, in any order.
        loop {
            match self.scanner.peek()?.kind {
                Kind::Anchor(_) if anchor.is_none() => {
                    let token = self.scanner.next()?;
                    end = token.end;
                    if let Kind::Anchor(name) = token.kind {
                        anchor = Some(name);
                    }
                }
                Kind::Tag { .. } if tag.is_none() => {
                    let token = self.scanner.next()?;
                    end = token.end;
                    if let Kind::Tag { handle, suffix } = token.kind {
                        tag = Some(self.resolved(&handle, suffix, first, token.start)?);
                    }
                }
                _ => break,
            }
        }
        let token = self.scanner.peek()?;
        let (start, token_end) = (if anchor.is_some() || tag.is_some() { first } else { token.start }, token.end);
        let tag = tag.filter(|tag| !tag.is_empty());
        match &token.kind {
            Kind::BlockEntry if indentless => {
                self.state = State::IndentlessEntry;
                Ok((Found::Sequence { anchor, tag }, start, token_end))
            }
            Kind::Scalar { .. } => {
                self.pop();
                let token = self.scanner.next()?;
                let (text, plain) = match token.kind {
                    Kind::Scalar { text, plain } => (text, plain),
                    _ => (String::new(), true),
                };
                // With the tag `!`, a scalar is resolved by its text, even in quotes.
                let (plain, tag) = if tag.as_deref() == Some("!") { (true, None) } else { (plain, tag) };
                Ok((Found::Scalar { text, plain, anchor, tag }, start, token.end))
            }
            Kind::FlowSequence => {
                self.state = State::FlowEntry { first: true };
                Ok((Found::Sequence { anchor, tag }, start, token_end))
            }
            Kind::FlowMapping => {
                self.state = State::FlowKey { first: true };
                Ok((Found::Mapping { anchor, tag }, start, token_end))
            }
            Kind::BlockSequence if block => {
                self.state = State::BlockEntry { first: true };
                Ok((Found::Sequence { anchor, tag }, start, token_end))
            }
            Kind::BlockMapping if block => {
                self.state = State::BlockKey { first: true };
                Ok((Found::Mapping { anchor, tag }, start, token_end))
            }
            _ if anchor.is_some() || tag.is_some() => {
                self.pop();
                Ok((Found::Scalar { text: String::new(), plain: true, anchor, tag }, start, end))
            }
            _ => {
                let context = if block { "while parsing a block node" } else { "while parsing a flow node" };
                Err(self.wrong(first, context, "did not find expected node content"))
            }
        }
    }

    /// A tag with the prefix of its handle.
    fn resolved(&self, handle: &str, suffix: String, start: Place, at: Place) -> Result<String, Error> {
        if handle.is_empty() {
            return Ok(suffix);
        }
        let prefix = self.handles.iter().find(|(known, _)| known == handle);
        match prefix {
            Some((_, prefix)) => Ok(format!("{prefix}{suffix}")),
            None => Err(error(start, "while parsing a node", at, "found undefined tag handle")),
        }
    }

    /// A value, or an empty one, and the state after it.
    fn value_or_empty(
        &mut self,
        is_there: bool,
        after: State,
        place: Place,
        (block, indentless): (bool, bool),
    ) -> Result<Spanned, Error> {
        if is_there {
            self.states.push(after);
            return self.node(block, indentless);
        }
        self.state = after;
        Ok(empty(place))
    }

    /// Takes the token that begins a collection.
    fn begin(&mut self, first: bool) -> Result<(), Error> {
        if first {
            let token = self.scanner.next()?;
            let bracket = match token.kind {
                Kind::FlowSequence => Some('['),
                Kind::FlowMapping => Some('{'),
                _ => None,
            };
            self.places.push((token.start, bracket));
        }
        Ok(())
    }

    /// Takes the token that ends a collection.
    fn finish(&mut self) -> Result<Spanned, Error> {
        self.pop();
        self.places.pop();
        let token = self.scanner.next()?;
        Ok((Found::CollectionEnd, token.start, token.end))
    }

    fn place(&mut self) -> Place {
        self.places.last().copied().unwrap_or_default().0
    }

    fn block_entry(&mut self, first: bool) -> Result<Spanned, Error> {
        self.begin(first)?;
        match self.scanner.peek()?.kind {
            Kind::BlockEntry => {
                let place = self.scanner.next()?.end;
                let is_there = !matches!(self.scanner.peek()?.kind, Kind::BlockEntry | Kind::BlockEnd);
                self.value_or_empty(is_there, State::BlockEntry { first: false }, place, (true, false))
            }
            Kind::BlockEnd => self.finish(),
            _ => {
                let place = self.place();
                Err(self.wrong(place, "while parsing a block collection", "did not find expected '-' indicator"))
            }
        }
    }

    fn indentless_entry(&mut self) -> Result<Spanned, Error> {
        if self.scanner.peek()?.kind == Kind::BlockEntry {
            let place = self.scanner.next()?.end;
            let over = [Kind::BlockEntry, Kind::Key, Kind::Value, Kind::BlockEnd];
            let is_there = !over.contains(&self.scanner.peek()?.kind);
            return self.value_or_empty(is_there, State::IndentlessEntry, place, (true, false));
        }
        self.pop();
        let place = self.scanner.peek()?.start;
        Ok((Found::CollectionEnd, place, place))
    }

    fn block_key(&mut self, first: bool) -> Result<Spanned, Error> {
        self.begin(first)?;
        match self.scanner.peek()?.kind {
            Kind::Key => {
                let place = self.scanner.next()?.end;
                let is_there = !matches!(self.scanner.peek()?.kind, Kind::Key | Kind::Value | Kind::BlockEnd);
                self.value_or_empty(is_there, State::BlockValue, place, (true, true))
            }
            Kind::BlockEnd => self.finish(),
            _ => {
                let place = self.place();
                Err(self.wrong(place, "while parsing a block mapping", "did not find expected key"))
            }
        }
    }

    fn block_value(&mut self) -> Result<Spanned, Error> {
        let token = self.scanner.peek()?;
        let (start, is_value) = (token.start, token.kind == Kind::Value);
        if !is_value {
            self.state = State::BlockKey { first: false };
            return Ok(empty(start));
        }
        let place = self.scanner.next()?.end;
        let is_there = !matches!(self.scanner.peek()?.kind, Kind::Key | Kind::Value | Kind::BlockEnd);
        self.value_or_empty(is_there, State::BlockKey { first: false }, place, (true, true))
    }

    /// The separator between the items of a flow collection.
    fn comma(&mut self, first: bool, context: &str, problem: &str) -> Result<(), Error> {
        if first {
            return Ok(());
        }
        if self.scanner.peek()?.kind == Kind::FlowEntry {
            self.scanner.next()?;
            return Ok(());
        }
        let place = self.place();
        Err(self.wrong(place, context, problem))
    }

    fn flow_entry(&mut self, first: bool) -> Result<Spanned, Error> {
        self.begin(first)?;
        if self.scanner.peek()?.kind != Kind::FlowSequenceEnd {
            self.comma(first, "while parsing a flow sequence", "did not find expected ',' or ']'")?;
            match self.scanner.peek()?.kind {
                Kind::Key => {
                    self.state = State::FlowPairKey;
                    let token = self.scanner.next()?;
                    return Ok((Found::Mapping { anchor: None, tag: None }, token.start, token.end));
                }
                Kind::FlowSequenceEnd => {}
                _ => {
                    self.states.push(State::FlowEntry { first: false });
                    return self.node(false, false);
                }
            }
        }
        self.finish()
    }

    fn flow_pair_key(&mut self) -> Result<Spanned, Error> {
        let is_there = !matches!(self.scanner.peek()?.kind, Kind::Value | Kind::FlowEntry | Kind::FlowSequenceEnd);
        if is_there {
            self.states.push(State::FlowPairValue);
            return self.node(false, false);
        }
        // libyaml consumes the token that shows that there is no key, whether it is the `:` or not.
        let place = self.scanner.next()?.end;
        self.state = State::FlowPairValue;
        Ok(empty(place))
    }

    fn flow_pair_value(&mut self) -> Result<Spanned, Error> {
        if self.scanner.peek()?.kind == Kind::Value {
            self.scanner.next()?;
            if !matches!(self.scanner.peek()?.kind, Kind::FlowEntry | Kind::FlowSequenceEnd) {
                self.states.push(State::FlowPairEnd);
                return self.node(false, false);
            }
        }
        self.state = State::FlowPairEnd;
        let place = self.scanner.peek()?.start;
        Ok(empty(place))
    }

    fn flow_key(&mut self, first: bool) -> Result<Spanned, Error> {
        self.begin(first)?;
        if self.scanner.peek()?.kind != Kind::FlowMappingEnd {
            self.comma(first, "while parsing a flow mapping", "did not find expected ',' or '}'")?;
            match self.scanner.peek()?.kind {
                Kind::Key => {
                    self.scanner.next()?;
                    let token = self.scanner.peek()?;
                    let place = token.start;
                    let is_there = !matches!(token.kind, Kind::Value | Kind::FlowEntry | Kind::FlowMappingEnd);
                    return self.value_or_empty(is_there, State::FlowValue { empty: false }, place, (false, false));
                }
                Kind::FlowMappingEnd => {}
                _ => {
                    self.states.push(State::FlowValue { empty: true });
                    return self.node(false, false);
                }
            }
        }
        self.finish()
    }

    fn flow_value(&mut self, is_empty: bool) -> Result<Spanned, Error> {
        if is_empty {
            self.state = State::FlowKey { first: false };
            let place = self.scanner.peek()?.start;
            return Ok(empty(place));
        }
        if self.scanner.peek()?.kind == Kind::Value {
            self.scanner.next()?;
            if !matches!(self.scanner.peek()?.kind, Kind::FlowEntry | Kind::FlowMappingEnd) {
                self.states.push(State::FlowKey { first: false });
                return self.node(false, false);
            }
        }
        self.state = State::FlowKey { first: false };
        let place = self.scanner.peek()?.start;
        Ok(empty(place))
    }
}

fn empty(place: Place) -> Spanned {
    (Found::Scalar { text: String::new(), plain: true, anchor: None, tag: None }, place, place)
}
