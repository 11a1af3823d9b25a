//! Where the time of a training goes, phase by phase.
//!
//! A phase lasts until the next one begins, so that all of them add up to the whole. They are times of the host: work that a GPU
//! was given and has not finished counts where the host waits for it, often in another phase. Nobody waits for the sake of the
//! profile. It is kept only where somebody listens to the target `trainer_core::profile` at the level debug when training begins;
//! else a phase costs one comparison.

use std::fmt;
use std::time::{Duration, Instant};

use tracing::{Level, debug, enabled};

/// What a training does at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Waiting for batches, or collating them where no thread does.
    Data,
    /// Looking at batches in host memory, counting tokens and labels.
    Prepare,
    /// Copies to the device, the model and the loss.
    Forward,
    /// Gradients.
    Backward,
    /// Their norm and its limit.
    Clip,
    /// The steps of optimizer and schedule, and gradients put away.
    Optimizer,
    /// Callbacks, logs, evaluations, checkpoints.
    Other,
}

/// The phases in the order of a step, by their names in the log.
const PHASES: [(Phase, &str); 7] = [
    (Phase::Data, "data"),
    (Phase::Prepare, "prepare"),
    (Phase::Forward, "forward"),
    (Phase::Backward, "backward"),
    (Phase::Clip, "clip"),
    (Phase::Optimizer, "optimizer"),
    (Phase::Other, "other"),
];

/// The time of each phase so far, where it is asked for.
#[derive(Debug)]
pub(crate) struct Profile(Option<Times>);

#[derive(Debug)]
struct Times {
    /// In the order of [`PHASES`].
    spent: [Duration; PHASES.len()],
    now: Phase,
    since: Instant,
}

impl Profile {
    /// Begins in [`Phase::Other`], where the log shows profiles; else counts nothing.
    pub(crate) fn begin() -> Self {
        let wanted = enabled!(Level::DEBUG);
        Self(wanted.then(|| Times {
            spent: [Duration::ZERO; PHASES.len()],
            now: Phase::Other,
            since: Instant::now(),
        }))
    }

    /// Ends the phase that is and begins `phase`.
    pub(crate) fn enter(&mut self, phase: Phase) {
        if let Some(times) = &mut self.0 {
            times.enter(phase, Instant::now());
        }
    }

    /// Ends the last phase and shows all.
    pub(crate) fn log(mut self) {
        self.enter(Phase::Other);
        if let Some(times) = &self.0 {
            debug!("{times}");
        }
    }
}

impl Times {
    fn enter(&mut self, phase: Phase, at: Instant) {
        self.spent[self.now as usize] += at.duration_since(self.since);
        (self.now, self.since) = (phase, at);
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole: f64 = self.spent.iter().map(Duration::as_secs_f64).sum();
        write!(f, "***** Profile: {whole:.3} s *****")?;
        for ((_, name), spent) in PHASES.iter().zip(self.spent) {
            let seconds = spent.as_secs_f64();
            let share = 100.0 * seconds / whole.max(f64::MIN_POSITIVE);
            write!(f, "\n  {name:<9} = {seconds:>9.3} s {share:>5.1}%")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_stand_where_their_numbers_say() {
        for (at, (phase, _)) in PHASES.iter().enumerate() {
            assert_eq!(*phase as usize, at);
        }
    }

    #[test]
    fn phases_last_until_the_next_and_add_up_to_the_whole() {
        let start = Instant::now();
        let mut times = Times {
            spent: [Duration::ZERO; PHASES.len()],
            now: Phase::Other,
            since: start,
        };
        let enter = |times: &mut Times, phase, at| {
            times.enter(phase, start + Duration::from_millis(at));
        };
        enter(&mut times, Phase::Data, 100);
        enter(&mut times, Phase::Backward, 150);
        enter(&mut times, Phase::Data, 450);
        enter(&mut times, Phase::Other, 500);
        enter(&mut times, Phase::Other, 1000);
        let milliseconds: Vec<_> = times.spent.iter().map(Duration::as_millis).collect();
        assert_eq!(milliseconds, [100, 0, 0, 300, 0, 0, 600]);
        let shown = times.to_string();
        for line in [
            "Profile: 1.000 s",
            "data      =     0.100 s  10.0%",
            "clip      =     0.000 s   0.0%",
            "other     =     0.600 s  60.0%",
        ] {
            assert!(shown.contains(line), "{shown}");
        }
    }

    #[test]
    fn nothing_is_counted_where_nobody_listens() {
        let mut profile = Profile::begin();
        profile.enter(Phase::Forward);
        assert!(profile.0.is_none());
    }
}
