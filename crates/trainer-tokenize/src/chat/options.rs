use serde_json::{Map, Value};

/// What to make of a chat: the arguments of transformers' `apply_chat_template`.
///
/// ```
/// use serde_json::json;
/// use trainer_tokenize::ChatOptions;
///
/// let options = ChatOptions::new()
///     .add_generation_prompt(true)
///     .tools([json!({ "type": "function", "function": { "name": "now", "parameters": {} } })])
///     .variable("enable_thinking", false);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatOptions {
    pub(crate) chat_template: Option<String>,
    pub(crate) add_generation_prompt: bool,
    pub(crate) continued_field: Option<String>,
    pub(crate) tools: Option<Vec<Value>>,
    pub(crate) documents: Option<Vec<Value>>,
    pub(crate) variables: Map<String, Value>,
}

impl ChatOptions {
    /// All messages, as the tokenizer's own template writes them.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The name of one of the tokenizer's templates, or else the text of one.
    #[must_use]
    pub fn chat_template(mut self, name_or_text: impl Into<String>) -> Self {
        self.chat_template = Some(name_or_text.into());
        self
    }

    /// Whether the text ends with what begins an answer, so that a model writes one. No by default; it is up to the template.
    #[must_use]
    pub fn add_generation_prompt(mut self, add: bool) -> Self {
        self.add_generation_prompt = add;
        self
    }

    /// Whether the text ends with the last message's `content` and nothing behind it, so that a model goes on with it. No by default.
    #[must_use]
    pub fn continue_final_message(mut self, go_on: bool) -> Self {
        self.continued_field = go_on.then(|| "content".to_owned());
        self
    }

    /// As [`continue_final_message`](Self::continue_final_message), with another field of the last message, such as `reasoning_content`.
    #[must_use]
    pub fn continue_final_field(mut self, field: impl Into<String>) -> Self {
        self.continued_field = Some(field.into());
        self
    }

    /// What the model may call: objects, a JSON schema each.
    #[must_use]
    pub fn tools(mut self, tools: impl IntoIterator<Item = Value>) -> Self {
        self.tools = Some(tools.into_iter().collect());
        self
    }

    /// What the model may look up: objects, by custom with a `title` and a `text`.
    #[must_use]
    pub fn documents(mut self, documents: impl IntoIterator<Item = Value>) -> Self {
        self.documents = Some(documents.into_iter().collect());
        self
    }

    /// One more variable for the template; it wins over a special token of that name.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }
}
