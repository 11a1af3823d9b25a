/// The chat templates of a tokenizer by name; a single one is called `default`.
///
/// ```
/// use trainer_tokenize::{ChatTemplates, TokenizerConfig};
///
/// let template = "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}";
/// let mut config = TokenizerConfig::new("PreTrainedTokenizerFast");
/// config.chat_templates = ChatTemplates::new().with("default", template);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChatTemplates {
    named: Vec<(String, String)>,
}

impl ChatTemplates {
    /// The name of the template that is taken where no other is asked for.
    pub const DEFAULT: &str = "default";
    /// The name of the one that is taken instead where there are tools.
    pub const TOOL_USE: &str = "tool_use";

    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With a template of that name, in place of one that is there.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, template: impl Into<String>) -> Self {
        let (name, template) = (name.into(), template.into());
        match self.named.iter_mut().find(|(have, _)| *have == name) {
            Some((_, have)) => *have = template,
            None => self.named.push((name, template)),
        }
        self
    }

    /// The template of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let named = self.named.iter().find(|(have, _)| have == name);
        named.map(|(_, template)| template.as_str())
    }

    /// Names and templates.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let named = self.named.iter();
        named.map(|(name, template)| (name.as_str(), template.as_str()))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.named.is_empty()
    }
}
