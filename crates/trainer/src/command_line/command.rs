//! The `clap` command of a table of fields.

use clap::{Arg, ArgAction, Command};
use serde_json::Value;
use trainer_core::{ArgumentField, ArgumentFields, ArgumentKind};

use super::text::value_parser;

/// The flags of all fields of `A` with their defaults in the help.
pub(super) fn flags<A: ArgumentFields>() -> impl Iterator<Item = Arg> {
    let defaults = A::default();
    A::fields().into_iter().flat_map(move |field| {
        let default = defaults.get(field.name).unwrap_or_default();
        let negation = (default == Value::Bool(true)).then(|| negation(field));
        [Some(flag(field, &default)), negation]
            .into_iter()
            .flatten()
    })
}

/// A command without flags.
pub(super) fn command(name: &str, about: &str) -> Command {
    Command::new(name.to_string())
        .about(about.to_string())
        .args_override_self(true)
        .after_help("A single argument that ends in .json is read as a file with a JSON object of arguments.")
}

/// The name of the flag that sets a boolean field to false.
pub(super) fn negative_name(field: &ArgumentField) -> String {
    format!("no_{}", field.name)
}

fn flag(field: ArgumentField, default: &Value) -> Arg {
    let arg = Arg::new(field.name)
        .long(field.name)
        .alias(field.name.replace('_', "-"))
        .help(help(&field, default))
        .help_heading(field.group)
        .value_name(placeholder(field.kind))
        .value_parser(value_parser(field));
    match field.kind {
        ArgumentKind::Bool => arg.num_args(0..=1).default_missing_value("true"),
        ArgumentKind::List => arg.num_args(1..),
        ArgumentKind::Int | ArgumentKind::Count | ArgumentKind::Float => {
            arg.allow_negative_numbers(true)
        }
        _ => arg,
    }
}

fn negation(field: ArgumentField) -> Arg {
    let name = negative_name(&field);
    Arg::new(name.clone())
        .alias(name.replace('_', "-"))
        .long(name)
        .help(format!("Sets {} to false", field.name))
        .help_heading(field.group)
        .action(ArgAction::SetTrue)
        .overrides_with(field.name)
}

fn help(field: &ArgumentField, default: &Value) -> String {
    let help = field.help.split_whitespace().collect::<Vec<_>>().join(" ");
    let default = match default {
        Value::Null => return help,
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => return help,
        Value::Array(items) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            items.join(" ")
        }
        other => other.to_string(),
    };
    format!("{help} [default: {default}]")
}

const fn placeholder(kind: ArgumentKind) -> &'static str {
    match kind {
        ArgumentKind::Bool => "true|false",
        ArgumentKind::Int | ArgumentKind::Count => "integer",
        ArgumentKind::Float => "number",
        ArgumentKind::Path => "path",
        ArgumentKind::Choice(_) => "name",
        ArgumentKind::List => "text",
        ArgumentKind::Object => "json",
        _ => "text",
    }
}
