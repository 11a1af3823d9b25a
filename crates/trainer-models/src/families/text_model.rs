use trainer_collate::Batch;

use super::embeddings::TextEmbeddings;
use super::encoder::Encoder;
use super::inputs::{TEXT_INPUTS, TEXT_INPUTS_WITHOUT_SEGMENTS};
use super::pooler::Pooler;
use super::tables::Tables;
use crate::layers::Linear;
use crate::{Backbone, BackboneOutput, Pass, Result};

/// Embeddings, encoder and, for some heads, a pooler: the network of BERT and those of its relatives that differ from it in
/// names, places and sizes.
#[derive(Debug)]
pub(super) struct TextModel {
    pub(super) tables: Tables,
    pub(super) embeddings: TextEmbeddings,
    /// From the embeddings' width to the encoder's.
    pub(super) projection: Option<Linear>,
    pub(super) encoder: Encoder,
    pub(super) pooler: Option<Pooler>,
}

impl Backbone for TextModel {
    fn input_names(&self) -> &'static [&'static str] {
        match self.tables.segments {
            Some(_) => TEXT_INPUTS,
            None => TEXT_INPUTS_WITHOUT_SEGMENTS,
        }
    }

    fn max_length(&self) -> Option<usize> {
        usize::try_from(self.tables.longest()).ok()
    }

    fn prepare(&self, inputs: &mut Batch) -> Result<[i64; 2]> {
        self.tables.prepare(inputs)
    }

    fn takes_packed(&self) -> bool {
        true
    }

    fn takes_packed_padding(&self) -> bool {
        true
    }

    fn can_narrow(&self) -> bool {
        true
    }

    fn can_recompute(&self) -> bool {
        true
    }

    fn forward(&self, inputs: &Batch, pass: Pass<'_>) -> Result<BackboneOutput> {
        let mut states = self.embeddings.forward(inputs, pass)?;
        if let Some(projection) = &self.projection {
            states = projection.forward_as(&states, pass)?;
        }
        let states = self.encoder.forward(states, pass)?;
        let pooler = self.pooler.as_ref();
        let pooled = pooler.map(|pooler| pooler.forward(&states, pass));
        Ok(BackboneOutput::new(states, pooled.transpose()?))
    }
}
