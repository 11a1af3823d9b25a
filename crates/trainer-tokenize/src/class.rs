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
    pub(crate) parts: Parts,
}

/// The parts of a tokenizer that a class brings, whatever `tokenizer.json` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parts {
    /// None.
    AsFile,
    /// BERT's special tokens around texts alone.
    AroundAsBert,
    Bert,
    Mpnet,
    Roberta,
    Gpt2,
    Deberta,
    DebertaV2,
    Albert,
    XlmRoberta,
    Camembert,
    T5,
}

impl Parts {
    /// Whether the class cuts words by WordPiece, with `do_lower_case` and its companions.
    pub(crate) fn are_word_pieces(self) -> bool {
        matches!(self, Self::Bert | Self::Mpnet)
    }

    /// Whether the class's masking token takes the blanks before it.
    pub(crate) fn mask_takes_blanks(self) -> bool {
        matches!(self, Self::Mpnet | Self::Camembert)
    }
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
    let (input_names, parts, tokens): (_, _, [&str; 7]) = match plain_name(name) {
        "BertTokenizer"
        | "ElectraTokenizer"
        | "MobileBertTokenizer"
        | "SqueezeBertTokenizer"
        | "LayoutLMTokenizer"
        | "LxmertTokenizer"
        | "DPRContextEncoderTokenizer"
        | "DPRQuestionEncoderTokenizer" => (IDS_TYPES_MASK, Parts::Bert, BERT),
        "ConvBertTokenizer" => (IDS_TYPES_MASK, Parts::AroundAsBert, BERT),
        "DistilBertTokenizer" | "DPRReaderTokenizer" => (IDS_MASK, Parts::Bert, BERT),
        "FNetTokenizer" => (IDS_TYPES, Parts::AsFile, ALBERT),
        "AlbertTokenizer" => (IDS_MASK, Parts::Albert, ALBERT),
        "DebertaTokenizer" => (IDS_MASK_TYPES, Parts::Deberta, DEBERTA),
        "DebertaV2Tokenizer" => (IDS_MASK_TYPES, Parts::DebertaV2, DEBERTA),
        "RobertaTokenizer"
        | "BartTokenizer"
        | "LongformerTokenizer"
        | "LEDTokenizer"
        | "MvpTokenizer" => (IDS_MASK, Parts::Roberta, ROBERTA),
        "XLMRobertaTokenizer" => (IDS_MASK, Parts::XlmRoberta, ROBERTA),
        "CamembertTokenizer" => (IDS_MASK, Parts::Camembert, ROBERTA),
        "MPNetTokenizer" => (
            IDS_MASK,
            Parts::Mpnet,
            ["<s>", "</s>", "[UNK]", "</s>", "<pad>", "<s>", "<mask>"],
        ),
        "GPT2Tokenizer" => (
            IDS_MASK,
            Parts::Gpt2,
            [END_OF_TEXT, END_OF_TEXT, END_OF_TEXT, "", "", "", ""],
        ),
        "GPTNeoXTokenizer" => (
            IDS_MASK,
            Parts::AsFile,
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
            Parts::AsFile,
            ["", END_OF_TEXT, END_OF_TEXT, "", END_OF_TEXT, "", ""],
        ),
        "LlamaTokenizer" => (
            IDS_MASK,
            Parts::AsFile,
            ["<s>", "</s>", "<unk>", "", "", "", ""],
        ),
        "T5Tokenizer" => (
            IDS_MASK,
            Parts::T5,
            ["", "</s>", "<unk>", "", "<pad>", "", ""],
        ),
        _ => (IDS_MASK, Parts::AsFile, [""; 7]),
    };
    let padding_side = match plain_name(name) {
        "LlamaTokenizer" | "CodeLlamaTokenizer" | "CohereTokenizer" | "GemmaTokenizer"
        | "Siglip2Tokenizer" | "XLNetTokenizer" => Side::Left,
        _ => Side::Right,
    };
    Class {
        input_names,
        padding_side,
        special_tokens: SpecialTokens::from_array(tokens),
        parts,
    }
}

const ALBERT: [&str; 7] = [
    "[CLS]", "[SEP]", "<unk>", "[SEP]", "<pad>", "[CLS]", "[MASK]",
];
const DEBERTA: [&str; 7] = [
    "[CLS]", "[SEP]", "[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]",
];
const ROBERTA: [&str; 7] = ["<s>", "</s>", "<unk>", "</s>", "<pad>", "<s>", "<mask>"];
const BERT: [&str; 7] = ["", "", "[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"];
const END_OF_TEXT: &str = "<|endoftext|>";

/// Whether Python takes the generic class for a model of this type even where another one is named: those whose class in
/// `TOKENIZER_MAPPING_NAMES` is the generic one.
pub(crate) fn is_generic_whatever_files_say(model_type: &str) -> bool {
    GENERIC_TYPES.contains(&model_type)
}

const GENERIC_TYPES: &[&str] = &[
    "arctic",
    "aria",
    "bigbird_pegasus",
    "chatlm",
    "cohere_asr",
    "ernie4_5",
    "ernie4_5_moe",
    "flex_olmo",
    "fuyu",
    "glm",
    "glm4",
    "glm4_moe",
    "gpt_bigcode",
    "granite",
    "granitemoe",
    "granitemoehybrid",
    "granitemoeshared",
    "internlm2",
    "internlm3",
    "jamba",
    "kosmos-2",
    "llava",
    "llava_next",
    "minicpm3",
    "minimax_m2",
    "mistral",
    "mixtral",
    "modernbert",
    "modernbert-decoder",
    "nemotron",
    "nystromformer",
    "olmo2",
    "olmo3",
    "pegasus_x",
    "persimmon",
    "phi3",
    "phimoe",
    "stablelm",
    "umt5",
    "vipllava",
    "xlm-roberta-xl",
];

/// The class that Python takes for a model of this type when nothing else names one.
pub(crate) fn class_of_model(model_type: &str) -> &'static str {
    match model_type {
        "bert" | "distilbert" | "electra" | "convbert" | "squeezebert" | "layoutlm"
        | "megatron-bert" | "visual_bert" | "nomic_bert" | "ernie" | "qdqbert" | "nezha"
        | "realm" | "retribert" | "bros" | "blip" | "git" | "flava" | "vilt" | "tvp"
        | "chinese_clip" => "BertTokenizer",
        "mobilebert" => "MobileBertTokenizer",
        "lxmert" => "LxmertTokenizer",
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
        | "mega"
        | "bridgetower"
        | "clap"
        | "roberta-prelayernorm" => "RobertaTokenizer",
        "xlm-roberta" | "xmod" | "gte" | "jina_embeddings_v3" | "trocr" => "XLMRobertaTokenizer",
        "camembert" => "CamembertTokenizer",
        "mpnet" => "MPNetTokenizer",
        "deberta" => "DebertaTokenizer",
        "deberta-v2" => "DebertaV2Tokenizer",
        "gpt2" | "gpt_neo" | "gptj" | "opt" | "codegen" | "phi" | "starcoder2" => "GPT2Tokenizer",
        "gpt_neox" | "mpt" | "olmo" | "mamba" => "GPTNeoXTokenizer",
        "qwen2" | "qwen3" | "qwen2_moe" | "qwen3_moe" => "Qwen2Tokenizer",
        "led" => "LEDTokenizer",
        "mvp" => "MvpTokenizer",
        "t5" | "mt5" | "switch_transformers" => "T5Tokenizer",
        _ => GENERIC,
    }
}

/// The special tokens beside the named ones that a class brings where nothing is said of any. T5 has 100 unless `extra_ids` says another
/// number.
pub(crate) fn extra_tokens(parts: Parts, extra_ids: Option<u64>) -> Vec<String> {
    match parts {
        Parts::Camembert => ["<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED"]
            .map(str::to_owned)
            .to_vec(),
        Parts::T5 => (0..extra_ids.unwrap_or(100).min(MOST_EXTRA_IDS))
            .map(|number| format!("<extra_id_{number}>"))
            .collect(),
        _ => Vec::new(),
    }
}

/// So many a file may ask for.
const MOST_EXTRA_IDS: u64 = 10_000;
