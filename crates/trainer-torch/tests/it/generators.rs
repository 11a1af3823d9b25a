//! The default generators.

use crate::support::generator;
use tch::{Device, Kind, Tensor};
use trainer_torch::{Error, rng};

fn randperm() -> Vec<i64> {
    Vec::try_from(&Tensor::randperm(10, (Kind::Int64, Device::Cpu))).unwrap()
}

#[test]
fn states_and_seeds_are_pytorchs() {
    let _alone = generator();
    rng::manual_seed(42).unwrap();
    assert_eq!(rng::initial_seed().unwrap(), 42);
    // torch.manual_seed(42); torch.randperm(10).tolist()
    assert_eq!(randperm(), [2, 6, 1, 8, 4, 5, 0, 9, 3, 7]);

    // torch.manual_seed(42); torch.empty((), dtype=torch.int64).random_().item()
    rng::manual_seed(42).unwrap();
    assert_eq!(rng::draw_base_seed().unwrap(), BASE_SEED_OF_42);

    let state = rng::get_state().unwrap();
    assert_eq!(state.len(), rng::CPU_STATE_BYTES);
    // After two draws: 623 words are left, the third is next.
    assert_eq!(
        (state[8..12].to_vec(), state[16..24].to_vec()),
        (623i32.to_le_bytes().to_vec(), 2u64.to_le_bytes().to_vec())
    );
    let expected = randperm();
    rng::manual_seed(7).unwrap();
    rng::set_state(&state).unwrap();
    assert_eq!(rng::initial_seed().unwrap(), 42);
    assert_eq!(randperm(), expected);

    assert!(matches!(
        rng::set_state(&[0; 16]),
        Err(Error::GeneratorState(_))
    ));
    // A size that is right, and contents that cannot be.
    assert!(rng::set_state(&vec![0xff; rng::CPU_STATE_BYTES]).is_err());
    assert_eq!(
        rng::get_cuda_states().unwrap().len(),
        trainer_torch::cuda::device_count().unwrap()
    );
    assert!(rng::set_cuda_states(&vec![vec![0; 16]; 99]).is_err());
}

const BASE_SEED_OF_42: i64 = 6909045637428952499;
