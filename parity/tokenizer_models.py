"""The tokenizers of the hub's cache that scripts record, with the classes that read them."""

from transformers import AutoTokenizer, BertTokenizer

# AutoTokenizer takes AlbertTokenizer for rxnmapper, which does not know vocab.txt.
MODELS = {
    "google-bert/bert-base-cased": AutoTokenizer,
    "sentence-transformers/all-MiniLM-L6-v2": AutoTokenizer,
    "openai-community/gpt2": AutoTokenizer,
    "FacebookAI/roberta-base": AutoTokenizer,
    "rxn4chemistry/rxnmapper-albert": BertTokenizer,
}
