//! Chats become the texts and tokens that `parity/chat_templates.py` recorded from transformers, and templates that ask for too much are
//! errors.

use std::fs;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use trainer_tokenize::{
    AutoTokenizer, ChatMessage, ChatOptions, ChatTemplates, EncodeOptions, Error, Tokenizer,
    TokenizerConfig,
};

fn recorded() -> Json {
    serde_json::from_str(include_str!("../data/chats.json")).unwrap()
}

fn tokenizer(recorded: &Json) -> Tokenizer {
    let backend = recorded["tokenizer"].to_string();
    let backend = tokenizers::Tokenizer::from_bytes(backend).unwrap();
    let mut config = TokenizerConfig::new("PreTrainedTokenizerFast");
    config.special_tokens.bos_token = Some("<s>".to_owned());
    config.special_tokens.eos_token = Some("</s>".to_owned());
    Tokenizer::from_backend(backend, config).unwrap()
}

fn list(value: &Json) -> Vec<Json> {
    value.as_array().unwrap().clone()
}

fn options(case: &Json) -> ChatOptions {
    let mut options = ChatOptions::new().chat_template(case["template"].as_str().unwrap());
    for (name, value) in case["options"].as_object().unwrap() {
        options = match (name.as_str(), value) {
            ("add_generation_prompt", _) => options.add_generation_prompt(value == true),
            ("continue_final_message", Json::String(field)) => options.continue_final_field(field),
            ("continue_final_message", _) => options.continue_final_message(value == true),
            ("tools", _) => options.tools(list(value)),
            ("documents", _) => options.documents(list(value)),
            _ => options.variable(name, value.clone()),
        };
    }
    options
}

/// What is written here and refused in Python: what has no value can be gone through, and has no items.
const DIFFERENT: [&str; 1] = ["no documents"];

fn ids(encoding: &trainer_tokenize::Encoding) -> Json {
    encoding.ids().to_vec().into()
}

#[test]
fn chats_are_written_as_in_python() {
    let recorded = recorded();
    let tokenizer = tokenizer(&recorded);
    for case in recorded["chats"].as_array().unwrap() {
        let (name, messages) = (&case["name"], &case["messages"]);
        let options = options(case);
        let text = tokenizer.apply_chat_template(messages, &options);
        let Some(expected) = case["text"].as_str() else {
            let differs = DIFFERENT.contains(&name.as_str().unwrap());
            assert!(
                text.is_err() != differs,
                "{name}: Python raises {}, here is {text:?}",
                case["raises"]
            );
            continue;
        };
        let text = text.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(text, expected, "{name}");
        let whole = EncodeOptions::new();
        let encoding = tokenizer.encode_chat(messages, &options, &whole).unwrap();
        assert_eq!(ids(&encoding), case["ids"], "{name}");
        let cut = EncodeOptions::new().truncation(true).max_length(40);
        for (key, encode) in [("mask", whole), ("cut_mask", cut)] {
            if case.get(key).is_some() {
                let masked = tokenizer.encode_chat_with_assistant_mask(messages, &options, &encode);
                assert_eq!(Json::from(masked.unwrap().1), case[key], "{name}: {key}");
            }
        }
    }
}

#[test]
fn templates_are_found_and_saved_as_in_python() {
    let recorded = recorded();
    for case in recorded["folders"].as_array().unwrap() {
        let name = &case["name"];
        let folder = TempDir::new().unwrap();
        let path = folder.path();
        fs::write(
            path.join("tokenizer.json"),
            recorded["tokenizer"].to_string(),
        )
        .unwrap();
        for (file, text) in case["files"].as_object().unwrap() {
            fs::create_dir_all(path.join(file).parent().unwrap()).unwrap();
            fs::write(path.join(file), text.as_str().unwrap()).unwrap();
        }
        let tokenizer = AutoTokenizer::from_pretrained(path.to_str().unwrap()).unwrap();
        let chat = [ChatMessage::new("user", "Hi")];
        let plain = ChatOptions::new();
        for (key, options) in [
            ("plain", plain.clone()),
            ("with_tools", plain.clone().tools([json!({})])),
            ("by_name", plain.chat_template("rag")),
        ] {
            let text = tokenizer.apply_chat_template(&chat, &options).ok();
            assert_eq!(text.as_deref(), case[key]["text"].as_str(), "{name}: {key}");
        }
        let saved = path.join("saved");
        tokenizer.save_pretrained(&saved).unwrap();
        let expected = case["saved"].as_object().unwrap();
        for (file, text) in expected {
            let found = fs::read_to_string(saved.join(file)).unwrap();
            // Python has read other line ends as one kind.
            assert_eq!(
                found.replace("\r\n", "\n"),
                text.as_str().unwrap(),
                "{name}: {file}"
            );
        }
        let config = fs::read_to_string(saved.join("tokenizer_config.json")).unwrap();
        assert!(!config.contains("chat_template"), "{name}");
        let again = AutoTokenizer::from_pretrained(saved.to_str().unwrap()).unwrap();
        let (before, after) = (
            &tokenizer.config().chat_templates,
            &again.config().chat_templates,
        );
        let sorted = |templates: &ChatTemplates| {
            let mut all: Vec<_> = templates
                .iter()
                .map(|(n, t)| (n.to_owned(), t.to_owned()))
                .collect();
            all.sort();
            all
        };
        assert_eq!(sorted(before), sorted(after), "{name}");
        assert_eq!(after.iter().count(), expected.len(), "{name}");
    }
}

/// What the template makes of one message.
fn render(template: &str) -> Result<String, Error> {
    let tokenizer = tokenizer(&recorded());
    let options = ChatOptions::new().chat_template(template);
    tokenizer.apply_chat_template(&[ChatMessage::new("user", "Hi")], &options)
}

fn message(template: &str) -> String {
    render(template).unwrap_err().to_string()
}

#[test]
fn errors_say_where_a_template_fails() {
    let text = message("one\ntwo {{ raise_exception('roles must alternate') }}");
    assert!(
        text.contains("line 2") && text.ends_with("roles must alternate"),
        "{text}"
    );
    let text = message("{% for m in messages %}");
    assert!(text.contains("line 1") && text.contains("syntax"), "{text}");
    let text = message("\n\n{{ messages[0].nothing.more }}");
    assert!(
        text.contains("line 3") && text.contains("undefined"),
        "{text}"
    );

    let tokenizer = tokenizer(&recorded());
    let text = |options: &ChatOptions, chat: &Json| {
        tokenizer
            .apply_chat_template(chat, options)
            .unwrap_err()
            .to_string()
    };
    let chat = json!([{ "role": "user", "content": "Hi" }]);
    let none = text(&ChatOptions::new(), &chat);
    assert!(
        none.contains("no chat template") && none.contains("chat_template"),
        "{none}"
    );
    let template = ChatOptions::new().chat_template("{{ messages }}");
    let error = text(&template, &json!([{ "role": "user" }, 3]));
    assert!(
        error.contains("message 1") && error.contains("a number"),
        "{error}"
    );
    let error = text(&template, &json!({ "role": "user" }));
    assert!(error.contains("a list of messages"), "{error}");
    let error = text(&template.clone().documents([json!({}), json!("a")]), &chat);
    assert!(
        error.contains("documents") && error.contains("number 1 is a text"),
        "{error}"
    );
    let error = text(&template.variable("tools", 1), &chat);
    assert!(error.contains("\"tools\""), "{error}");
}

/// Each of these runs out of stack, memory or patience where nothing stops it.
#[test]
fn templates_that_ask_for_too_much_are_errors() {
    let nested = |begin: &str, part: &str, end: &str| format!("{begin}{}{end}", part.repeat(5000));
    for template in [
        "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}".to_owned(),
        "{% set ns = namespace(x='ab') %}{% for i in range(100) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}".to_owned(),
        "{% set ns = namespace(x=[]) %}{% for i in range(99999) %}{% set ns.x = [ns.x] %}{% endfor %}".to_owned(),
        "{% set ns = namespace(x={}) %}{% for i in range(99999) %}{% set ns.x = {'a': ns.x} %}{% endfor %}".to_owned(),
        "{% set ns = namespace(x=1) %}{% for i in range(99) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}".to_owned(),
"{% macro f(x) %}{{ f([x]) }}{% endmacro %}{{ f(1) }}".to_owned(),
        "{{ 'a' * 99999999 }}".to_owned(),
        "{{ [1] * 99999999 }}".to_owned(),
        "{{ '{:>999999999}'.format(1) }}".to_owned(),
        "{{ '{:.999999999f}'.format(1.0) }}".to_owned(),
        "{{ '%999999999d' % 1 }}".to_owned(),
        "{{ [1]|tojson(indent=999999999) }}".to_owned(),
        "{{ strftime_now('%Y' * 999999) }}".to_owned(),
        "{% set s = 'a' * 999999 %}{% for i in range(999) %}{{ s }}{% endfor %}".to_owned(),
        "{% for i in range(49999) %}          6705106{% endfor %}".to_owned(),
        nested("{% set x = 1 %}", "{% set x = [x] %}", ""),
        nested("{% set x = namespace() %}", "{% set x = namespace(x=x) %}", ""),
        nested("{{ 1", "+1", " }}"),
        nested("{{ ", "not ", "1 }}"),
        nested("{{ 1", "|string", " }}"),
        nested("{{ ", "[", ""),
        nested("{% if 0 %}", "{% elif 0 %}", "{% endif %}"),
        nested("", "{% if 1 %}", ""),
        "a".repeat((1 << 20) + 1),
    ] {
        let text = message(&template);
        assert!(text.len() < 1000, "{text}");
    }
}

#[test]
fn a_namespace_that_is_given_itself_holds_a_copy() {
    let text = render(
        "{% set ns = namespace(a=1) %}{% set ns.b = ns %}{% set ns.a = 2 %}{{ ns.a }}{{ ns.b.a }}{{ ns.b.b is defined }}",
    );
    assert_eq!(text.unwrap(), "21False");
}

#[test]
fn marks_of_what_the_assistant_wrote_cannot_be_forged() {
    let tokenizer = tokenizer(&recorded());
    let options = ChatOptions::new()
        .chat_template("{% generation %}{{ messages[0].content }}{% endgeneration %}");
    let encode = EncodeOptions::new();
    let masked = |content: &str| {
        let chat = [ChatMessage::new("user", content)];
        tokenizer.encode_chat_with_assistant_mask(&chat, &options, &encode)
    };
    assert_eq!(masked("ab").unwrap().1, [1, 1]);
    assert!(matches!(
        masked("a\u{fdd1}b\u{fdd0}"),
        Err(Error::Conversation(_))
    ));
}

#[test]
fn names_of_templates_lead_to_no_other_place() {
    for name in ["../x", "a/b", "", "..", "/etc/x", "a\\b", "."] {
        let backend = recorded()["tokenizer"].to_string();
        let mut config = TokenizerConfig::new("PreTrainedTokenizerFast");
        config.chat_templates = ChatTemplates::new().with(name, "x");
        let tokenizer =
            Tokenizer::from_backend(tokenizers::Tokenizer::from_bytes(backend).unwrap(), config)
                .unwrap();
        let folder = TempDir::new().unwrap();
        let saved = tokenizer.save_pretrained(folder.path().join("saved"));
        assert!(
            matches!(saved, Err(Error::ChatTemplateName(_))),
            "{name:?}: {saved:?}"
        );
    }
}

#[test]
fn a_field_that_holds_no_templates_is_named() {
    let folder = TempDir::new().unwrap();
    fs::write(
        folder.path().join("tokenizer.json"),
        recorded()["tokenizer"].to_string(),
    )
    .unwrap();
    for config in [json!(3), json!([{ "name": "a" }]), json!({ "default": 1 })] {
        let config = json!({ "chat_template": config }).to_string();
        fs::write(folder.path().join("tokenizer_config.json"), config).unwrap();
        let error = AutoTokenizer::from_pretrained(folder.path().to_str().unwrap()).unwrap_err();
        assert!(error.to_string().contains("\"chat_template\""), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// What a template writes of a text is the text, whatever it holds, and nothing of it is taken for a tag.
    #[test]
    fn texts_are_written_as_they_are(content in any::<String>()) {
        let tokenizer = tokenizer(&recorded());
        let options = ChatOptions::new().chat_template("[{{ messages[0].content }}]");
        let text = tokenizer.apply_chat_template(&[ChatMessage::new("user", content.as_str())], &options);
        prop_assert_eq!(text.unwrap(), format!("[{content}]"));
        let options = ChatOptions::new().chat_template("{{ messages[0].content|tojson }}");
        let json = tokenizer.apply_chat_template(&[ChatMessage::new("user", content.as_str())], &options).unwrap();
        prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), content);
    }

    /// Any text is a template or an error.
    #[test]
    fn no_template_panics(parts in prop::collection::vec(prop::sample::select(vec![
        "{{", "}}", "{%", "%}", "{#", "#}", "-", " set x = ", "ns.x", " for m in messages ", " endfor ", " generation ", " endgeneration ", "raw", "endraw",
        "'", "\"", "(", ")", "[", "]", "=", "==", "|tojson", "|bounded", " if ", " elif ", " endif ", "messages", "x", "1", "\n", " ", "é", "~", ".", "\\",
    ]), 0..24)) {
        let _ = render(&parts.concat());
    }
}
