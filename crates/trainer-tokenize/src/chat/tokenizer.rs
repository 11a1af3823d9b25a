use minijinja::value::Serde;
use serde::Serialize;
use serde_json::{Map, Value};

use super::conversation::{self, FinalMessage};
use super::render::{MARKS, Template};
use crate::{ChatOptions, ChatTemplates, EncodeOptions, Encoding, Error, Result, Tokenizer};

impl Tokenizer {
    /// The chat as the text that the model was trained on: Python's `apply_chat_template` with `tokenize=False`.
    ///
    /// `conversation` is a list of messages, of [`ChatMessage`](crate::ChatMessage)s or of anything else that serializes to objects, such as
    /// values of `serde_json`. The template is that of [`ChatOptions::chat_template`], or else the tokenizer's: `tool_use` where there are
    /// tools and such a one, `default` otherwise. It sees `messages`, `tools`, `documents`, `add_generation_prompt`, the special tokens by their
    /// names (`bos_token`, …) and the options' variables.
    ///
    /// # Errors
    /// [`Error::ChatTemplate`] says in which line a template fails or refuses the chat, [`Error::Conversation`] what is wrong with the chat or
    /// the options, and [`Error::NoChatTemplate`] which templates there are.
    ///
    /// ```
    /// use tokenizers::models::wordpiece::WordPiece;
    /// use trainer_tokenize::{ChatMessage, ChatOptions, Tokenizer, TokenizerConfig};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let backend = tokenizers::Tokenizer::new(WordPiece::builder().vocab(WordPiece::read_bytes(b"[UNK]")?).build()?);
    /// # let tokenizer = Tokenizer::from_backend(backend, TokenizerConfig::new("BertTokenizer"))?;
    /// let template = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";
    /// let options = ChatOptions::new().chat_template(template).add_generation_prompt(true);
    /// let chat = [ChatMessage::new("user", "How are you?")];
    /// assert_eq!(tokenizer.apply_chat_template(&chat, &options)?, "<user>How are you?<assistant>");
    /// # Ok(())
    /// # }
    /// ```
    pub fn apply_chat_template(
        &self,
        conversation: &(impl Serialize + ?Sized),
        options: &ChatOptions,
    ) -> Result<String> {
        self.render(conversation, options, false)
    }

    /// The chat's tokens: Python's `apply_chat_template` with `tokenize=True`. Special tokens are those that the template writes, no others.
    ///
    /// # Errors
    /// As [`apply_chat_template`](Self::apply_chat_template) and [`encode_with`](Self::encode_with).
    pub fn encode_chat(
        &self,
        conversation: &(impl Serialize + ?Sized),
        options: &ChatOptions,
        encode: &EncodeOptions,
    ) -> Result<Encoding> {
        let text = self.apply_chat_template(conversation, options)?;
        self.encode_with(&text, None, &encode.clone().add_special_tokens(false))
    }

    /// The chat's tokens, and for each whether the assistant wrote it, 1 or 0: Python's `return_assistant_tokens_mask`. What the assistant wrote
    /// is what a template has in its tags `{% generation %}`; by one without, no token is.
    ///
    /// # Errors
    /// As [`encode_chat`](Self::encode_chat), and where the last message is to be continued.
    pub fn encode_chat_with_assistant_mask(
        &self,
        conversation: &(impl Serialize + ?Sized),
        options: &ChatOptions,
        encode: &EncodeOptions,
    ) -> Result<(Encoding, Vec<i64>)> {
        if options.continued_field.is_some() {
            return Err(Error::Conversation(
                "a mask of what the assistant wrote is of whole messages: the last one cannot be continued".to_owned(),
            ));
        }
        let marked = self.render(conversation, options, true)?;
        let (text, spans) = without_marks(&marked);
        let encoding = self.encode_with(&text, None, &encode.clone().add_special_tokens(false))?;
        let mask = mask(&encoding, &spans);
        Ok((encoding, mask))
    }

    /// Writes the chat, perhaps with marks around what the assistant wrote.
    fn render(
        &self,
        conversation: &(impl Serialize + ?Sized),
        options: &ChatOptions,
        marks: bool,
    ) -> Result<String> {
        let template = self.chat_template(options)?;
        let conversation = serde_json::to_value(conversation);
        let conversation = conversation.map_err(|error| Error::Conversation(error.to_string()))?;
        let mut messages = conversation::messages(conversation)?;
        conversation::check(&messages, options)?;
        let last = match &options.continued_field {
            Some(field) => Some(FinalMessage::mark(&mut messages, field, template.text)?),
            None => None,
        };
        let mut context = Map::new();
        for (name, token) in self.special_tokens().iter() {
            context.insert(name.to_owned(), token.into());
        }
        context.extend(options.variables.clone());
        let list = |values: &Option<Vec<Value>>| values.clone().map_or(Value::Null, Value::Array);
        context.insert("messages".to_owned(), messages.into());
        context.insert("tools".to_owned(), list(&options.tools));
        context.insert("documents".to_owned(), list(&options.documents));
        context.insert(
            "add_generation_prompt".to_owned(),
            options.add_generation_prompt.into(),
        );
        let context = Value::Object(context);
        let given = size(&context);
        if marks && has_marks(&context) {
            return Err(Error::Conversation(
                "it has characters that mark what the assistant wrote, U+FDD0 or U+FDD1, which are none of any text".to_owned(),
            ));
        }
        let rendered = template.render(Serde(context).into(), given, marks)?;
        match last {
            Some(last) => last.cut(&rendered),
            None => Ok(rendered),
        }
    }

    /// `get_chat_template`.
    fn chat_template<'t>(&'t self, options: &'t ChatOptions) -> Result<Template<'t>> {
        let templates = &self.config().chat_templates;
        let named = |name: &'t str| {
            Some(Template {
                name,
                text: templates.get(name)?,
            })
        };
        let template = match options.chat_template.as_deref() {
            Some(name_or_text) => named(name_or_text).or(Some(Template {
                name: "chat_template",
                text: name_or_text,
            })),
            None => {
                let tools = options
                    .tools
                    .as_ref()
                    .and_then(|_| named(ChatTemplates::TOOL_USE));
                tools.or_else(|| named(ChatTemplates::DEFAULT))
            }
        };
        template.ok_or_else(|| Error::NoChatTemplate {
            present: templates.iter().map(|(name, _)| name.to_owned()).collect(),
        })
    }
}

/// How much there is of a value, in bytes.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 8,
        Value::Array(values) => values.iter().map(size).sum::<usize>() + 8,
        Value::Object(fields) => {
            fields
                .iter()
                .map(|(name, value)| name.len() + size(value))
                .sum::<usize>()
                + 8
        }
        _ => 8,
    }
}

fn has_marks(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(MARKS),
        Value::Array(values) => values.iter().any(has_marks),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains(MARKS) || has_marks(value)),
        _ => false,
    }
}

/// A text without its marks, and which characters of it stood between two of them.
fn without_marks(marked: &str) -> (String, Vec<std::ops::Range<usize>>) {
    let (mut text, mut spans, mut begin, mut at) = (String::new(), Vec::new(), None, 0);
    for char in marked.chars() {
        match char {
            char if char == MARKS[0] => begin = Some(at),
            char if char == MARKS[1] => spans.extend(begin.take().map(|begin| begin..at)),
            char => {
                text.push(char);
                at += 1;
            }
        }
    }
    (text, spans)
}

/// 1 for the tokens of these characters.
fn mask(encoding: &Encoding, spans: &[std::ops::Range<usize>]) -> Vec<i64> {
    let mut mask = vec![0; encoding.ids().len()];
    for span in spans {
        let token = |at: usize| encoding.backend.char_to_token(at, 0);
        let Some(first) = token(span.start) else {
            // Cut off.
            break;
        };
        // As in Python token 0, too, is none to end with.
        let last = span
            .end
            .checked_sub(1)
            .and_then(token)
            .filter(|last| *last > 0);
        let end = last.map_or(mask.len(), |last| last + 1);
        mask.iter_mut()
            .take(end)
            .skip(first)
            .for_each(|flag| *flag = 1);
    }
    mask
}
