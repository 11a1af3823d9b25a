// The fused operations of layers. One file to compile: autograd's headers take longer than all that is written here.
#include "fast/adamw.h"
#include "fast/attention.h"
#include "fast/dropout.h"
#include "fast/embedding.h"
#include "fast/linear.h"
#include "fast/residual_norm.h"
