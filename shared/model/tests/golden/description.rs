//! What docs/protocol.md says of the shape of everything that travels, read from its CDDL blocks and
//! held against bytes. Only what is used there of RFC 8610 is understood; members of a map stand in
//! the order in which they are written.

use ciborium::Value;
use keyrack_model::{
    action::Action,
    command::Command,
    field::FieldValue,
    refusal::Refusal,
    rows::Row,
    segment::{ActionLine, RecordPage, Segment, StoryPart, WorkingSet},
    wire::{ClientFrame, ServerFrame, Verdict},
};
use std::{collections::HashMap, iter::Peekable, sync::LazyLock, vec::IntoIter};

/// Something that the protocol has a name for.
pub trait Described {
    const NAME: &str;
}

macro_rules! described {
    ($($kind:ty = $name:literal),* $(,)?) => {
        $(impl Described for $kind { const NAME: &str = $name; })*
    };
}

described! {
    Action = "action",
    ActionLine = "action-line",
    ClientFrame = "client-frame",
    Command = "command",
    FieldValue = "field-value",
    RecordPage = "record-page",
    Refusal = "refusal",
    Row = "row",
    Segment = "segment",
    ServerFrame = "server-frame",
    StoryPart = "story-part",
    Vec<Action> = "batch",
    Vec<ServerFrame> = "answer",
    Verdict = "verdict",
    WorkingSet = "working-set",
}

/// Fails unless the bytes are what the protocol describes under this name.
#[track_caller]
pub fn fits(name: &str, bytes: &[u8]) {
    let value: Value = ciborium::from_reader(bytes).expect("CBOR");
    assert!(
        PROTOCOL.allows(&Type::Named(name.into()), &value),
        "docs/protocol.md describes `{name}` otherwise than {value:?}"
    );
}

static PROTOCOL: LazyLock<Description> = LazyLock::new(|| {
    let protocol = include_str!("../../../../docs/protocol.md");
    let blocks = protocol.split("```cddl\n").skip(1);
    let blocks = blocks.map(|block| block.split("```").next().unwrap_or_default());
    Description::read(&blocks.collect::<String>())
});

const PRIMITIVES: [&str; 6] = ["text", "bytes", "uint", "int", "bool", "null"];

#[derive(Default)]
struct Description {
    rules: HashMap<String, Type>,
}

enum Type {
    Named(String),
    /// One text.
    Word(String),
    Range(i128, i128),
    BytesOf(usize),
    Either(Vec<Type>),
    Map(Vec<Member>),
    Array(Box<Member>),
}

struct Member {
    key: Option<String>,
    least: usize,
    most: usize,
    value: Type,
}

#[derive(PartialEq, Debug)]
enum Token {
    Name(String),
    Text(String),
    Mark(char),
}

impl Description {
    fn read(text: &str) -> Self {
        let mut tokens = tokens(text).into_iter().peekable();
        let mut rules = HashMap::new();
        while let Some(Token::Name(name)) = tokens.next() {
            assert_eq!(tokens.next(), Some(Token::Mark('=')), "after `{name}`");
            let twice = rules.insert(name.clone(), either(&mut tokens));
            assert!(twice.is_none(), "`{name}` is described twice");
        }
        Self { rules }
    }

    fn allows(&self, kind: &Type, value: &Value) -> bool {
        match kind {
            Type::Named(name) => self.allows_named(name, value),
            Type::Word(word) => value.as_text() == Some(word),
            Type::Range(least, most) => {
                number(value).is_some_and(|number| (*least..=*most).contains(&number))
            }
            Type::BytesOf(length) => value.as_bytes().is_some_and(|it| it.len() == *length),
            Type::Either(kinds) => kinds.iter().any(|kind| self.allows(kind, value)),
            Type::Map(members) => value
                .as_map()
                .is_some_and(|entries| self.allows_members(members, entries)),
            Type::Array(member) => value.as_array().is_some_and(|items| {
                (member.least..=member.most).contains(&items.len())
                    && items.iter().all(|item| self.allows(&member.value, item))
            }),
        }
    }

    fn allows_named(&self, name: &str, value: &Value) -> bool {
        match name {
            "text" => value.is_text(),
            "bytes" => value.is_bytes(),
            "uint" => number(value).is_some_and(|number| number >= 0),
            "int" => value.is_integer(),
            "bool" => value.is_bool(),
            "null" => value.is_null(),
            other => {
                let kind = self.rules.get(other);
                let kind = kind.unwrap_or_else(|| panic!("`{other}` is described nowhere"));
                self.allows(kind, value)
            }
        }
    }

    fn allows_members(&self, members: &[Member], entries: &[(Value, Value)]) -> bool {
        let mut entries = entries.iter().peekable();
        for member in members {
            let is_here = |(key, _): &&(Value, Value)| key.as_text() == member.key.as_deref();
            match entries.next_if(is_here) {
                Some((_, value)) if self.allows(&member.value, value) => {}
                None if member.least == 0 => {}
                Some(_) | None => return false,
            }
        }
        entries.next().is_none()
    }
}

fn number(value: &Value) -> Option<i128> {
    value.as_integer().map(i128::from)
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let lines = text
        .lines()
        .map(|line| line.split(';').next().unwrap_or_default());
    let text: String = lines.collect::<Vec<_>>().join("\n");
    let mut chars = text.chars().peekable();
    while let Some(next) = chars.next() {
        let is_of_a_name = |c: &char| c.is_alphanumeric() || "-.*?+".contains(*c);
        if next == '"' {
            let word = chars.by_ref().take_while(|c| *c != '"');
            tokens.push(Token::Text(word.collect()));
        } else if is_of_a_name(&next) {
            let mut name = String::from(next);
            while let Some(more) = chars.next_if(is_of_a_name) {
                name.push(more);
            }
            tokens.push(Token::Name(name));
        } else if !next.is_whitespace() {
            tokens.push(Token::Mark(next));
        }
    }
    tokens
}

type Tokens = Peekable<IntoIter<Token>>;

fn either(tokens: &mut Tokens) -> Type {
    let mut kinds = vec![one(tokens)];
    while tokens.next_if_eq(&Token::Mark('/')).is_some() {
        kinds.push(one(tokens));
    }
    Type::Either(kinds)
}

fn one(tokens: &mut Tokens) -> Type {
    match tokens.next() {
        Some(Token::Text(word)) => Type::Word(word),
        Some(Token::Mark('{')) => Type::Map(members(tokens, '}')),
        Some(Token::Mark('[')) => {
            let mut members = members(tokens, ']');
            assert_eq!(members.len(), 1, "lists here are of one kind of thing");
            Type::Array(Box::new(members.remove(0)))
        }
        Some(Token::Name(name)) => match name.split_once("..") {
            Some((least, most)) => Type::Range(whole(least) as i128, whole(most) as i128),
            None if tokens.next_if_eq(&Token::Name(".size".into())).is_some() => {
                let Some(Token::Name(length)) = tokens.next() else {
                    panic!("no length after `{name} .size`");
                };
                Type::BytesOf(whole(&length))
            }
            None => Type::Named(name),
        },
        other => panic!("{other:?} begins no type"),
    }
}

fn members(tokens: &mut Tokens, end: char) -> Vec<Member> {
    let mut members = Vec::new();
    while tokens.next_if_eq(&Token::Mark(end)).is_none() {
        let (least, most) = occurrence(tokens);
        let mut key = None;
        if end == '}' {
            let Some(Token::Text(named)) = tokens.next() else {
                panic!("a member of a map has a key");
            };
            assert_eq!(tokens.next(), Some(Token::Mark(':')), "after `{named}`");
            key = Some(named);
        }
        members.push(Member {
            key,
            least,
            most,
            value: either(tokens),
        });
        tokens.next_if_eq(&Token::Mark(','));
    }
    members
}

/// How often something stands there: once, if nothing is said of it.
fn occurrence(tokens: &mut Tokens) -> (usize, usize) {
    let says = |token: &Token| matches!(token, Token::Name(it) if it.contains(['?', '*', '+']));
    let Some(Token::Name(said)) = tokens.next_if(says) else {
        return (1, 1);
    };
    match &said[..] {
        "?" => (0, 1),
        "*" => (0, usize::MAX),
        "+" => (1, usize::MAX),
        range => {
            let (least, most) = range.split_once('*').expect("two numbers");
            (whole(least), whole(most))
        }
    }
}

fn whole(digits: &str) -> usize {
    digits.parse().expect("a number")
}

#[test]
fn the_protocol_describes_everything_that_it_names() {
    fn names<'a>(kind: &'a Type, found: &mut Vec<&'a str>) {
        match kind {
            Type::Named(name) => found.push(name),
            Type::Either(kinds) => kinds.iter().for_each(|kind| names(kind, found)),
            Type::Map(members) => members.iter().for_each(|it| names(&it.value, found)),
            Type::Array(member) => names(&member.value, found),
            Type::Word(_) | Type::Range(..) | Type::BytesOf(_) => {}
        }
    }
    let mut found = Vec::new();
    PROTOCOL.rules.values().for_each(|it| names(it, &mut found));
    let is_described =
        |name: &&str| PROTOCOL.rules.contains_key(*name) || PRIMITIVES.contains(name);
    found.retain(|name| !is_described(name));
    assert!(found.is_empty(), "named and not described: {found:?}");
    assert!(PROTOCOL.rules.len() > 40, "the blocks are read");
}

#[test]
fn what_is_described_otherwise_does_not_fit() {
    let described = r#"
        thing = {"id": bytes .size 2, "kind": 1..6, ? "name": text / null, "all": [+ word]}
              / "Nothing"      ; or none
        word  = "a" / "b"
    "#;
    let described = Description::read(described);
    let text = |text: &str| Value::Text(text.into());
    let thing = |entries: &[(&str, Value)]| {
        let entries = entries.iter();
        Value::Map(entries.map(|(key, it)| (text(key), it.clone())).collect())
    };
    let id = ("id", Value::Bytes(vec![1, 2]));
    let kind = ("kind", Value::Integer(6.into()));
    let all = ("all", Value::Array(vec![text("a"), text("b")]));
    let fits = |value| described.allows(&Type::Named("thing".into()), &value);
    assert!(fits(text("Nothing")));
    assert!(fits(thing(&[id.clone(), kind.clone(), all.clone()])));
    let name = ("name", Value::Null);
    let whole = [id.clone(), kind.clone(), name.clone(), all.clone()];
    assert!(fits(thing(&whole)));

    assert!(!fits(text("Something")));
    assert!(
        !fits(thing(&[kind.clone(), id.clone(), all.clone()])),
        "order"
    );
    assert!(!fits(thing(&[id.clone(), all.clone()])), "a key is missing");
    let more = [&whole[..], &[("more", Value::Null)]].concat();
    assert!(!fits(thing(&more)), "a key too many");
    for (at, other) in [
        (0, ("id", Value::Bytes(vec![1]))),
        (0, ("id", text("id"))),
        (1, ("kind", Value::Integer(7.into()))),
        (2, ("name", Value::Bool(true))),
        (3, ("all", Value::Array(vec![]))),
        (3, ("all", Value::Array(vec![text("c")]))),
    ] {
        let mut wrong = whole.clone();
        wrong[at] = other;
        assert!(!fits(thing(&wrong)), "{:?}", wrong[at]);
    }
}
