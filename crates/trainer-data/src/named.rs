use std::collections::HashMap;

/// Values by name, in the order in which the names came.
#[derive(Debug, Clone)]
pub(crate) struct Named<T> {
    entries: Vec<(String, T)>,
    /// Where each name stands; made once there are [`MANY`].
    places: HashMap<String, usize>,
}

/// From how many names on they are looked up rather than compared one by one.
const MANY: usize = 16;

impl<T> Named<T> {
    /// Adds `value`, in the place of one of that name.
    pub(crate) fn insert(&mut self, name: String, value: T) {
        if let Some(at) = self.place(&name) {
            self.entries[at].1 = value;
            return;
        }
        let end = self.entries.len();
        if end == MANY {
            let names = self.entries.iter().map(|(name, _)| name.clone());
            self.places = names.zip(0..).collect();
        }
        if end >= MANY {
            self.places.insert(name.clone(), end);
        }
        self.entries.push((name, value));
    }

    /// Where `name` stands, if it is there.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        match self.entries.len() {
            ..=MANY => self.entries.iter().position(|(have, _)| have == name),
            _ => self.places.get(name).copied(),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        self.place(name).map(|at| &self.entries[at].1)
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.place(name).map(|at| &mut self.entries[at].1)
    }

    pub(crate) fn entries(&self) -> &[(String, T)] {
        &self.entries
    }

    pub(crate) fn into_vec(self) -> Vec<(String, T)> {
        self.entries
    }
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            places: HashMap::new(),
        }
    }
}

impl<T: PartialEq> PartialEq for Named<T> {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

#[cfg(test)]
mod tests {
    use super::Named;

    #[test]
    fn few_and_many_names_are_found_and_replaced() {
        let mut named = Named::default();
        for round in 0..2 {
            for number in 0..40 {
                named.insert(number.to_string(), number * 10 + round);
                assert_eq!(named.get(&number.to_string()), Some(&(number * 10 + round)));
            }
        }
        assert_eq!(named.get("40"), None);
        let names: Vec<String> = named.into_vec().into_iter().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            (0..40).map(|number| number.to_string()).collect::<Vec<_>>()
        );
    }
}
