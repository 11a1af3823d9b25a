// Skylake-SP and Zen 4: thirty-two registers of sixteen floats.
#define TRAINER_CAPABILITY avx512
#define TRAINER_LANES 16
#define TRAINER_ROWS 12
#include "capability.h"
