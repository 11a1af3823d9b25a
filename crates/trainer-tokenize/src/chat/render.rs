use std::io;
use std::sync::OnceLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Kwargs;
use minijinja::{AutoEscape, Environment, ErrorKind, State, Value};
use trainer_data::{BoxError, caught};

use super::{clock, methods, python_json, tags, values};
use crate::{Error, Result};

/// How long a template may be, in bytes.
const LONGEST_TEMPLATE: usize = 1 << 20;
/// Steps that a template may take, and for each byte of what it is given; a step also stands for 64 bytes that it makes.
const FUEL: u64 = 500_000;
const FUEL_OF_BYTE: u64 = 20;
/// Bytes that it may write, and for each byte of what it is given: text is made into tokens at some megabytes a second.
const MOST_OUTPUT: usize = 256 << 10;
const OUTPUT_OF_BYTE: usize = 16;
/// How deep macros may call one another; each call counts ten times.
const RECURSION: usize = 300;

/// What stands around that which a model has written, where it is asked for; neither is a character of any text.
pub(super) const MARKS: [char; 2] = ['\u{fdd0}', '\u{fdd1}'];

/// A template with the name that errors give it.
pub(super) struct Template<'t> {
    pub(super) name: &'t str,
    pub(super) text: &'t str,
}

impl Template<'_> {
    /// What the template writes of `context`, whose texts have `given` bytes. With `marks` what stands in its tags `generation` is between
    /// [`MARKS`].
    pub(super) fn render(&self, context: Value, given: usize, marks: bool) -> Result<String> {
        let failed = |reason: BoxError| Error::ChatTemplate {
            name: self.name.to_owned(),
            line: None,
            source: reason,
        };
        if self.text.len() > LONGEST_TEMPLATE {
            let bound = format!("it has more than {LONGEST_TEMPLATE} bytes");
            return Err(failed(bound.into()));
        }
        // Python reads files, and Jinja texts, with one kind of line end.
        let text = self.text.replace("\r\n", "\n").replace('\r', "\n");
        let text = tags::prepare(&text).map_err(failed)?;
        let mut environment = environment().clone();
        environment.set_fuel(Some(
            FUEL.saturating_add((given as u64).saturating_mul(FUEL_OF_BYTE)),
        ));
        if marks {
            environment.add_function(tags::GENERATION, marked);
        }
        let mut output = Output {
            bytes: Vec::new(),
            most: MOST_OUTPUT.saturating_add(given.saturating_mul(OUTPUT_OF_BYTE)),
        };
        let rendered = caught(|| {
            let template = environment.template_from_named_str(self.name, &text)?;
            template.render_captured_to(context, &mut output).map(drop)
        });
        match rendered {
            Ok(Ok(())) => String::from_utf8(output.bytes).map_err(|error| failed(error.into())),
            Ok(Err(error)) => Err(self.error(error)),
            Err(panic) => Err(failed(format!("minijinja failed: {panic}").into())),
        }
    }

    fn error(&self, error: minijinja::Error) -> Error {
        let line = error.line();
        let reason: BoxError = match (error.kind(), std::error::Error::source(&error)) {
            // What wrote does not fail by itself.
            (ErrorKind::WriteFailure, Some(source)) => source.to_string().into(),
            (ErrorKind::OutOfFuel, _) => "it takes too many steps, or makes too much".into(),
            (kind, _) => match error.detail() {
                // `raise_exception` among others.
                Some(detail) if kind == ErrorKind::InvalidOperation => detail.to_owned().into(),
                Some(detail) => format!("{kind}: {detail}").into(),
                None => kind.to_string().into(),
            },
        };
        Error::ChatTemplate {
            name: self.name.to_owned(),
            line,
            source: reason,
        }
    }
}

/// Jinja's language as transformers sets it up.
fn environment() -> &'static Environment<'static> {
    static ENVIRONMENT: OnceLock<Environment<'static>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let mut environment = Environment::new();
        let syntax = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build();
        // Only markers of one's own can be refused.
        environment.set_syntax(syntax.unwrap_or_default());
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_recursion_limit(RECURSION);
        environment.set_unknown_method_callback(methods::call);
        environment.add_filter("tojson", python_json::tojson);
        environment.add_filter(tags::BOUNDED, values::bounded);
        environment.add_filter(tags::STORED, values::stored);
        environment.add_function(tags::GENERATION, generation);
        environment.add_function("namespace", values::namespace);
        environment.add_function("strftime_now", |format: &str| clock::strftime_now(format));
        environment.add_function("raise_exception", |message: Value| {
            let error = minijinja::Error::new(ErrorKind::InvalidOperation, message.to_string());
            Err::<Value, _>(error)
        });
        environment
    })
}

/// What is inside a tag `generation`.
fn generation(state: &mut State<'_, '_>, options: Kwargs) -> Result<Value, minijinja::Error> {
    options.get::<Value>("caller")?.call(state, &[])
}

/// The same between marks.
fn marked(state: &mut State<'_, '_>, options: Kwargs) -> Result<String, minijinja::Error> {
    let written = generation(state, options)?;
    Ok(format!("{}{written}{}", MARKS[0], MARKS[1]))
}

/// What a template has written.
struct Output {
    bytes: Vec<u8>,
    most: usize,
}

impl io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.most {
            return Err(io::Error::other(format!(
                "it writes more than {} bytes",
                self.most
            )));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
