//! Named entities in a sequence of tags, as `seqeval` (1.2.2, `get_entities`) and `conlleval` find them.

/// A tag as its two parts, such as `B` and `PER` of `B-PER`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    /// `B`egin, `I`nside, `E`nd, `S`ingle or `O`utside.
    place: char,
    kind: String,
}

/// An entity: what it is, its first token and the one after its last.
pub(crate) type Entity<'t> = (&'t str, usize, usize);

impl Tag {
    /// The parts of a tag; the kind of one that has none is `_`.
    pub(crate) fn parse(name: &str) -> Self {
        let mut rest = name.chars();
        let place = rest.next().unwrap_or('O');
        let rest = rest.as_str();
        let kind = rest.split_once('-').map_or(rest, |(_, kind)| kind);
        let kind = if kind.is_empty() { "_" } else { kind };
        Self {
            place,
            kind: kind.to_owned(),
        }
    }

    fn outside() -> Self {
        Self::parse("O")
    }

    fn is_outside(&self) -> bool {
        matches!(self.place, 'O' | '.')
    }

    /// Whether an entity ends between this tag and `next`.
    fn ends_before(&self, next: &Self) -> bool {
        match (self.place, next.place) {
            ('E' | 'S', _) | ('B' | 'I', 'B' | 'S' | 'O') => true,
            _ => !self.is_outside() && self.kind != next.kind,
        }
    }

    /// Whether an entity begins with `next` after this tag.
    fn begins_with(&self, next: &Self) -> bool {
        match (self.place, next.place) {
            (_, 'B' | 'S') | ('E' | 'S' | 'O', 'E' | 'I') => true,
            _ => !next.is_outside() && self.kind != next.kind,
        }
    }
}

/// The entities of a sequence, in order. Tags that do not follow each other well are read as `conlleval` reads them: an `I` that
/// follows nothing of its kind begins an entity.
pub(crate) fn entities<'t>(tags: &[&'t Tag]) -> Vec<Entity<'t>> {
    let outside = Tag::outside();
    let mut found = Vec::new();
    let mut begin = 0;
    let mut before: Option<&'t Tag> = None;
    for at in 0..=tags.len() {
        let tag = tags.get(at).copied();
        let next = tag.unwrap_or(&outside);
        if let Some(before) = before.filter(|before| before.ends_before(next)) {
            found.push((before.kind.as_str(), begin, at));
        }
        if before.unwrap_or(&outside).begins_with(next) {
            begin = at;
        }
        before = tag;
    }
    found
}
