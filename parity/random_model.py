"""Makes a model for `cargo xtask bench`: the sizes of a hub model's configuration, random weights for two classes, its tokenizer.

    HF_HUB_CACHE=../shared/assets/hub HF_HUB_OFFLINE=1 python parity/random_model.py google-bert/bert-base-cased FOLDER
"""

import sys

import torch
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

name, folder = sys.argv[1:]
torch.manual_seed(42)
AutoModelForSequenceClassification.from_config(AutoConfig.from_pretrained(name, num_labels=2)).save_pretrained(folder)
AutoTokenizer.from_pretrained(name).save_pretrained(folder)
