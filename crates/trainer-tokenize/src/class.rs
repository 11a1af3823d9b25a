//! What Python's tokenizer classes bring with them: the table behind `tokenizer_class` and `model_type`.
//!
//! Source: the classes of transformers 5.23 (`model_input_names`, `padding_side` and the defaults of `__init__`) and
//! `TOKENIZER_MAPPING_NAMES` in `models/auto/tokenization_auto.py`.

use crate::config::Side;
use crate::special_tokens::SpecialTokens;

/// The class that stands for "whatever `tokenizer.json` says"; Python 4 and 5 both load it.
pub(crate) const GENERIC: &str = "PreTrainedTokenizerFast";

const IDS_MASK: &[&str] = &["input_ids", "attention_mask"];
const IDS_TYPES: &[&str] = &["input_ids", "token_type_ids"];
const IDS_TYPES_MASK: &[&str] = &["input_ids", "token_type_ids", "attention_mask"];
const IDS_MASK_TYPES: &[&str] = &["input_ids", "attention_mask", "token_type_ids"];

/// A class's defaults.
pub(crate) struct Class {
    pub(crate) input_names: &'static [&'static str],
    pub(crate) padding_side: Side,
    pub(crate) special_tokens: SpecialTokens,
    /// Whether the class is BERT's: WordPiece from `vocab.txt`, with `do_lower_case` and its companions.
    pub(crate) bert: bool,
    /// Whether the class is RoBERTa's: byte pairs, with `add_prefix_space` and `trim_offsets`.
    pub(crate) roberta: bool,
    /// Whether the class is DeBERTa's: pieces of words (Unigram), with `do_lower_case`, `split_by_punct` and `add_prefix_space`.
    pub(crate) deberta: bool,
}

/// The class's name without the suffix `Fast`, which means the same class.
pub(crate) fn plain_name(class: &str) -> &str {
    match class {
        "PreTrainedTokenizer"
        | "PreTrainedTokenizerFast"
        | "TokenizersBackend"
        | "PythonBackend" => GENERIC,
        other => other.strip_suffix("Fast").unwrap_or(other),
    }
}

/// The defaults of the class called `name`; of the generic one for a class that is not in the table.
pub(crate) fn class(name: &str) -> Class {
    let (input_names, bert, tokens): (_, _, [&str; 7]) = match plain_name(name) {
        "BertTokenizer"
        | "ElectraTokenizer"
        | "MobileBertTokenizer"
        | "ConvBertTokenizer"
        | "SqueezeBertTokenizer"
        | "LayoutLMTokenizer"
        | "LxmertTokenizer" => (IDS_TYPES_MASK, true, BERT),
        "DPRContextEncoderTokenizer" | "DPRQuestionEncoderTokenizer" => {
            (IDS_TYPES_MASK, true, BERT)
        }
        "DistilBertTokenizer" | "DPRReaderTokenizer" => (IDS_MASK, true, BERT),
        "FNetTokenizer" => (IDS_TYPES, false, ALBERT),
        "AlbertTokenizer" => (IDS_MASK, false, ALBERT),
        "DebertaTokenizer" | "DebertaV2Tokenizer" => (
            IDS_MASK_TYPES,
            false,
            [
                "[CLS]", "[SEP]", "[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]",
            ],
        ),
        "RobertaTokenizer"
        | "BartTokenizer"
        | "LongformerTokenizer"
        | "XLMRobertaTokenizer"
        | "CamembertTokenizer" => (
            IDS_MASK,
            false,
            ["<s>", "</s>", "<unk>", "</s>", "<pad>", "<s>", "<mask>"],
        ),
        "MPNetTokenizer" => (
            IDS_MASK,
            false,
            ["<s>", "</s>", "[UNK]", "</s>", "<pad>", "<s>", "<mask>"],
        ),
        "GPT2Tokenizer" => (
            IDS_MASK,
            false,
            [END_OF_TEXT, END_OF_TEXT, END_OF_TEXT, "", "", "", ""],
        ),
        "GPTNeoXTokenizer" => (
            IDS_MASK,
            false,
            [
                END_OF_TEXT,
                END_OF_TEXT,
                END_OF_TEXT,
                "",
                "<|padding|>",
                "",
                "",
            ],
        ),
        "Qwen2Tokenizer" => (
            IDS_MASK,
            false,
            ["", END_OF_TEXT, END_OF_TEXT, "", END_OF_TEXT, "", ""],
        ),
        "LlamaTokenizer" => (IDS_MASK, false, ["<s>", "</s>", "<unk>", "", "", "", ""]),
        "T5Tokenizer" => (IDS_MASK, false, ["", "</s>", "<unk>", "", "<pad>", "", ""]),
        _ => (IDS_MASK, false, [""; 7]),
    };
    let padding_side = match plain_name(name) {
        "LlamaTokenizer" => Side::Left,
        _ => Side::Right,
    };
    Class {
        input_names,
        padding_side,
        special_tokens: SpecialTokens::from_array(tokens),
        bert,
        roberta: ["RobertaTokenizer", "BartTokenizer", "LongformerTokenizer"]
            .contains(&plain_name(name)),
        deberta: plain_name(name) == "DebertaV2Tokenizer",
    }
}

const ALBERT: [&str; 7] = [
    "[CLS]", "[SEP]", "<unk>", "[SEP]", "<pad>", "[CLS]", "[MASK]",
];
const BERT: [&str; 7] = ["", "", "[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"];
const END_OF_TEXT: &str = "<|endoftext|>";

/// Whether Python takes the generic class for a model of this type even where another one is named
/// (`MODELS_WITH_INCORRECT_HUB_TOKENIZER_CLASS`, as far as there are such models here).
pub(crate) fn is_generic_whatever_files_say(model_type: &str) -> bool {
    model_type == "modernbert"
}

/// The class that Python takes for a model of this type when nothing else names one.
pub(crate) fn class_of_model(model_type: &str) -> &'static str {
    match model_type {
        "bert" | "distilbert" | "electra" | "mobilebert" | "convbert" | "squeezebert"
        | "layoutlm" | "lxmert" | "megatron-bert" | "visual_bert" | "nomic_bert" | "ernie"
        | "qdqbert" => "BertTokenizer",
        "dpr" => "DPRQuestionEncoderTokenizer",
        "fnet" => "FNetTokenizer",
        "albert" | "yoso" => "AlbertTokenizer",
        "roberta"
        | "bart"
        | "longformer"
        | "data2vec-text"
        | "ibert"
        | "lilt"
        | "mra"
        | "roberta-prelayernorm" => "RobertaTokenizer",
        "xlm-roberta" | "xmod" | "gte" => "XLMRobertaTokenizer",
        "camembert" => "CamembertTokenizer",
        "mpnet" => "MPNetTokenizer",
        "deberta" => "DebertaTokenizer",
        "deberta-v2" => "DebertaV2Tokenizer",
        "gpt2" | "gpt_neo" | "gptj" | "opt" | "codegen" | "phi" | "starcoder2" => "GPT2Tokenizer",
        "gpt_neox" | "mpt" | "olmo" | "mamba" => "GPTNeoXTokenizer",
        "qwen2" | "qwen3" | "qwen2_moe" | "qwen3_moe" => "Qwen2Tokenizer",
        "t5" | "mt5" | "switch_transformers" => "T5Tokenizer",
        _ => GENERIC,
    }
}
