"""Weights that follow from a formula, so that the tests make the same models as the scripts that record what pipelines answer."""

import torch


def fill(model):
    """Weight number `p`, element number `i`: a whole number within 1001 that looks random, over 1024; over 8192 in a bias, and
    with 1 added in the scale of a normalisation."""
    for p, (name, weight) in enumerate(model.named_parameters()):
        i = torch.arange(weight.numel(), dtype=torch.int64)
        numbers = ((i * i * 31 + i * 7919 + p * 104729) % 2003 - 1001).double()
        values = numbers / 8192 if name.endswith("bias") else numbers / 1024
        values = 1 + numbers / 8192 if name.endswith("LayerNorm.weight") else values
        weight.data.copy_(values.float().view_as(weight))
