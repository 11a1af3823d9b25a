// Any other processor: whatever the compiler makes of vectors of four floats.
#define TRAINER_CAPABILITY plain
#define TRAINER_LANES 4
#define TRAINER_ROWS 6
#include "capability.h"
