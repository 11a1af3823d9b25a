//! From what `clap` found to the values of fields.

use clap::ArgMatches;
use clap::parser::ValueSource;
use serde_json::{Map, Value};
use trainer_core::{ArgumentFields, ArgumentKind, ArgumentsResult};

use super::command::negative_name;

/// The arguments that were given on the command line, on top of the defaults.
pub(super) fn arguments<A: ArgumentFields>(matches: &ArgMatches) -> ArgumentsResult<A> {
    let mut values = Map::new();
    for field in A::fields() {
        if given(matches, field.name) {
            let found = matches.get_many::<Value>(field.name).unwrap_or_default();
            let mut found: Vec<Value> = found.cloned().collect();
            let value = match field.kind {
                ArgumentKind::List => list(found),
                _ => found.pop().unwrap_or_default(),
            };
            values.insert(field.name.to_string(), value);
        }
        if given(matches, &negative_name(&field)) {
            values.insert(field.name.to_string(), Value::from(false));
        }
    }
    A::from_values(values)
}

/// Whether the flag stands on the command line. A flag that the command does not have does not.
fn given(matches: &ArgMatches, name: &str) -> bool {
    let known = matches.try_contains_id(name).is_ok();
    known && matches.value_source(name) == Some(ValueSource::CommandLine)
}

/// A list of values, or `null` where the only one is.
fn list(values: Vec<Value>) -> Value {
    match values.as_slice() {
        [Value::Null] => Value::Null,
        _ => Value::Array(values),
    }
}
