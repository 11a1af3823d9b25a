use serde::Serialize;
use serde_json::{Map, Value};

use crate::{ChatOptions, Error, Result};

/// One message of a chat. Messages with more, such as `tool_calls`, are values of `serde_json` or anything else that serializes to objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChatMessage {
    /// Whose: `user`, `assistant`, `system`, or what else a template knows.
    pub role: String,
    /// What is said.
    pub content: String,
}

impl ChatMessage {
    /// A message of `role`.
    #[must_use]
    pub fn new(role: impl Into<String>, content: impl Into<String>) -> Self {
        Self {
            role: role.into(),
            content: content.into(),
        }
    }
}

/// The fields under which a message's reasoning is given; the first is what templates read.
const REASONING: [&str; 3] = ["reasoning_content", "thinking", "reasoning"];
/// What marks the end of the message that goes on: transformers' own words, which must not stand in a chat.
const END_MARK: &str = "CONTINUE_FINAL_MESSAGE_TAG ";
/// How deep messages, tools, documents and variables may be nested.
const MOST_DEPTH: usize = 64;

/// Messages as a template sees them: without fields that are null, with the reasoning under its newer and older names.
pub(super) fn messages(conversation: Value) -> Result<Vec<Value>> {
    let Value::Array(messages) = conversation else {
        return Err(Error::Conversation(
            "a list of messages is expected".to_owned(),
        ));
    };
    if messages.is_empty() {
        return Err(Error::Conversation("it has no message".to_owned()));
    }
    let message = |(k, message): (usize, Value)| match message {
        Value::Object(fields) => Ok(Value::Object(with_reasoning(present(fields)))),
        other => Err(Error::Conversation(format!(
            "message {k} should be an object, with `role` and `content`, but it is {}",
            kind(&other)
        ))),
    };
    messages.into_iter().enumerate().map(message).collect()
}

/// Looks at what a template is given beside messages.
pub(super) fn check(messages: &[Value], options: &ChatOptions) -> Result<()> {
    for (name, values) in [("tools", &options.tools), ("documents", &options.documents)] {
        let mut values = values.iter().flatten().enumerate();
        if let Some((k, value)) = values.find(|(_, value)| !value.is_object()) {
            return Err(Error::Conversation(format!(
                "{name} should be objects, but number {k} is {}",
                kind(value)
            )));
        }
    }
    let given = options.tools.iter().chain(&options.documents).flatten();
    let given = given.chain(options.variables.values()).chain(messages);
    for value in given {
        check_depth(value, 0)?;
    }
    for name in ["messages", "tools", "documents", "add_generation_prompt"] {
        if options.variables.contains_key(name) {
            return Err(Error::Conversation(format!(
                "{name:?} cannot be a further variable: templates get it by that name already"
            )));
        }
    }
    match (options.add_generation_prompt, &options.continued_field) {
        (true, Some(_)) => Err(Error::Conversation(
            "continue_final_message goes on with the last message, add_generation_prompt begins another: only one of both is possible"
                .to_owned(),
        )),
        _ => Ok(()),
    }
}

fn check_depth(value: &Value, depth: usize) -> Result<()> {
    if depth > MOST_DEPTH {
        return Err(Error::Conversation(format!(
            "values are nested more than {MOST_DEPTH} levels deep"
        )));
    }
    match value {
        Value::Array(values) => values.iter().try_for_each(|v| check_depth(v, depth + 1)),
        Value::Object(fields) => fields.values().try_for_each(|v| check_depth(v, depth + 1)),
        _ => Ok(()),
    }
}

/// Some callers' libraries write fields without a value as null, which templates would print.
fn present(mut fields: Map<String, Value>) -> Map<String, Value> {
    fields.retain(|_, value| !value.is_null());
    fields
}

/// `_alias_reasoning_fields`: the reasoning is `reasoning_content`, and `thinking` where that is not something else.
fn with_reasoning(fields: Map<String, Value>) -> Map<String, Value> {
    let Some(reasoning) = REASONING.iter().find_map(|name| fields.get(*name)).cloned() else {
        return fields;
    };
    let mut all = Map::new();
    all.insert("thinking".to_owned(), reasoning.clone());
    all.extend(fields);
    all.insert("reasoning_content".to_owned(), reasoning);
    all
}

/// The text at which a final message goes on, and how to find it in what a template wrote.
pub(super) struct FinalMessage {
    text: String,
}

impl FinalMessage {
    /// Marks the end of the last message's `field`.
    pub(super) fn mark(messages: &mut [Value], field: &str, template: &str) -> Result<Self> {
        let missing =
            || Error::Conversation(format!("the last message has no {field:?} to continue"));
        let last = messages.last_mut().and_then(Value::as_object_mut);
        let last = last.ok_or_else(missing)?;
        let content = last.get(field).cloned().ok_or_else(missing)?;
        // The reasoning stands under several names: whichever the template reads is the one that goes on.
        let fields: Vec<&str> = match REASONING.contains(&field) {
            true => REASONING
                .into_iter()
                .filter(|name| last.get(*name) == Some(&content))
                .collect(),
            false => vec![field],
        };
        if !fields.iter().any(|name| template.contains(name)) {
            return Err(Error::Conversation(format!(
                "the last message is to be continued, but the chat template does not read {field:?}"
            )));
        }
        let no_text = || {
            Error::Conversation(format!(
                "the last message's {field:?} has no text to continue"
            ))
        };
        match content {
            Value::String(text) => {
                for name in fields {
                    last.insert(name.to_owned(), format!("{text}{END_MARK}").into());
                }
                Ok(Self { text })
            }
            Value::Array(_) => {
                let blocks = last.get_mut(field).and_then(Value::as_array_mut);
                let mut texts = blocks
                    .into_iter()
                    .flatten()
                    .rev()
                    .filter_map(|block| block.get_mut("text"));
                match texts.next() {
                    Some(Value::String(block)) => {
                        let text = block.clone();
                        block.push_str(END_MARK);
                        Ok(Self { text })
                    }
                    _ => Err(no_text()),
                }
            }
            _ => Err(no_text()),
        }
    }

    /// What the template wrote up to the end of the message.
    pub(super) fn cut(&self, rendered: &str) -> Result<String> {
        let mark = END_MARK.trim_end();
        let at = rendered
            .rfind(mark)
            .filter(|_| rendered.contains(self.text.trim()));
        let at = at.ok_or_else(|| {
            Error::Conversation(
                "the last message is to be continued, but the chat template does not write all of it".to_owned(),
            )
        })?;
        let (before, behind) = rendered.split_at(at);
        // A template that trims messages has trimmed the mark, and would have trimmed what stands before it.
        Ok(match behind.starts_with(END_MARK) {
            true => before.to_owned(),
            false => before.trim_end().to_owned(),
        })
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
