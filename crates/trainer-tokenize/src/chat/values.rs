//! How deep values may be that a template keeps: they are printed, compared and dropped level by level.

use minijinja::value::{Kwargs, Serde, Tuple, ValueKind, from_args};
use minijinja::{Error, ErrorKind, State, Value};
use serde::{Serialize, Serializer};

/// How deep a value may be.
const MOST_DEPTH: usize = 100;
/// Steps that a look at a value costs, and one at each value in it.
const STEPS: u64 = 5;

/// A value that a variable gets, as it is; what is made only when it is read is made now.
pub(super) fn bounded(state: &State<'_, '_>, value: Value) -> Result<Value, Error> {
    let value = match value.kind() {
        ValueKind::Iterable => listed(state, &value)?,
        _ => value,
    };
    check(state, &value, 0)?;
    Ok(value)
}

/// A value that a namespace gets, copied: what is in a namespace can never come to hold it.
pub(super) fn stored(state: &State<'_, '_>, value: Value) -> Result<Value, Error> {
    copy(state, &value, 0)
}

/// Jinja's `namespace(…)`.
pub(super) fn namespace(state: &State<'_, '_>, fields: Kwargs) -> Result<Value, Error> {
    let mut copied = Vec::new();
    for name in fields.args() {
        copied.push((name, copy(state, &fields.get::<Value>(name)?, 0)?));
    }
    let fields: Kwargs = copied.into_iter().collect();
    let (fields,) = from_args(&[fields.into()])?;
    minijinja::functions::namespace(fields)
}

/// The fields of a dictionary, in their order.
struct Fields(Vec<(Value, Value)>);

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

fn deeper(state: &State<'_, '_>, depth: usize) -> Result<usize, Error> {
    state.consume_fuel(STEPS)?;
    match depth < MOST_DEPTH {
        true => Ok(depth + 1),
        false => Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("a value would be nested more than {MOST_DEPTH} levels deep"),
        )),
    }
}

fn listed(state: &State<'_, '_>, value: &Value) -> Result<Value, Error> {
    let mut values = Vec::new();
    for value in value.try_iter()? {
        state.consume_fuel(STEPS)?;
        values.push(value);
    }
    Ok(values.into())
}

fn check(state: &State<'_, '_>, value: &Value, depth: usize) -> Result<(), Error> {
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => {
            let depth = deeper(state, depth)?;
            for value in value.try_iter()? {
                check(state, &value, depth)?;
            }
        }
        ValueKind::Map => {
            let depth = deeper(state, depth)?;
            for key in value.try_iter()? {
                check(state, &value.get_item(&key)?, depth)?;
                check(state, &key, depth)?;
            }
        }
        _ => state.consume_fuel(STEPS)?,
    }
    Ok(())
}

fn copy(state: &State<'_, '_>, value: &Value, depth: usize) -> Result<Value, Error> {
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => {
            let depth = deeper(state, depth)?;
            let mut values = Vec::new();
            for value in value.try_iter()? {
                values.push(copy(state, &value, depth)?);
            }
            let is_tuple = value
                .as_object()
                .is_some_and(|object| object.downcast_ref::<Tuple>().is_some());
            Ok(match is_tuple {
                true => Tuple::new(values).into(),
                false => values.into(),
            })
        }
        ValueKind::Map => {
            let depth = deeper(state, depth)?;
            let mut fields = Vec::new();
            for key in value.try_iter()? {
                let field = copy(state, &value.get_item(&key)?, depth)?;
                fields.push((copy(state, &key, depth)?, field));
            }
            Ok(Serde(Fields(fields)).into())
        }
        ValueKind::Plain | ValueKind::Invalid => Err(Error::new(
            ErrorKind::InvalidOperation,
            "a namespace holds data alone, no macros",
        )),
        _ => {
            state.consume_fuel(STEPS)?;
            Ok(value.clone())
        }
    }
}
