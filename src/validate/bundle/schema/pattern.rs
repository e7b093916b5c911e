//! Patterns in the syntax of Go's `regexp`: that of RE2 (<https://github.com/google/re2/wiki/Syntax>), without
//! lookaround and backreferences. Source: `regexp/syntax/parse.go`. Names of scripts and categories are not checked,
//! nor is the size of the compiled program.

/// The maximum number of repetitions, including enclosing ones.
const REPEATS: u64 = 1000;
/// The maximum depth of nested groups.
const DEPTH: usize = 1000;

const POSIX: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word",
    "xdigit",
];

/// Why Go rejects a pattern.
pub(super) fn check(pattern: &str) -> Result<(), String> {
    Reader { text: pattern.chars().collect(), at: 0, groups: vec![Group::default()], posix: None }.read()
}

/// The parsed part of a group, or of the whole pattern.
#[derive(Default)]
struct Group {
    /// How often the last part is repeated within; `None` if there is nothing to repeat.
    last: Option<u64>,
    /// The maximum of the parts before.
    most: u64,
}

struct Reader {
    text: Vec<char>,
    at: usize,
    groups: Vec<Group>,
    /// The position of the last `:]`, once it was searched.
    posix: Option<Option<usize>>,
}

type Read<T = ()> = Result<T, String>;

fn no<T>(why: impl Into<String>) -> Read<T> {
    Err(why.into())
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.at + ahead).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek(0);
        self.at += usize::from(next.is_some());
        next
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = text.chars().enumerate().all(|(i, wanted)| self.peek(i) == Some(wanted));
        self.at += if found { text.chars().count() } else { 0 };
        found
    }

    fn read(mut self) -> Read {
        let mut repeated = false;
        while let Some(next) = self.peek(0) {
            let before = std::mem::take(&mut repeated);
            match next {
                '(' => self.open()?,
                ')' => self.close()?,
                '|' => {
                    self.at += 1;
                    self.part(None);
                }
                '*' | '+' | '?' => {
                    self.at += 1;
                    self.repeat(1, before)?;
                    repeated = true;
                }
                '{' => match self.bounds() {
                    Some((least, most)) => {
                        let most = most.unwrap_or(least);
                        if least > REPEATS || most > REPEATS || least > most {
                            return no("a number of repetitions is invalid, or over 1000");
                        }
                        self.repeat(most, before)?;
                        repeated = true;
                    }
                    None => self.literal(),
                },
                '[' => self.class()?,
                '\\' => self.escaped()?,
                _ => self.literal(),
            }
        }
        if self.groups.len() > 1 { no("a `)` is missing") } else { Ok(()) }
    }

    /// A literal part.
    fn literal(&mut self) {
        self.at += 1;
        self.part(Some(1));
    }

    /// Starts another part.
    fn part(&mut self, part: Option<u64>) {
        if let Some(group) = self.groups.last_mut() {
            group.most = group.most.max(group.last.unwrap_or(1));
            group.last = part;
        }
    }

    fn open(&mut self) -> Read {
        self.at += 1;
        if self.eat("?") && !self.flags()? {
            return Ok(());
        }
        if self.groups.len() > DEPTH {
            return no("groups are nested too deeply");
        }
        self.groups.push(Group::default());
        Ok(())
    }

    /// Parses what follows `(?`. Whether it starts a group, because flags alone do not.
    fn flags(&mut self) -> Read<bool> {
        if self.eat("P<") || self.eat("<") {
            let end = self.text[self.at..].iter().position(|&c| c == '>').ok_or("the name of a group has no end")?;
            let name: String = self.text[self.at..self.at + end].iter().collect();
            let good = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !good {
                return no("`(?<` starts a group with a name of letters, digits and `_`; Go has no lookbehind");
            }
            self.at += end + 1;
            return Ok(true);
        }
        let (mut negated, mut flagged) = (false, false);
        loop {
            match self.next() {
                Some('i' | 'm' | 's' | 'U') => flagged = true,
                Some('-') if !negated => (negated, flagged) = (true, false),
                Some(':') if !negated || flagged => return Ok(true),
                Some(')') if !negated || flagged => return Ok(false),
                Some('=' | '!') => return no("Go has no lookahead"),
                _ => return no("the text after `(?` is not valid"),
            }
        }
    }

    fn close(&mut self) -> Read {
        if self.groups.len() < 2 {
            return no("a `)` has no matching `(`");
        }
        self.at += 1;
        let group = self.groups.pop().unwrap_or_default();
        self.part(Some(group.most.max(group.last.unwrap_or(1))));
        Ok(())
    }

    /// `{2}`, `{2,}` or `{2,3}`: minimum and maximum. Anything else after `{` is literal.
    fn bounds(&mut self) -> Option<(u64, Option<u64>)> {
        let start = self.at;
        let bounds = self.read_bounds();
        if bounds.is_none() {
            self.at = start;
        }
        bounds
    }

    fn read_bounds(&mut self) -> Option<(u64, Option<u64>)> {
        self.at += 1;
        let least = self.number()?;
        if self.eat("}") {
            return Some((least, Some(least)));
        }
        if !self.eat(",") {
            return None;
        }
        if self.eat("}") {
            return Some((least, None));
        }
        let most = self.number()?;
        self.eat("}").then_some((least, Some(most)))
    }

    fn number(&mut self) -> Option<u64> {
        let digits: String = self.text[self.at..].iter().take_while(|c| c.is_ascii_digit()).collect();
        // Go does not accept a leading zero.
        if digits.is_empty() || digits.len() > 1 && digits.starts_with('0') {
            return None;
        }
        self.at += digits.len();
        Some(digits.parse().unwrap_or(u64::MAX))
    }

    /// Repeats the last part. `before`: it is a repetition itself.
    fn repeat(&mut self, times: u64, before: bool) -> Read {
        self.eat("?");
        if before {
            return no("a repetition is repeated; put it into a group");
        }
        let last = self.groups.last_mut().and_then(|group| group.last.as_mut()).ok_or("there is nothing to repeat")?;
        *last = last.saturating_mul(times.max(1));
        if times > 1 && *last > REPEATS { no("nested repetitions exceed 1000") } else { Ok(()) }
    }

    fn class(&mut self) -> Read {
        self.at += 1;
        self.eat("^");
        let mut first = true;
        while self.peek(0) != Some(']') || first {
            first = false;
            if self.posix()? || self.set()? {
                continue;
            }
            let low = self.in_class()?;
            if self.peek(0) == Some('-') && self.peek(1).is_some_and(|c| c != ']') {
                self.at += 1;
                if self.in_class()? < low {
                    return no("the end of a range of characters is before its start");
                }
            }
        }
        self.literal();
        Ok(())
    }

    /// `[:alpha:]`
    fn posix(&mut self) -> Read<bool> {
        if self.peek(0) != Some('[') || self.peek(1) != Some(':') {
            return Ok(false);
        }
        let text = &self.text;
        let last = *self.posix.get_or_insert_with(|| text.windows(2).rposition(|pair| pair == [':', ']']));
        if last.is_none_or(|last| last < self.at + 2) {
            return Ok(false);
        }
        let inner = &self.text[self.at + 2..];
        let Some(end) = inner.windows(2).position(|pair| pair == [':', ']']) else { return Ok(false) };
        let name: String = inner[..end].iter().collect();
        if !POSIX.contains(&name.strip_prefix('^').unwrap_or(&name)) {
            return no(format!("[:{name}:] is not a character class"));
        }
        self.at += end + 4;
        Ok(true)
    }

    /// `\d`, `\pL` or `\p{Greek}`, and similar.
    fn set(&mut self) -> Read<bool> {
        match (self.peek(0), self.peek(1)) {
            (Some('\\'), Some('d' | 'D' | 's' | 'S' | 'w' | 'W')) => self.at += 2,
            (Some('\\'), Some('p' | 'P')) => {
                self.at += 2;
                match self.next() {
                    Some(c) if c.is_ascii_alphabetic() => {}
                    Some('{') => {
                        let end = self.text[self.at..].iter().position(|&c| c == '}');
                        self.at += end.ok_or("`\\p{` has no end")? + 1;
                    }
                    _ => return no("`\\p` must name a category, as \\pL or \\p{Greek}"),
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn in_class(&mut self) -> Read<char> {
        match self.peek(0) {
            None => no("a `]` is missing"),
            Some('\\') => self.escape(),
            Some(other) => {
                self.at += 1;
                Ok(other)
            }
        }
    }

    /// An escape outside of a class.
    fn escaped(&mut self) -> Read {
        match self.peek(1) {
            Some('Q') => {
                self.at += 2;
                while self.peek(0).is_some() && !self.eat("\\E") {
                    self.literal();
                }
                return Ok(());
            }
            Some('A' | 'b' | 'B' | 'z') => self.at += 2,
            _ if self.set()? => {}
            _ => drop(self.escape()?),
        }
        self.part(Some(1));
        Ok(())
    }

    /// A character that is written with a backslash.
    fn escape(&mut self) -> Read<char> {
        self.at += 1;
        let octal = |c: Option<char>| c.and_then(|c| c.to_digit(8));
        let code = match self.next() {
            None => return no("a backslash is the last character"),
            Some(c @ '0'..='7') if c == '0' || octal(self.peek(0)).is_some() => {
                let mut code = octal(Some(c)).unwrap_or(0);
                for _ in 0..2 {
                    let Some(digit) = octal(self.peek(0)) else { break };
                    code = 8 * code + digit;
                    self.at += 1;
                }
                code
            }
            Some('x') => self.hexadecimal().ok_or("`\\x` needs two digits, or a character's code in {}")?,
            Some('a') => 7,
            Some('f') => 12,
            Some('n') => 10,
            Some('r') => 13,
            Some('t') => 9,
            Some('v') => 11,
            Some(c) if c.is_ascii() && !c.is_ascii_alphanumeric() => return Ok(c),
            Some(c @ '1'..='9') => return no(format!("Go has no backreferences such as `\\{c}`")),
            Some(c) => return no(format!("`\\{c}` is not a valid escape in Go")),
        };
        // Go accepts surrogates too; no character is before or after them.
        Ok(char::from_u32(code).unwrap_or('\u{d7ff}'))
    }

    fn hexadecimal(&mut self) -> Option<u32> {
        if !self.eat("{") {
            let high = self.next()?.to_digit(16)?;
            return Some(16 * high + self.next()?.to_digit(16)?);
        }
        let mut code = self.next()?.to_digit(16)?;
        loop {
            match self.next()? {
                '}' => return Some(code),
                digit => code = Some(16 * code + digit.to_digit(16)?).filter(|code| *code <= 0x10_ffff)?,
            }
        }
    }
}
