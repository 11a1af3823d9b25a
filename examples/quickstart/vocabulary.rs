//! A WordPiece vocabulary of the sentences at hand.

use std::collections::BTreeSet;

use tokenizers::AddedToken;
use tokenizers::models::TrainerWrapper;
use tokenizers::models::wordpiece::{WordPiece, WordPieceTrainer};
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::processors::template::TemplateProcessing;
use trainer::data::{BoxError, Dataset};
use trainer::tokenize::{Tokenizer, TokenizerConfig};

const SPECIAL_TOKENS: [&str; 5] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

/// Trains a vocabulary of at most `size` tokens on the sentences of `data` and makes BERT's tokenizer of it.
///
/// The trainer's hash maps are seeded anew in every process, so ids and unfinished pieces of words differ from run to run.
/// What the sentences are made of does not, where `size` allows for all their words: the special tokens, single characters
/// and the tokens in use are kept, in alphabetical order.
pub(crate) fn vocabulary(
    data: &Dataset,
    size: usize,
    max_length: usize,
) -> Result<Tokenizer, BoxError> {
    let numbers: Vec<usize> = (0..data.num_rows()).collect();
    let rows = data.rows(&numbers)?;
    let mut sentences = Vec::with_capacity(2 * rows.len());
    for name in ["sentence1", "sentence2"] {
        let column = rows.column(name)?;
        for k in 0..rows.len() {
            sentences.push(column.str(k)?.to_owned());
        }
    }
    let special = SPECIAL_TOKENS.map(|token| AddedToken::from(token, true));
    let trainer = WordPieceTrainer::builder()
        .vocab_size(size)
        .special_tokens(special.to_vec())
        .show_progress(false)
        .build();
    let model = WordPiece::builder().unk_token("[UNK]".to_owned()).build()?;
    let mut backend = tokenizers::Tokenizer::new(model);
    backend.with_normalizer(Some(BertNormalizer::default()))?;
    backend.with_pre_tokenizer(Some(BertPreTokenizer));
    backend.with_decoder(Some(tokenizers::decoders::wordpiece::WordPiece::default()));
    backend.train(&mut TrainerWrapper::from(trainer), sentences.iter())?;
    let model = in_order(&backend, &sentences)?;
    backend.with_model(model);
    let id = |token: &str| {
        backend
            .token_to_id(token)
            .ok_or(format!("the vocabulary lacks {token}"))
    };
    let ends = vec![("[CLS]", id("[CLS]")?), ("[SEP]", id("[SEP]")?)];
    let template = TemplateProcessing::builder()
        .try_single("[CLS] $A [SEP]")?
        .try_pair("[CLS] $A [SEP] $B:1 [SEP]:1")?
        .special_tokens(ends)
        .build()?;
    backend.with_post_processor(Some(template));
    let config = TokenizerConfig {
        model_max_length: Some(max_length),
        ..TokenizerConfig::new("BertTokenizer")
    };
    Ok(Tokenizer::from_backend(backend, config)?)
}

/// The trained model with the tokens that are needed, numbered by their order.
fn in_order(backend: &tokenizers::Tokenizer, sentences: &[String]) -> Result<WordPiece, BoxError> {
    let single = |token: &String| token.trim_start_matches("##").chars().count() == 1;
    let mut tokens: BTreeSet<String> = backend
        .get_vocab(false)
        .into_keys()
        .filter(single)
        .collect();
    for sentence in sentences {
        tokens.extend(
            backend
                .encode(sentence.as_str(), false)?
                .get_tokens()
                .iter()
                .cloned(),
        );
    }
    let special = SPECIAL_TOKENS.map(str::to_owned).into_iter();
    let lines: Vec<String> = special.chain(tokens).collect();
    let vocabulary = WordPiece::read_bytes(lines.join("\n").as_bytes())?;
    WordPiece::builder()
        .vocab(vocabulary)
        .unk_token("[UNK]".to_owned())
        .build()
}
