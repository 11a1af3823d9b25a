// Haswell and Zen: sixteen registers of eight floats.
#define TRAINER_CAPABILITY avx2
#define TRAINER_LANES 8
#define TRAINER_ROWS 6
#include "capability.h"
