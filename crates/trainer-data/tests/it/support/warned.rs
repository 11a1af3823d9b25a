use std::{cell::RefCell, fmt::Debug, sync::Once};

use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
    subscriber::{Interest, set_global_default},
};

thread_local! {
    /// What was warned of in this thread, where somebody wants to know.
    static WARNED: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// What `run` gives back, and what it warned of in this thread.
///
/// One subscriber hears all threads: of two that come and go, a warning that is written for the first time meanwhile may miss one.
pub fn warnings<T>(run: impl FnOnce() -> T) -> (T, Vec<String>) {
    static SET: Once = Once::new();
    SET.call_once(|| set_global_default(Warned).unwrap());
    let before = WARNED.replace(Some(Vec::new()));
    let result = run();
    (result, WARNED.replace(before).unwrap_or_default())
}

struct Warned;

impl Subscriber for Warned {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::WARN
            && metadata.target().starts_with("trainer_data")
            && WARNED.with_borrow(Option::is_some)
    }

    fn event(&self, event: &Event<'_>) {
        let mut message = Message(String::new());
        event.record(&mut message);
        WARNED.with_borrow_mut(|warned| warned.as_mut().unwrap().push(message.0));
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}
