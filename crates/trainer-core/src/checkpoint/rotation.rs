use std::path::PathBuf;

/// Which checkpoints to delete so that at most `limit` stay. `checkpoints` are the oldest first; the one of step `newest`,
/// just written, and the best always stay, so `limit` 1 keeps two where the best is not the newest.
pub(crate) fn superfluous(
    checkpoints: &[(u64, PathBuf)],
    limit: Option<usize>,
    newest: u64,
    best: Option<u64>,
) -> Vec<PathBuf> {
    let Some(limit) = limit.filter(|limit| *limit > 0) else {
        return Vec::new();
    };
    let is_protected = |step: u64| step == newest || Some(step) == best;
    let num_protected = checkpoints
        .iter()
        .filter(|(step, _)| is_protected(*step))
        .count();
    let excess = checkpoints.len().saturating_sub(limit.max(num_protected));
    checkpoints
        .iter()
        .filter(|(step, _)| !is_protected(*step))
        .take(excess)
        .map(|(_, path)| path.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::superfluous;

    fn kept(limit: usize, best: Option<u64>) -> Vec<u64> {
        kept_of([5, 10, 15, 20, 25], limit, 25, best)
    }

    fn kept_of(oldest_first: [u64; 5], limit: usize, newest: u64, best: Option<u64>) -> Vec<u64> {
        let all: Vec<_> = oldest_first
            .map(|step| (step, PathBuf::from(step.to_string())))
            .into();
        let gone = superfluous(&all, Some(limit), newest, best);
        all.iter()
            .filter(|(_, path)| !gone.contains(path))
            .map(|(step, _)| *step)
            .collect()
    }

    // Hugging Face's test_checkpoint_rotation.
    #[test]
    fn the_newest_and_the_best_stay() {
        assert_eq!(kept(2, None), [20, 25]);
        assert_eq!(kept(2, Some(5)), [5, 25]);
        assert_eq!(kept(1, Some(25)), [25]);
        assert_eq!(kept(1, Some(5)), [5, 25]);
        assert_eq!(kept(0, None), [5, 10, 15, 20, 25]);
    }

    #[test]
    fn those_of_an_earlier_run_go_first_whatever_their_steps() {
        assert_eq!(kept_of([50, 100, 2, 4, 6], 2, 6, None), [4, 6]);
        assert_eq!(kept_of([50, 100, 2, 4, 6], 2, 4, Some(100)), [100, 4]);
    }
}
